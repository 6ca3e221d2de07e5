"""Everything that happened to a ticket, and its photos."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import PhotoPhase, TicketState
from models.types import BigId, BigRef, Json, Text32, Text2000, by_value


class TicketEvent(Base):
    """One thing that happened to a ticket.  Never changed, never deleted: the database refuses."""

    __tablename__ = "ticket_event"
    __table_args__ = (
        sa.Index("ix_ticket_event_ticket_id_id", "ticket_id", "id"),
        sa.Index(
            "ix_ticket_event_mandate_id_at",
            "mandate_id",
            "at",
            sqlite_where=sa.text("mandate_id is not null"),
            postgresql_where=sa.text("mandate_id is not null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    at: Mapped[dt.datetime]
    action: Mapped[Text32]
    actor_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: the clock did it."""
    role: Mapped[Text32 | None]
    on_behalf_of_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """In whose right, where that is not the actor."""
    mandate_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("mandate.id"))
    """By which the actor acted for that person."""
    from_state: Mapped[TicketState | None] = mapped_column(by_value(TicketState, "from_state"))
    to_state: Mapped[TicketState] = mapped_column(by_value(TicketState, "to_state"))
    note: Mapped[Text2000 | None]
    detail: Mapped[Json]
    """Old and new values, and ids; never names or phones."""


class TicketPhoto(Base):
    """A photo that belongs to a ticket."""

    __tablename__ = "ticket_photo"
    __table_args__ = (sa.UniqueConstraint("ticket_id", "phase", "position"),)

    id: Mapped[BigId]
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    event_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket_event.id"))
    file_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("stored_file.id"), unique=True)
    phase: Mapped[PhotoPhase]
    position: Mapped[int]
