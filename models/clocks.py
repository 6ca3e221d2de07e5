"""How long the steps of a ticket may take, and which days do not count."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import PauseReason, Urgency
from models.types import BigId, BigRef, Text255


class ClockMode(enum.StrEnum):
    """Whether a clock also runs on days off."""

    ELAPSED = "elapsed"
    WORKING_DAYS = "working_days"
    """Day and night of working days."""
    WORKING_HOURS = "working_hours"
    """The station's hours of working days."""


class ClockRule(Base):
    """How long each step may take at one urgency.  The most special row in force counts."""

    __tablename__ = "clock_rule"
    __table_args__ = (
        sa.CheckConstraint(
            "answer_minutes > 0 and arrive_minutes > 0 and done_minutes > 0"
            " and (safe_minutes is null or safe_minutes > 0)",
            name="periods_positive",
        ),
        sa.CheckConstraint("until is null or until > since", name="until_after_since"),
        sa.Index("ix_clock_rule_urgency", "urgency", "neighborhood_id", "category_id"),
    )

    id: Mapped[BigId]
    urgency: Mapped[Urgency]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    category_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("ticket_category.id"))
    """Empty: for all categories."""
    mode: Mapped[ClockMode]
    answer_minutes: Mapped[int]
    arrive_minutes: Mapped[int]
    safe_minutes: Mapped[int | None]
    done_minutes: Mapped[int]
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]
    source: Mapped[Text255]


class StationHours(Base):
    """When a station is open on working days.  The neighborhood's own row in force counts, else the general one."""

    __tablename__ = "station_hours"
    __table_args__ = (
        sa.CheckConstraint(
            "opens_minute >= 0 and closes_minute > opens_minute and closes_minute <= 1440",
            name="opens_before_it_closes",
        ),
        sa.CheckConstraint("until is null or until > since", name="until_after_since"),
        sa.Index("ix_station_hours_neighborhood_id", "neighborhood_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    opens_minute: Mapped[int]
    """Minutes after midnight, Asia/Shanghai."""
    closes_minute: Mapped[int]
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]
    source: Mapped[Text255]


class HoldRule(Base):
    """How long work may stand still for a reason, in days of the calendar, all holds of a repair together."""

    __tablename__ = "hold_rule"
    __table_args__ = (
        sa.CheckConstraint("days > 0", name="days_positive"),
        sa.CheckConstraint("until is null or until > since", name="until_after_since"),
        sa.Index("ix_hold_rule_reason", "reason", "neighborhood_id"),
    )

    id: Mapped[BigId]
    reason: Mapped[PauseReason]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    """Empty: for all neighborhoods."""
    days: Mapped[int]
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]
    source: Mapped[Text255]


class CalendarOverride(Base):
    """A day that works otherwise than the public calendar says."""

    __tablename__ = "calendar_override"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    source: Mapped[Text255]
