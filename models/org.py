"""The organisation: a tree of places, and who holds which role at which node.

A role counts at its node and everywhere below it.  ``path`` spells the way from the root (``/1/4/9/``), so "below"
is a prefix test, the same in Python and in SQL.
"""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text16, Text64, Text255


class UnitKind(enum.StrEnum):
    """Levels of the civil tree, top down.  A tree may leave levels out."""

    CITY = "city"
    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    NEIGHBORHOOD = "neighborhood"
    GRID = "grid"
    BUILDING = "building"
    STAIRWELL = "stairwell"


class Role(enum.StrEnum):
    """What a person can be at a node of the tree.  ``RESIDENT`` comes from a residency, the others from a membership."""

    RESIDENT = "resident"
    REPAIRER = "repairer"
    STATION_CLERK = "station_clerk"
    STATION_MANAGER = "station_manager"
    GRID_LEADER = "grid_leader"
    COMMUNITY_OFFICER = "community_officer"
    SUBDISTRICT_OFFICER = "subdistrict_officer"
    DISTRICT_OFFICER = "district_officer"


class OrgUnit(Base):
    """One node of the tree: from a district down to a stairwell."""

    __tablename__ = "org_unit"
    __table_args__ = (
        sa.UniqueConstraint("parent_id", "name"),
        sa.CheckConstraint(
            "(kind in ('city', 'district', 'subdistrict', 'community')) = (neighborhood_id is null)",
            name="neighborhood_from_its_level_down",
        ),
        sa.CheckConstraint("(kind = 'neighborhood') = (code is not null)", name="code_of_a_neighborhood"),
        sa.Index("ix_org_unit_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
        sa.Index("ix_org_unit_neighborhood_id_kind", "neighborhood_id", "kind"),
    )

    id: Mapped[BigId]
    parent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    kind: Mapped[UnitKind]
    name: Mapped[Text64]
    code: Mapped[Text16 | None] = mapped_column(unique=True)
    """Short code of a neighborhood, the beginning of its ticket numbers: ``BX-CJ``."""
    path: Mapped[Text255] = mapped_column(unique=True)
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """The neighborhood at or above this node (itself, for a neighborhood): the tenant key of every row below."""


class Membership(Base):
    """A person holds a role at a node, from a day until another."""

    __tablename__ = "membership"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("role <> 'resident'", name="residents_have_residencies"),
        sa.Index(
            "uq_membership_current",
            "person_id",
            "unit_id",
            "role",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_membership_unit_id_role", "unit_id", "role"),
    )

    id: Mapped[BigId]
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    role: Mapped[Role]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
