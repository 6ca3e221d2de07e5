"""WeChat's daily bills, held against our own books."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Text64, Text255


class PaymentBill(Base):
    """WeChat's bill of one day for one merchant account, in sums."""

    __tablename__ = "payment_bill"
    __table_args__ = (
        sa.UniqueConstraint("merchant_id", "day"),
        sa.CheckConstraint("payments >= 0 and refunds >= 0", name="counted"),
        sa.Index("ix_payment_bill_neighborhood_id_id", "neighborhood_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    merchant_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("merchant_account.id"))
    day: Mapped[dt.date]
    payments: Mapped[int]
    paid: Mapped[BigRef]
    """Fen that were paid."""
    refunds: Mapped[int]
    refunded: Mapped[BigRef]
    fees: Mapped[BigRef]
    funds_checked: Mapped[bool]
    """Whether the fund-flow bill was held against it; a provider's merchants have none that we can open."""
    fetched_at: Mapped[dt.datetime]


class DifferenceKind(enum.StrEnum):
    """How WeChat's bill and our books do not agree."""

    MISSING_HERE = "missing_here"
    """WeChat has a payment or refund that we know nothing of."""
    MISSING_THERE = "missing_there"
    """We have one that does not stand in the bill."""
    NOT_PAID_HERE = "not_paid_here"
    """WeChat has it paid, and we have not heard of it."""
    AMOUNT_OFF = "amount_off"
    FUNDS_OFF = "funds_off"
    """What moved in the merchant's account is not what the trade bill says."""


class PaymentDifference(Base):
    """One line on which WeChat and we do not agree, until somebody says why."""

    __tablename__ = "payment_difference"
    __table_args__ = (
        sa.UniqueConstraint("bill_id", "kind", "number"),
        sa.CheckConstraint("(settled_at is null) = (words is null)", name="settled_with_words"),
        sa.CheckConstraint("ours is null or theirs is null or ours <> theirs", name="they_differ"),
        sa.Index("ix_payment_difference_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_payment_difference_number", "number"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    bill_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("payment_bill.id"))
    kind: Mapped[DifferenceKind]
    number: Mapped[Text64]
    """Of the order or refund, or what the sum is of."""
    ours: Mapped[BigRef | None]
    """Fen; empty where we have nothing."""
    theirs: Mapped[BigRef | None]
    settled_at: Mapped[dt.datetime | None]
    settled_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Empty: it settled itself."""
    words: Mapped[Text255 | None]
