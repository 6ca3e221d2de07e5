"""The party tree (街道党工委—社区党组织—网格党支部—楼栋党小组—党员中心户) beside the civil one, and where the two touch.

It is a tree of its own: a branch may span two grids, and a grid may have none.  Who is a member of the party is not kept.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text32, Text64, Text255


class PartyLevel(Base):
    """A level of the party tree.  Rows, because places have more or fewer than the usual five."""

    __tablename__ = "party_level"
    __table_args__ = (sa.CheckConstraint("rank > 0", name="rank_positive"),)

    id: Mapped[BigId]
    code: Mapped[Text32] = mapped_column(unique=True)
    name: Mapped[Text32]
    rank: Mapped[int] = mapped_column(unique=True)
    """A smaller rank stands above a larger one; levels may be left out."""
    covers_buildings: Mapped[bool]
    """Whether an organization of this level counts as the group of a building that it is linked to."""


class PartyOrg(Base):
    """One party organization, at present."""

    __tablename__ = "party_org"
    __table_args__ = (
        sa.CheckConstraint("closed_at is null or closed_at > starts_at", name="closed_after_start"),
        sa.Index(
            "uq_party_org_live_name",
            "parent_id",
            "name",
            unique=True,
            sqlite_where=sa.text("closed_at is null"),
            postgresql_where=sa.text("closed_at is null"),
        ),
        sa.Index("ix_party_org_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )

    id: Mapped[BigId]
    level_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("party_level.id"))
    parent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("party_org.id"))
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), index=True)
    """The civil node whose officers look after this organization: its scope."""
    name: Mapped[Text64]
    path: Mapped[Text255] = mapped_column(unique=True)
    starts_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]


class PartyPlacement(Base):
    """A party organization stood below another, from a moment until another."""

    __tablename__ = "party_placement"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_party_placement_open",
            "party_org_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.UniqueConstraint("party_org_id", "starts_at"),
    )

    id: Mapped[BigId]
    party_org_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("party_org.id"))
    parent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("party_org.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class PartyLink(Base):
    """A party organization works in a civil unit, or, as the leaf of the tree, is a household in a home."""

    __tablename__ = "party_link"
    __table_args__ = (
        sa.CheckConstraint("(unit_id is null) <> (home_id is null)", name="unit_or_home"),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_party_link_unit",
            "party_org_id",
            "unit_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index(
            "uq_party_link_home",
            "home_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_party_link_unit_id", "unit_id"),
    )

    id: Mapped[BigId]
    party_org_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("party_org.id"))
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"), index=True)
    """Of the unit or home; empty above neighborhoods."""
    unit_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("home.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
