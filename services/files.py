"""Photos: made harmless before anybody sees them, kept under random names, attached once.

A picture is decoded and encoded again: that proves it is a picture, and drops EXIF (where it was taken, with what).
"""

import datetime as dt
import hashlib
import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import pillow_heif
import sqlalchemy as sa
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.orm import Session

from models import PhotoPhase, ResidencyPhoto, StoredFile, TicketPhoto
from services.actors import Actor
from services.errors import InvalidInput, NotFound

pillow_heif.register_heif_opener()

BYTES_MOST = 10 * 1024 * 1024
PIXELS_MOST = 36_000_000
"""Decoded, this is about 110 MB of memory; phones send less, a bomb of a few kilobytes can claim far more."""
LONG_SIDE = 2560
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
QUALITY = 85
NOT_A_PHOTO = "这个文件不是照片，或者已经损坏。请重新拍一张，支持 JPG、PNG、WEBP 和 HEIC。"


@dataclass(frozen=True)
class Removal:
    """The bytes of a photo whose row is gone."""

    storage_key: str


@dataclass(frozen=True)
class Photo:
    """A picture encoded by ourselves, without anything but the picture."""

    content: bytes
    width: int
    height: int
    content_type: str = "image/jpeg"


def clean(content: bytes) -> Photo:
    """Decode and encode a picture.  Slow (tens of milliseconds): never with a transaction open.

    Raises ``InvalidInput`` for what is no picture, too many bytes or too many pixels.
    """
    if len(content) > BYTES_MOST:
        raise InvalidInput("照片太大了，一张最多10兆。请用微信压缩后再发。", code="photo_too_big")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > PIXELS_MOST:
                raise InvalidInput("照片的尺寸太大了。请把相机调到普通清晰度，再拍一张。", code="photo_too_large")
            image.draft("RGB", (LONG_SIDE, LONG_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInput(NOT_A_PHOTO, code="not_a_photo") from error
    upright.thumbnail((LONG_SIDE, LONG_SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=QUALITY, optimize=True, comment=b"")  # Pillow would carry a comment over
    return Photo(out.getvalue(), upright.width, upright.height)


def new_storage_key(now: dt.datetime) -> str:
    """Return where a new photo is kept: by month, then random."""
    return f"photos/{now:%Y/%m}/{secrets.token_hex(16)}.jpg"


def register(session: Session, *, actor: Actor, photo: Photo, storage_key: str, now: dt.datetime) -> StoredFile:
    """Write down a photo that is already in the store."""
    file = StoredFile(
        token=secrets.token_urlsafe(24),
        owner_id=actor.person_id,
        storage_key=storage_key,
        content_type=photo.content_type,
        size=len(photo.content),
        width=photo.width,
        height=photo.height,
        sha256=hashlib.sha256(photo.content).hexdigest(),
        created_at=now,
    )
    session.add(file)
    session.flush()  # the answer shows the row
    return file


def unattached(session: Session, *, actor: Actor, tokens: Sequence[str], most: int) -> list[int]:
    """Return the ids of photos that the actor uploaded and that belong to no ticket yet, in the order given.

    Raises ``InvalidInput`` for too many or doubled ones, ``NotFound`` for one that is unknown, foreign or taken.
    """
    if not tokens:
        return []
    if len(tokens) > most or len(set(tokens)) != len(tokens):
        sentence = f"照片最多{most}张，每张只放一次。"
        raise InvalidInput(sentence, code="too_many_photos", errors={"photos": [sentence]})
    rows = session.execute(
        sa.select(StoredFile.token, StoredFile.id)
        .outerjoin(TicketPhoto, TicketPhoto.file_id == StoredFile.id)
        .outerjoin(ResidencyPhoto, ResidencyPhoto.file_id == StoredFile.id)
        .where(
            StoredFile.token.in_(tokens),
            StoredFile.owner_id == actor.person_id,
            TicketPhoto.id.is_(None),
            ResidencyPhoto.id.is_(None),
        )
    )
    found = {row.token: row.id for row in rows}
    if len(found) < len(tokens):
        raise NotFound("有一张照片没有找到，或者已经用过了。请重新上传。", code="photo_not_found")
    return [found[token] for token in tokens]


def attach(session: Session, photos: Sequence[int], *, ticket_id: int, event_id: int, phase: PhotoPhase) -> None:
    """Hang photos on a ticket, after those that already hang there."""
    if not photos:
        return
    taken = session.scalar(
        sa.select(sa.func.count())
        .select_from(TicketPhoto)
        .where(TicketPhoto.ticket_id == ticket_id, TicketPhoto.phase == phase)
    )
    session.add_all(
        TicketPhoto(
            ticket_id=ticket_id, event_id=event_id, file_id=file_id, phase=phase, position=(taken or 0) + position
        )
        for position, file_id in enumerate(photos)
    )


def phases_of(session: Session, ticket_id: int, *, since: int = 0) -> set[PhotoPhase]:
    """Return what kinds of photos a ticket has; ``since`` leaves out those of that event and earlier ones."""
    query = sa.select(TicketPhoto.phase).where(TicketPhoto.ticket_id == ticket_id, TicketPhoto.event_id > since)
    return set(session.scalars(query.distinct()))
