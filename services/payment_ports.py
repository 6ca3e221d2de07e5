"""What use cases need of WeChat Pay (API v3), in our words.  ``wechat/payments/`` implements it.

Amounts are integer fen, moments aware UTC, days those of Asia/Shanghai.  Every method may raise the ``GatewayError``
family of ``services.errors``, reading a notice ``CallbackRefused``, and nothing else.
"""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

ORDER_MISSING = "wechat_order_missing"
"""Code of ``Rejected``: WeChat knows no such order (or refund)."""
ORDER_PAID = "wechat_order_paid"
"""Code of ``Rejected``: the order is paid; ask for it."""
ORDER_CLOSED = "wechat_order_closed"
NUMBER_USED = "wechat_number_used"
"""Code of ``Rejected``: the number was used with other particulars, or is paid or closed; ask for it."""
BILL_MISSING = "wechat_bill_missing"
"""Code of ``Rejected``: there was nothing on that day, or the bill is not made yet."""
NOT_ENOUGH = "wechat_not_enough"
"""Code of ``Rejected``: the merchant's balance does not cover the refund."""


@dataclass(frozen=True)
class Merchant:
    """A merchant account with its keys open.  It is never logged.

    Direct mode: ``mchid`` and ``appid`` are the merchant's own.  Service-provider mode: they are the provider's, whose keys
    sign, and ``sub_mchid`` is who gets the money.
    """

    mchid: str
    appid: str
    certificate_serial: str
    private_key: str = field(repr=False)
    """PEM, PKCS#8."""
    api_key: str = field(repr=False)
    """The APIv3 key: 32 letters that decrypt what WeChat tells us."""
    public_key_id: str | None = None
    """``PUB_KEY_ID_…``; without one WeChat's platform certificates are used."""
    public_key: str | None = None
    sub_mchid: str | None = None
    sub_appid: str | None = None

    @property
    def paying_appid(self) -> str:
        """The mini-program in which people pay, under which their openids are known."""
        return self.sub_appid or self.appid


@dataclass(frozen=True)
class PaymentRequest:
    """An order as WeChat is asked to take it.  Asked again with the same number, all of it must be the same."""

    out_trade_no: str
    amount: int
    description: str
    openid: str
    notify_url: str
    expires_at: dt.datetime


@dataclass(frozen=True)
class ClientParameters:
    """What ``wx.requestPayment`` takes, by its names."""

    timeStamp: str  # noqa: N815 - WeChat's name
    nonceStr: str  # noqa: N815
    package: str
    signType: str  # noqa: N815
    paySign: str = field(repr=False)  # noqa: N815


class TradeState(enum.StrEnum):
    """What WeChat says of an order."""

    UNPAID = "unpaid"
    PAID = "paid"
    REFUNDED = "refunded"
    """Paid, and at least a part of it was paid back."""
    CLOSED = "closed"
    UNSURE = "unsure"
    """A state that orders of a mini-program should not have: ask again."""


@dataclass(frozen=True)
class Transaction:
    """WeChat's word on an order.  Of an unpaid one only number and state are sure to be there."""

    out_trade_no: str
    state: TradeState
    mchid: str
    appid: str
    sub_mchid: str | None
    sub_appid: str | None
    transaction_id: str | None
    openid: str | None
    amount: int | None
    currency: str | None
    paid_at: dt.datetime | None


@dataclass(frozen=True)
class RefundRequest:
    """A refund as WeChat is asked to make it.  The same number again is the same refund, another number a second one."""

    out_refund_no: str
    out_trade_no: str
    amount: int
    total: int
    reason: str
    notify_url: str


class RefundState(enum.StrEnum):
    """What WeChat says of a refund."""

    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CLOSED = "closed"
    """It will not be made."""
    ABNORMAL = "abnormal"
    """The payer's card or account is gone: an operator must name another one in the merchant console."""


@dataclass(frozen=True)
class RefundWord:
    """WeChat's word on a refund.  ``mchid`` and ``sub_mchid`` stand in notices only."""

    out_refund_no: str
    refund_id: str
    out_trade_no: str
    transaction_id: str
    state: RefundState
    amount: int
    total: int
    at: dt.datetime | None
    mchid: str | None = None
    sub_mchid: str | None = None


@dataclass(frozen=True)
class PaymentNotice:
    """A notification that was believed: of a payment or of a refund."""

    id: str
    transaction: Transaction | None = None
    refund: RefundWord | None = None


class BillLineKind(enum.StrEnum):
    """What a line of a trade bill is about."""

    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True)
class BillLine:
    """One line of WeChat's trade bill.

    ``number`` is ours (of the order or of the refund), ``wechat_id`` WeChat's.  ``amount`` is what was asked of the payer
    or for the refund, ``settled`` what moves in the merchant's account for it before the fee, ``fee`` what WeChat keeps
    (negative where it gives it back).
    """

    kind: BillLineKind
    number: str
    wechat_id: str
    out_trade_no: str
    amount: int
    settled: int
    fee: int
    at: dt.datetime


@dataclass(frozen=True)
class FundFlow:
    """What WeChat's fund-flow bill says of a day: income of payments, expense of refunds, fees (net), in fen."""

    payments: int
    refunds: int
    fees: int
    lines: int


class PaymentGateway(Protocol):
    """WeChat Pay.  Nothing here is believed of a client: only what WeChat has signed."""

    def prepay(self, merchant: Merchant, request: PaymentRequest) -> str:
        """Announce an order; return the prepay id, good for two hours.

        Raises ``Rejected`` with ``ORDER_PAID``, ``NUMBER_USED`` or ``ORDER_CLOSED``.  After ``TryLater`` it may or may
        not have been taken; the same request again is harmless.
        """
        ...

    def client_parameters(self, merchant: Merchant, prepay_id: str, *, now: dt.datetime) -> ClientParameters:
        """Return what the mini-program hands to ``wx.requestPayment``; nothing is called."""
        ...

    def query(self, merchant: Merchant, out_trade_no: str) -> Transaction:
        """Return WeChat's word on an order.  Raises ``Rejected`` with ``ORDER_MISSING``."""
        ...

    def close(self, merchant: Merchant, out_trade_no: str) -> None:
        """Close an order; again is harmless.  Raises ``Rejected`` with ``ORDER_PAID`` or ``ORDER_MISSING``."""
        ...

    def refund(self, merchant: Merchant, request: RefundRequest) -> RefundWord:
        """Ask for a refund.  After ``TryLater`` it may have been taken: ask with the same number, never with a new one."""
        ...

    def query_refund(self, merchant: Merchant, out_refund_no: str) -> RefundWord:
        """Return WeChat's word on a refund.  Raises ``Rejected`` with ``ORDER_MISSING``."""
        ...

    def read_notice(
        self, merchant: Merchant, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> PaymentNotice:
        """Believe a notification, or raise ``CallbackRefused`` (``TryLater`` where a certificate is out of reach)."""
        ...

    def trade_bill(self, merchant: Merchant, day: dt.date) -> Sequence[BillLine]:
        """Return the trade bill of a day: from ten in the morning after it, for three months.

        Raises ``Rejected`` with ``BILL_MISSING``.
        """
        ...

    def fund_flow(self, merchant: Merchant, day: dt.date) -> FundFlow:
        """Return what moved in the merchant's account on a day; direct mode only.  Raises as ``trade_bill`` does."""
        ...

    def problems(self, merchant: Merchant) -> list[str]:
        """Return what is wrong with a merchant account, in Chinese: its keys, and WeChat's opinion of them."""
        ...


@dataclass(frozen=True)
class ShippingInfo:
    """What WeChat is told was given for a payment: nothing that is carried, all of it, at ``at``."""

    transaction_id: str
    openid: str
    description: str
    at: dt.datetime


class ShippingGateway(Protocol):
    """Reports what was paid for as given (发货信息管理), through the mini-program and not through WeChat Pay."""

    def is_wanted(self) -> bool:
        """Whether WeChat wants this of the mini-program."""
        ...

    def upload(self, info: ShippingInfo) -> None:
        """Report one payment; again is harmless."""
        ...
