"""Jobs that see to it that WeChat is asked: about orders without a word, orders that have run out, refunds on their way."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Channel, OrderState, PaymentOrder, RefundOrder
from services.outbox import enqueue
from services.payments.topics import ASK_ORDER, ASK_REFUND

AT_ONCE = 200
ORDER_WAITS = tuple(dt.timedelta(seconds=seconds) for seconds in (20, 40, 60, 120, 300, 600))
"""Between one question about an order and the next: mostly the notification is there before the first."""
REFUND_WAITS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
AFTER_ITS_END = dt.timedelta(minutes=10)
"""Until an order that has run out is tried to be closed again, while WeChat is away."""


def ask_about_orders(session: Session, *, now: dt.datetime) -> int:
    """Queue a question about each order that is due; return how many."""
    due = session.scalars(
        sa.select(PaymentOrder)
        .where(PaymentOrder.state.in_([OrderState.NEW, OrderState.PREPAID]), PaymentOrder.next_ask_at <= now)
        .order_by(PaymentOrder.next_ask_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for order in due:
        _queue(session, ASK_ORDER, order, now)
        order.asks += 1
        if order.expires_at <= now:
            order.next_ask_at = now + AFTER_ITS_END
        else:
            order.next_ask_at = min(now + ORDER_WAITS[min(order.asks, len(ORDER_WAITS) - 1)], order.expires_at)
    return len(due)


def ask_about_refunds(session: Session, *, now: dt.datetime) -> int:
    """Queue an errand for each refund that is due; return how many."""
    due = session.scalars(
        sa.select(RefundOrder)
        .where(RefundOrder.next_ask_at <= now)
        .order_by(RefundOrder.next_ask_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for refund in due:
        _queue(session, ASK_REFUND, refund, now)
        refund.asks += 1
        refund.next_ask_at = now + REFUND_WAITS[min(refund.asks, len(REFUND_WAITS) - 1)]
    return len(due)


def _queue(session: Session, topic: str, row: PaymentOrder | RefundOrder, now: dt.datetime) -> None:
    enqueue(
        session,
        channel=Channel.PAY,
        topic=topic,
        dedupe_key=f"{topic}:{row.id}:{row.asks}",
        subject_id=row.id,
        neighborhood_id=row.neighborhood_id,
        now=now,
    )
