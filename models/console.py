"""How a browser at the console gets in: requests that are scanned with a phone, one-time codes, and counted attempts."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text32, Text64


class ConsoleRequestState(enum.StrEnum):
    """Where a request stands.  That its two minutes are over is looked at, not written down."""

    WAITING = "waiting"
    SEEN = "seen"
    """Somebody has scanned it and is being asked."""
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    USED = "used"
    """The browser has fetched its sign-in."""


class ConsoleRequest(Base):
    """A browser that asks to be let in.  Its code stands in the QR code; the browser keeps a secret of its own."""

    __tablename__ = "console_request"
    __table_args__ = (
        sa.CheckConstraint("expires_at > created_at", name="expires_later"),
        sa.CheckConstraint("(state = 'waiting') = (person_id is null)", name="scanned_by_somebody"),
        sa.CheckConstraint("(account_id is null) = (person_id is null)", name="scanned_with_wechat"),
        sa.CheckConstraint("membership_id is null or case_key_id is null", name="one_hat"),
        sa.CheckConstraint(
            "state in ('confirmed', 'used') or (membership_id is null and case_key_id is null)", name="hat_of_a_yes"
        ),
        sa.CheckConstraint("(state in ('waiting', 'seen')) = (answered_at is null)", name="answered_once"),
        sa.CheckConstraint("(state = 'used') = (sign_in_id is not null)", name="used_once"),
    )

    id: Mapped[BigId]
    code_hash: Mapped[Text64] = mapped_column(unique=True)
    browser_hash: Mapped[Text64] = mapped_column(index=True)
    """Of the secret in the browser's cookie: nobody else can fetch the sign-in."""
    browser: Mapped[Text64]
    """As people call it: Windows 电脑上的 Edge."""
    address: Mapped[Text64]
    """The network address that asks, shown to the person who is to confirm.  Forgotten after a day."""
    state: Mapped[ConsoleRequestState]
    person_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    account_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("wechat_account.id"))
    membership_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("membership.id"))
    case_key_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("case_key.id"))
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
    expires_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    sign_in_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("sign_in.id"), unique=True)


class ConsoleCode(Base):
    """A one-time code that the operator made on the command line, for when WeChat is away."""

    __tablename__ = "console_code"
    __table_args__ = (
        sa.CheckConstraint("expires_at >= created_at", name="expires_later"),
        sa.CheckConstraint("(used_at is null) = (sign_in_id is null)", name="used_for_a_sign_in"),
    )

    id: Mapped[BigId]
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"), index=True)
    code_hash: Mapped[Text64] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    sign_in_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("sign_in.id"), unique=True)


class AttemptCount(Base):
    """How often something was tried in a stretch of time.  ``subject_hash`` is a keyed hash of who tries."""

    __tablename__ = "attempt_count"
    __table_args__ = (sa.CheckConstraint("tries > 0", name="tries_positive"),)

    kind: Mapped[Text32] = mapped_column(primary_key=True)
    subject_hash: Mapped[Text64] = mapped_column(primary_key=True)
    began_at: Mapped[dt.datetime] = mapped_column(primary_key=True, index=True)
    tries: Mapped[int]
