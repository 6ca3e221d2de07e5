"""Refunds: asked for by a merchant, settled a little later as was ordered (微信支付文档「申请退款」「查询单笔退款」)."""

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wechat.sandbox.pay.funds import Funds
from wechat.sandbox.pay.merchants import Merchant
from wechat.sandbox.pay.orders import Order, Orders
from wechat.sandbox.pay.states import (
    OrderEvent,
    RefundEvent,
    RefundState,
    next_order_state,
    next_refund_state,
)
from wechat.sandbox.pay_refusal import PayRefusal
from wechat.sandbox.phones import BEIJING, moment

Json = dict[str, Any]

SETTLES_AFTER = 3.0  # seconds
REFUNDABLE_FOR = 365 * 86_400.0  # seconds after the payment
MOST_PER_ORDER = 50
RECEIVED_BY = "支付用户零钱"


@dataclass(eq=False)
class Refund:
    """One refund.  Amounts are fen, moments seconds since 1970."""

    order: Order
    sent: Mapping[str, Any]
    refund_id: str
    made_at: float
    fee_back: int
    """The part of WeChat's charge that the merchant gets back."""
    outcome: RefundEvent | None
    """What becomes of it by itself; nothing leaves it PROCESSING until somebody decides."""
    settles_at: float
    state: RefundState = RefundState.PROCESSING
    settled_at: float | None = None

    @property
    def out_refund_no(self) -> str:
        """The merchant's own number."""
        return str(self.sent["out_refund_no"])

    @property
    def amount(self) -> int:
        """What is to be paid back."""
        return int(self.sent["amount"]["refund"])

    def view(self) -> Json:
        """Return the refund as an answer shows it."""
        total, amount = self.order.total, self.amount
        shown: Json = {
            "refund_id": self.refund_id,
            "out_refund_no": self.out_refund_no,
            "transaction_id": self.order.transaction_id,
            "out_trade_no": self.order.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": RECEIVED_BY,
            "create_time": moment(self.made_at),
            "status": self.state.value,
            "funds_account": self.sent.get("funds_account", "AVAILABLE"),
            "amount": {
                "total": total,
                "refund": amount,
                "payer_total": total,
                "payer_refund": amount,
                "settlement_total": total,
                "settlement_refund": amount,
                "discount_refund": 0,
                "currency": "CNY",
            },
            "promotion_detail": [],
        }
        if self.state is RefundState.SUCCESS and self.settled_at is not None:
            shown["success_time"] = moment(self.settled_at)
        return shown

    def notice(self) -> Json:
        """Return the refund as a notice shows it: its state is called otherwise there."""
        view, order = self.view(), self.order.sent
        ids = ("mchid", "sp_mchid", "sub_mchid")
        same = ("out_trade_no", "transaction_id", "out_refund_no", "refund_id", "success_time", "user_received_account")
        amount = {name: view["amount"][name] for name in ("total", "refund", "payer_total", "payer_refund")}
        return {
            **{name: order[name] for name in ids if name in order},
            **{name: view[name] for name in same if name in view},
            "refund_status": view["status"],
            "amount": amount,
        }


class Refunds:
    """All refunds.  ``PayDesk`` holds the lock."""

    def __init__(self, orders: Orders, funds: Funds, clock: Callable[[], float]) -> None:
        self._orders = orders
        self._funds = funds
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget every refund; those to come arrive."""
        self._by_number: dict[tuple[str, str], Refund] = {}
        self._by_order: dict[Order, list[Refund]] = {}
        self.outcome: RefundEvent | None = RefundEvent.ARRIVE

    def ask(self, merchant: Merchant, sent: Json) -> tuple[Refund, bool]:
        """Make a refund and return it, and whether it is new; the same number again finds the one made before.

        Raises ``PayRefusal`` and changes nothing when it is not allowed.
        """
        self._orders.check_sub(merchant, sent.get("sub_mchid"))
        order = self._order(merchant, sent)
        known = self._by_number.get((merchant.mchid, sent["out_refund_no"]))
        if known is not None:
            if known.sent != sent:
                raise PayRefusal("INVALID_REQUEST", "商户退款单号重复，且参数与首次请求时不一致")
            return self._fresh(known), False
        self._check(order, sent)
        return self._make(merchant, order, sent), True

    def find(self, merchant: Merchant, number: str, sub_mchid: str | None) -> Refund:
        """Return a refund by the merchant's number.  Raises the ``PayRefusal`` RESOURCE_NOT_EXISTS."""
        self._orders.check_sub(merchant, sub_mchid)
        refund = self._by_number.get((merchant.mchid, number))
        if refund is None or refund.order.sub_mchid != sub_mchid:
            raise PayRefusal("RESOURCE_NOT_EXISTS", "退款单不存在")
        return self._fresh(refund)

    def by_id(self, refund_id: str) -> Refund | None:
        """Return a refund by WeChat's number."""
        found = (one for one in self._by_number.values() if one.refund_id == refund_id)
        return next((self._fresh(one) for one in found), None)

    def of(self, order: Order) -> list[Refund]:
        """Return the refunds of an order, oldest first."""
        return [self._fresh(refund) for refund in self._by_order.get(order, ())]

    def all(self) -> list[Refund]:
        """Return every refund, oldest first."""
        return [self._fresh(refund) for refund in self._by_number.values()]

    def happen(self, refund: Refund, event: RefundEvent) -> None:
        """Let something become of a refund.  Raises ``PayRefusal`` where it cannot."""
        self._settle(self._fresh(refund), event, self._clock())
        if event is RefundEvent.RETRY:
            refund.settles_at = self._clock() + SETTLES_AFTER
            refund.outcome = RefundEvent.ARRIVE

    def _order(self, merchant: Merchant, sent: Json) -> Order:
        number, transaction_id = sent.get("out_trade_no", ""), sent.get("transaction_id", "")
        if not number and not transaction_id:
            raise PayRefusal("PARAM_ERROR", "out_trade_no和transaction_id不能同时为空")
        try:
            order = self._orders.find(merchant, sent.get("sub_mchid"), number=number, transaction_id=transaction_id)
        except PayRefusal as refusal:
            if refusal.code != "ORDER_NOT_EXIST":
                raise
            raise PayRefusal("RESOURCE_NOT_EXISTS", "订单不存在") from refusal
        if number and order.out_trade_no != number:
            raise PayRefusal("INVALID_REQUEST", "out_trade_no和transaction_id不是同一笔订单")
        return order

    def _check(self, order: Order, sent: Json) -> None:
        next_order_state(order.state, OrderEvent.REFUND)
        amount = sent["amount"]
        if amount["total"] != order.total:
            raise PayRefusal("INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试")
        if order.refunded + amount["refund"] > order.total:
            raise PayRefusal("INVALID_REQUEST", "申请退款金额大于可退金额")
        if self._clock() - order.paid_at > REFUNDABLE_FOR:
            raise PayRefusal("INVALID_REQUEST", "订单已经超过退款期限")
        if len(self._by_order.get(order, ())) >= MOST_PER_ORDER:
            raise PayRefusal("INVALID_REQUEST", "一笔订单最多退款50次")

    def _make(self, merchant: Merchant, order: Order, sent: Json) -> Refund:
        now = self._clock()
        amount = sent["amount"]["refund"]
        fee_back = max(_share(order.fee, order.refunded + amount, order.total) - order.fee_returned, 0)
        self._funds.need(order.payee, amount - fee_back)
        day = dt.datetime.fromtimestamp(now, BEIJING).strftime("%Y%m%d")
        refund_id = f"503000{secrets.randbelow(10**5):05d}{day}{secrets.randbelow(10**10):010d}"
        slip = {"business_no": refund_id, "voucher": sent["out_refund_no"]}
        self._funds.move(order.payee, "退回交易手续费", fee_back, **slip)
        self._funds.move(order.payee, "退款", -amount, **slip)
        self._orders.happen(order, OrderEvent.REFUND)
        order.refunded += amount
        order.fee_returned += fee_back
        refund = Refund(order, sent, refund_id, now, fee_back, self.outcome, now + SETTLES_AFTER)
        self._by_number[merchant.mchid, refund.out_refund_no] = refund
        self._by_order.setdefault(order, []).append(refund)
        return refund

    def _fresh(self, refund: Refund) -> Refund:
        """Let happen what should have happened by now."""
        due = refund.state is RefundState.PROCESSING and self._clock() >= refund.settles_at
        if due and refund.outcome is not None:
            self._settle(refund, refund.outcome, refund.settles_at)
        return refund

    def _settle(self, refund: Refund, event: RefundEvent, at: float) -> None:
        refund.state = next_refund_state(refund.state, event)
        refund.settled_at = at
        if event is RefundEvent.CLOSE:
            order, slip = refund.order, {"business_no": refund.refund_id, "voucher": refund.out_refund_no}
            order.refunded -= refund.amount
            order.fee_returned -= refund.fee_back
            self._funds.move(order.payee, "退款失败退回", refund.amount, **slip)
            self._funds.move(order.payee, "扣除交易手续费", -refund.fee_back, **slip)


def _share(fee: int, part: int, total: int) -> int:
    """Return the part of a fee that belongs to a part of the total, rounded half up."""
    return (2 * fee * part + total) // (2 * total)
