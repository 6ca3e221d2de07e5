"""What ``wx.requestPayment`` does on a phone: checks the signature, shows payee and amount, and lets the person decide.

Source: 微信支付文档「小程序调起支付」.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wechat.sandbox.pay.merchants import NAMES
from wechat.sandbox.pay.orders import Order, Orders
from wechat.sandbox.pay.signing import lines, signed_by
from wechat.sandbox.pay.states import OPEN, OrderEvent, OrderState
from wechat.sandbox.pay_refusal import PayRefusal
from wechat.sandbox.phones import moment
from wechat.sandbox.refusal import Unknown

Json = dict[str, Any]

NAMES_OF_PARTS = ("timeStamp", "nonceStr", "package", "signType", "paySign")
TAPS: Mapping[str, OrderEvent] = {
    "begin": OrderEvent.BEGIN,
    "pay": OrderEvent.PAY,
    "cancel": OrderEvent.CANCEL,
    "fail": OrderEvent.FAIL,
}
SAID: Mapping[str, str] = {
    "begin": "",
    "pay": "requestPayment:ok",
    "cancel": "requestPayment:fail cancel",
    "fail": "requestPayment:fail",
}


@dataclass
class Sheet:
    """The sheet that slides up on a phone; ``said`` is what the mini-program is told when it is gone."""

    number: int
    order: Order
    opened_at: float
    said: str = ""

    def view(self) -> Json:
        """Return what the person reads."""
        order = self.order
        return {
            "number": self.number,
            "payee": NAMES[order.payee],
            "description": order.sent["description"],
            "amount": order.total,
            "out_trade_no": order.out_trade_no,
            "trade_state": order.state.value,
            "opened_at": moment(self.opened_at),
            "errMsg": self.said or None,
        }


class Checkout:
    """The sheets of all phones.  ``PayDesk`` holds the lock."""

    def __init__(self, orders: Orders, appid: str, clock: Callable[[], float]) -> None:
        self._orders = orders
        self._appid = appid
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Put every sheet away."""
        self._sheets: dict[int, Sheet] = {}

    def open(self, openid: str, given: Mapping[str, Any]) -> Sheet:
        """Show the sheet for what the mini-program handed over.

        Raises ``Unknown`` (400) with WeChat's kind of words when the parameters, the signature or the payer are wrong.
        """
        for name in NAMES_OF_PARTS:
            if not isinstance(given.get(name), str) or not given[name]:
                raise _failed(f"parameter error: {name} should be a String")
        order = self._order(given)
        if order.client_appid != self._appid:
            raise _failed("appid and prepay_id do not match")
        if order.openid != openid:
            raise _failed("this prepay_id is another person's")
        if order.state not in OPEN:
            raise _failed("the order is paid" if order.transaction_id else "the order is closed")
        for earlier in self.waiting(openid):
            if earlier.order is order:
                earlier.said = SAID["cancel"]
        sheet = Sheet(len(self._sheets) + 1, order, self._clock())
        self._sheets[sheet.number] = sheet
        return sheet

    def waiting(self, openid: str) -> list[Sheet]:
        """Return the sheets on a phone that nobody has answered, oldest first."""
        mine = (one for one in self._sheets.values() if one.order.openid == openid and not one.said)
        return [one for one in mine if self._still_open(one)]

    def sheet(self, openid: str, number: int) -> Sheet:
        """Return a sheet of a phone.  Raises ``Unknown``."""
        sheet = self._sheets.get(number)
        if sheet is None or sheet.order.openid != openid:
            raise Unknown("no such payment on this phone")
        self._still_open(sheet)
        return sheet

    def tap(self, openid: str, number: int, tap: str) -> Sheet:
        """Pay, cancel, let it fail, or begin to type the password.

        Raises ``Unknown``: 409 when the sheet is gone or the order cannot be paid any more.
        """
        if tap not in TAPS:
            raise Unknown(f"taps are {', '.join(TAPS)}", 400)
        sheet = self.sheet(openid, number)
        if sheet.said:
            raise Unknown("this payment is over", 409)
        try:
            self._orders.happen(sheet.order, TAPS[tap])
        except PayRefusal as refusal:
            raise Unknown(refusal.message, 409) from refusal
        sheet.said = SAID[tap]
        return sheet

    def _order(self, given: Mapping[str, str]) -> Order:
        if given["signType"] != "RSA":
            raise _failed("signType must be RSA")
        prefix, _, prepay_id = given["package"].partition("=")
        order = self._orders.by_prepay(prepay_id) if prefix == "prepay_id" else None
        if order is None:
            raise _failed("prepay_id is unknown or older than two hours")
        message = lines(self._appid, given["timeStamp"], given["nonceStr"], body=given["package"].encode())
        if not signed_by(order.merchant.own.pair, message, given["paySign"]):
            raise _failed("支付验证签名失败")
        return order

    def _still_open(self, sheet: Sheet) -> bool:
        """Whether the sheet can be answered; one whose order was closed or paid meanwhile is told so."""
        if not sheet.said and self._orders.fresh(sheet.order).state not in OPEN:
            sheet.said = SAID["pay"] if sheet.order.state is not OrderState.CLOSED else SAID["fail"]
        return not sheet.said


def _failed(words: str) -> Unknown:
    return Unknown(f"requestPayment:fail {words}", 400)
