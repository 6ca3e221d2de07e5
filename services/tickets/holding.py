"""Holds: work stands still for a reason that residents read, for so many days at most, and every hold is on record."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import HoldEnd, HoldRule, PauseReason, Ticket, TicketHold, TicketState
from services import clocks
from services.actors import Actor
from services.errors import Conflict
from services.tickets import clockwork
from services.tickets.moves import Action
from services.tickets.steps import record

BATCH = 200


def begin(session: Session, ticket: Ticket, *, actor: Actor, reason: PauseReason, now: dt.datetime) -> dt.datetime:
    """Stop the clocks; return until when at most.

    All holds of one repair for the same reason share its days.  Raises ``Conflict`` (``hold_used_up``) when none is left.
    """
    days = _most_days(session, ticket.neighborhood_id, reason, now)
    left = dt.timedelta(days=days) - _stood_still(session, ticket, reason)
    if left <= dt.timedelta():
        raise Conflict(
            f"因为这个原因已经停满{days}天了，不能再停。请继续干，或者请服务站换人、转办。",
            code="hold_used_up",
            state=ticket.state.value,
        )
    session.add(
        TicketHold(
            neighborhood_id=ticket.neighborhood_id,
            ticket_id=ticket.id,
            round=ticket.reopen_count,
            reason=reason,
            held_by_id=actor.person_id,
            began_at=now,
            until_at=now + left,
        )
    )
    ticket.paused_from, ticket.paused_at, ticket.pause_reason = ticket.state, now, reason
    return now + left


def end(session: Session, ticket: Ticket, *, how: HoldEnd, now: dt.datetime) -> tuple[TicketState, dt.timedelta]:
    """Let the clocks run on with what they had left; return where the work goes on, and how long it stood still."""
    if ticket.paused_at is None or ticket.paused_from is None:
        raise AssertionError("the database keeps these together with the state")
    began, target = ticket.paused_at, ticket.paused_from
    when = clockwork.timing_of(session, ticket, start=clockwork.round_start(session, ticket))
    clockwork.shift(ticket, began, now, when)
    session.execute(
        sa.update(TicketHold)
        .where(TicketHold.ticket_id == ticket.id, TicketHold.ended_at.is_(None))
        .values(ended_at=now, ended_how=how)
        .execution_options(synchronize_session=False)
    )
    ticket.paused_from = ticket.paused_at = ticket.pause_reason = None
    return target, now - began


def run_out(session: Session, *, now: dt.datetime) -> int:
    """Let work go on that stood still for all the days its reason has; return how many."""
    tickets = session.scalars(
        sa.select(Ticket)
        .join(TicketHold, TicketHold.ticket_id == Ticket.id)
        .where(TicketHold.ended_at.is_(None), TicketHold.until_at <= now, Ticket.state == TicketState.PAUSED)
        .order_by(Ticket.id)
        .limit(BATCH)
        .with_for_update(of=Ticket, skip_locked=True)
    ).all()
    for ticket in tickets:
        reason = ticket.pause_reason
        target, length = end(session, ticket, how=HoldEnd.CLOCK, now=now)
        detail = {"reason": reason.value if reason else None, "paused_seconds": int(length.total_seconds())}
        record(session, ticket, actor=None, action=Action.HOLD_END, now=now, detail=detail, target=target)
    return len(tickets)


def _most_days(session: Session, neighborhood_id: int, reason: PauseReason, now: dt.datetime) -> int:
    day = clocks.local_day(now)
    days = session.scalar(
        sa.select(HoldRule.days)
        .where(
            HoldRule.reason == reason,
            HoldRule.since <= day,
            sa.or_(HoldRule.until.is_(None), HoldRule.until > day),
            sa.or_(HoldRule.neighborhood_id.is_(None), HoldRule.neighborhood_id == neighborhood_id),
        )
        .order_by(HoldRule.neighborhood_id.is_(None), HoldRule.since.desc())
        .limit(1)
    )
    if days is None:
        raise LookupError(f"no rule for a hold because of {reason} on {day}")
    return days


def _stood_still(session: Session, ticket: Ticket, reason: PauseReason) -> dt.timedelta:
    """Return how long the present repair has stood still for a reason."""
    rows = session.execute(
        sa.select(TicketHold.began_at, TicketHold.ended_at).where(
            TicketHold.ticket_id == ticket.id,
            TicketHold.round == ticket.reopen_count,
            TicketHold.reason == reason,
            TicketHold.ended_at.is_not(None),
        )
    )
    return sum((row.ended_at - row.began_at for row in rows), dt.timedelta())
