"""How long the steps of a ticket may take, and which days do not count."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.tickets.kinds import Urgency
from models.types import BigId, BigRef, Text255


class ClockMode(enum.StrEnum):
    """Whether a clock also runs on days off."""

    ELAPSED = "elapsed"
    WORKING_DAYS = "working_days"


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


class CalendarOverride(Base):
    """A day that works otherwise than the public calendar says."""

    __tablename__ = "calendar_override"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    source: Mapped[Text255]
