"""Call-backs: somebody who did not do the work asks how it was."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import CallbackResult, CallbackWhy, Satisfaction
from models.types import BigId, BigRef, Text2000


class TicketCallback(Base):
    """A call to be made, and what was heard.  Written once: what was heard is never changed."""

    __tablename__ = "ticket_callback"
    __table_args__ = (
        sa.UniqueConstraint("ticket_id", "round"),
        sa.CheckConstraint(
            "called_by_id is null or worker_id is null or called_by_id <> worker_id", name="another_calls"
        ),
        sa.CheckConstraint(
            "(called_at is null) = (called_by_id is null) and (called_at is null) = (result is null)",
            name="call_is_whole",
        ),
        sa.CheckConstraint(
            "satisfaction is null or (result is not null and result <> 'unreachable')", name="who_is_reached_says_how"
        ),
        sa.Index(
            "ix_ticket_callback_neighborhood_id_id",
            "neighborhood_id",
            "id",
            sqlite_where=sa.text("called_at is null"),
            postgresql_where=sa.text("called_at is null"),
        ),
        sa.Index(
            "ix_ticket_callback_made",
            "neighborhood_id",
            "id",
            sqlite_where=sa.text("called_at is not null"),
            postgresql_where=sa.text("called_at is not null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    round: Mapped[int]
    why: Mapped[CallbackWhy]
    worker_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who did the work, and therefore does not call."""
    wanted_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    called_at: Mapped[dt.datetime | None]
    called_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    result: Mapped[CallbackResult | None]
    satisfaction: Mapped[Satisfaction | None]
    words: Mapped[Text2000 | None]
