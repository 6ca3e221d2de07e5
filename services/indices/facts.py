"""One row for each ticket that an index counts, taken from facts that nobody can change.

A ticket belongs to the month (Asia/Shanghai) in which it was reported, whatever becomes of it later.  What residents said
is their last word; silence after it is told beside it and changes nothing.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from models import Ticket, TicketClock, TicketMiss, TicketState, TicketTruth, TruthKind

WORDS = (TruthKind.FIXED, TruthKind.NOT_FIXED)
TURNED_AWAY = (TicketState.REJECTED, TicketState.REDIRECTED)


@dataclass(frozen=True)
class Scope:
    """Which tickets: at or below a node, reported from a moment until another; perhaps of one category."""

    path: str
    starts: dt.datetime
    ends: dt.datetime
    category_id: int | None = None
    own: bool = False
    """Only what belongs to the node itself and to no unit below it."""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return what a ticket must fulfil."""
        found: list[sa.ColumnElement[bool]] = [
            Ticket.submitted_at >= self.starts,
            Ticket.submitted_at < self.ends,
            Ticket.unit_path == self.path if self.own else Ticket.unit_path.startswith(self.path, autoescape=True),
        ]
        if self.category_id is not None:
            found.append(Ticket.category_id == self.category_id)
        return found


def of(scope: Scope) -> sa.Subquery:
    """Return a row for each ticket: was it answered in time, the resident's last word and rating, whose work it was."""
    said = _last_of_each(scope)
    word, rating, done = (sa.orm.aliased(TicketTruth) for _ in range(3))
    answered = sa.or_(Ticket.answered_at.is_not(None), Ticket.reopen_count > 0)
    # Turning a report away is no answer to it: whoever turns many away must not look the quicker for it.
    turned_away = Ticket.state.in_(TURNED_AWAY)
    return (
        sa.select(
            Ticket.id,
            Ticket.submitted_at,
            Ticket.unit_path,
            Ticket.category_id,
            TicketMiss.id.is_not(None).label("late"),
            sa.and_(answered, TicketMiss.id.is_(None), sa.not_(turned_away)).label("in_time"),
            sa.and_(TicketMiss.id.is_(None), turned_away).label("turned_away"),
            word.kind.label("word"),
            word.worker_id.label("word_worker_id"),
            rating.satisfaction,
            rating.worker_id.label("rating_worker_id"),
            done.worker_id.label("done_worker_id"),
            sa.func.coalesce(said.c.silence_id > sa.func.coalesce(said.c.word_id, 0), sa.false()).label("silent"),
            said.c.done_id.is_not(None).label("done"),
            sa.func.coalesce(said.c.returns > 0, sa.false()).label("came_back"),
        )
        .select_from(Ticket)
        .outerjoin(
            TicketMiss,
            sa.and_(TicketMiss.ticket_id == Ticket.id, TicketMiss.round == 0, TicketMiss.clock == TicketClock.ANSWER),
        )
        .outerjoin(said, said.c.ticket_id == Ticket.id)
        .outerjoin(word, word.id == said.c.word_id)
        .outerjoin(rating, rating.id == said.c.rating_id)
        .outerjoin(done, done.id == said.c.done_id)
        .where(*scope.conditions())
        .subquery("facts")
    )


def _last_of_each(scope: Scope) -> sa.Subquery:
    """Return, for each ticket of which anything was said, the last row of each kind: later rows have greater ids."""

    def last(*kinds: TruthKind) -> sa.ColumnElement[int]:
        return sa.func.max(sa.case((TicketTruth.kind.in_(kinds), TicketTruth.id)))

    returned = sa.case((TicketTruth.kind == TruthKind.CAME_BACK, 1))
    return (
        sa.select(
            TicketTruth.ticket_id,
            last(*WORDS).label("word_id"),
            last(TruthKind.RATED).label("rating_id"),
            last(TruthKind.DONE).label("done_id"),
            last(TruthKind.SILENCE).label("silence_id"),
            sa.func.count(returned).label("returns"),
        )
        .join(Ticket, Ticket.id == TicketTruth.ticket_id)
        .where(*scope.conditions())
        .group_by(TicketTruth.ticket_id)
        .subquery("said")
    )
