"""Call-backs: one in twenty of what was confirmed, and every unhappy one; by somebody who did not do the work.

What is heard is the station's record.  It moves no ticket and never becomes the resident's word.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import CallbackResult, CallbackWhy, ClockMode, Person, Satisfaction, Ticket, TicketCallback, TicketCategory
from services import access, clocks
from services.actors import Actor
from services.errors import Conflict, NotFound
from services.tickets import clockwork
from services.tickets.moves import Action
from services.tickets.steps import record, take

ONE_IN = 20
WORKING_MINUTES = 3 * 24 * 60
"""By when to call: three working days."""
LIST_MOST = 100


def drawn() -> bool:
    """Draw the lot for a ticket: one in twenty, not to be foreseen by anybody."""
    return secrets.randbelow(ONE_IN) == 0


def perhaps_ask(session: Session, ticket: Ticket, *, now: dt.datetime) -> None:
    """Have somebody call about a ticket that was confirmed, by the resident or by silence, if the lot falls on it."""
    if drawn():
        _want(session, ticket, CallbackWhy.RANDOM, now)


def ask_the_unhappy(session: Session, ticket: Ticket, *, now: dt.datetime) -> None:
    """Have somebody call about a ticket whose resident is not satisfied."""
    _want(session, ticket, CallbackWhy.UNHAPPY, now)


def _want(session: Session, ticket: Ticket, why: CallbackWhy, now: dt.datetime) -> None:
    """Want one call per round; whoever is drawn already is called once."""
    if _of_round(session, ticket) is not None:
        return
    days = clockwork.overrides(session.connection(), ClockMode.WORKING_DAYS)
    session.add(
        TicketCallback(
            neighborhood_id=ticket.neighborhood_id,
            ticket_id=ticket.id,
            round=ticket.reopen_count,
            why=why,
            worker_id=ticket.done_by_id,
            wanted_at=now,
            due_at=clocks.due(now, WORKING_MINUTES, ClockMode.WORKING_DAYS, days),
        )
    )


def call_back(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    result: CallbackResult,
    satisfaction: Satisfaction | None = None,
    words: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Write down what was heard, once.

    Raises ``NotFound`` when nobody is to be called, ``Conflict`` when it was done already, by who did the work, or when a
    satisfaction is told of somebody who was not reached.
    """
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.CALL_BACK, version=version)
    wanted = _of_round(session, ticket)
    if wanted is None:
        raise NotFound("这张单子不用回访。要回访的单子在“待回访”里。", code="no_callback")
    if wanted.called_at is not None:
        raise Conflict("这张单子已经回访过了，不用再打。", code="called_already", state=ticket.state.value)
    if actor.doer_id == wanted.worker_id:
        raise Conflict(
            "自己修的活不能自己回访。请站里别的同事来打。", code="worker_cannot_call", state=ticket.state.value
        )
    if result is CallbackResult.UNREACHABLE and satisfaction is not None:
        raise Conflict("没打通就没有满意度。请只选“没打通”。", code="nobody_reached", state=ticket.state.value)
    wanted.called_at, wanted.called_by_id = now, actor.doer_id
    wanted.result, wanted.satisfaction, wanted.words = result, satisfaction, words
    detail = {"result": result.value, "why": wanted.why.value}
    return record(session, ticket, actor=actor, action=Action.CALL_BACK, now=now, detail=detail)


def _of_round(session: Session, ticket: Ticket) -> TicketCallback | None:
    return session.scalar(
        sa.select(TicketCallback).where(
            TicketCallback.ticket_id == ticket.id, TicketCallback.round == ticket.reopen_count
        )
    )


def to_call(session: Session, *, actor: Actor, neighborhood_id: int) -> Sequence[dict[str, Any]]:
    """Return the calls to be made in a neighborhood, the oldest first, as far as the actor's node covers it: one query.

    Raises ``NotFound`` out of scope.
    """
    access.neighborhood_for(session, actor, neighborhood_id)
    worker = aliased(Person)
    rows = session.execute(
        sa.select(
            Ticket.id.label("ticket_id"),
            Ticket.number,
            TicketCategory.name.label("category"),
            Ticket.place_label,
            TicketCallback.why,
            TicketCallback.wanted_at,
            TicketCallback.due_at,
            worker.known_as.label("worker"),
        )
        .join(Ticket, Ticket.id == TicketCallback.ticket_id)
        .join(TicketCategory, TicketCategory.id == Ticket.category_id)
        .outerjoin(worker, worker.id == TicketCallback.worker_id)
        .where(
            TicketCallback.neighborhood_id == neighborhood_id,
            TicketCallback.called_at.is_(None),
            TicketCallback.round == Ticket.reopen_count,
            Ticket.unit_path.startswith(actor.hat.unit_path, autoescape=True),
        )
        .order_by(TicketCallback.id)
        .limit(LIST_MOST)
    )
    return [dict(row) for row in rows.mappings()]
