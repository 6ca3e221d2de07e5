"""What WeChat told us and what we asked of it: pushes, phone look-ups, how each channel does."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, Cipher, Text16, Text32, Text64, Text128, Text255


class PushState(enum.StrEnum):
    """Where a push stands.  It was answered before any of this."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    """Of a kind that we do nothing about."""
    FAILED = "failed"


class PushEvent(Base):
    """One push of WeChat, kept so that a repeat is known as one, whoever was restarted in between."""

    __tablename__ = "push_event"
    __table_args__ = (
        sa.CheckConstraint("(state = 'waiting') = (handled_at is null)", name="handled_at_some_time"),
        sa.CheckConstraint("state <> 'waiting' or payload_sealed is not null", name="waiting_has_its_payload"),
        sa.Index("ix_push_event_received_at", "received_at"),
    )

    id: Mapped[BigId]
    key: Mapped[Text128] = mapped_column(unique=True)
    """Keyed hash of what makes a push that push: sender, moment, event and the ids in it."""
    event: Mapped[Text64]
    payload_sealed: Mapped[Cipher | None]
    """The push itself; emptied as soon as it has been dealt with."""
    state: Mapped[PushState]
    received_at: Mapped[dt.datetime]
    handled_at: Mapped[dt.datetime | None]
    outcome: Mapped[Text64 | None]
    """What came of it, as a code."""


class PhoneLookups(Base):
    """How many phone numbers were asked of WeChat in a month: each costs money."""

    __tablename__ = "phone_lookups"
    __table_args__ = (sa.CheckConstraint("used >= 0 and got >= 0 and got <= used", name="counted"),)

    appid: Mapped[Text32] = mapped_column(primary_key=True)
    month: Mapped[Text16] = mapped_column(primary_key=True)
    """The month in Beijing: 2026-11."""
    used: Mapped[int]
    got: Mapped[int]
    """Those that gave a number, which are the ones WeChat charges for."""


class ChannelHealth(Base):
    """When something last went out through a channel, and since when nothing does."""

    __tablename__ = "channel_health"

    channel: Mapped[Text32] = mapped_column(primary_key=True)
    last_ok_at: Mapped[dt.datetime | None]
    last_failed_at: Mapped[dt.datetime | None]
    failing_since: Mapped[dt.datetime | None]
    """The first failure after the last success; empty while all is well."""
    last_error: Mapped[Text255 | None]
