"""The board (公示): what is broken in the common parts of a building or a neighborhood, and what is done about it.

Everybody reads the same words, whoever reported them: no names, and only what the content check let pass.
"""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import PlaceKind, Ticket, TicketCategory
from services.actors import Actor
from services.public_text import masked
from services.reading.pages import Page, PageRequest, fetch
from services.tickets import filing
from services.tickets.state_names import NEXT_STEP, STATE_NAMES

NOT_CHECKED_YET = "内容正在核对，过一会儿就能看。"
"""What a neighbor reads in place of words that were not checked."""
HOME_IS_PRIVATE = "这是家里的事，邻居看不到。"
SEEN_AFTER_CHECK = "发出后先核对内容，核对通过了，邻居看到的就是这样：没有您的名字，号码已经遮住。"


class Around(enum.StrEnum):
    """How far a resident looks around."""

    BUILDING = "building"
    NEIGHBORHOOD = "neighborhood"


_LINE = (
    sa.select(
        Ticket.id,
        Ticket.number,
        Ticket.state,
        Ticket.urgency,
        TicketCategory.name.label("category"),
        Ticket.place_label,
        Ticket.place_note,
        Ticket.text,
        Ticket.text_shown,
        Ticket.building_id,
        Ticket.reporter_id,
        Ticket.submitted_at,
        Ticket.done_at,
        Ticket.next_due_at,
    )
    .join(TicketCategory, TicketCategory.id == Ticket.category_id)
    .where(Ticket.place == sa.literal_column(f"'{PlaceKind.COMMON.value}'"))  # spelled out for the partial indexes
)
LISTS = {
    Around.BUILDING: _LINE.where(Ticket.building_id.in_(sa.bindparam("places", expanding=True))),
    Around.NEIGHBORHOOD: _LINE.where(Ticket.neighborhood_id.in_(sa.bindparam("places", expanding=True))),
}


def of_common_parts(
    connection: sa.Connection, *, actor: Actor, around: Around, page: PageRequest, now: dt.datetime
) -> Page:
    """Return what is reported of the common parts around the actor's homes, newest first: one statement."""
    homes = [dwelling for dwelling in actor.dwellings if actor.acts_in(dwelling.neighborhood_id)]
    near = {home.building_id if around is Around.BUILDING else home.neighborhood_id for home in homes}
    found = fetch(connection, LISTS[around], Ticket.id.expression, page, {"places": sorted(near)})
    return Page([_line(row, actor, now) for row in found.items], found.next)


def public_words(text: str, place_note: str | None, *, shown: bool) -> dict[str, str | None]:
    """Return what neighbors read of a report; ``shown`` says whether the content check let it pass."""
    if not shown:
        return {"text": NOT_CHECKED_YET, "place_note": None}
    return {"text": masked(text), "place_note": place_note and masked(place_note)}


def preview(session: Session, *, actor: Actor, report: filing.Report, now: dt.datetime) -> dict[str, Any]:
    """Return what neighbors will read of a report once it is sent and checked.  Writes nothing.

    Raises what filing it would: ``InvalidInput`` and ``NotFound``.
    """
    text = filing.clean_text(report.text)
    facts = filing.facts_for_own(session, actor, report, now)
    if report.home_id is not None:
        return {"seen": False, "hint": HOME_IS_PRIVATE, "line": None}
    line = {"category": facts.category_name, "place_label": facts.unit_name}
    return {"seen": True, "hint": SEEN_AFTER_CHECK, "line": line | public_words(text, report.place_note, shown=True)}


def _line(row: dict[str, Any], actor: Actor, now: dt.datetime) -> dict[str, Any]:
    """Return a line as everybody reads it, and whether this actor may open it."""
    words = public_words(row["text"], row["place_note"], shown=row.pop("text_shown"))
    openable = row.pop("building_id") in actor.building_ids
    mine = row.pop("reporter_id") == actor.person_id
    due = row.pop("next_due_at")
    return (
        row
        | words
        | {
            "state_name": STATE_NAMES[row["state"]],
            "next_step": NEXT_STEP[row["state"]],
            "took_minutes": _minutes(row["submitted_at"], row["done_at"]),
            "overdue": due is not None and due < now,
            "can_open": mine or openable,
        }
    )


def _minutes(start: dt.datetime, end: dt.datetime | None) -> int | None:
    return None if end is None else max(0, int((end - start).total_seconds() // 60))
