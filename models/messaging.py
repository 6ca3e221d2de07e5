"""Messages: what is waiting to go out, what people find in their inbox, what they allowed us to send."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Cipher, Json, Text64, Text128, Text255, Text2000


class Channel(enum.StrEnum):
    """Which loop of the worker handles a row.  Each has its own threads, so that one that hangs holds up no other."""

    EVENT = "event"
    """Something happened; ``services.deliveries`` decides who hears of it."""
    SUBSCRIBE = "subscribe"
    ROBOT = "robot"
    PUSH = "push"
    """WeChat told us something; ``services.pushes`` acts on it."""
    CHECK = "check"
    """Words or a photo wait for WeChat's content check."""
    FILE = "file"
    """The bytes of a photo are no longer needed."""
    PAY = "pay"
    """WeChat Pay is asked: what became of an order or a refund, to close one, to pay back, for a bill."""
    CARD = "card"
    """A card in a WeChat group shows other numbers."""
    MASS = "mass"
    """A message to customer groups of WeCom is prepared, reminded of, looked after."""
    SHIPPING = "shipping"
    """WeChat is told that what was paid for was given."""
    CODE = "code"
    """A code waits for its picture or its link."""


class OutboxState(enum.StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    """The person did not subscribe, or the robot is gone: final, and no fault of ours."""
    FAILED = "failed"
    """Given up: somebody has to look."""


ROBOT_QUEUE = "channel = 'robot' and state in ('waiting', 'sending')"


class OutboxMessage(Base):
    """One thing to do outside the database, written with the change that causes it."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.CheckConstraint("(state = 'sending') = (leased_until is not null)", name="sending_has_a_lease"),
        sa.CheckConstraint("(state in ('sent', 'refused', 'failed')) = (settled_at is not null)", name="settled"),
        sa.Index(
            "ix_outbox_message_due",
            "channel",
            "due_at",
            "id",
            sqlite_where=sa.text("state in ('waiting', 'sending')"),
            postgresql_where=sa.text("state in ('waiting', 'sending')"),
        ),
        sa.Index(
            "ix_outbox_message_sending",
            "channel",
            "subject_id",
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        ),
        sa.Index(
            "ix_outbox_message_robot_queue",
            "subject_id",
            "id",
            sqlite_where=sa.text(ROBOT_QUEUE),
            postgresql_where=sa.text(ROBOT_QUEUE),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    channel: Mapped[Channel]
    topic: Mapped[Text64]
    subject_id: Mapped[BigRef | None]
    """Id of what the topic is about: for ``ticket.event`` the event."""
    payload: Mapped[Json]
    dedupe_key: Mapped[Text128] = mapped_column(unique=True)
    state: Mapped[OutboxState]
    attempts: Mapped[int]
    due_at: Mapped[dt.datetime]
    leased_until: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]
    last_error: Mapped[Text255 | None]
    created_at: Mapped[dt.datetime]


class InboxItem(Base):
    """One message in a person's inbox: the rung of the ladder that always works."""

    __tablename__ = "inbox_item"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "dedupe_key"),
        sa.Index("ix_inbox_item_person_id_id", "person_id", "id"),
        sa.Index(
            "ix_inbox_item_unread",
            "person_id",
            sqlite_where=sa.text("read_at is null"),
            postgresql_where=sa.text("read_at is null"),
        ),
    )

    id: Mapped[BigId]
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    ticket_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("ticket.id"))
    title: Mapped[Text64]
    body: Mapped[Text2000]
    page: Mapped[Text255 | None]
    """The page of the mini-program that a tap opens, where it is not the ticket's."""
    dedupe_key: Mapped[Text128]
    created_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]


class SubscriptionGrant(Base):
    """How many messages of one kind an account still lets us send."""

    __tablename__ = "subscription_grant"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "kind"),
        sa.CheckConstraint("remaining >= 0", name="remaining_not_negative"),
    )

    id: Mapped[BigId]
    account_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("wechat_account.id"))
    kind: Mapped[Text64]
    remaining: Mapped[int]
    updated_at: Mapped[dt.datetime]


class GrantReason(enum.StrEnum):
    """Why the number of messages that an account lets us send has changed."""

    OPENING = "opening"
    """What was there when the book was opened."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SENT = "sent"
    NO_RIGHT = "no_right"
    """WeChat says there is none left (43101)."""
    SWITCHED_OFF = "switched_off"
    """The person switched the template off in the settings of WeChat."""
    UNBOUND = "unbound"


class GrantSource(enum.StrEnum):
    """Who said so."""

    CLIENT = "client"
    WECHAT = "wechat"
    US = "us"


class GrantEvent(Base):
    """One line of the book of grants.  ``subscription_grant.remaining`` is the sum of its changes."""

    __tablename__ = "grant_event"
    __table_args__ = (
        sa.Index("ix_grant_event_account_id_kind_id", "account_id", "kind", "id"),
        sa.CheckConstraint("reason in ('accepted', 'opening') or change <= 0", name="only_people_give"),
    )

    id: Mapped[BigId]
    account_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("wechat_account.id"))
    kind: Mapped[Text64]
    at: Mapped[dt.datetime]
    reason: Mapped[GrantReason]
    source: Mapped[GrantSource]
    change: Mapped[int]
    pairs_with_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("grant_event.id"), unique=True)
    """The same tap, heard from the other side: the client and WeChat both tell us of it, and it counts once."""


class GroupBinding(Base):
    """A WeCom group that hears of a neighborhood's tickets through its robot."""

    __tablename__ = "group_binding"
    __table_args__ = (
        sa.CheckConstraint("(switched_off_at is null) = (switched_off_why is null)", name="off_for_a_reason"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"), index=True)
    name: Mapped[Text64]
    robot_key_sealed: Mapped[Cipher]
    created_at: Mapped[dt.datetime]
    switched_off_at: Mapped[dt.datetime | None]
    switched_off_why: Mapped[Text255 | None]
    next_turn_at: Mapped[dt.datetime | None]
    """Before this the robot stays silent; of several that may speak, the one with the earliest goes first."""
    last_ok_at: Mapped[dt.datetime | None]
    """When the group last took a post."""
    failing_since: Mapped[dt.datetime | None]
    """The first failure after the last success; empty while all is well."""
    last_error: Mapped[Text64 | None]


class RobotPost(Base):
    """One of the twenty posts that a robot may make in a minute: taken before the call, free again a minute after it."""

    __tablename__ = "robot_post"
    __table_args__ = (sa.Index("ix_robot_post_group_id_counts_until", "group_id", "counts_until"),)

    id: Mapped[BigId]
    group_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("group_binding.id"))
    counts_until: Mapped[dt.datetime]
