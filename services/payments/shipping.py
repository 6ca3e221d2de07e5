"""WeChat is told that what was paid for was given (发货信息管理): without it the money of some mini-programs stays frozen.

Only where the setting asks for it; a row of the outbox for each payment, written with the booking.  A payment is booked
whether or not WeChat ever takes this.
"""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Channel, OrderState, PaymentOrder, WeChatAccount
from services.clocks import local_day
from services.outbox import Claimed, enqueue
from services.payment_ports import ShippingInfo
from services.payments import telling
from services.payments.words import yuan

TOPIC = "shipping.upload"
SOON = dt.timedelta(minutes=1)
"""WeChat knows of a payment here somewhat later than where it was made; asked at once it says that there is none."""


def queue(session: Session, order: PaymentOrder, *, now: dt.datetime) -> None:
    """Have a payment reported; the same one again does nothing."""
    enqueue(
        session,
        channel=Channel.SHIPPING,
        topic=TOPIC,
        dedupe_key=f"shipping:{order.id}",
        subject_id=order.id,
        neighborhood_id=order.neighborhood_id,
        now=now,
        due_at=now + SOON,
    )


def queue_missed(session: Session, *, since: dt.datetime, now: dt.datetime) -> int:
    """Have every payment since then reported, for when the setting is switched on late; return how many there are."""
    orders = session.scalars(
        sa.select(PaymentOrder).where(PaymentOrder.state == OrderState.PAID, PaymentOrder.paid_at >= since)
    ).all()
    for order in orders:
        queue(session, order, now=now)
    return len(orders)


def uploads(session: Session, batch: Iterable[Claimed], *, now: dt.datetime) -> dict[int, ShippingInfo]:
    """Return what to report for each row, by its id; nothing for a payment that went back meanwhile."""
    by_order = {message.subject_id: message.id for message in batch}
    rows = session.execute(
        sa.select(PaymentOrder, WeChatAccount.openid)
        .join(WeChatAccount, WeChatAccount.id == PaymentOrder.account_id)
        .where(PaymentOrder.id.in_(by_order), PaymentOrder.state == OrderState.PAID)
    )
    return {
        by_order[order.id]: ShippingInfo(
            transaction_id=order.transaction_id or "", openid=openid, description=order.description, at=now
        )
        for order, openid in rows
    }


def gave_up(session: Session, message: Claimed, *, now: dt.datetime) -> None:
    """Tell those who look after the money that WeChat does not take it: they can report it by hand."""
    order = session.get(PaymentOrder, message.subject_id or 0)
    if order is None or order.paid_at is None:
        return
    body = (
        f"{local_day(order.paid_at):%Y-%m-%d}收的{order.description}（{yuan(order.amount)}，付款单号{order.out_trade_no}），"
        "微信没有收下服务完成信息，这笔钱可能晚到账。请登录微信公众平台，在“订单与物流”里给这一笔补上。"
    )
    key = f"payment:{order.id}:shipping"
    telling.tell_staff(session, order.neighborhood_id, "有一笔收款要去微信补登记", body, key=key, now=now)
