"""The states of orders and refunds as tables: what WeChat or people say, and where it leads.

A word that is not in the table of a state changes nothing: words come twice, late, and in any order.
"""

import enum
from collections.abc import Mapping

from models import OrderState, RefundOrderState

S, R = OrderState, RefundOrderState


class OrderMove(enum.StrEnum):
    """What can happen to an order.  The names stand in its history for ever."""

    PREPAY = "prepaid"
    PAY = "paid"
    CLOSE = "closed"
    REFUND_ALL = "refunded"


class RefundMove(enum.StrEnum):
    """What can happen to a refund.  The names stand in the history of its order for ever."""

    APPROVE = "refund_approved"
    REFUSE = "refund_refused"
    ACCEPT = "refund_accepted"
    SUCCEED = "refund_succeeded"
    CLOSE = "refund_closed"
    STRAND = "refund_abnormal"


ORDER_MOVES: Mapping[OrderMove, Mapping[OrderState, OrderState]] = {
    OrderMove.PREPAY: {S.NEW: S.PREPAID, S.PREPAID: S.PREPAID},
    # Late word after a close: money that came has come.
    OrderMove.PAY: {S.NEW: S.PAID, S.PREPAID: S.PAID, S.CLOSED: S.PAID},
    OrderMove.CLOSE: {S.NEW: S.CLOSED, S.PREPAID: S.CLOSED},
    OrderMove.REFUND_ALL: {S.PAID: S.REFUNDED},
}
REFUND_MOVES: Mapping[RefundMove, Mapping[RefundOrderState, RefundOrderState]] = {
    RefundMove.APPROVE: {R.ASKED: R.APPROVED},
    RefundMove.REFUSE: {R.ASKED: R.REFUSED},
    RefundMove.ACCEPT: {R.APPROVED: R.PROCESSING, R.ABNORMAL: R.PROCESSING},
    # A refund that WeChat did not know may turn up after all.
    RefundMove.SUCCEED: dict.fromkeys((R.APPROVED, R.PROCESSING, R.ABNORMAL, R.CLOSED), R.SUCCEEDED),
    RefundMove.CLOSE: dict.fromkeys((R.APPROVED, R.PROCESSING, R.ABNORMAL), R.CLOSED),
    RefundMove.STRAND: {R.APPROVED: R.ABNORMAL, R.PROCESSING: R.ABNORMAL},
}

ORDER_NAMES: Mapping[OrderState, str] = {
    S.NEW: "还没付",
    S.PREPAID: "还没付",
    S.PAID: "已付",
    S.REFUNDED: "已退款",
    S.CLOSED: "已取消",
}
REFUND_NAMES: Mapping[RefundOrderState, str] = {
    R.ASKED: "等第二个人核准",
    R.REFUSED: "没有核准",
    R.APPROVED: "正在交给微信",
    R.PROCESSING: "微信正在退",
    R.SUCCEEDED: "已退回",
    R.CLOSED: "没有退成",
    R.ABNORMAL: "退款卡住了",
}


def order_after(state: OrderState, move: OrderMove) -> OrderState | None:
    """Return where a move leads from a state, or nothing where it changes nothing."""
    return ORDER_MOVES[move].get(state)


def refund_after(state: RefundOrderState, move: RefundMove) -> RefundOrderState | None:
    """Return where a move leads from a state, or nothing where it changes nothing."""
    return REFUND_MOVES[move].get(state)
