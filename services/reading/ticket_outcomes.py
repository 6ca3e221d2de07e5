"""What became of tickets: the words on the outcome of one, and what the station heard when it called back."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from models import Person, Ticket, TicketCallback, TicketCategory, TicketTruth, TruthKind
from services import access
from services.actors import Actor
from services.errors import NotFound
from services.reading.pages import Page, PageRequest, fetch
from services.reading.tickets import covers_all_of

_WORKED, _CALLED = aliased(Person), aliased(Person)

_TRUTHS = (
    sa.select(
        *(getattr(Ticket, name).label(f"scope_{name}") for name in access.Scope._fields),
        TicketTruth.id,
        TicketTruth.round,
        TicketTruth.kind,
        TicketTruth.at,
        TicketTruth.satisfaction,
        TicketTruth.again_id,
        TicketTruth.role,
        TicketTruth.mandate_id.is_not(None).label("by_agent"),
        _WORKED.known_as.label("worker"),
    )
    .select_from(Ticket)
    .outerjoin(TicketTruth, TicketTruth.ticket_id == Ticket.id)
    .outerjoin(_WORKED, _WORKED.id == TicketTruth.worker_id)
    .where(Ticket.id == sa.bindparam("ticket"))
    .order_by(TicketTruth.id)
)
_CALLS = (
    sa.select(
        TicketCallback.id,
        TicketCallback.ticket_id,
        Ticket.number,
        TicketCategory.name.label("category"),
        Ticket.place_label,
        TicketCallback.round,
        TicketCallback.why,
        TicketCallback.wanted_at,
        TicketCallback.due_at,
        TicketCallback.called_at,
        (TicketCallback.called_at > TicketCallback.due_at).label("late"),
        _CALLED.known_as.label("called_by"),
        _WORKED.known_as.label("worker"),
        TicketCallback.result,
        TicketCallback.satisfaction,
        TicketCallback.words,
    )
    .join(Ticket, Ticket.id == TicketCallback.ticket_id)
    .join(TicketCategory, TicketCategory.id == Ticket.category_id)
    .outerjoin(_CALLED, _CALLED.id == TicketCallback.called_by_id)
    .outerjoin(_WORKED, _WORKED.id == TicketCallback.worker_id)
    .where(TicketCallback.neighborhood_id == sa.bindparam("neighborhood"), TicketCallback.called_at.is_not(None))
)


def truths(connection: sa.Connection, *, actor: Actor, ticket_id: int) -> Sequence[dict[str, Any]]:
    """Return every word on the outcome of a ticket, the oldest first: one statement.

    A neighbor reads what was found and done, not whose work it was, not whether an agent said so, and no rating.  Raises
    ``NotFound`` out of scope.
    """
    rows = connection.execute(_TRUTHS, {"ticket": ticket_id}).mappings().all()
    if not rows:
        raise NotFound(access.TICKET_MISSING, code="ticket_not_found")
    scope = access.Scope(*(rows[0][f"scope_{name}"] for name in access.Scope._fields))
    if not access.may_see(actor, scope):
        raise NotFound(access.TICKET_MISSING, code="ticket_not_found")
    words = [
        {name: value for name, value in row.items() if not name.startswith("scope_")}
        for row in rows
        if row["id"] is not None
    ]
    return _for_neighbors(words) if access.is_neighbor(actor, scope.reporter_id) else words


def calls_made(connection: sa.Connection, *, actor: Actor, neighborhood_id: int, page: PageRequest) -> Page:
    """Return the call-backs that were made in a neighborhood, newest first.  Raises ``NotFound`` out of scope."""
    statement = _CALLS
    if not covers_all_of(connection, actor, neighborhood_id):
        statement = statement.where(Ticket.unit_path.startswith(actor.hat.unit_path, autoescape=True))
    return fetch(connection, statement, TicketCallback.id.expression, page, {"neighborhood": neighborhood_id})


def _for_neighbors(words: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [word | {"by_agent": None, "worker": None} for word in words if word["kind"] is not TruthKind.RATED]
