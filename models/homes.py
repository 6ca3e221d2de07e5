"""Homes, who lives in them, and the invitations by which a phone is bound to a person or a home."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text16, Text32, Text64


class ResidencyKind(enum.StrEnum):
    """What a person is to a home."""

    OWNER = "owner"
    CO_OWNER = "co_owner"
    FAMILY = "family"
    TENANT = "tenant"


class Home(Base):
    """One dwelling (房屋)."""

    __tablename__ = "home"
    __table_args__ = (
        sa.UniqueConstraint("neighborhood_id", "code"),
        sa.CheckConstraint("area_centi is null or area_centi > 0", name="area_positive"),
        sa.Index("ix_home_building_id", "building_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    building_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    stairwell_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    floor: Mapped[int | None]
    room: Mapped[Text16]
    code: Mapped[Text32]
    """Building-stairwell-room within the neighborhood: ``14-2-501``."""
    label: Mapped[Text64]
    """As people say it: 14号楼2单元501室."""
    area_centi: Mapped[int | None]
    """Exclusive area in 0.01 m²."""


class Residency(Base):
    """A person lives in or owns a home, from a day until another."""

    __tablename__ = "residency"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_residency_current",
            "home_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_residency_person_id", "person_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("home.id"))
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[ResidencyKind]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class Invitation(Base):
    """A code from the station.  It binds the phone that enters it to a registered person, to a home, or to both."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.CheckConstraint("person_id is not null or home_id is not null", name="invites_to_something"),
        sa.CheckConstraint("(home_id is null) = (kind is null)", name="kind_goes_with_home"),
        sa.CheckConstraint("(used_at is null) = (used_by_id is null)", name="used_by_somebody"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), index=True)
    person_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    home_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("home.id"))
    kind: Mapped[ResidencyKind | None]
    code_hash: Mapped[Text64] = mapped_column(unique=True)
    created_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: the operator's command line."""
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    used_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("wechat_account.id"))
