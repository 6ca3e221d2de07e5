"""Content safety: what people wrote or photographed is checked before others see it."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text64, Text128, Text255


class ContentKind(enum.StrEnum):
    """What is checked."""

    TEXT = "text"
    IMAGE = "image"


class ContentSubject(enum.StrEnum):
    """Whose content it is: a ticket's own words, what was written later in its timeline, or a photo of it."""

    TICKET = "ticket"
    TICKET_EVENT = "ticket_event"
    PHOTO = "photo"


class ContentState(enum.StrEnum):
    """Where a check stands.  The moves between states are ``services.content.moves.MOVES``."""

    PENDING = "pending"
    PASSED = "passed"
    RISKY = "risky"
    """WeChat says no; a person has the last word."""
    REVIEW = "review"
    """WeChat could not say; a person has to look."""
    APPROVED = "approved"
    REFUSED = "refused"


SHOWN_STATES = frozenset({ContentState.PASSED, ContentState.APPROVED})
"""Neighbors see only what stands in one of these."""


class ContentCheck(Base):
    """The check of one text or photo.  The original is kept whatever comes of it."""

    __tablename__ = "content_check"
    __table_args__ = (
        sa.UniqueConstraint("subject_kind", "subject_id"),
        sa.CheckConstraint(
            "(state in ('approved', 'refused')) = (decided_by_id is not null)", name="people_decide_by_name"
        ),
        sa.CheckConstraint("(state = 'pending') = (settled_at is null)", name="settled"),
        sa.CheckConstraint("state <> 'refused' or reason is not null", name="refused_for_a_reason"),
        sa.CheckConstraint("(kind = 'image') = (subject_kind = 'photo')", name="photos_are_images"),
        sa.Index(
            "ix_content_check_to_review",
            "neighborhood_id",
            "id",
            sqlite_where=sa.text("state in ('risky', 'review')"),
            postgresql_where=sa.text("state in ('risky', 'review')"),
        ),
        sa.Index(
            "ix_content_check_pending",
            "created_at",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        ),
        sa.Index("ix_content_check_ticket_id", "ticket_id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("ticket.id"))
    subject_kind: Mapped[ContentSubject]
    subject_id: Mapped[BigRef]
    """Id of the ticket, the event or the file."""
    kind: Mapped[ContentKind]
    author_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    state: Mapped[ContentState]
    trace_id: Mapped[Text128 | None] = mapped_column(unique=True)
    """WeChat's name for the check, by which a result that comes later is known."""
    label: Mapped[int | None]
    """What WeChat found (小程序文档：文本内容安全识别): 20001 politics, 20002 pornography, and so on."""
    why: Mapped[Text64 | None]
    """Why a person has to look, as a code."""
    created_at: Mapped[dt.datetime]
    asked_at: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]
    decided_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[Text255 | None]
    """What the reviewer says to the author."""
