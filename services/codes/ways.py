"""The ways by which WeChat opens a code: a picture for ever, links and schemes for thirty days at most.

They are made through the outbox, so a code can be made and printed while WeChat is away, and a job asks again before a link
ends, as long as the code is in use.  What is printed and sent is an address of our own, which never changes.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Channel, CodeWay, ScanCode, WayKind, table_of
from services.codes.tokens import PAGE, scene
from services.outbox import Claimed, enqueue, insert_once
from services.ports import CodeImage, CodeMaker, FileStore

TOPICS: Mapping[str, WayKind] = {f"code.{kind.value}": kind for kind in WayKind}
LIFE = dt.timedelta(days=30) - dt.timedelta(hours=1)
"""A link's life: WeChat allows thirty days, counted by its own clock."""
RENEWED_BEFORE = dt.timedelta(days=5)
"""So long before its end a link is made anew: five daily tries, should WeChat be away."""
IN_USE_FOR = dt.timedelta(days=90)
"""A code that nobody scanned or opened for so long gets no new links until somebody does."""
AGAIN_AFTER = dt.timedelta(days=1)
WIDTH = 860
"""Pixels of a picture: 8 cm at 270 dots per inch."""
BATCH = 200
FILE_ENDINGS: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png"}


def ask(session: Session, codes: Iterable[ScanCode], *, now: dt.datetime) -> None:
    """Have everything made that new codes need."""
    for code in codes:
        for kind in WayKind:
            session.execute(insert_once(session, table_of(CodeWay)).values(code_id=code.id, kind=kind, asked_at=now))
            _enqueue(session, code.id, code.neighborhood_id, kind, now)


def renew(session: Session, *, now: dt.datetime) -> int:
    """Ask again for pictures that were never made and links that end soon; return how many."""
    due = session.execute(
        sa.select(CodeWay.code_id, CodeWay.kind, ScanCode.neighborhood_id)
        .join(ScanCode, ScanCode.id == CodeWay.code_id)
        .where(
            ScanCode.revoked_at.is_(None),
            CodeWay.asked_at <= now - AGAIN_AFTER,
            sa.or_(CodeWay.value.is_(None), CodeWay.ends_at <= now + RENEWED_BEFORE),
            sa.or_(CodeWay.kind == WayKind.IMAGE, ScanCode.wanted_at > now - IN_USE_FOR),
        )
        .order_by(CodeWay.asked_at, CodeWay.code_id)
        .limit(BATCH)
    ).all()
    for row in due:
        _ask_again(session, row.code_id, row.neighborhood_id, [row.kind], now)
    return len(due)


def wanted(session: Session, code: ScanCode, *, now: dt.datetime) -> None:
    """Note that a code is in use; links that have ended meanwhile are asked for at once.  A day's uses are one note."""
    if code.wanted_at <= now - AGAIN_AFTER:
        code.wanted_at = now
    ended = session.scalars(
        sa.select(CodeWay.kind).where(
            CodeWay.code_id == code.id,
            CodeWay.kind != WayKind.IMAGE,
            CodeWay.asked_at <= now - AGAIN_AFTER,
            sa.or_(CodeWay.ends_at.is_(None), CodeWay.ends_at <= now),
        )
    ).all()
    if ended:
        _ask_again(session, code.id, code.neighborhood_id, ended, now)


def live(session: Session, code: ScanCode, *, now: dt.datetime) -> dict[WayKind, str]:
    """Return the ways that work now."""
    rows = session.execute(
        sa.select(CodeWay.kind, CodeWay.value).where(
            CodeWay.code_id == code.id,
            CodeWay.value.is_not(None),
            sa.or_(CodeWay.ends_at.is_(None), CodeWay.ends_at > now),
        )
    )
    return {row.kind: row.value for row in rows}


def _ask_again(
    session: Session, code_id: int, neighborhood_id: int, kinds: Collection[WayKind], now: dt.datetime
) -> None:
    session.execute(sa.update(CodeWay).where(CodeWay.code_id == code_id, CodeWay.kind.in_(kinds)).values(asked_at=now))
    for kind in kinds:
        _enqueue(session, code_id, neighborhood_id, kind, now)


def _enqueue(session: Session, code_id: int, neighborhood_id: int, kind: WayKind, now: dt.datetime) -> None:
    enqueue(
        session,
        channel=Channel.CODE,
        topic=f"code.{kind.value}",
        dedupe_key=f"code:{code_id}:{kind.value}:{now:%Y%m%d%H%M%S}",
        subject_id=code_id,
        neighborhood_id=neighborhood_id,
        now=now,
    )


@dataclass(frozen=True)
class Errand:
    """What is to be made of WeChat: which way, and for which token."""

    kind: WayKind
    token: str
    ends_at: dt.datetime


@dataclass(frozen=True)
class Made:
    """What WeChat made: an address, or where the picture was put."""

    value: str
    ends_at: dt.datetime | None


def errands(session: Session, batch: Sequence[Claimed], *, now: dt.datetime) -> dict[int, Errand]:
    """Return, by outbox id, what to have made; nothing for codes that were revoked meanwhile."""
    tokens = {
        row.id: row.token
        for row in session.execute(
            sa.select(ScanCode.id, ScanCode.token).where(
                ScanCode.id.in_({message.subject_id for message in batch}), ScanCode.revoked_at.is_(None)
            )
        )
    }
    return {
        message.id: Errand(TOPICS[message.topic], tokens[message.subject_id], now + LIFE)
        for message in batch
        if message.subject_id in tokens
    }


def run(errand: Errand, maker: CodeMaker, files: FileStore) -> Made:
    """Have it made, and put a picture into the file store.  Raises what the port raises.

    Doing it twice makes the same picture again, or one link more, which ends by itself.
    """
    said = scene(errand.token)
    if errand.kind is WayKind.IMAGE:
        return Made(_kept(maker.image(said, page=PAGE, width=WIDTH), errand.token, files), None)
    make = maker.link if errand.kind is WayKind.LINK else maker.scheme
    return Made(make(path=PAGE, query=said, ends_at=errand.ends_at), errand.ends_at)


def _kept(image: CodeImage, token: str, files: FileStore) -> str:
    key = f"codes/{token}.{FILE_ENDINGS[image.content_type]}"
    files.put(key, image.content, image.content_type)
    return key


def settle(session: Session, message: Claimed, made: Made, *, now: dt.datetime) -> None:
    """Write down what was made."""
    session.execute(
        sa.update(CodeWay)
        .where(CodeWay.code_id == message.subject_id, CodeWay.kind == TOPICS[message.topic])
        .values(value=made.value, made_at=now, ends_at=made.ends_at)
    )
