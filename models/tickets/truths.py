"""What is true of a ticket and who said so.  Never changed, never deleted: the database refuses."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import Satisfaction, TruthKind
from models.types import BigId, BigRef, Text32


class TicketTruth(Base):
    """One word on the outcome of a ticket: done, fixed, not fixed, how it was, silence, or that it came back.

    Beyond the rules here, triggers refuse a word that is not the reporter's, a mandate of somebody else, and a ticket that
    is called confirmed, rated or done without the word for it (migration 0026).
    """

    __tablename__ = "ticket_truth"
    __table_args__ = (
        sa.CheckConstraint(
            "kind not in ('fixed', 'not_fixed', 'rated')"
            " or (role is not null and role = 'resident' and said_by_id is not null and spoken_by_id is not null)",
            name="residents_words_are_residents",
        ),
        sa.CheckConstraint(
            "kind <> 'done' or (role is not null and role <> 'resident' and said_by_id is not null"
            " and spoken_by_id = said_by_id and worker_id = said_by_id)",
            name="done_is_the_workers",
        ),
        sa.CheckConstraint(
            "kind not in ('silence', 'came_back') or (said_by_id is null and spoken_by_id is null and role is null)",
            name="nobody_says_what_is_found",
        ),
        sa.CheckConstraint(
            "kind not in ('fixed', 'rated') or worker_id is null"
            " or (worker_id <> said_by_id and worker_id <> spoken_by_id)",
            name="no_worker_praises_own_work",
        ),
        sa.CheckConstraint(
            "kind <> 'not_fixed' or worker_id is null or worker_id <> spoken_by_id or said_by_id = spoken_by_id",
            name="no_worker_speaks_for_others",
        ),
        sa.CheckConstraint(
            "(said_by_id is not null and spoken_by_id <> said_by_id) = (mandate_id is not null)",
            name="agent_has_a_mandate",
        ),
        sa.CheckConstraint("(kind = 'rated') = (satisfaction is not null)", name="rating_has_a_step"),
        sa.CheckConstraint("(kind = 'came_back') = (again_id is not null)", name="return_names_the_new_ticket"),
        sa.CheckConstraint("again_id is null or again_id <> ticket_id", name="no_ticket_returns_as_itself"),
        sa.CheckConstraint("round >= 0", name="round_from_nought"),
        sa.Index(
            "uq_ticket_truth_ticket_id_round_kind",
            "ticket_id",
            "round",
            "kind",
            unique=True,
            sqlite_where=sa.text("kind <> 'came_back'"),
            postgresql_where=sa.text("kind <> 'came_back'"),
        ),
        sa.UniqueConstraint("again_id"),
        sa.Index("ix_ticket_truth_neighborhood_id_kind_at", "neighborhood_id", "kind", "at"),
        sa.Index("ix_ticket_truth_ticket_id", "ticket_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    round: Mapped[int]
    """How often the ticket had been sent back before: 0 for the first repair."""
    kind: Mapped[TruthKind]
    at: Mapped[dt.datetime]
    said_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Whose word it is."""
    spoken_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who tapped: the same, or their agent."""
    role: Mapped[Text32 | None]
    mandate_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("mandate.id"))
    worker_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Whose work it is about."""
    satisfaction: Mapped[Satisfaction | None]
    again_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("ticket.id"))
    """The later ticket by which the trouble came back."""
