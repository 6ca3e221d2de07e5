"""Missed clocks that go on: the next level is told."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import SETTLED_STATES, Ticket, TicketClock, TicketMiss, Urgency
from services.tickets import raising
from services.tickets.raising import Why

GRACE = {Urgency.P1: dt.timedelta(minutes=10), Urgency.P2: dt.timedelta(hours=1)}
GRACE_OTHERWISE = dt.timedelta(hours=4)
"""How long after a missed clock the next level is called, if the step is still not made."""
BATCH = 200


def escalate(session: Session, *, now: dt.datetime) -> int:
    """Tell the next level of clocks that were missed a while ago and whose step is still not made; return how many."""
    waited = sa.or_(
        *(
            sa.and_(Ticket.urgency == urgency, TicketMiss.noticed_at <= now - GRACE.get(urgency, GRACE_OTHERWISE))
            for urgency in Urgency
        )
    )
    rows = session.execute(
        sa.select(TicketMiss, Ticket)
        .join(Ticket, Ticket.id == TicketMiss.ticket_id)
        .where(TicketMiss.judged_at.is_(None), waited)
        .order_by(TicketMiss.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for miss, ticket in rows:
        miss.judged_at = now
        if _goes_on(miss, ticket):
            raising.raise_level(session, ticket, actor=None, now=now, why=Why.OVERDUE)
    return len(rows)


def _goes_on(miss: TicketMiss, ticket: Ticket) -> bool:
    """Whether the step of a missed clock is still to be made, in the same round, with the clock running."""
    if ticket.state in SETTLED_STATES or ticket.paused_at is not None or miss.round != ticket.reopen_count:
        return False
    made = {
        TicketClock.ANSWER: ticket.answered_at,
        TicketClock.ARRIVE: ticket.arrived_at,
        TicketClock.SAFE: ticket.safe_at,
        TicketClock.DONE: ticket.done_at,
    }
    return ticket.done_at is None and made[miss.clock] is None
