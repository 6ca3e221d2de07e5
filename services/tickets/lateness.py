"""Who missed which clock: written down when it is noticed, by the sweep or by whatever happens next."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Ticket, TicketClock, TicketMiss
from services.tickets import clockwork


def note(session: Session, ticket: Ticket, *, now: dt.datetime, reached: bool = False) -> None:
    """Write down the clocks of this round that ran out, each once.  Call it before somebody else gets the ticket.

    Answering is the station's; the other clocks are whose the ticket is.  A clock stands still during a hold.
    """
    late = clockwork.run_out(ticket, ticket.paused_at or now, reached=reached)
    if not late:
        return
    with session.no_autoflush:  # a move may be half written down
        known = set(
            session.scalars(
                sa.select(TicketMiss.clock).where(
                    TicketMiss.ticket_id == ticket.id, TicketMiss.round == ticket.reopen_count
                )
            )
        )
    known |= {
        miss.clock
        for miss in session.new
        if isinstance(miss, TicketMiss) and (miss.ticket_id, miss.round) == (ticket.id, ticket.reopen_count)
    }
    session.add_all(
        TicketMiss(
            neighborhood_id=ticket.neighborhood_id,
            ticket_id=ticket.id,
            round=ticket.reopen_count,
            clock=clock,
            due_at=due,
            noticed_at=now,
            person_id=None if clock is TicketClock.ANSWER else ticket.assignee_id,
        )
        for clock, due in late
        if clock not in known
    )
