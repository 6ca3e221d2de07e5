"""The orders: made by a merchant, paid on a phone, closed by either or by the time (微信支付文档「JSAPI下单」)."""

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from wechat.sandbox.pay.funds import Funds, fee_of
from wechat.sandbox.pay.merchants import Merchant, Merchants
from wechat.sandbox.pay.states import DESCRIPTIONS, OPEN, PAID, OrderEvent, OrderState, next_order_state
from wechat.sandbox.pay_refusal import PayRefusal
from wechat.sandbox.phones import BEIJING, Phones, moment

Json = dict[str, Any]

PREPAY_LIFETIME = 2 * 3600.0  # seconds, whatever time_expire says
ORDER_LIFETIME = 7 * 86_400.0  # seconds, without time_expire
SOONEST_END = 60.0  # seconds that time_expire must lie ahead
OPENID_MISSING = 268501013
NO_RELATION, SUB_MISSING, SUB_IS_PROVIDER, WRONG_SUB = 268443701, 268443704, 268443705, 268447845


@dataclass(eq=False)
class Order:
    """One order.  Amounts are fen, moments seconds since 1970."""

    merchant: Merchant
    sent: Mapping[str, Any]
    """The request that made it, to the letter."""
    openid: str
    made_at: float
    ends_at: float
    state: OrderState = OrderState.NOTPAY
    prepays: dict[str, float] = field(default_factory=dict)
    """When each prepay_id was given out."""
    transaction_id: str = ""
    paid_at: float = 0.0
    fee: int = 0
    refunded: int = 0
    """What was paid back or is on its way back."""
    fee_returned: int = 0

    @property
    def out_trade_no(self) -> str:
        """The merchant's own number."""
        return str(self.sent["out_trade_no"])

    @property
    def total(self) -> int:
        """What is to be paid."""
        return int(self.sent["amount"]["total"])

    @property
    def sub_mchid(self) -> str | None:
        """The sub-merchant, if a provider has made the order."""
        return self.sent.get("sub_mchid")

    @property
    def payee(self) -> str:
        """The number of the merchant that gets the money."""
        return self.sub_mchid or self.merchant.mchid

    @property
    def client_appid(self) -> str:
        """The appid of the mini-program that may call for the payment, which is signed with it."""
        return str(self.sent.get("sub_appid") or self.sent.get("sp_appid") or self.sent["appid"])

    def view(self) -> Json:
        """Return the order as a query and a notice show it."""
        names = ("appid", "mchid", "sp_appid", "sp_mchid", "sub_appid", "sub_mchid", "out_trade_no")
        shown: Json = {name: self.sent[name] for name in names if name in self.sent}
        shown["trade_state"], shown["trade_state_desc"] = self.state.value, DESCRIPTIONS[self.state]
        shown |= {"attach": self.sent.get("attach", ""), "payer": dict(self.sent["payer"])}
        amount = {"total": self.total, "currency": "CNY"}
        if self.state not in PAID:
            return {**shown, "amount": amount}
        paid = {"transaction_id": self.transaction_id, "trade_type": "JSAPI", "bank_type": "OTHERS"}
        amount |= {"payer_total": self.total, "payer_currency": "CNY"}
        return {**shown, **paid, "success_time": moment(self.paid_at), "amount": amount, "promotion_detail": []}


class Orders:
    """All orders.  ``PayDesk`` holds the lock."""

    def __init__(self, merchants: Merchants, phones: Phones, funds: Funds, clock: Callable[[], float]) -> None:
        self._merchants = merchants
        self._phones = phones
        self._funds = funds
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget every order."""
        self._by_number: dict[tuple[str, str], Order] = {}
        self._by_prepay: dict[str, Order] = {}
        self._by_transaction: dict[str, Order] = {}

    def prepay(self, merchant: Merchant, sent: Json, read: Mapping[str, Any]) -> str:
        """Make an order and return its prepay_id.

        The same number again is answered with a new prepay_id, if everything else is the same too.
        """
        openid = self._check_ids(merchant, sent)
        known = self._by_number.get((merchant.mchid, sent["out_trade_no"]))
        if known is not None:
            return self._again(self.fresh(known), sent)
        now = self._clock()
        ends_at = read["time_expire"].timestamp() if "time_expire" in read else now + ORDER_LIFETIME
        if ends_at < now + SOONEST_END:
            raise PayRefusal("PARAM_ERROR", "订单失效时间至少要在1分钟之后", number=268447914)
        order = Order(merchant, sent, openid, now, ends_at)
        self._by_number[merchant.mchid, order.out_trade_no] = order
        return self._give_prepay(order)

    def find(self, merchant: Merchant, sub_mchid: str | None, *, number: str = "", transaction_id: str = "") -> Order:
        """Return an order by the merchant's number or by WeChat's.  Raises the ``PayRefusal`` ORDER_NOT_EXIST."""
        order = self._by_number.get((merchant.mchid, number))
        if transaction_id:
            order = self._by_transaction.get(transaction_id)
        if order is None or order.merchant is not merchant:
            raise PayRefusal("ORDER_NOT_EXIST")
        if order.sub_mchid != sub_mchid:
            raise PayRefusal("INVALID_REQUEST", "订单号与子商户号不匹配", number=WRONG_SUB)
        return self.fresh(order)

    def by_prepay(self, prepay_id: str) -> Order | None:
        """Return the order that a living prepay_id was given for."""
        order = self._by_prepay.get(prepay_id)
        if order is None or self._clock() - order.prepays[prepay_id] > PREPAY_LIFETIME:
            return None
        return self.fresh(order)

    def all(self) -> list[Order]:
        """Return every order, oldest first."""
        return [self.fresh(order) for order in self._by_number.values()]

    def newest(self, most: int | None) -> list[Order]:
        """Return so many orders (None: all), newest first."""
        return [self.fresh(order) for order in islice(reversed(self._by_number.values()), most)]

    def happen(self, order: Order, event: OrderEvent) -> None:
        """Let something happen to an order; a payment is booked.  Raises ``PayRefusal`` where it cannot."""
        order.state = next_order_state(self.fresh(order).state, event)
        if event is OrderEvent.PAY:
            self._book(order)

    def check_sub(self, merchant: Merchant, sub_mchid: str | None) -> None:
        """Raise the refusal when a merchant may not act for this sub-merchant (None: for itself)."""
        if not merchant.is_provider:
            if sub_mchid is not None:
                raise PayRefusal("PARAM_ERROR", "直连商户不能传sub_mchid")
            return
        if not sub_mchid:
            raise PayRefusal("PARAM_ERROR", "缺少参数sub_mchid", number=SUB_MISSING)
        if sub_mchid == merchant.mchid:
            raise PayRefusal("PARAM_ERROR", "子商户号不能是服务商自己的商户号", number=SUB_IS_PROVIDER)
        if not self._merchants.exists(sub_mchid):
            raise PayRefusal("MCH_NOT_EXISTS", "子商户号不存在")
        if sub_mchid not in merchant.subs:
            raise PayRefusal("NO_AUTH", "特约子商户商户号未授权服务商的产品权限", number=NO_RELATION)

    def _again(self, order: Order, sent: Json) -> str:
        if order.state in PAID:
            raise PayRefusal("ORDERPAID")
        if order.state not in OPEN:
            raise PayRefusal("ORDER_CLOSED")
        if order.sent != sent:
            raise PayRefusal("OUT_TRADE_NO_USED", "请求重入时，参数与首次请求时不一致")
        return self._give_prepay(order)

    def _give_prepay(self, order: Order) -> str:
        now = self._clock()
        stamp = dt.datetime.fromtimestamp(now, BEIJING).strftime("%d%H%M%S")
        prepay_id = f"wx{stamp}{secrets.token_hex(13)}"
        order.prepays[prepay_id] = now
        self._by_prepay[prepay_id] = order
        return prepay_id

    def _check_ids(self, merchant: Merchant, sent: Json) -> str:
        """Check who takes the money and who pays; return the payer's openid."""
        if not merchant.is_provider:
            if sent["appid"] not in merchant.appids:
                raise PayRefusal("APPID_MCHID_NOT_MATCH")
            return self._payer(sent["payer"]["openid"], sent["appid"])
        self.check_sub(merchant, sent["sub_mchid"])
        if (
            sent["sp_appid"] not in merchant.appids
            or sent.get("sub_appid", self._merchants.appid) != self._merchants.appid
        ):
            raise PayRefusal("APPID_MCHID_NOT_MATCH")
        payer = sent["payer"]
        if len(payer) != 1:
            raise PayRefusal("PARAM_ERROR", "sp_openid和sub_openid必须且只能传一个", number=OPENID_MISSING)
        if "sub_openid" not in payer:
            return self._payer(payer["sp_openid"], sent["sp_appid"])
        if "sub_appid" not in sent:
            raise PayRefusal("PARAM_ERROR", "传sub_openid时必须传sub_appid")
        return self._payer(payer["sub_openid"], sent["sub_appid"])

    def _payer(self, openid: str, appid: str) -> str:
        """Return an openid that is one of this appid's users: all phones here are the mini-program's."""
        if not self._phones.knows(openid):
            raise PayRefusal("PARAM_ERROR", "无效的openid")
        if appid != self._merchants.appid:
            raise PayRefusal("OPENID_MISMATCH")
        return openid

    def fresh(self, order: Order) -> Order:
        """Close an order whose time is over, as WeChat does by itself."""
        if order.state in OPEN and self._clock() >= order.ends_at:
            order.state = next_order_state(order.state, OrderEvent.EXPIRE)
        return order

    def _book(self, order: Order) -> None:
        order.paid_at, order.fee = self._clock(), fee_of(order.total)
        day = dt.datetime.fromtimestamp(order.paid_at, BEIJING).strftime("%Y%m%d")
        order.transaction_id = f"4200002{secrets.randbelow(10**3):03d}{day}{secrets.randbelow(10**10):010d}"
        self._by_transaction[order.transaction_id] = order
        slip = {"business_no": order.transaction_id, "voucher": order.out_trade_no}
        self._funds.move(order.payee, "交易", order.total, **slip)
        self._funds.move(order.payee, "扣除交易手续费", -order.fee, **slip)
