"""How long things are kept: rules as rows, and what each run of the rules removed."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text32, Text255


class RetentionAction(enum.StrEnum):
    """What happens when the time is over."""

    DELETE = "delete"
    PSEUDONYMISE = "pseudonymise"
    """The row stays for the statistics, without the person."""
    RESTRICT = "restrict"
    """Only kept, no longer used (PIPL 47 II)."""


class RetentionRule(Base):
    """How long one kind of rows is kept, and what happens then."""

    __tablename__ = "retention_rule"
    __table_args__ = (
        sa.CheckConstraint("keep_days > 0", name="keep_days_positive"),
        sa.CheckConstraint("until is null or until > since", name="until_after_since"),
        sa.Index(
            "uq_retention_rule_open",
            "subject",
            unique=True,
            sqlite_where=sa.text("until is null"),
            postgresql_where=sa.text("until is null"),
        ),
    )

    id: Mapped[BigId]
    subject: Mapped[Text32]
    """Which rows: a key of ``services.privacy.retention.KEPT``."""
    action: Mapped[RetentionAction]
    keep_days: Mapped[int]
    since: Mapped[dt.date]
    until: Mapped[dt.date | None]
    source: Mapped[Text255]


class RetentionRun(Base):
    """What a rule did on a day: the report that something was removed, when and by which rule."""

    __tablename__ = "retention_run"
    __table_args__ = (
        sa.UniqueConstraint("rule_id", "day"),
        sa.CheckConstraint("changed > 0", name="changed_something"),
    )

    id: Mapped[BigId]
    rule_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("retention_rule.id"))
    day: Mapped[dt.date]
    changed: Mapped[int]
    oldest_kept_from: Mapped[dt.datetime]
    """Rows from before this moment were due."""
