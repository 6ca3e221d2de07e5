"""Filing: a report becomes a ticket with a place, a category, clocks and a number.

A hot path.  One statement reads all that is needed (place, category, clock rule); on PostgreSQL one more writes the
counter, the ticket, its first event and its outbox row (``filing_rows``).
"""

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import (
    ClockMode,
    ClockRule,
    Home,
    OrgUnit,
    PhotoPhase,
    PlaceKind,
    TicketCategory,
    TicketSource,
    TicketState,
    UnitKind,
    Urgency,
)
from services import access, clocks, files
from services.actors import Actor
from services.errors import InvalidInput, NotFound
from services.prepared import Prepared
from services.tickets import clockwork, filing_rows
from services.tickets.claiming import claimed
from services.tickets.moves import Action

TEXT_MOST = 1000
PHOTOS_MOST = 9
CATEGORY_UNKNOWN = "没有这个报修类别。请从列表里选一个，选不准就选“其他”。"
TEXT_EMPTY = "请写一句出了什么事，比如：3单元门口的灯不亮。"


@dataclass(frozen=True)
class Report:
    """What somebody tells us.  Exactly one of ``home_id``, ``building_id``, ``neighborhood_id`` says where."""

    category: str
    text: str
    home_id: int | None = None
    building_id: int | None = None
    neighborhood_id: int | None = None
    place_note: str | None = None
    latitude: int | None = None
    longitude: int | None = None
    photos: Sequence[str] = field(default_factory=tuple)
    claimed_at: dt.datetime | None = None
    """When it was written, by the clock of a phone or on paper, if it is sent late."""


@dataclass(frozen=True)
class Facts:
    """All that filing must know of a place, a category and the clock rule in force; a row of the query below."""

    unit_id: int
    unit_kind: str
    unit_name: str
    unit_path: str
    neighborhood_id: int
    neighborhood_code: str
    home_label: str | None
    category_id: int
    category_name: str
    urgency: str
    mode: str
    answer_minutes: int
    arrive_minutes: int
    safe_minutes: int | None
    done_minutes: int


@dataclass(frozen=True)
class Filed:
    """A ticket just filed, as its reporter sees it."""

    id: int
    number: str
    state: TicketState
    urgency: Urgency
    category: str
    place_label: str
    submitted_at: dt.datetime
    answer_due_at: dt.datetime
    arrive_due_at: dt.datetime
    done_due_at: dt.datetime
    version: int = 1


def file_ticket(session: Session, *, actor: Actor, report: Report, now: dt.datetime) -> Filed:
    """File a resident's own report (or their agent's): in a home of theirs, or at a common part of their neighborhood.

    Raises ``InvalidInput`` for an unknown category or an empty text and ``NotFound`` for a place that is not theirs.
    """
    text = clean_text(report.text)
    facts = facts_for_own(session, actor, report, now)
    who = {
        "reporter_id": actor.person_id,
        "recorded_by_id": actor.agent_id,
        "contact_sealed": None,
        "source": TicketSource.APP,
    }
    principal = actor.person_id if actor.mandate_id else None
    return write_ticket(session, actor, report, facts, text=text, who=who, on_behalf_of=principal, now=now)


def facts_for_own(session: Session, actor: Actor, report: Report, now: dt.datetime) -> Facts:
    """Return what filing must know of a place that is the actor's: a home of theirs, or a common part near it.

    Raises what ``facts_of`` does, and ``NotFound`` for a place that is not theirs.
    """
    if report.home_id is not None and report.home_id not in {dwelling.home_id for dwelling in actor.dwellings}:
        raise NotFound(access.HOME_MISSING, code="home_not_found")
    facts = facts_of(session, report, now)
    if facts.neighborhood_id not in actor.neighborhood_ids:
        raise NotFound(access.NEIGHBORHOOD_MISSING, code="unit_not_found")
    return facts


def clean_text(text: str) -> str:
    """Return a report's text without control characters.

    Raises ``InvalidInput`` when it has no letter or digit at all (spaces, emoji) or is too long.
    """
    kept = "".join(char for char in text if char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"}).strip()
    if not any(unicodedata.category(char)[0] in "LN" for char in kept):
        raise InvalidInput(TEXT_EMPTY, code="text_empty", errors={"text": [TEXT_EMPTY]})
    if len(kept) > TEXT_MOST:
        sentence = f"写得太长了，最多{TEXT_MOST}个字，现在有{len(kept)}个字。请缩短一些，细节可以见面说。"
        raise InvalidInput(sentence, code="text_too_long", errors={"text": [sentence]})
    return kept


_unit = aliased(OrgUnit)
_neighborhood = aliased(OrgUnit)


def _facts_query(place: PlaceKind) -> sa.Select[*tuple[Any, ...]]:
    """Everything filing must know, in one row: the place, the category and the most special clock rule in force."""
    day = sa.bindparam("day", type_=sa.Date())
    query = (
        sa.select(
            _unit.id.label("unit_id"),
            _unit.kind.label("unit_kind"),
            _unit.name.label("unit_name"),
            _unit.path.label("unit_path"),
            _neighborhood.id.label("neighborhood_id"),
            _neighborhood.code.label("neighborhood_code"),
            (Home.label if place is PlaceKind.HOME else sa.null()).label("home_label"),
            TicketCategory.id.label("category_id"),
            TicketCategory.name.label("category_name"),
            TicketCategory.default_urgency.label("urgency"),
            ClockRule.mode,
            ClockRule.answer_minutes,
            ClockRule.arrive_minutes,
            ClockRule.safe_minutes,
            ClockRule.done_minutes,
        )
        .select_from(_unit)
        .join(_neighborhood, _neighborhood.id == _unit.neighborhood_id)
        .join(
            TicketCategory, sa.and_(TicketCategory.code == sa.bindparam("category"), TicketCategory.ends_at.is_(None))
        )
        .join(ClockRule, ClockRule.urgency == TicketCategory.default_urgency)
        .where(_unit.closed_at.is_(None), *clockwork.rule_in_force(day, _neighborhood.id, TicketCategory.id))
        .order_by(*clockwork.MOST_SPECIAL_FIRST)
        .limit(1)
    )
    if place is PlaceKind.HOME:
        return query.join(Home, Home.building_id == _unit.id).where(Home.id == sa.bindparam("place"))
    return query.where(_unit.id == sa.bindparam("place"))


_FACTS = {place: Prepared(_facts_query(place)) for place in PlaceKind}


def facts_of(session: Session, report: Report, now: dt.datetime) -> Facts:
    """Return all that filing must know of a report's place and category.

    Raises ``InvalidInput`` for an unknown category or an unclear place, ``NotFound`` for a place that is not there.
    """
    given = [value for value in (report.home_id, report.building_id, report.neighborhood_id) if value is not None]
    if len(given) != 1:
        sentence = "请选一个地方：家里、哪栋楼，或者小区公共地方。"
        raise InvalidInput(sentence, code="place_unclear", errors={"place": [sentence]})
    place = PlaceKind.HOME if report.home_id is not None else PlaceKind.COMMON
    day = clocks.local_day(now).isoformat()
    rows = _FACTS[place].rows(session.connection(), category=report.category, place=given[0], day=day)
    facts = Facts(**rows[0]) if rows else None
    if facts is None or not _is_named(report, facts):
        known = session.scalar(
            sa.select(TicketCategory.id).where(TicketCategory.code == report.category, TicketCategory.ends_at.is_(None))
        )
        if known is None:
            raise InvalidInput(CATEGORY_UNKNOWN, code="category_unknown", errors={"category": [CATEGORY_UNKNOWN]})
        raise NotFound(access.NEIGHBORHOOD_MISSING, code="unit_not_found")
    return facts


def _is_named(report: Report, facts: Facts) -> bool:
    """Whether the node found is of the kind that was named: a building is not a neighborhood."""
    if report.neighborhood_id is not None:
        return facts.unit_kind == UnitKind.NEIGHBORHOOD
    return facts.unit_kind == UnitKind.BUILDING


def write_ticket(
    session: Session,
    actor: Actor,
    report: Report,
    facts: Facts,
    *,
    text: str,
    who: Mapping[str, Any],
    on_behalf_of: int | None,
    now: dt.datetime,
) -> Filed:
    """Write the ticket with its first event, outbox row and photos; ``who`` holds reporter, recorder, contact, source."""
    photos = files.unattached(session, actor=actor, tokens=report.photos, most=PHOTOS_MOST)
    connection = session.connection()
    periods = clockwork.Periods(
        ClockMode(facts.mode), facts.answer_minutes, facts.arrive_minutes, facts.safe_minutes, facts.done_minutes
    )
    when = clockwork.timing(connection, periods.mode, neighborhood_id=facts.neighborhood_id, day=clocks.local_day(now))
    due = clockwork.deadlines(now, periods, when)
    ticket = _ticket_row(report, facts, due, now) | {"text": text, **who}
    event = {
        "action": Action.FILE.value,
        "actor_id": actor.doer_id,
        "role": actor.role.value,
        "on_behalf_of_id": on_behalf_of,
        "mandate_id": actor.mandate_id,
        "detail": {"urgency": facts.urgency, "source": who["source"].value} | claimed(report.claimed_at, now=now),
    }
    written = filing_rows.write(
        connection, neighborhood_code=facts.neighborhood_code, ticket=ticket, event=event, now=now
    )
    files.attach(session, photos, ticket_id=written.id, event_id=written.event_id, phase=PhotoPhase.REPORT)
    return Filed(
        id=written.id,
        number=written.number,
        state=TicketState.SUBMITTED,
        urgency=Urgency(facts.urgency),
        category=facts.category_name,
        place_label=ticket["place_label"],
        submitted_at=now,
        answer_due_at=due.answer,
        arrive_due_at=due.arrive,
        done_due_at=due.done,
    )


def _ticket_row(report: Report, facts: Facts, due: clockwork.Deadlines, now: dt.datetime) -> dict[str, Any]:
    """Return where, what and by when."""
    in_home = report.home_id is not None
    return {
        "neighborhood_id": facts.neighborhood_id,
        "unit_path": facts.unit_path,
        "building_id": facts.unit_id if facts.unit_kind == UnitKind.BUILDING else None,
        "home_id": report.home_id,
        "place": PlaceKind.HOME if in_home else PlaceKind.COMMON,
        "place_label": facts.home_label if in_home else facts.unit_name,
        "place_note": report.place_note,
        "latitude": report.latitude,
        "longitude": report.longitude,
        "category_id": facts.category_id,
        "urgency": Urgency(facts.urgency),
        "submitted_at": now,
        "state_since": now,
        "answer_due_at": due.answer,
        "arrive_due_at": due.arrive,
        "safe_due_at": due.safe,
        "done_due_at": due.done,
        "next_due_at": due.answer,
    }
