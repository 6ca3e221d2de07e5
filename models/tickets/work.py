"""Who can do which work, how much of it at once, who was given which ticket, and who offered to help."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import AssignedHow, HelpAnswer
from models.types import BigId, BigRef, Text255, Text2000


class WorkerSkill(Base):
    """A kind of trouble that somebody of a station can mend, from a moment until another."""

    __tablename__ = "worker_skill"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at >= starts_at", name="ends_after_start"),
        sa.CheckConstraint("(ends_at is null) = (ended_by_id is null)", name="end_is_whole"),
        sa.Index(
            "uq_worker_skill_open",
            "neighborhood_id",
            "category_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_worker_skill_person_id", "person_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    category_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket_category.id"))
    starts_at: Mapped[dt.datetime]
    given_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    ends_at: Mapped[dt.datetime | None]
    ended_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))


class LoadRule(Base):
    """How many open tickets one worker has in hand at most.  The most special row in force counts."""

    __tablename__ = "load_rule"
    __table_args__ = (
        sa.CheckConstraint("most >= 0", name="most_from_nought"),
        sa.CheckConstraint("ends_at is null or ends_at >= starts_at", name="ends_after_start"),
        sa.CheckConstraint("person_id is null or neighborhood_id is not null", name="person_has_a_neighborhood"),
        sa.Index(
            "uq_load_rule_open",
            "neighborhood_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    person_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: for all workers."""
    most: Mapped[int]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    set_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    source: Mapped[Text255]


class TicketAssignment(Base):
    """Somebody was given a ticket, and how.  Never changed, never deleted: the database refuses."""

    __tablename__ = "ticket_assignment"
    __table_args__ = (
        sa.Index("ix_ticket_assignment_ticket_id", "ticket_id"),
        sa.Index("ix_ticket_assignment_neighborhood_id_person_id_at", "neighborhood_id", "person_id", "at"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    round: Mapped[int]
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    how: Mapped[AssignedHow]
    given_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[dt.datetime]


class HelpOffer(Base):
    """Somebody would like to do the work.  Only the station's answer is written later, once."""

    __tablename__ = "help_offer"
    __table_args__ = (
        sa.CheckConstraint(
            "(answered_at is null) = (answer is null) and (answered_at is null) = (answered_by_id is null)",
            name="answer_is_whole",
        ),
        sa.Index(
            "uq_help_offer_open",
            "ticket_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("answered_at is null"),
            postgresql_where=sa.text("answered_at is null"),
        ),
        sa.Index("ix_help_offer_ticket_id_id", "ticket_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    words: Mapped[Text2000 | None]
    offered_at: Mapped[dt.datetime]
    answer: Mapped[HelpAnswer | None]
    answered_at: Mapped[dt.datetime | None]
    answered_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
