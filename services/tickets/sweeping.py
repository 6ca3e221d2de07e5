"""What the timetable does to tickets: remind before a clock runs out, mark what is late, confirm in silence, file away.

Each sweep takes a batch, locks it, and does to each ticket what no person did.  Due work is found by asking the rows, so a
missed tick costs nothing.
"""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Ticket, TicketState, Urgency
from services.tickets import callbacks, clockwork, lateness, truths
from services.tickets.moves import MOVES, Action
from services.tickets.steps import record

SILENCE = dt.timedelta(days=7)
"""How long a resident may stay silent before "done" counts as accepted (shown as such, never as satisfied)."""
REST = dt.timedelta(days=7)
"""How long a confirmed ticket stays open for "it came back" before it is filed away."""
BATCH = 200


def remind(session: Session, *, now: dt.datetime) -> int:
    """Remind once per clock, shortly before it runs out; return how many."""
    soon = sa.or_(
        *(
            sa.and_(Ticket.urgency == urgency, Ticket.next_due_at <= now + clockwork.remind_ahead(urgency.value))
            for urgency in Urgency
        )
    )
    fresh = sa.or_(Ticket.reminded_due_at.is_(None), Ticket.reminded_due_at != Ticket.next_due_at)
    tickets = _batch(session, soon, Ticket.next_due_at > now, fresh, action=Action.REMIND)
    for ticket in tickets:
        ticket.reminded_due_at = ticket.next_due_at
        record(session, ticket, actor=None, action=Action.REMIND, now=now, detail=_clock(ticket))
    return len(tickets)


def mark_overdue(session: Session, *, now: dt.datetime) -> int:
    """Note once per clock that it has run out; return how many."""
    fresh = sa.or_(Ticket.overdue_at.is_(None), Ticket.overdue_at < Ticket.next_due_at)
    tickets = _batch(session, Ticket.next_due_at <= now, fresh, action=Action.OVERDUE)
    for ticket in tickets:
        ticket.overdue_at = now
        lateness.note(session, ticket, now=now, reached=True)
        record(session, ticket, actor=None, action=Action.OVERDUE, now=now, detail=_clock(ticket))
    return len(tickets)


def auto_confirm(session: Session, *, now: dt.datetime) -> int:
    """Accept work after seven days of silence; return how many.  Silence is never satisfaction: no rating is written."""
    tickets = _batch(session, Ticket.state_since <= now - SILENCE, action=Action.AUTO_CONFIRM)
    for ticket in tickets:
        truths.hear_nothing(session, ticket, now=now)
        record(session, ticket, actor=None, action=Action.AUTO_CONFIRM, now=now)
        callbacks.perhaps_ask(session, ticket, now=now)
    return len(tickets)


def file_away(session: Session, *, now: dt.datetime) -> int:
    """Close what was confirmed or rated a week ago; return how many."""
    tickets = _batch(session, Ticket.state_since <= now - REST, action=Action.CLOSE)
    for ticket in tickets:
        record(session, ticket, actor=None, action=Action.CLOSE, now=now)
    return len(tickets)


def _batch(session: Session, *conditions: sa.ColumnElement[bool], action: Action) -> Sequence[Ticket]:
    sources: list[TicketState] = sorted(MOVES[action].sources)
    return session.scalars(
        sa.select(Ticket)
        .where(Ticket.settled_at.is_(None), Ticket.state.in_(sources), *conditions)
        .order_by(Ticket.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()


def _clock(ticket: Ticket) -> dict[str, str | None]:
    return {"due_at": ticket.next_due_at.isoformat() if ticket.next_due_at else None}
