"""What is true of a ticket, as facts of their own: done, fixed, not fixed, how it was, silence, came back.

The three truths are never mixed: the worker's "done" is not the resident's "fixed", silence is neither, and whether it
lasts only time shows.  A fact is written before the ticket moves; the database refuses the move without it.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import PlaceKind, Satisfaction, Ticket, TicketTruth, TruthKind
from services.actors import Actor

LASTS = dt.timedelta(days=90)
"""What breaks again at the same point within this time after "done" came back."""


def say(
    session: Session,
    ticket: Ticket,
    kind: TruthKind,
    *,
    actor: Actor,
    now: dt.datetime,
    satisfaction: Satisfaction | None = None,
) -> None:
    """Write down a word of the worker (done) or of the resident (fixed, not fixed, how it was)."""
    worker_id = actor.person_id if kind is TruthKind.DONE else ticket.done_by_id
    _write(
        session,
        ticket,
        kind,
        now,
        said_by_id=actor.person_id,
        spoken_by_id=actor.doer_id,
        role=actor.role.value,
        mandate_id=actor.mandate_id,
        worker_id=worker_id,
        satisfaction=satisfaction,
    )


def hear_nothing(session: Session, ticket: Ticket, *, now: dt.datetime) -> None:
    """Write down that the resident said nothing.  That is not "fixed", and never "satisfied"."""
    _write(session, ticket, TruthKind.SILENCE, now, worker_id=ticket.done_by_id)


def look_back(session: Session, ticket: Ticket, *, now: dt.datetime) -> int | None:
    """Link a report to the repair that did not last: same category, same point, done within 90 days before it.

    Returns the earlier ticket when it is found now, nothing when there is none or it was linked before.  The same home is
    the same point; of common parts the same building (or the neighborhood's own ground) with the same note on where.
    """
    if session.scalar(sa.select(TicketTruth.id).where(TicketTruth.again_id == ticket.id)) is not None:
        return None
    earlier = session.scalar(_earlier(ticket))
    if earlier is None:
        return None
    _write(session, earlier, TruthKind.CAME_BACK, now, worker_id=earlier.done_by_id, again_id=ticket.id)
    return earlier.id


def _earlier(ticket: Ticket) -> sa.Select[Ticket]:
    before = aliased(Ticket)
    same_point = (
        before.home_id == ticket.home_id
        if ticket.place is PlaceKind.HOME
        else sa.and_(
            before.place == PlaceKind.COMMON,
            before.unit_path == ticket.unit_path,
            sa.func.coalesce(before.place_note, "") == (ticket.place_note or ""),
        )
    )
    return (
        sa.select(before)
        .where(
            before.neighborhood_id == ticket.neighborhood_id,
            before.category_id == ticket.category_id,
            before.id < ticket.id,
            before.done_at > ticket.submitted_at - LASTS,
            before.done_at <= ticket.submitted_at,
            same_point,
        )
        .order_by(before.done_at.desc(), before.id.desc())
        .limit(1)
    )


def _write(session: Session, ticket: Ticket, kind: TruthKind, now: dt.datetime, **columns: object) -> None:
    session.add(
        TicketTruth(
            neighborhood_id=ticket.neighborhood_id,
            ticket_id=ticket.id,
            round=ticket.reopen_count,
            kind=kind,
            at=now,
            **columns,
        )
    )
    session.flush()  # before the ticket moves: the database looks for the word
