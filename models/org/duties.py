"""Who answers for what: service domains (五有), their responsible persons, and what is handed over when hands change."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.org.hats import EndReason
from models.types import BigId, BigRef, Text32, Text128, Text255, by_value


class ServiceDomain(Base):
    """A kind of service that must have somebody who answers for it.  Places list them differently, so they are rows."""

    __tablename__ = "service_domain"

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"), index=True)
    """Empty: known everywhere.  Otherwise a neighborhood's own."""
    code: Mapped[Text32] = mapped_column(unique=True)
    name: Mapped[Text32]
    place: Mapped[int]
    """Order in lists."""
    is_usual: Mapped[bool]
    """Whether a neighborhood that has chosen nothing has it."""


class NeighborhoodDomain(Base):
    """A neighborhood's own choice about a domain, against what is usual."""

    __tablename__ = "neighborhood_domain"

    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), primary_key=True)
    domain_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("service_domain.id"), primary_key=True)
    is_used: Mapped[bool]


class DutyAssignment(Base):
    """A person answers for a domain in a neighborhood, from a moment until another."""

    __tablename__ = "duty_assignment"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_duty_assignment_current",
            "neighborhood_id",
            "domain_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_duty_assignment_person_id", "person_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    domain_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("service_domain.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    assigned_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class Handover(Base):
    """A change of hands (交接单): what the one who leaves passes to the one who comes.  It never holds the end back."""

    __tablename__ = "handover"
    __table_args__ = (
        sa.CheckConstraint("to_person_id is null or to_person_id <> from_person_id", name="between_two"),
        sa.Index("ix_handover_unit_id", "unit_id"),
        sa.Index("ix_handover_from_person_id", "from_person_id"),
        sa.Index("ix_handover_to_person_id", "to_person_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    membership_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("membership.id"), unique=True)
    from_person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    to_person_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty until somebody is named."""
    reason: Mapped[EndReason] = mapped_column(by_value(EndReason, "handover_reason"))
    created_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    """When the last item was confirmed."""


class HandoverItem(Base):
    """One thing to pass on, derived from a row that exists."""

    __tablename__ = "handover_item"
    __table_args__ = (
        sa.CheckConstraint("(ticked_at is null) = (ticked_by_id is null)", name="ticked_by_somebody"),
        sa.CheckConstraint("(confirmed_at is null) = (confirmed_by_id is null)", name="confirmed_by_somebody"),
        sa.UniqueConstraint("handover_id", "subject_kind", "subject_id"),
    )

    id: Mapped[BigId]
    handover_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("handover.id"))
    place: Mapped[int]
    subject_kind: Mapped[Text32]
    subject_id: Mapped[BigRef]
    text: Mapped[Text128]
    """What it is, in plain words and without names of persons."""
    note: Mapped[Text255 | None]
    ticked_at: Mapped[dt.datetime | None]
    ticked_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    confirmed_at: Mapped[dt.datetime | None]
    confirmed_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))


class ConflictRule(Base):
    """Two things that one person should not be at once, and where: rows, with the reason they are kept apart."""

    __tablename__ = "conflict_rule"
    __table_args__ = (
        sa.CheckConstraint("within in ('neighborhood', 'building')", name="within_known"),
        sa.CheckConstraint("until is null or until > since", name="until_after_since"),
    )

    id: Mapped[BigId]
    code: Mapped[Text32] = mapped_column(unique=True)
    first: Mapped[Text32]
    """A role, or ``resident`` for who lives there."""
    second: Mapped[Text32]
    within: Mapped[Text32]
    """Both in the same neighborhood, or in the same building."""
    why: Mapped[Text255]
    """What it leads to and what to do, as the one who appoints reads it."""
    source: Mapped[Text255]
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]


class ConflictAcceptance(Base):
    """Somebody was appointed although a rule speaks against it; the written reason stays."""

    __tablename__ = "conflict_acceptance"
    __table_args__ = (sa.UniqueConstraint("membership_id", "rule_id"),)

    id: Mapped[BigId]
    membership_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("membership.id"))
    rule_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("conflict_rule.id"), index=True)
    reason: Mapped[Text255]
    accepted_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    accepted_at: Mapped[dt.datetime]
