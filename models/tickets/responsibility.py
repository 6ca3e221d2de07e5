"""Who has to mend and pay for something: decided at the survey, with what proves it."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import ResponsibleParty
from models.types import BigId, BigRef, Text32, Text2000


class TicketResponsibility(Base):
    """One decision on who is responsible.  It stays: whoever finds otherwise writes a further one, with a reason."""

    __tablename__ = "ticket_responsibility"
    __table_args__ = (
        sa.UniqueConstraint("replaces_id"),
        sa.CheckConstraint("(replaces_id is null) = (reason is null)", name="another_decision_has_a_reason"),
        sa.CheckConstraint("length(words) > 0", name="proof_in_words"),
        sa.Index(
            "uq_ticket_responsibility_first",
            "ticket_id",
            unique=True,
            sqlite_where=sa.text("replaces_id is null"),
            postgresql_where=sa.text("replaces_id is null"),
        ),
        sa.Index("ix_ticket_responsibility_ticket_id_id", "ticket_id", "id"),
        sa.Index("ix_ticket_responsibility_neighborhood_id_party", "neighborhood_id", "party"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    party: Mapped[ResponsibleParty]
    words: Mapped[Text2000]
    """What was found; the photos hang on the event."""
    event_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket_event.id"))
    decided_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[Text32]
    decided_at: Mapped[dt.datetime]
    replaces_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("ticket_responsibility.id"))
    reason: Mapped[Text2000 | None]
