"""Sheets to print: which codes, how large, as which kind of file."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import CodeWay, OrgUnit, ScanCode, Station, WayKind
from services.actors import Actor
from services.codes import ending, layouts, lists, pdf, places, svg
from services.codes.layouts import Item
from services.codes.tokens import printed
from services.codes.ways import FILE_ENDINGS
from services.errors import Conflict, NotFound
from services.ports import CodeImage, FileStore

NONE_YET = "还没有可以打印的{what}。请先发码，再来打印。"
ENDED = "这个码停用了，不能再打印。请打印新的码。"
TICKETS_ONLY = "单子的码不贴在墙上，不用打印。把链接发给报修人就行。"
CONTENT_TYPES = {ending: content_type for content_type, ending in FILE_ENDINGS.items()}


class What(enum.StrEnum):
    """Which codes: of the neighborhood and its buildings, of common places, of checkpoints."""

    BUILDINGS = "buildings"
    SPOTS = "spots"
    CHECKPOINTS = "checkpoints"


class Size(enum.StrEnum):
    """A page for each code, or eight cards to a page."""

    POSTER = "poster"
    CARD = "card"


class Format(enum.StrEnum):
    """The kind of file: all pages, or one of them."""

    PDF = "pdf"
    SVG = "svg"


WHAT_NAMES: Mapping[What, str] = {What.BUILDINGS: "楼栋码", What.SPOTS: "公共地方的码", What.CHECKPOINTS: "巡查点的码"}
_KINDS: Mapping[What, frozenset[str]] = {
    What.BUILDINGS: frozenset({"neighborhood", "building", "stairwell"}),
    What.SPOTS: frozenset({"common"}),
    What.CHECKPOINTS: frozenset({"checkpoint"}),
}


@dataclass(frozen=True)
class Job:
    """What is to be printed: items without their pictures, and where the file store keeps those."""

    title: str
    plain_title: str
    size: Size
    items: tuple[tuple[Item, str, str | None], ...]
    """Each with its token and the key of its picture."""


@dataclass(frozen=True)
class Printed:
    """A file with its names; ``plain_name`` is for programs that know ASCII only."""

    content: bytes
    content_type: str
    name: str
    plain_name: str


def collect(session: Session, *, actor: Actor | None, neighborhood_id: int, what: What, size: Size) -> Job:
    """Return the codes of a kind that count, below the actor's node.  Raises ``Conflict`` when there are none."""
    codes = lists.to_print(session, actor=actor, neighborhood_id=neighborhood_id, kinds=_KINDS[what])
    if not codes:
        raise Conflict(NONE_YET.format(what=WHAT_NAMES[what]), code="no_codes_yet")
    neighborhood = session.get_one(OrgUnit, neighborhood_id)
    return _job(session, f"{neighborhood.name} {WHAT_NAMES[what]}", f"codes-{what.value}", size, codes)


def collect_one(session: Session, *, actor: Actor | None, code_id: int, size: Size) -> Job:
    """Return one code.  Raises ``NotFound``, and ``Conflict`` for one that has ended or is of a ticket."""
    code = ending.code_for(session, actor, code_id)
    if code.revoked_at is not None:
        raise Conflict(ENDED, code="code_ended")
    if code.ticket_id is not None:
        raise Conflict(TICKETS_ONLY, code="code_of_a_ticket")
    place = places.places(session, [code])[code.id]
    return _job(session, f"{place.neighborhood} {place.label}", f"code-{printed(code.number or 0)}", size, [code])


def _job(session: Session, title: str, plain_title: str, size: Size, codes: list[ScanCode]) -> Job:
    what = places.places(session, codes)
    keys = {
        row.code_id: row.value
        for row in session.execute(
            sa.select(CodeWay.code_id, CodeWay.value).where(
                CodeWay.code_id.in_([code.id for code in codes]), CodeWay.kind == WayKind.IMAGE
            )
        )
    }
    phone = session.scalar(
        sa.select(Station.phone)
        .where(
            Station.neighborhood_id == codes[0].neighborhood_id, Station.phone.is_not(None), Station.ends_at.is_(None)
        )
        .order_by(Station.id)
        .limit(1)
    )
    items = []
    for code in codes:
        place = what[code.id]
        label = "物业服务站" if place.kind == "neighborhood" else place.label
        item = Item(
            place.neighborhood, label, places.KIND_NAMES[place.kind], printed(code.number or 0), "", None, phone
        )
        items.append((item, code.token, keys.get(code.id)))
    return Job(title, plain_title, size, tuple(items))


def draw(job: Job, wanted: Format, page: int, *, address: Callable[[str], str], files: FileStore) -> Printed:
    """Draw it.  ``address`` makes the address of a token; a picture that cannot be fetched is replaced by a plain code.

    Raises ``NotFound`` for a page that is not there.
    """
    items = [replace(item, address=address(token), image=_image(files, key)) for item, token, key in job.items]
    pages = list(layouts.cards(items)) if job.size is Size.CARD else [layouts.poster(item) for item in items]
    if wanted is Format.PDF:
        return Printed(
            pdf.draw(pages, title=job.title), "application/pdf", f"{job.title}.pdf", f"{job.plain_title}.pdf"
        )
    if page > len(pages):
        raise NotFound(f"没有第{page}页，一共{len(pages)}页。", code="page_not_found")
    numbered = f"-{page}" if len(pages) > 1 else ""
    return Printed(
        svg.draw(pages[page - 1], title=job.title),
        "image/svg+xml",
        f"{job.title}{numbered}.svg",
        f"{job.plain_title}{numbered}.svg",
    )


def _image(files: FileStore, key: str | None) -> CodeImage | None:
    if key is None:
        return None
    try:
        return CodeImage(files.get(key), CONTENT_TYPES[key.rpartition(".")[2]])
    except FileNotFoundError:
        return None
