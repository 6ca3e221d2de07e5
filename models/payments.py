"""Payments through WeChat: who takes the money, what is asked of a home, orders, refunds, and the daily bills.

Amounts are fen.  A payment is known only from WeChat's word; these rows say what we asked, what WeChat said, and when.
"""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import BigId, BigRef, Cipher, Json, Text32, Text64, Text128, Text2000

OPEN_ORDER = "state in ('new', 'prepaid')"


class MerchantMode(enum.StrEnum):
    """How a merchant number hangs together with WeChat."""

    DIRECT = "direct"
    """A neighborhood's own merchant number, with keys of its own."""
    PROVIDER = "provider"
    """A service provider at a node above: it has the keys, and takes no money itself."""
    PARTNER = "partner"
    """A neighborhood's merchant number below a provider, whose keys are used."""


class MerchantAccount(Base):
    """A merchant account of WeChat Pay.  A neighborhood has at most one at a time."""

    __tablename__ = "merchant_account"
    __table_args__ = (
        sa.CheckConstraint("(mode = 'provider') = (neighborhood_id is null)", name="provider_above_neighborhoods"),
        sa.CheckConstraint("(mode = 'partner') = (provider_id is not null)", name="partner_has_a_provider"),
        sa.CheckConstraint("(mode = 'partner') = (sub_mchid is not null)", name="partner_has_its_number"),
        sa.CheckConstraint("mode = 'partner' or sub_appid is null", name="only_a_partner_has_a_sub_appid"),
        sa.CheckConstraint("(mode = 'provider') = (slug is null)", name="who_takes_money_is_told"),
        sa.CheckConstraint(
            "(mode = 'partner') = (private_key_sealed is null) and (mode = 'partner') = (api_key_sealed is null)"
            " and (mode = 'partner') = (mchid is null) and (mode = 'partner') = (appid is null)"
            " and (mode = 'partner') = (certificate_serial is null)",
            name="keys_are_the_providers_or_its_own",
        ),
        sa.CheckConstraint("(public_key_id is null) = (public_key is null)", name="public_key_with_its_id"),
        sa.CheckConstraint("mode <> 'partner' or public_key is null", name="partner_has_no_key"),
        sa.CheckConstraint("ends_at is null or ends_at > starts_at", name="ends_after_start"),
        *(
            sa.Index(
                f"uq_merchant_account_active_{column}",
                column,
                unique=True,
                sqlite_where=sa.text("ends_at is null"),
                postgresql_where=sa.text("ends_at is null"),
            )
            for column in ("neighborhood_id", "mchid", "sub_mchid")
        ),
    )

    id: Mapped[BigId]
    mode: Mapped[MerchantMode]
    unit_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    """The node it belongs to: a neighborhood, or one above for a provider."""
    neighborhood_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    name: Mapped[Text64]
    """Whom people pay, as they read it."""
    provider_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("merchant_account.id"))
    mchid: Mapped[Text32 | None]
    appid: Mapped[Text32 | None]
    sub_mchid: Mapped[Text32 | None]
    sub_appid: Mapped[Text32 | None]
    certificate_serial: Mapped[Text64 | None]
    private_key_sealed: Mapped[Cipher | None]
    api_key_sealed: Mapped[Cipher | None]
    public_key_id: Mapped[Text64 | None]
    public_key: Mapped[Text2000 | None]
    """WeChat's, PEM.  Empty: its platform certificates are fetched."""
    slug: Mapped[Text64 | None] = mapped_column(unique=True)
    """The random end of the address that WeChat tells of payments: what is encrypted does not say whose key opens it."""
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime | None]
    """Switched off: no new orders; words on the old ones are still heard."""


class Charge(Base):
    """A one-off amount asked of a home, such as a new key card.  It is never changed: withdrawn, and asked anew."""

    __tablename__ = "charge"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("(withdrawn_at is null) = (withdrawn_by_id is null)", name="withdrawn_by_somebody"),
        sa.Index("ix_charge_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_charge_home_id_id", "home_id", "id"),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    home_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("home.id"))
    amount: Mapped[int]
    description: Mapped[Text64]
    made_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))


class OrderState(enum.StrEnum):
    """Where an order stands, as far as WeChat has said."""

    NEW = "new"
    """WeChat may not know it yet."""
    PREPAID = "prepaid"
    """Announced to WeChat; the payer may pay."""
    PAID = "paid"
    REFUNDED = "refunded"
    """All of it was paid back."""
    CLOSED = "closed"


class PaymentOrder(Base):
    """One attempt of one person to pay one thing."""

    __tablename__ = "payment_order"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("0 <= refunded and refunded <= refund_reserved", name="refunds_were_asked_for"),
        sa.CheckConstraint("refund_reserved <= amount", name="never_more_back_than_paid"),
        sa.CheckConstraint("(state in ('paid', 'refunded')) = (transaction_id is not null)", name="paid_by_its_number"),
        sa.CheckConstraint("(transaction_id is null) = (paid_at is null)", name="paid_some_time"),
        sa.CheckConstraint("transaction_id is not null or refund_reserved = 0", name="only_paid_ones_go_back"),
        sa.CheckConstraint("(state = 'refunded') = (refunded = amount)", name="refunded_is_all_of_it"),
        sa.CheckConstraint("(state = 'closed') = (closed_at is not null)", name="closed_some_time"),
        sa.CheckConstraint("state <> 'prepaid' or prepay_id is not null", name="prepaid_by_its_id"),
        sa.CheckConstraint("(state in ('new', 'prepaid')) = (next_ask_at is not null)", name="asked_until_it_is_known"),
        sa.Index("ix_payment_order_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_payment_order_payer_id_id", "payer_id", "id"),
        sa.Index("ix_payment_order_merchant_id_paid_at", "merchant_id", "paid_at"),
        sa.Index("ix_payment_order_subject_kind_subject_id", "subject_kind", "subject_id"),
        sa.Index(
            "ix_payment_order_next_ask_at",
            "next_ask_at",
            sqlite_where=sa.text(OPEN_ORDER),
            postgresql_where=sa.text(OPEN_ORDER),
        ),
        sa.Index(
            "uq_payment_order_open_subject",
            "subject_kind",
            "subject_id",
            unique=True,
            sqlite_where=sa.text(OPEN_ORDER),
            postgresql_where=sa.text(OPEN_ORDER),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    merchant_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("merchant_account.id"))
    subject_kind: Mapped[Text32]
    """What is paid: the name of its table."""
    subject_id: Mapped[BigRef]
    home_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("home.id"))
    payer_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    agent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who held the phone, where somebody acted for the payer."""
    account_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("wechat_account.id"))
    """The WeChat account that was asked to pay: only it can."""
    out_trade_no: Mapped[Text32] = mapped_column(unique=True)
    description: Mapped[Text64]
    amount: Mapped[int]
    state: Mapped[OrderState]
    prepay_id: Mapped[Text64 | None]
    expires_at: Mapped[dt.datetime]
    next_ask_at: Mapped[dt.datetime | None]
    """When WeChat is asked again what became of it."""
    asks: Mapped[int]
    transaction_id: Mapped[Text64 | None] = mapped_column(unique=True)
    paid_at: Mapped[dt.datetime | None]
    """When the payer paid, by WeChat's clock."""
    closed_at: Mapped[dt.datetime | None]
    refund_reserved: Mapped[int]
    """Of the amount, what has been or may yet be paid back."""
    refunded: Mapped[int]
    billed_on: Mapped[dt.date | None]
    """The day of WeChat's bill in which it stands."""
    created_at: Mapped[dt.datetime]


class RefundOrderState(enum.StrEnum):
    """Where a refund stands."""

    ASKED = "asked"
    REFUSED = "refused"
    """By the second person."""
    APPROVED = "approved"
    """WeChat is being asked, or could not be reached yet."""
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CLOSED = "closed"
    """WeChat will not make it."""
    ABNORMAL = "abnormal"
    """The payer's card is gone: somebody has to name another in WeChat's merchant console."""


class RefundOrder(Base):
    """A part of a payment on its way back.  Who asks for it is never who lets it go."""

    __tablename__ = "refund_order"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("checked_by_id is null or checked_by_id <> asked_by_id", name="two_people"),
        sa.CheckConstraint("(state = 'asked') = (checked_by_id is null)", name="checked_by_somebody"),
        sa.CheckConstraint("(checked_by_id is null) = (checked_at is null)", name="checked_some_time"),
        sa.CheckConstraint("(state = 'refused') = (refusal is not null)", name="refused_for_a_reason"),
        sa.CheckConstraint("(state = 'succeeded') = (succeeded_at is not null)", name="succeeded_some_time"),
        sa.CheckConstraint(
            "state not in ('processing', 'succeeded', 'abnormal') or refund_id is not null", name="known_to_wechat"
        ),
        sa.CheckConstraint(
            "(state in ('approved', 'processing', 'abnormal')) = (next_ask_at is not null)",
            name="asked_until_it_is_known",
        ),
        sa.Index("ix_refund_order_neighborhood_id_id", "neighborhood_id", "id"),
        sa.Index("ix_refund_order_order_id", "order_id"),
        sa.Index(
            "ix_refund_order_next_ask_at",
            "next_ask_at",
            sqlite_where=sa.text("next_ask_at is not null"),
            postgresql_where=sa.text("next_ask_at is not null"),
        ),
    )

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    order_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("payment_order.id"))
    out_refund_no: Mapped[Text64] = mapped_column(unique=True)
    refund_id: Mapped[Text64 | None] = mapped_column(unique=True)
    amount: Mapped[int]
    reason: Mapped[Text64]
    """Shown to the payer by WeChat."""
    state: Mapped[RefundOrderState]
    asked_by_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[dt.datetime]
    checked_by_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    checked_at: Mapped[dt.datetime | None]
    refusal: Mapped[Text128 | None]
    succeeded_at: Mapped[dt.datetime | None]
    next_ask_at: Mapped[dt.datetime | None]
    asks: Mapped[int]
    last_error: Mapped[Text64 | None]
    """The code with which WeChat would not make it."""
    billed_on: Mapped[dt.date | None]


class WordSource(enum.StrEnum):
    """From whom we know something."""

    PERSON = "person"
    NOTICE = "notice"
    """WeChat told us."""
    ANSWER = "answer"
    """WeChat answered when asked."""
    BILL = "bill"
    CLOCK = "clock"


class PaymentEvent(Base):
    """One thing that happened to an order or its refunds.  Never changed, never deleted: the database refuses."""

    __tablename__ = "payment_event"
    __table_args__ = (sa.Index("ix_payment_event_order_id_id", "order_id", "id"),)

    id: Mapped[BigId]
    neighborhood_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("org_unit.id"))
    order_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("payment_order.id"))
    refund_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("refund_order.id"))
    at: Mapped[dt.datetime]
    kind: Mapped[Text32]
    source: Mapped[WordSource]
    actor_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    agent_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("person.id"))
    detail: Mapped[Json]
    """Numbers, amounts and codes; never names."""
