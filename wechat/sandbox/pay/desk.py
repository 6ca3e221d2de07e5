"""The one door to the simulated WeChat Pay.  Each method holds the lock for its whole, short work."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from wechat.sandbox.callbacks import Callbacks
from wechat.sandbox.pay.bills import Bills
from wechat.sandbox.pay.checkout import Checkout
from wechat.sandbox.pay.funds import Funds
from wechat.sandbox.pay.keys import Certified, KeyChest
from wechat.sandbox.pay.merchants import NAMES, Merchant, Merchants
from wechat.sandbox.pay.notices import Notices
from wechat.sandbox.pay.orders import Order, Orders
from wechat.sandbox.pay.refunds import SETTLES_AFTER, Refund, Refunds
from wechat.sandbox.pay.shapes import (
    ABNORMAL_REFUND,
    DIRECT_CLOSE,
    DIRECT_ORDER,
    PARTNER_CLOSE,
    PARTNER_ORDER,
    REFUND,
    read,
)
from wechat.sandbox.pay.signing import Gate, sealed
from wechat.sandbox.pay.states import OrderEvent, RefundEvent
from wechat.sandbox.pay_refusal import PayRefusal
from wechat.sandbox.phones import Phones, moment
from wechat.sandbox.refusal import Unknown

Json = dict[str, Any]

OUTCOMES: Mapping[str, RefundEvent | None] = {
    "SUCCESS": RefundEvent.ARRIVE,
    "ABNORMAL": RefundEvent.BOUNCE,
    "CLOSED": RefundEvent.CLOSE,
    "PROCESSING": None,
}


class PayDesk:
    """Orders, refunds, bills, notices and the payments on phones.

    ``clock`` is the time as the simulated WeChat sees it, ``true_time`` that of the machines, by which signatures are
    dated; ``chest`` holds the keys.
    """

    def __init__(
        self,
        phones: Phones,
        callbacks: Callbacks,
        *,
        appid: str,
        chest: KeyChest,
        clock: Callable[[], float],
        true_time: Callable[[], float],
    ) -> None:
        self._lock = threading.RLock()
        self._phones = phones
        self.merchants = Merchants(chest, appid)
        self.gate = Gate(self.merchants, true_time)
        self.true_time = true_time
        self._funds = Funds(clock)
        self._orders = Orders(self.merchants, phones, self._funds, clock)
        self._refunds = Refunds(self._orders, self._funds, clock)
        self._bills = Bills(self._orders, self._refunds, self._funds, clock)
        self._checkout = Checkout(self._orders, appid, clock)
        self._notices = Notices(callbacks, self.merchants, clock, true_time)

    def reset(self) -> None:
        """Forget everything but the keys."""
        with self._lock:
            for part in (
                self.merchants,
                self.gate,
                self._funds,
                self._orders,
                self._refunds,
                self._bills,
                self._checkout,
            ):
                part.reset()

    # what a merchant's server asks

    def prepay(self, merchant: Merchant, raw: bytes, *, partner: bool) -> Json:
        """Make an order (下单)."""
        _right_address(merchant, partner=partner)
        sent, loaded = read(raw, PARTNER_ORDER if partner else DIRECT_ORDER)
        _same_merchant(merchant, sent["sp_mchid" if partner else "mchid"])
        with self._lock:
            return {"prepay_id": self._orders.prepay(merchant, sent, loaded)}

    def query(
        self, merchant: Merchant, asked: Mapping[str, str], *, partner: bool, number: str = "", transaction_id: str = ""
    ) -> Json:
        """Return an order by the merchant's number or WeChat's (查询订单)."""
        _right_address(merchant, partner=partner)
        _same_merchant(merchant, asked.get("sp_mchid" if partner else "mchid", ""))
        sub_mchid = asked.get("sub_mchid") if partner else None
        with self._lock:
            self._orders.check_sub(merchant, sub_mchid)
            return self._orders.find(merchant, sub_mchid, number=number, transaction_id=transaction_id).view()

    def close(self, merchant: Merchant, number: str, raw: bytes, *, partner: bool) -> None:
        """Close an order (关闭订单); once more does no harm."""
        _right_address(merchant, partner=partner)
        sent, _ = read(raw, PARTNER_CLOSE if partner else DIRECT_CLOSE)
        _same_merchant(merchant, sent["sp_mchid" if partner else "mchid"])
        with self._lock:
            self._orders.check_sub(merchant, sent.get("sub_mchid"))
            self._orders.happen(self._orders.find(merchant, sent.get("sub_mchid"), number=number), OrderEvent.CLOSE)

    def refund(self, merchant: Merchant, raw: bytes) -> Json:
        """Pay back a part or all of an order (申请退款); its notice follows when it is settled."""
        sent, _ = read(raw, REFUND)
        with self._lock:
            refund, is_new = self._refunds.ask(merchant, sent)
            if is_new and refund.outcome is not None:
                self._tell_refund(refund, after=SETTLES_AFTER)
            return refund.view()

    def query_refund(self, merchant: Merchant, number: str, asked: Mapping[str, str]) -> Json:
        """Return a refund (查询单笔退款)."""
        with self._lock:
            return self._refunds.find(merchant, number, asked.get("sub_mchid")).view()

    def retry_refund(self, merchant: Merchant, refund_id: str, raw: bytes) -> Json:
        """Try an abnormal refund again to another account (发起异常退款)."""
        sent, _ = read(raw, ABNORMAL_REFUND)
        with self._lock:
            refund = self._refunds.find(merchant, sent["out_refund_no"], sent.get("sub_mchid"))
            if refund.refund_id != refund_id:
                raise PayRefusal("INVALID_REQUEST", "refund_id和out_refund_no不是同一笔退款")
            self._refunds.happen(refund, RefundEvent.RETRY)
            self._tell_refund(refund, after=SETTLES_AFTER)
            return refund.view()

    def trade_bill(self, merchant: Merchant, asked: Mapping[str, str]) -> Json:
        """Apply for the bill of a day's payments and refunds (申请交易账单)."""
        with self._lock:
            return self._bills.trade(merchant, asked)

    def fund_flow_bill(self, merchant: Merchant, asked: Mapping[str, str]) -> Json:
        """Apply for the bill of a day's movements of the account (申请资金账单)."""
        with self._lock:
            return self._bills.fund_flow(merchant, asked)

    def bill(self, merchant: Merchant, token: str) -> bytes:
        """Return the bill behind a link (下载账单)."""
        with self._lock:
            return self._bills.fetch(merchant, token)

    def certificates(self, merchant: Merchant) -> Json:
        """Return the platform certificates, encrypted for the merchant (获取平台证书列表)."""
        if not merchant.has_certificates:
            raise PayRefusal("RESOURCE_NOT_EXISTS", "无可用的平台证书，请在商户平台申请使用微信支付公钥")
        return {"data": [_certificate(one, merchant) for one in self.merchants.platforms]}

    # what happens on phones

    def open_sheet(self, slug: str, given: Mapping[str, Any]) -> Json:
        """Do what ``wx.requestPayment`` does on a phone.  Raises ``Unknown``."""
        openid = self._phones.openid(slug)
        with self._lock:
            return self._checkout.open(openid, given).view()

    def sheets(self, slug: str) -> list[Json]:
        """Return the payments that wait on a phone."""
        openid = self._phones.openid(slug)
        with self._lock:
            return [sheet.view() for sheet in self._checkout.waiting(openid)]

    def sheet(self, slug: str, number: int) -> Json:
        """Return one payment of a phone, answered or not."""
        openid = self._phones.openid(slug)
        with self._lock:
            return self._checkout.sheet(openid, number).view()

    def tap(self, slug: str, number: int, tap: str) -> Json:
        """Pay, cancel, begin or fail; a payment is told to the merchant.  Raises ``Unknown``."""
        openid = self._phones.openid(slug)
        with self._lock:
            sheet = self._checkout.tap(openid, number, tap)
            if tap == "pay":
                self._tell_payment(sheet.order)
            return sheet.view()

    # what a person who looks at the sandbox sees and orders

    def payments(self, most: int | None = None) -> list[Json]:
        """Return so many orders (None: all) with their refunds, newest first; amounts are fen."""
        with self._lock:
            return [_listed(order, self._refunds.of(order)) for order in self._orders.newest(most)]

    def settle_refund(self, refund_id: str, status: str) -> Json:
        """Decide a refund that is PROCESSING now, and tell the merchant.  Raises ``Unknown``."""
        event = OUTCOMES.get(status)
        if event is None:
            raise Unknown("a refund becomes SUCCESS, ABNORMAL or CLOSED", 400)
        with self._lock:
            refund = self._refunds.by_id(refund_id)
            if refund is None:
                raise Unknown("no such refund")
            try:
                self._refunds.happen(refund, event)
            except PayRefusal as refusal:
                raise Unknown(refusal.message, 409) from refusal
            self._tell_refund(refund)
            return refund.view()

    def withdraw(self, mchid: str, fen: int) -> Json:
        """Take money out of a merchant's account, so that a refund may find too little.  Raises ``Unknown``."""
        if mchid not in NAMES:
            raise Unknown(f"no merchant {mchid!r}")
        if fen < 1:
            raise Unknown("amount is at least 1 fen", 400)
        with self._lock:
            try:
                self._funds.move(mchid, "提现", -fen, business_no="", voucher="")
            except PayRefusal as refusal:
                raise Unknown(refusal.message, 409) from refusal
            return {"mchid": mchid, "balance": self._funds.balance(mchid)}

    def probe(self, mchid: str, url: str) -> int:
        """Send our side a notice with a signature that is none; return the number of the delivery.  Raises ``Unknown``."""
        merchant = self.merchants.get(mchid)
        return self._notices.probe(merchant, url, "transaction", {"mchid": mchid, "trade_state": "SUCCESS"})

    def settings(self) -> Json:
        """Return what is ordered for refunds and bills."""
        with self._lock:
            outcome = next(name for name, event in OUTCOMES.items() if event is self._refunds.outcome)
            return {"refunds": outcome, "bills": self._bills.fault}

    def set_up(self, wanted: Mapping[str, Any]) -> Json:
        """Say what becomes of refunds and what is wrong with bills from now on.  Raises ``Unknown`` (400)."""
        if not wanted or not set(wanted) <= {"refunds", "bills"}:
            raise Unknown("refunds and bills can be set", 400)
        if wanted.get("refunds", "SUCCESS") not in OUTCOMES:
            raise Unknown(f"refunds become {', '.join(OUTCOMES)}", 400)
        with self._lock:
            if "bills" in wanted:
                self._bills.order_fault(wanted["bills"])
            if "refunds" in wanted:
                self._refunds.outcome = OUTCOMES[wanted["refunds"]]
            return self.settings()

    def _tell_payment(self, order: Order) -> None:
        view = order.view()  # as it is now: a refund that comes before the notice does not change what it says
        about = f"支付 {order.merchant.mchid} {order.out_trade_no}"
        url = str(order.sent["notify_url"])
        self._notices.send(order.merchant, url, about, "transaction", lambda: ("TRANSACTION.SUCCESS", view))

    def _tell_refund(self, refund: Refund, *, after: float = 0.0) -> None:
        if not refund.sent.get("notify_url"):
            return

        def write() -> tuple[str, Json]:
            with self._lock:
                notice = self._refunds.find(
                    refund.order.merchant, refund.out_refund_no, refund.order.sub_mchid
                ).notice()
            return f"REFUND.{notice['refund_status']}", notice

        merchant, url = refund.order.merchant, str(refund.sent["notify_url"])
        self._notices.send(merchant, url, f"退款 {merchant.mchid} {refund.out_refund_no}", "refund", write, after=after)


def _listed(order: Order, refunds: list[Refund]) -> Json:
    return {
        **order.view(),
        "payee": NAMES[order.payee],
        "openid": order.openid,
        "description": order.sent["description"],
        "made_at": moment(order.made_at),
        "refunded": order.refunded,
        "refunds": [refund.view() for refund in refunds],
    }


def _certificate(platform: Certified, merchant: Merchant) -> Json:
    start, end = platform.certificate.not_valid_before_utc, platform.certificate.not_valid_after_utc
    return {
        "serial_no": platform.serial,
        "effective_time": moment(start.timestamp()),
        "expire_time": moment(end.timestamp()),
        "encrypt_certificate": sealed(merchant.apiv3_key, platform.pem, "certificate"),
    }


def _right_address(merchant: Merchant, *, partner: bool) -> None:
    if merchant.is_provider is not partner:
        raise PayRefusal("NO_AUTH", "商户号该产品权限未开通")


def _same_merchant(merchant: Merchant, named: str) -> None:
    if named != merchant.mchid:
        raise PayRefusal("PARAM_ERROR", "Http头Authorization中的商户号与请求中的商户号不一致")
