"""The civil tree: places from a city down to a stairwell, and where each of them stood when.

``OrgUnit`` is the present.  ``UnitPlacement`` keeps every place a unit ever had, so that a report on last year is counted
in last year's tree; the database opens the first placement itself when a unit is written.  ``path`` spells the present way
from the root (``/1/4/9/``), so "below" is a prefix test, the same in Python and in SQL.
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


class OrgUnit(Base):
    """One node of the tree: from a district down to a stairwell."""

    __tablename__ = "org_unit"
    __table_args__ = (
        sa.CheckConstraint(
            "(kind in ('city', 'district', 'subdistrict', 'community')) = (neighborhood_id is null)",
            name="neighborhood_from_its_level_down",
        ),
        sa.CheckConstraint("(kind = 'neighborhood') = (code is not null)", name="code_of_a_neighborhood"),
        sa.CheckConstraint("closed_at is null or closed_at > starts_at", name="closed_after_start"),
        sa.Index(
            "uq_org_unit_live_name",
            "parent_id",
            "name",
            unique=True,
            sqlite_where=sa.text("closed_at is null"),
            postgresql_where=sa.text("closed_at is null"),
        ),
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
    starts_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    """A closed unit keeps its row, its last parent and its path: old tickets and reports point to it."""


class UnitPlacement(Base):
    """A unit stood below a parent, from a moment until another.  The open one says the same as ``OrgUnit.parent_id``."""

    __tablename__ = "unit_placement"
    __table_args__ = (
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        sa.Index(
            "uq_unit_placement_open",
            "unit_id",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.UniqueConstraint("unit_id", "starts_at"),
        sa.Index("ix_unit_placement_parent_id", "parent_id"),
    )

    id: Mapped[BigId]
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    parent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]


class FormerUnitName(Base):
    """What a unit was called before: old people and old papers still say it."""

    __tablename__ = "former_unit_name"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.UniqueConstraint("unit_id", "ends_at"),
        sa.Index("ix_former_unit_name_name", "name"),
    )

    id: Mapped[BigId]
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    name: Mapped[Text64]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
