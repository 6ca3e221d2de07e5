"""What can happen to an order and to a refund, as tables (微信支付文档「订单状态流转」, 「退款状态」).

Orders of the mini-program know NOTPAY, SUCCESS, CLOSED and REFUND.  USERPAYING and PAYERROR are documented for payment
codes only; here a person may be typing the password, or the bank may break off, so that our side meets these words too.
"""

import enum
from collections.abc import Mapping

from wechat.sandbox.pay_refusal import PayRefusal


class OrderState(enum.StrEnum):
    """``trade_state``."""

    NOTPAY = "NOTPAY"
    USERPAYING = "USERPAYING"
    PAYERROR = "PAYERROR"
    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    CLOSED = "CLOSED"


class OrderEvent(enum.StrEnum):
    """What a person, the bank, the merchant or the time does to an order."""

    BEGIN = "begin"
    PAY = "pay"
    CANCEL = "cancel"
    FAIL = "fail"
    CLOSE = "close"
    EXPIRE = "expire"
    REFUND = "refund"


class RefundState(enum.StrEnum):
    """``status`` of a refund."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    CLOSED = "CLOSED"
    ABNORMAL = "ABNORMAL"


class RefundEvent(enum.StrEnum):
    """What becomes of a refund: paid back, refused by the bank, given up, or tried again by the merchant."""

    ARRIVE = "arrive"
    BOUNCE = "bounce"
    CLOSE = "close"
    RETRY = "retry"


_O, _OE, _R, _RE = OrderState, OrderEvent, RefundState, RefundEvent

ORDER_MOVES: Mapping[OrderState, Mapping[OrderEvent, OrderState]] = {
    _O.NOTPAY: {
        _OE.BEGIN: _O.USERPAYING,
        _OE.PAY: _O.SUCCESS,
        _OE.CANCEL: _O.NOTPAY,
        _OE.FAIL: _O.NOTPAY,
        _OE.CLOSE: _O.CLOSED,
        _OE.EXPIRE: _O.CLOSED,
    },
    _O.USERPAYING: {
        _OE.PAY: _O.SUCCESS,
        _OE.CANCEL: _O.NOTPAY,
        _OE.FAIL: _O.PAYERROR,
        _OE.EXPIRE: _O.CLOSED,
    },
    _O.PAYERROR: {
        _OE.BEGIN: _O.USERPAYING,
        _OE.PAY: _O.SUCCESS,
        _OE.CANCEL: _O.PAYERROR,
        _OE.FAIL: _O.PAYERROR,
        _OE.CLOSE: _O.CLOSED,
        _OE.EXPIRE: _O.CLOSED,
    },
    _O.SUCCESS: {_OE.REFUND: _O.REFUND},
    _O.REFUND: {_OE.REFUND: _O.REFUND},
    _O.CLOSED: {_OE.CLOSE: _O.CLOSED},
}

REFUND_MOVES: Mapping[RefundState, Mapping[RefundEvent, RefundState]] = {
    _R.PROCESSING: {_RE.ARRIVE: _R.SUCCESS, _RE.BOUNCE: _R.ABNORMAL, _RE.CLOSE: _R.CLOSED},
    _R.ABNORMAL: {_RE.RETRY: _R.PROCESSING},
    _R.SUCCESS: {},
    _R.CLOSED: {},
}

DESCRIPTIONS: Mapping[OrderState, str] = {
    _O.NOTPAY: "订单未支付",
    _O.USERPAYING: "用户支付中",
    _O.PAYERROR: "支付失败",
    _O.SUCCESS: "支付成功",
    _O.REFUND: "订单发生过退款",
    _O.CLOSED: "订单已关闭",
}
OPEN = frozenset({_O.NOTPAY, _O.USERPAYING, _O.PAYERROR})
PAID = frozenset({_O.SUCCESS, _O.REFUND})


def next_order_state(state: OrderState, event: OrderEvent) -> OrderState:
    """Return the state after an event.  Raises the ``PayRefusal`` that the documents name for it."""
    if event in ORDER_MOVES[state]:
        return ORDER_MOVES[state][event]
    if event is OrderEvent.REFUND:
        raise PayRefusal("INVALID_REQUEST", "订单未支付或已关闭，不能退款")
    if state in PAID:
        raise PayRefusal("ORDERPAID")
    if state is OrderState.CLOSED:
        raise PayRefusal("ORDER_CLOSED")
    raise PayRefusal("TRADE_ERROR", "用户正在支付，请稍后再试")


def next_refund_state(state: RefundState, event: RefundEvent) -> RefundState:
    """Return the state after an event.  Raises ``PayRefusal`` where it cannot happen."""
    if event not in REFUND_MOVES[state]:
        raise PayRefusal("INVALID_REQUEST", f"退款单状态为{state}，不能这样操作")
    return REFUND_MOVES[state][event]
