"""Tickets for screens: the station's list, a resident's own, a repairer's, and one ticket with its history."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from models import (
    IN_HAND_STATES,
    OrgUnit,
    PauseReason,
    Person,
    Role,
    Ticket,
    TicketCategory,
    TicketState,
    UnitKind,
    Urgency,
)
from services import access
from services.actors import Actor
from services.errors import NotFound
from services.prepared import Prepared
from services.public_text import masked
from services.reading import board, timeline
from services.reading.pages import Page, PageRequest, PreparedPages, fetch
from services.reading.quotes import due_fen, open_quote, responsible_party
from services.tickets import offers
from services.tickets.moves import Action
from services.tickets.state_names import NEXT_STEP, STATE_NAMES

_worker = aliased(Person)
_reporter = aliased(Person)

SUMMARY = (
    sa.select(
        Ticket.id,
        Ticket.number,
        Ticket.state,
        Ticket.urgency,
        TicketCategory.name.label("category"),
        Ticket.place,
        Ticket.place_label,
        Ticket.place_note,
        Ticket.text,
        Ticket.submitted_at,
        Ticket.state_since,
        Ticket.next_due_at,
        Ticket.assignee_id,
        _worker.known_as.label("assignee"),
        Ticket.version,
    )
    .join(TicketCategory, TicketCategory.id == Ticket.category_id)
    .outerjoin(_worker, _worker.id == Ticket.assignee_id)
)
_OF_NEIGHBORHOOD = SUMMARY.where(Ticket.neighborhood_id == sa.bindparam("neighborhood"))
_OPEN_OF_NEIGHBORHOOD = _OF_NEIGHBORHOOD.where(Ticket.settled_at.is_(None))
_OF_REPORTER = SUMMARY.where(Ticket.reporter_id == sa.bindparam("person"))
_OF_ASSIGNEE = SUMMARY.where(Ticket.assignee_id == sa.bindparam("person"), Ticket.settled_at.is_(None))

_DETAIL = Prepared(
    sa.select(
        *SUMMARY.selected_columns,
        TicketCategory.code.label("category_code"),
        Ticket.text_shown,
        Ticket.neighborhood_id,
        Ticket.unit_path,
        Ticket.building_id,
        Ticket.home_id,
        Ticket.latitude,
        Ticket.longitude,
        Ticket.source,
        Ticket.reporter_id,
        Ticket.done_by_id,
        _reporter.name_masked.label("reporter_name"),
        _reporter.phone_masked.label("reporter_phone"),
        Ticket.pause_reason,
        Ticket.reopen_count,
        Ticket.return_count,
        Ticket.transfer_to_id,
        responsible_party(Ticket.id).label("responsible_party"),
        due_fen(Ticket.id).label("amount_due_fen"),
        open_quote(Ticket.id).label("open_quote_id"),
        Ticket.answer_due_at,
        Ticket.arrive_due_at,
        Ticket.safe_due_at,
        Ticket.done_due_at,
        Ticket.answered_at,
        Ticket.arrived_at,
        Ticket.safe_at,
        Ticket.done_at,
        Ticket.satisfaction,
        Ticket.rating_words,
        Ticket.settled_at,
    )
    .join(TicketCategory, TicketCategory.id == Ticket.category_id)
    .outerjoin(_worker, _worker.id == Ticket.assignee_id)
    .outerjoin(_reporter, _reporter.id == Ticket.reporter_id)
    .where(Ticket.id == sa.bindparam("ticket"))
)

_OPEN_PAGES = PreparedPages(_OPEN_OF_NEIGHBORHOOD, Ticket.id.expression)
_REPORTER_PAGES = PreparedPages(_OF_REPORTER, Ticket.id.expression)
_ASSIGNEE_PAGES = PreparedPages(_OF_ASSIGNEE, Ticket.id.expression)


@dataclass(frozen=True)
class Filters:
    """What the station's list can be narrowed by."""

    state: TicketState | None = None
    urgency: Urgency | None = None
    overdue: bool = False
    due_before: dt.datetime | None = None
    """Only those with a clock that still runs and runs out before then."""
    pause_reason: PauseReason | None = None
    in_hand: bool = False
    """Only what somebody works on."""
    assignee_id: int | None = None
    text: str | None = None
    settled: bool = False
    """Also those that are over."""


NO_FILTERS = Filters()


def of_neighborhood(
    connection: sa.Connection,
    *,
    actor: Actor,
    neighborhood_id: int,
    filters: Filters,
    page: PageRequest,
    now: dt.datetime,
) -> Page:
    """Return the tickets of a neighborhood, newest first, as far as the actor's node covers it."""
    below = "" if covers_all_of(connection, actor, neighborhood_id) else actor.hat.unit_path
    if filters == NO_FILTERS and not below:
        return finish(_OPEN_PAGES.fetch(connection, page, neighborhood=neighborhood_id), now)
    statement = _filtered(filters, below, now)
    return finish(fetch(connection, statement, Ticket.id.expression, page, {"neighborhood": neighborhood_id}), now)


def _filtered(filters: Filters, below: str, now: dt.datetime) -> sa.Select[*tuple[Any, ...]]:
    """Return the statement for a filter; ``below`` narrows it to a part of the tree."""
    statement = _OF_NEIGHBORHOOD if filters.settled or filters.state is not None else _OPEN_OF_NEIGHBORHOOD
    if below:
        statement = statement.where(Ticket.unit_path.startswith(below, autoescape=True))
    if filters.state is not None:
        statement = statement.where(Ticket.state == filters.state)
    if filters.urgency is not None:
        statement = statement.where(Ticket.urgency == filters.urgency)
    if filters.overdue:
        statement = statement.where(Ticket.next_due_at < now)
    if filters.due_before is not None:
        statement = statement.where(Ticket.next_due_at >= now, Ticket.next_due_at < filters.due_before)
    if filters.in_hand:
        statement = statement.where(Ticket.state.in_(sorted(IN_HAND_STATES)))
    if filters.pause_reason is not None:
        statement = statement.where(Ticket.pause_reason == filters.pause_reason)
    if filters.assignee_id is not None:
        statement = statement.where(Ticket.assignee_id == filters.assignee_id)
    if filters.text:
        statement = statement.where(
            sa.or_(
                Ticket.number == filters.text.upper(),
                Ticket.text.icontains(filters.text, autoescape=True),
                Ticket.place_label.icontains(filters.text, autoescape=True),
            )
        )
    return statement


def of_reporter(connection: sa.Connection, *, actor: Actor, page: PageRequest, now: dt.datetime) -> Page:
    """Return what the actor reported; who acts for a person sees that of the mandate's neighborhood."""
    if actor.mandate_id is not None:
        statement = _OF_REPORTER.where(Ticket.neighborhood_id == actor.hat.neighborhood_id)
        return finish(fetch(connection, statement, Ticket.id.expression, page, {"person": actor.person_id}), now)
    return finish(_REPORTER_PAGES.fetch(connection, page, person=actor.person_id), now)


def of_worker(connection: sa.Connection, *, actor: Actor, page: PageRequest, now: dt.datetime) -> Page:
    """Return what is assigned to the actor and not over."""
    return finish(_ASSIGNEE_PAGES.fetch(connection, page, person=actor.person_id), now)


def one(connection: sa.Connection, *, actor: Actor, ticket_id: int, now: dt.datetime) -> dict[str, Any]:
    """Return a ticket with its history and photos: two statements.  Raises ``NotFound`` out of scope."""
    found = _DETAIL.rows(connection, ticket=ticket_id)
    if not found or not access.may_see(actor, access.Scope.of(found[0])):
        raise NotFound(access.TICKET_MISSING, code="ticket_not_found")
    ticket = _described(found[0], now)
    mine = ticket["reporter_id"] == actor.person_id
    neighbor = access.is_neighbor(actor, ticket["reporter_id"])
    _hide_unchecked(ticket, mine=not neighbor)
    if neighbor:
        # A neighbor sees what is broken and what is done about it, not who said so.
        ticket["reporter_name"] = ticket["reporter_phone"] = ticket["rating_words"] = None
    ticket["mine"] = mine
    ticket["actions"] = offers.offered(ticket, actor)
    for internal in ("unit_path", "reporter_id", "done_by_id", "settled_at"):
        del ticket[internal]
    ticket["timeline"] = timeline.of(connection, ticket_id, neighbor=neighbor)
    if neighbor:
        for event in ticket["timeline"]:
            event["note"] = event["note"] and masked(event["note"])
            if event["role"] == Role.RESIDENT:
                event["by"] = None
            if event["action"] == Action.RATE:
                event["note"] = None
    return ticket


def _hide_unchecked(ticket: dict[str, Any], *, mine: bool) -> None:
    """Give a neighbor the public words: nothing that was not checked, and no number that leads to a person."""
    shown = ticket.pop("text_shown")
    if not mine:
        ticket |= board.public_words(ticket["text"], ticket["place_note"], shown=shown)


def finish(page: Page, now: dt.datetime) -> Page:
    """Add to each line what a screen says about it."""
    for item in page.items:
        _described(item, now)
    return page


def _described(item: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Add what a screen says about a ticket: the state in words, what to do next, whether it is late."""
    state = item["state"]
    item["state_name"] = STATE_NAMES[state]
    item["next_step"] = NEXT_STEP[state]
    item["overdue"] = item["next_due_at"] is not None and item["next_due_at"] < now
    return item


def covers_all_of(connection: sa.Connection, actor: Actor, neighborhood_id: int) -> bool:
    """Whether the actor's hat counts in the whole neighborhood; raises ``NotFound`` when it counts in no part of it."""
    hat = actor.hat
    if hat.unit_id == neighborhood_id:
        return True
    if hat.neighborhood_id is not None:
        if hat.neighborhood_id != neighborhood_id:
            raise NotFound(access.NEIGHBORHOOD_MISSING, code="unit_not_found")
        return False
    path = connection.scalar(
        sa.select(OrgUnit.path).where(OrgUnit.id == neighborhood_id, OrgUnit.kind == UnitKind.NEIGHBORHOOD)
    )
    if path is None or not actor.stands_above(path):
        raise NotFound(access.NEIGHBORHOOD_MISSING, code="unit_not_found")
    return True
