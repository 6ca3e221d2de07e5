"""Who missed which clock, and how long work stood still: what is told to people about time."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import HoldEnd, PauseReason, TicketClock
from models.types import BigId, BigRef


class TicketMiss(Base):
    """A clock that ran out before its step was made.  It stays: an extension afterwards excuses nothing."""

    __tablename__ = "ticket_miss"
    __table_args__ = (
        sa.UniqueConstraint("ticket_id", "round", "clock"),
        sa.CheckConstraint("noticed_at >= due_at", name="noticed_after_due"),
        sa.CheckConstraint("round >= 0", name="round_from_nought"),
        sa.Index("ix_ticket_miss_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index(
            "ix_ticket_miss_noticed_at",
            "noticed_at",
            sqlite_where=sa.text("judged_at is null"),
            postgresql_where=sa.text("judged_at is null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    round: Mapped[int]
    clock: Mapped[TicketClock]
    due_at: Mapped[dt.datetime]
    noticed_at: Mapped[dt.datetime]
    person_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who had it in hand when the clock ran out; empty: the station, which had given it to nobody or had not answered."""
    judged_at: Mapped[dt.datetime | None]
    """When it was looked at whether the next level must know; only this is written later, once."""


class TicketHold(Base):
    """A time in which work stood still and the clocks with it.  Only its end is written later, once."""

    __tablename__ = "ticket_hold"
    __table_args__ = (
        sa.CheckConstraint("until_at > began_at", name="has_some_time"),
        sa.CheckConstraint("(ended_at is null) = (ended_how is null)", name="end_is_whole"),
        sa.CheckConstraint("ended_at is null or ended_at >= began_at", name="ends_after_it_began"),
        sa.Index(
            "uq_ticket_hold_open",
            "ticket_id",
            unique=True,
            sqlite_where=sa.text("ended_at is null"),
            postgresql_where=sa.text("ended_at is null"),
        ),
        sa.Index("ix_ticket_hold_ticket_id", "ticket_id"),
        sa.Index("ix_ticket_hold_neighborhood_id_began_at", "neighborhood_id", "began_at"),
        sa.Index(
            "ix_ticket_hold_until_at",
            "until_at",
            sqlite_where=sa.text("ended_at is null"),
            postgresql_where=sa.text("ended_at is null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    round: Mapped[int]
    reason: Mapped[PauseReason]
    held_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    began_at: Mapped[dt.datetime]
    until_at: Mapped[dt.datetime]
    """When the days for this reason are used up."""
    ended_at: Mapped[dt.datetime | None]
    ended_how: Mapped[HoldEnd | None]
