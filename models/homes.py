"""Homes: where they are, how large, what for, under which names.  Who lives in them: ``models.residencies``."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text16, Text32, Text64, by_value


class HomeUse(enum.StrEnum):
    """What a home is used for: 住宅, 商铺, 办公, 仓储, 公用."""

    DWELLING = "dwelling"
    SHOP = "shop"
    OFFICE = "office"
    STORAGE = "storage"
    PUBLIC = "public"


class HomeStatus(enum.StrEnum):
    """Whether a home is still there by itself."""

    IN_USE = "in_use"
    MERGED = "merged"
    DEMOLISHED = "demolished"


class AreaBasis(enum.StrEnum):
    """What an area rests on, the strongest first (区分所有权解释 第八条); a resident's own word is the weakest."""

    REGISTERED = "registered"
    SURVEYED = "surveyed"
    CONTRACT = "contract"
    SELF_DECLARED = "self_declared"


class AliasSource(enum.StrEnum):
    """Where another name of a home comes from."""

    STATION = "station"
    IMPORT = "import"
    RENAMED = "renamed"


class AssetKind(enum.StrEnum):
    """What goes with homes without being one: shed (仓房), garage (车库), parking space (车位)."""

    SHED = "shed"
    GARAGE = "garage"
    PARKING_SPACE = "parking_space"


EVER = dt.date(1900, 1, 1)
"""A use or an area that starts here counts since before anything was written down."""


class Home(Base):
    """One exclusive part (房屋): a dwelling or a shop."""

    __tablename__ = "home"
    __table_args__ = (
        sa.UniqueConstraint("neighborhood_id", "code"),
        # For the keys of what belongs to a home: its neighborhood, copied there, is that of the home.
        sa.Index("uq_home_id_neighborhood_id", "id", "neighborhood_id", unique=True),
        sa.CheckConstraint("area_centi is null or area_centi > 0", name="area_positive"),
        sa.CheckConstraint("(status = 'merged') = (merged_into_id is not null)", name="merged_into_a_home"),
        sa.CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        sa.Index("ix_home_building_id", "building_id"),
        sa.Index(
            "ix_home_merged_into_id",
            "merged_into_id",
            sqlite_where=sa.text("merged_into_id is not null"),
            postgresql_where=sa.text("merged_into_id is not null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    building_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    stairwell_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty in rows of one-storey houses (平房) and for shops with a door of their own."""
    floor: Mapped[int | None]
    room: Mapped[Text16]
    """Canonical, as in the code: ``501``, ``5号``, ``门市3``."""
    code: Mapped[Text32]
    """Building-stairwell-room within the neighborhood, ``14-2-501``: see ``services.homes.addressing``."""
    label: Mapped[Text64]
    """As people say it: 14号楼2单元501室."""
    area_centi: Mapped[int | None]
    """Exclusive area in 0.01 m², at present; ``HomeArea`` knows what it was."""
    use: Mapped[HomeUse] = mapped_column(server_default=HomeUse.DWELLING.value)
    """At present; ``HomeUsePeriod`` knows what it was."""
    status: Mapped[HomeStatus] = mapped_column(server_default=HomeStatus.IN_USE.value)
    merged_into_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("home.id"))


class HomeArea(Base):
    """A home's exclusive area, from a day until another (Asia/Shanghai), and what says so.  Old bills keep theirs.

    ``voided_at`` marks a slip of the pen that was put right: it never counted.
    """

    __tablename__ = "home_area"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["home_id", "neighborhood_id"], ["home.id", "home.neighborhood_id"], ondelete="CASCADE"
        ),
        sa.CheckConstraint("area_centi > 0", name="area_positive"),
        sa.CheckConstraint("ends_on is null or ends_on > starts_on", name="ends_after_start"),
        sa.CheckConstraint(
            "document_kind is not null or (document_number is null and document_date is null)", name="document_has_kind"
        ),
        sa.Index(
            "uq_home_area_open",
            "home_id",
            unique=True,
            sqlite_where=sa.text("ends_on is null and voided_at is null"),
            postgresql_where=sa.text("ends_on is null and voided_at is null"),
        ),
        sa.Index(
            "uq_home_area_start",
            "home_id",
            "starts_on",
            unique=True,
            sqlite_where=sa.text("voided_at is null"),
            postgresql_where=sa.text("voided_at is null"),
        ),
        sa.Index("ix_home_area_neighborhood_id", "neighborhood_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef]
    home_id: Mapped[BigRef]
    area_centi: Mapped[int]
    basis: Mapped[AreaBasis]
    document_kind: Mapped[Text32 | None]
    """As people call it: 不动产权证, 房产证, 测绘报告, 购房合同, 回迁协议."""
    document_number: Mapped[Text64 | None]
    document_date: Mapped[dt.date | None]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    """The first day on which it no longer counts."""
    voided_at: Mapped[dt.datetime | None]
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: the operator's command line."""


class HomeUsePeriod(Base):
    """What a home was used for, from a day until another (Asia/Shanghai).  The database writes the first one itself."""

    __tablename__ = "home_use_period"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["home_id", "neighborhood_id"], ["home.id", "home.neighborhood_id"], ondelete="CASCADE"
        ),
        sa.CheckConstraint("ends_on is null or ends_on > starts_on", name="ends_after_start"),
        sa.Index(
            "uq_home_use_period_open",
            "home_id",
            unique=True,
            sqlite_where=sa.text("ends_on is null and voided_at is null"),
            postgresql_where=sa.text("ends_on is null and voided_at is null"),
        ),
        sa.Index(
            "uq_home_use_period_start",
            "home_id",
            "starts_on",
            unique=True,
            sqlite_where=sa.text("voided_at is null"),
            postgresql_where=sa.text("voided_at is null"),
        ),
        sa.Index("ix_home_use_period_neighborhood_id", "neighborhood_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef]
    home_id: Mapped[BigRef]
    use: Mapped[HomeUse] = mapped_column(by_value(HomeUse, "period_use"))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    voided_at: Mapped[dt.datetime | None]


class HomeAlias(Base):
    """Another name under which people know a home: a number from before, 老锅炉房, 王家小卖部.

    One name means one home: it is unique within the neighborhood while it is in use.
    """

    __tablename__ = "home_alias"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["home_id", "neighborhood_id"], ["home.id", "home.neighborhood_id"], ondelete="CASCADE"
        ),
        sa.CheckConstraint("ends_at is null or ends_at >= created_at", name="ends_after_start"),
        sa.Index(
            "uq_home_alias_key",
            "neighborhood_id",
            "key",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_home_alias_home_id", "home_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef]
    home_id: Mapped[BigRef]
    key: Mapped[Text64]
    """The canonical code that the text spells, or the folded text: ``services.homes.aliases.key_of``."""
    raw: Mapped[Text64]
    """As it was given."""
    source: Mapped[AliasSource]
    created_at: Mapped[dt.datetime]
    created_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    ends_at: Mapped[dt.datetime | None]


class Asset(Base):
    """A shed, garage or parking space.  It belongs to a home, or to nobody in particular."""

    __tablename__ = "asset"
    __table_args__ = (
        sa.CheckConstraint("area_centi is null or area_centi > 0", name="area_positive"),
        sa.CheckConstraint("ends_at is null or ends_at >= created_at", name="ends_after_start"),
        sa.Index(
            "uq_asset_code",
            "neighborhood_id",
            "code",
            unique=True,
            sqlite_where=sa.text("ends_at is null"),
            postgresql_where=sa.text("ends_at is null"),
        ),
        sa.Index("ix_asset_home_id", "home_id"),
        sa.Index("ix_asset_building_id", "building_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    building_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("home.id"))
    kind: Mapped[AssetKind]
    code: Mapped[Text32]
    """``14-仓房3``, ``车位A12``."""
    area_centi: Mapped[int | None]
    """In 0.01 m²."""
    created_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    """When it was torn down, or turned out not to be there."""
