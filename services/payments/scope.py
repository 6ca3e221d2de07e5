"""Whose orders and refunds are whose.  "Not yours" looks like "not there"."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import OrgUnit, PaymentOrder, RefundOrder
from services.actors import Actor
from services.errors import NotFound
from services.permissions import Permission

ORDER_MISSING = "没有找到这笔付款。请从“我的缴费”里点开。"
REFUND_MISSING = "没有找到这笔退款。请从退款列表里点开。"


def order_for(session: Session, actor: Actor, order_id: int, *, change: bool = False) -> PaymentOrder:
    """Return an order that the actor pays, or one of a neighborhood whose payments are the actor's business.

    ``change`` locks it until the commit.  Raises ``NotFound``.
    """
    order = locked_order(session, order_id) if change else session.get(PaymentOrder, order_id)
    if order is None or not _may_see(session, actor, order):
        raise NotFound(ORDER_MISSING, code="payment_order_not_found")
    return order


def locked_order(session: Session, order_id: int) -> PaymentOrder | None:
    """Return an order as it is now, locked until the commit."""
    return session.scalar(
        sa.select(PaymentOrder)
        .where(PaymentOrder.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def refund_for(session: Session, actor: Actor, refund_id: int) -> tuple[PaymentOrder, RefundOrder]:
    """Return a refund and its order, both locked: the order first, as everybody does.  Raises ``NotFound``."""
    order_id = session.scalar(sa.select(RefundOrder.order_id).where(RefundOrder.id == refund_id))
    order = locked_order(session, order_id) if order_id is not None else None
    if order is None or actor.is_resident or not _may_see(session, actor, order):
        raise NotFound(REFUND_MISSING, code="refund_not_found")
    return order, locked_refund(session, refund_id)


def locked_refund(session: Session, refund_id: int) -> RefundOrder:
    """Return a refund as it is now; its order is locked already."""
    return session.get_one(RefundOrder, refund_id, with_for_update=True, populate_existing=True)


def _may_see(session: Session, actor: Actor, order: PaymentOrder) -> bool:
    if actor.is_resident:
        elsewhere = actor.mandate_id is not None and order.neighborhood_id != actor.hat.neighborhood_id
        return order.payer_id == actor.person_id and not elsewhere
    money = any(actor.may(one) for one in (Permission.PAYMENT_LIST, Permission.REFUND_ASK, Permission.REFUND_CHECK))
    return money and actor.stands_above(session.get_one(OrgUnit, order.neighborhood_id).path)
