"""Shipping information of what was paid for (小程序文档：发货信息录入, 查询订单发货状态), in a simulated WeChat."""

import datetime as dt
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat.sandbox.pay import PayDesk
from wechat.sandbox.refusal import Refusal

Json = dict[str, Any]

BY_NUMBER, BY_TRANSACTION = 1, 2
EXPRESS, KINDS = 1, (1, 2, 3, 4)
TOGETHER, IN_PARTS = 1, 2
WORDS_MOST = 120
UPLOADS_MOST = 2
"""Once, and once more to mend it."""
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
TO_SHIP, SHIPPED, PAID_BACK = 1, 2, 5
"""``order_state`` of the page."""


@dataclass
class Shipped:
    """What was uploaded for one payment, and how often."""

    words: str
    kind: int
    uploaded_at: str
    times: int = 1


class Shipping:
    """What merchants have uploaded.  Each method holds the lock for its whole, short work."""

    def __init__(self, pay: PayDesk) -> None:
        self._pay = pay
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget every upload; the mini-program is under trade management."""
        with self._lock:
            self._shipped: dict[str, Shipped] = {}
            self.is_managed = True

    def upload(self, body: Mapping[str, Any]) -> None:
        """Take the information for a payment (发货信息录入).  Raises ``Refusal``."""
        words, kind, at = _read(body)
        order = self._find(body.get("order_key"))
        payer = body.get("payer")
        if not isinstance(payer, Mapping) or payer.get("openid") != order["openid"]:
            raise Refusal(10060031, "openid not match the order")
        if order["refunded"] >= order["amount"]["total"]:
            raise Refusal(10060004, "order state can not ship")
        with self._lock:
            before = self._shipped.get(order["transaction_id"])
            if before is None:
                self._shipped[order["transaction_id"]] = Shipped(words, kind, at)
                return
            if (before.words, before.kind) == (words, kind):
                raise Refusal(10060023, "shipping info not changed")
            if before.times >= UPLOADS_MOST:
                raise Refusal(10060003, "reship chance used")
            self._shipped[order["transaction_id"]] = Shipped(words, kind, at, before.times + 1)

    def view(self, asked: Mapping[str, Any]) -> Json:
        """Return a payment with what was uploaded for it (查询订单发货状态).  Raises ``Refusal``."""
        key = {"order_number_type": BY_TRANSACTION, **asked}
        if not asked.get("transaction_id"):
            number = {"mchid": asked.get("merchant_id"), "out_trade_no": asked.get("merchant_trade_no")}
            key = {"order_number_type": BY_NUMBER, **number}
        order = self._find(key)
        shipped = self.of(order["transaction_id"])
        state = PAID_BACK if order["refunded"] >= order["amount"]["total"] else SHIPPED if shipped else TO_SHIP
        shipping: Json = {"finish_shipping": shipped is not None, "shipping_list": []}
        if shipped:
            shipping |= {
                "delivery_mode": TOGETHER,
                "logistics_type": shipped.kind,
                "goods_desc": shipped.words,
                "finish_shipping_count": shipped.times,
                "shipping_list": [{"goods_desc": shipped.words, "upload_time": shipped.uploaded_at}],
            }
        return {
            "transaction_id": order["transaction_id"],
            "merchant_id": order.get("sp_mchid") or order["mchid"],
            "sub_merchant_id": order.get("sub_mchid", ""),
            "merchant_trade_no": order["out_trade_no"],
            "description": order["description"],
            "paid_amount": order["amount"]["total"],
            "openid": order["openid"],
            "order_state": state,
            "shipping": shipping,
        }

    def of(self, transaction_id: str) -> Shipped | None:
        """Return what was uploaded for a payment."""
        with self._lock:
            return self._shipped.get(transaction_id)

    def _find(self, key: object) -> Json:
        if not isinstance(key, Mapping):
            raise Refusal(10060014, "invalid order_key")
        kind = key.get("order_number_type")
        if kind not in (BY_NUMBER, BY_TRANSACTION):
            raise Refusal(268485194, "invalid order_number_type")
        needed = (
            {"transaction_id": 268485195} if kind == BY_TRANSACTION else {"mchid": 268485196, "out_trade_no": 268485197}
        )
        for name, errcode in needed.items():
            if not key.get(name):
                raise Refusal(errcode, f"{name} is empty")
        for order in self._pay.payments():
            ids = {order.get(name) for name in ("mchid", "sp_mchid", "sub_mchid")}
            by_number = order["out_trade_no"] == key.get("out_trade_no") and key.get("mchid") in ids
            by_transaction = order.get("transaction_id") == key.get("transaction_id")
            if order.get("transaction_id") and (by_transaction if kind == BY_TRANSACTION else by_number):
                return order
        raise Refusal(10060001, "order not exist")


def _read(body: Mapping[str, Any]) -> tuple[str, int, str]:
    """Return words, kind and moment of an upload.  Raises ``Refusal``."""
    kind, mode, listed = body.get("logistics_type"), body.get("delivery_mode"), body.get("shipping_list")
    if kind not in KINDS:
        raise Refusal(10060005, "invalid logistics_type")
    if mode not in (TOGETHER, IN_PARTS):
        raise Refusal(268485224, "invalid delivery_mode")
    if mode == IN_PARTS and kind != EXPRESS:
        raise Refusal(10060006, "only express can be split")
    if not isinstance(listed, list) or len(listed) != 1 or not isinstance(listed[0], Mapping):
        raise Refusal(268485228, "shipping_list must have one item")
    words = listed[0].get("item_desc")
    if not isinstance(words, str) or not words:
        raise Refusal(10060008, "item_desc is empty")
    if len(words) > WORDS_MOST:
        raise Refusal(10060009, "item_desc too long")
    if kind == EXPRESS and not listed[0].get("tracking_no"):
        raise Refusal(268485226, "tracking_no is empty")
    at = str(body.get("upload_time", ""))
    if not RFC_3339.fullmatch(at):
        raise Refusal(268485216, "invalid upload_time")
    try:
        dt.datetime.fromisoformat(at)
    except ValueError:
        raise Refusal(268485216, "invalid upload_time") from None
    return words, int(kind), at
