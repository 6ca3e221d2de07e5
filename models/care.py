"""Key households (重点户): people who live alone, are ill or in need.  Known only to named persons, and not for ever.

It is the most delicate list of a neighborhood, so a role opens nothing here: each entry names who may know of it.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Cipher, Text32, Text128, Text255


class CareKind(Base):
    """Why a household is looked after (独居、残疾、军属、困难…): rows, because places name them differently."""

    __tablename__ = "care_kind"

    code: Mapped[Text32] = mapped_column(primary_key=True)
    name: Mapped[Text32]
    needs_consent: Mapped[bool]
    """Health and hardship are sensitive: separate consent (PIPL 28-29).  Otherwise a duty by law is enough."""
    place: Mapped[int]
    """Order in lists."""
    ends_at: Mapped[dt.datetime | None]


class CareEntry(Base):
    """One person in one home who is looked after, until a day."""

    __tablename__ = "care_entry"
    __table_args__ = (
        sa.CheckConstraint("expires_on > opened_on", name="expires_later"),
        sa.CheckConstraint("(closed_at is null) = (closed_why is null)", name="closed_for_a_reason"),
        sa.Index(
            "uq_care_entry_open",
            "person_id",
            "kind_code",
            unique=True,
            sqlite_where=sa.text("closed_at is null"),
            postgresql_where=sa.text("closed_at is null"),
        ),
        sa.Index("ix_care_entry_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_care_entry_person_id", "person_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("home.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    kind_code: Mapped[Text32] = mapped_column(sa.ForeignKey("care_kind.code"))
    reason_sealed: Mapped[Cipher]
    consent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("consent.id"))
    """The consent it rests on, where one is needed."""
    opened_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    opened_on: Mapped[dt.date]
    expires_on: Mapped[dt.date]
    """The first day on which nobody sees it any more, unless it was looked at anew and prolonged."""
    closed_at: Mapped[dt.datetime | None]
    closed_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    closed_why: Mapped[Text128 | None]


class CareKnower(Base):
    """Somebody who may know of an entry: a named person, never a role, and until a day."""

    __tablename__ = "care_knower"
    __table_args__ = (
        sa.CheckConstraint("ends_on > starts_on", name="ends_later"),
        sa.Index(
            "uq_care_knower_open",
            "entry_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("withdrawn_at is null"),
            postgresql_where=sa.text("withdrawn_at is null"),
        ),
        sa.Index("ix_care_knower_person_id", "person_id"),
    )

    id: Mapped[BigId]
    entry_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("care_entry.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    given_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    why: Mapped[Text255]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))


class CareVisit(Base):
    """Somebody who may know went there, for a purpose.  Never changed, never deleted but with the person's data."""

    __tablename__ = "care_visit"
    __table_args__ = (sa.Index("ix_care_visit_entry_id_id", "entry_id", "id"),)

    id: Mapped[BigId]
    entry_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("care_entry.id"))
    visitor_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"), index=True)
    visited_at: Mapped[dt.datetime]
    purpose: Mapped[Text128]
    note_sealed: Mapped[Cipher | None]
    written_at: Mapped[dt.datetime]
