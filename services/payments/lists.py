"""Lists of charges, orders and refunds."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Charge, Home, OrderState, PaymentEvent, PaymentOrder, RefundOrder
from services import access
from services.actors import Actor
from services.payments import scope
from services.payments.moves import ORDER_NAMES, REFUND_NAMES
from services.reading.pages import Page, PageRequest, fetch

Row = dict[str, Any]
_ORDERS = sa.select(
    PaymentOrder.id,
    PaymentOrder.out_trade_no.label("number"),
    PaymentOrder.description,
    PaymentOrder.amount,
    PaymentOrder.refunded,
    PaymentOrder.refund_reserved,
    PaymentOrder.state,
    PaymentOrder.home_id,
    Home.label.label("home"),
    PaymentOrder.transaction_id,
    PaymentOrder.created_at,
    PaymentOrder.expires_at,
    PaymentOrder.paid_at,
).outerjoin(Home, Home.id == PaymentOrder.home_id)
_REFUNDS = sa.select(
    RefundOrder.id,
    RefundOrder.order_id,
    RefundOrder.out_refund_no.label("number"),
    RefundOrder.amount,
    RefundOrder.reason,
    RefundOrder.state,
    RefundOrder.refusal,
    RefundOrder.asked_at,
    RefundOrder.checked_at,
    RefundOrder.succeeded_at,
)
_CHARGES = sa.select(
    Charge.id,
    Charge.home_id,
    Home.label.label("home"),
    Charge.amount,
    Charge.description,
    Charge.made_at,
    Charge.withdrawn_at,
    sa.exists()
    .where(
        PaymentOrder.subject_kind == Charge.__tablename__,
        PaymentOrder.subject_id == Charge.id,
        PaymentOrder.state == OrderState.PAID,
    )
    .label("is_paid"),
).join(Home, Home.id == Charge.home_id)


def my_charges(session: Session, *, actor: Actor) -> list[Row]:
    """Return what is asked of the actor's homes, unpaid ones first."""
    homes = [dwelling.home_id for dwelling in actor.dwellings]
    query = _CHARGES.where(Charge.home_id.in_(homes), Charge.withdrawn_at.is_(None))
    rows = [dict(row) for row in session.execute(query.order_by(Charge.id.desc()).limit(100)).mappings()]
    return sorted(rows, key=lambda row: row["is_paid"])


def my_orders(session: Session, *, actor: Actor, page: PageRequest) -> Page:
    """Return the actor's payments, newest first."""
    own = [PaymentOrder.payer_id == actor.person_id]
    if actor.mandate_id is not None:
        own.append(PaymentOrder.neighborhood_id == actor.hat.neighborhood_id)
    return _named(fetch(session.connection(), _ORDERS.where(*own), PaymentOrder.id.expression, page))


def order(session: Session, *, actor: Actor, order_id: int) -> Row:
    """Return one order with its refunds."""
    row = scope.order_for(session, actor, order_id)
    session.flush()
    found = dict(session.execute(_ORDERS.where(PaymentOrder.id == row.id)).mappings().one())
    refunds = session.execute(_REFUNDS.where(RefundOrder.order_id == row.id).order_by(RefundOrder.id)).mappings()
    return {
        **found,
        "state_name": ORDER_NAMES[found["state"]],
        "refunds": [_refund_named(dict(one)) for one in refunds],
    }


def orders_in(session: Session, *, actor: Actor, neighborhood_id: int, page: PageRequest) -> Page:
    """Return a neighborhood's payments, newest first."""
    hood = access.neighborhood_for(session, actor, neighborhood_id)
    query = _ORDERS.where(PaymentOrder.neighborhood_id == hood.id)
    return _named(fetch(session.connection(), query, PaymentOrder.id.expression, page))


def charges_in(session: Session, *, actor: Actor, neighborhood_id: int, page: PageRequest) -> Page:
    """Return what was asked of a neighborhood's homes, newest first."""
    hood = access.neighborhood_for(session, actor, neighborhood_id)
    query = _CHARGES.where(Charge.neighborhood_id == hood.id)
    return fetch(session.connection(), query, Charge.id.expression, page)


def refunds_in(session: Session, *, actor: Actor, neighborhood_id: int, page: PageRequest) -> Page:
    """Return a neighborhood's refunds, newest first."""
    hood = access.neighborhood_for(session, actor, neighborhood_id)
    query = _REFUNDS.where(RefundOrder.neighborhood_id == hood.id)
    found = fetch(session.connection(), query, RefundOrder.id.expression, page)
    return Page([_refund_named(row) for row in found.items], found.next)


def events(session: Session, *, actor: Actor, order_id: int) -> Sequence[PaymentEvent]:
    """Return what happened to an order, in its order."""
    found = scope.order_for(session, actor, order_id)
    query = sa.select(PaymentEvent).where(PaymentEvent.order_id == found.id).order_by(PaymentEvent.id)
    return session.scalars(query).all()


def _named(page: Page) -> Page:
    return Page([{**row, "state_name": ORDER_NAMES[row["state"]]} for row in page.items], page.next)


def _refund_named(row: Row) -> Row:
    return {**row, "state_name": REFUND_NAMES[row["state"]]}
