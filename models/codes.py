"""Codes to scan (扫一扫): what hangs on a wall, where it leads, and by which ways WeChat opens it.

A code says nothing: its token is random, and only the row knows which place it stands for.
"""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text32, Text255


class SpotKind(enum.StrEnum):
    """A common place with a name of its own (公共地方), or a point that rounds are checked in at (巡查点)."""

    COMMON = "common"
    CHECKPOINT = "checkpoint"


class CodeEnd(enum.StrEnum):
    """Why a code counts no more."""

    LOST = "lost"
    """Torn off, weathered, painted over."""
    MOVED = "moved"
    """Hangs where it should not, or its place is gone."""
    MISUSED = "misused"
    """Somebody copied it to lead people astray."""


class WayKind(enum.StrEnum):
    """A way into the mini-program: the picture of a code, a link for texts and browsers, a scheme for pages."""

    IMAGE = "image"
    LINK = "link"
    SCHEME = "scheme"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


class Spot(Base):
    """A place that is no unit of the tree: 东大门, 水泵房, 健身器材.  It belongs to a building or to the neighborhood."""

    __tablename__ = "spot"
    __table_args__ = (
        sa.CheckConstraint("closed_at is null or closed_at >= created_at", name="closed_after_start"),
        sa.Index("uq_spot_name", "unit_id", "name", unique=True, **_where("closed_at is null")),
        sa.Index("ix_spot_neighborhood_id", "neighborhood_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    kind: Mapped[SpotKind]
    name: Mapped[Text32]
    created_at: Mapped[dt.datetime]
    created_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    closed_at: Mapped[dt.datetime | None]


class ScanCode(Base):
    """One code.  It stands for a unit, for a spot in it, or for a ticket; one counts at a time."""

    __tablename__ = "scan_code"
    __table_args__ = (
        sa.CheckConstraint("spot_id is null or ticket_id is null", name="one_target"),
        sa.CheckConstraint("(ticket_id is null) = (number is not null)", name="places_have_numbers"),
        sa.CheckConstraint("length(token) = 22", name="token_whole"),
        sa.CheckConstraint("(revoked_at is null) = (revoked_why is null)", name="revoked_for_a_reason"),
        sa.CheckConstraint("revoked_by_id is null or revoked_at is not null", name="revoked_by_somebody"),
        sa.CheckConstraint("replaced_by_id is null or revoked_at is not null", name="replaced_is_revoked"),
        sa.CheckConstraint("replaced_by_id <> id", name="replaced_by_another"),
        sa.Index(
            "uq_scan_code_unit",
            "unit_id",
            unique=True,
            **_where("spot_id is null and ticket_id is null and revoked_at is null"),
        ),
        sa.Index("uq_scan_code_spot", "spot_id", unique=True, **_where("spot_id is not null and revoked_at is null")),
        sa.Index(
            "uq_scan_code_ticket", "ticket_id", unique=True, **_where("ticket_id is not null and revoked_at is null")
        ),
        sa.Index("uq_scan_code_number", "neighborhood_id", "number", unique=True, **_where("revoked_at is null")),
        sa.Index("ix_scan_code_neighborhood_id_id", "neighborhood_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    token: Mapped[Text32] = mapped_column(unique=True)
    """22 random letters and digits: what the code says."""
    number: Mapped[int | None]
    """Short, for the phone: the last digit checks the others.  A code that replaces another keeps the number."""
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    """The building, stairwell or neighborhood it stands for, or in which the spot or the ticket is."""
    spot_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("spot.id"))
    ticket_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("ticket.id"))
    made_at: Mapped[dt.datetime]
    made_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: the operator's command line."""
    wanted_at: Mapped[dt.datetime]
    """When it was made, or last scanned or opened (to the day): links are renewed only for what is still in use."""
    revoked_at: Mapped[dt.datetime | None]
    revoked_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    revoked_why: Mapped[CodeEnd | None]
    replaced_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("scan_code.id"))


class CodeWay(Base):
    """One way of one code into the mini-program, once WeChat has made it."""

    __tablename__ = "code_way"
    __table_args__ = (
        sa.CheckConstraint("(value is null) = (made_at is null)", name="made_at_some_time"),
        sa.CheckConstraint(
            "(kind = 'image' and ends_at is null) or (kind <> 'image' and (ends_at is null) = (value is null))",
            name="links_end_pictures_do_not",
        ),
        sa.Index("ix_code_way_asked_at", "asked_at", "code_id"),
    )

    code_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("scan_code.id"), primary_key=True)
    kind: Mapped[WayKind] = mapped_column(primary_key=True)
    value: Mapped[Text255 | None]
    """The address, or where the file store keeps the picture."""
    made_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]
    asked_at: Mapped[dt.datetime]
    """When WeChat was last asked to make it."""


class CodeCounter(Base):
    """The last serial given out in a neighborhood."""

    __tablename__ = "code_counter"

    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), primary_key=True)
    last: Mapped[int]
