"""The audit trail: who did or looked at what, in which hat, for whom and why.  Append-only: the database refuses the rest.

Domains with a history of their own (``ticket_event``) keep theirs; this one is for what concerns persons and rights.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Json, Text32, Text64, Text255


class AuditEntry(Base):
    """One act.  ``detail`` holds ids, codes and old and new values; never names, phones or other personal words."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index("ix_audit_entry_about_person_id_id", "about_person_id", "id"),
        sa.Index("ix_audit_entry_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_audit_entry_subject_kind_subject_id_id", "subject_kind", "subject_id", "id"),
        sa.Index(
            "ix_audit_entry_agent_id_at",
            "agent_id",
            "at",
            sqlite_where=sa.text("agent_id is not null"),
            postgresql_where=sa.text("agent_id is not null"),
        ),
    )

    id: Mapped[BigId]
    at: Mapped[dt.datetime]
    action: Mapped[Text64]
    """``subject.verb`` in the past tense: ``residency.approved``, ``person.revealed``."""
    actor_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """In whose right it was done; empty: the operator's command line, or the clock."""
    agent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who did it with their own hands, when acting for the actor."""
    role: Mapped[Text32 | None]
    membership_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("membership.id"))
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    subject_kind: Mapped[Text32]
    subject_id: Mapped[BigRef]
    about_person_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Whose data it was: the person who can read this row."""
    purpose: Mapped[Text255 | None]
    detail: Mapped[Json]


class AuditSeal(Base):
    """Chains the audit trail: each hash covers one entry and the hash before it.

    Written behind the entries by a job, so that nobody who acts waits for the one before.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (sa.CheckConstraint("position > 0", name="counted_from_one"),)

    position: Mapped[BigId]
    """Without gaps, in the order in which entries were found."""
    entry_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("audit_entry.id"), unique=True)
    hash: Mapped[Text64]


class AuditHead(Base):
    """The end of the chain on a day, published: who wrote it down can tell later whether the trail is the same."""

    __tablename__ = "audit_head"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    """Asia/Shanghai."""
    position: Mapped[BigRef]
    hash: Mapped[Text64]
    published_at: Mapped[dt.datetime]
