"""What is told about time: who missed which clock, and where work stood still, for how long and why."""

from typing import Any

import sqlalchemy as sa

from models import Person, Ticket, TicketCategory, TicketHold, TicketMiss
from services.actors import Actor
from services.reading.pages import Page, PageRequest, fetch
from services.reading.tickets import covers_all_of

_MISSES = (
    sa.select(
        TicketMiss.id,
        TicketMiss.ticket_id,
        Ticket.number,
        TicketCategory.name.label("category"),
        Ticket.place_label,
        TicketMiss.round,
        TicketMiss.clock,
        TicketMiss.due_at,
        TicketMiss.noticed_at,
        Person.known_as.label("whose"),
    )
    .join(Ticket, Ticket.id == TicketMiss.ticket_id)
    .join(TicketCategory, TicketCategory.id == Ticket.category_id)
    .outerjoin(Person, Person.id == TicketMiss.person_id)
    .where(TicketMiss.neighborhood_id == sa.bindparam("neighborhood"))
)
_HOLDS = (
    sa.select(
        TicketHold.id,
        TicketHold.ticket_id,
        Ticket.number,
        TicketCategory.name.label("category"),
        Ticket.place_label,
        TicketHold.round,
        TicketHold.reason,
        TicketHold.began_at,
        TicketHold.until_at,
        TicketHold.ended_at,
        TicketHold.ended_how,
        Person.known_as.label("held_by"),
    )
    .join(Ticket, Ticket.id == TicketHold.ticket_id)
    .join(TicketCategory, TicketCategory.id == Ticket.category_id)
    .outerjoin(Person, Person.id == TicketHold.held_by_id)
    .where(TicketHold.neighborhood_id == sa.bindparam("neighborhood"))
)


def misses(connection: sa.Connection, *, actor: Actor, neighborhood_id: int, page: PageRequest) -> Page:
    """Return the clocks missed in a neighborhood, newest first; ``whose`` is empty where it was the station's.

    Raises ``NotFound`` out of scope.
    """
    return _page(connection, _MISSES, TicketMiss.id.expression, actor, neighborhood_id, page)


def holds(connection: sa.Connection, *, actor: Actor, neighborhood_id: int, page: PageRequest) -> Page:
    """Return where work stands or stood still in a neighborhood, newest first.  Raises ``NotFound`` out of scope."""
    return _page(connection, _HOLDS, TicketHold.id.expression, actor, neighborhood_id, page)


def _page(
    connection: sa.Connection,
    statement: sa.Select[*tuple[Any, ...]],
    key: sa.ColumnElement[int],
    actor: Actor,
    neighborhood_id: int,
    page: PageRequest,
) -> Page:
    if not covers_all_of(connection, actor, neighborhood_id):
        statement = statement.where(Ticket.unit_path.startswith(actor.hat.unit_path, autoescape=True))
    return fetch(connection, statement, key, page, {"neighborhood": neighborhood_id})
