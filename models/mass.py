"""Mass messages to customer groups of WeCom: prepared by our server, sent when a member of the company confirms."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text64, Text128, Text255

UNDER_WAY = "'prepared', 'waiting'"


class MassState(enum.StrEnum):
    """Where a message stands; ``services.groups.mass_moves`` says what follows what."""

    PREPARED = "prepared"
    """Written here, not at WeCom yet."""
    WAITING = "waiting"
    """At WeCom; a member has to confirm it."""
    SENT = "sent"
    PARTLY = "partly"
    """Some of the groups have it, others never will."""
    EXPIRED = "expired"
    """Nobody confirmed it in time."""
    FAILED = "failed"


class TargetState(enum.StrEnum):
    """What became of a message in one group."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class MassMessage(Base):
    """A message to the WeChat groups of a neighborhood that are customer groups of the company.

    ``sender`` is the WeCom account of who has to confirm; it is forgotten when the message is over.
    """

    __tablename__ = "mass_message"
    __table_args__ = (
        sa.CheckConstraint(f"(state in ({UNDER_WAY})) = (ended_at is null)", name="ended"),
        sa.CheckConstraint(f"(state in ({UNDER_WAY})) = (sender is not null)", name="sender_until_it_ends"),
        sa.CheckConstraint("state <> 'prepared' or msgid is null", name="prepared_here_only"),
        sa.CheckConstraint("state not in ('waiting', 'sent', 'partly') or msgid is not null", name="known_at_wecom"),
        sa.CheckConstraint("reminders between 0 and 3", name="three_reminders"),
        sa.Index("ix_mass_message_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_mass_message_state", "state"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    confirmer_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who wrote and has to confirm it; nobody known when an operator did at the command line."""
    sender: Mapped[Text64 | None]
    text: Mapped[str] = mapped_column(sa.Text)
    page: Mapped[Text255]
    """The page of the mini-program that its card opens; empty for no card."""
    state: Mapped[MassState]
    msgid: Mapped[Text128 | None] = mapped_column(unique=True)
    """WeCom's name for it."""
    error: Mapped[Text64 | None]
    """The stable code of what WeCom refused."""
    reminders: Mapped[int]
    prepared_at: Mapped[dt.datetime]
    looked_at: Mapped[dt.datetime | None]
    """When WeCom was last asked what became of it."""
    ended_at: Mapped[dt.datetime | None]


class MassTarget(Base):
    """One group that a mass message goes to."""

    __tablename__ = "mass_target"
    __table_args__ = (
        sa.CheckConstraint("state <> 'sent' or wecom_chat_id is not null", name="sent_to_a_known_group"),
        sa.UniqueConstraint("message_id", "chat_id"),
        sa.Index("ix_mass_target_chat_id", "chat_id"),
    )

    id: Mapped[BigId]
    message_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("mass_message.id"))
    chat_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("chat_binding.id"))
    wecom_chat_id: Mapped[Text128 | None]
    state: Mapped[TargetState]
