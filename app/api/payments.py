"""Paying through WeChat: what is owed, an order, the client's parameters, what became of it."""

from typing import Any

from app import identity, paying
from app.api.answers import now, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.payments import ChargesOut, PaymentOrderOut, PaymentOrderPage, PayParametersOut
from app.transaction import transaction
from models import Charge
from services.payment_ports import ClientParameters
from services.payments import lists, opening
from services.permissions import Permission
from services.reading.pages import Page

blp = ApiBlueprint("payments", __name__, url_prefix="/api/v1", description="Paying through WeChat")


@blp.get("/me/charges")
@allow(Permission.PAYMENT_PAY)
@blp.response(200, ChargesOut)
def owed() -> dict[str, Any]:
    """What is asked of my homes, unpaid first."""
    return {"items": lists.my_charges(db.session(), actor=identity.actor())}


@blp.post("/charges/<id:charge_id>/orders")
@allow(Permission.PAYMENT_PAY)
@blp.response(201, PaymentOrderOut)
def open_order(charge_id: int) -> dict[str, Any]:
    """Begin to pay: a new order, or the one that is open already."""
    session, actor = db.session(), identity.actor()
    kind = Charge.__tablename__
    order = opening.open_order(session, actor=actor, subject_kind=kind, subject_id=charge_id, now=now())
    return lists.order(session, actor=actor, order_id=order.id)


@blp.get("/me/payment-orders")
@allow(Permission.PAYMENT_PAY)
@blp.arguments(PageQuery, location="query")
@blp.response(200, PaymentOrderPage)
def mine(query: dict[str, Any]) -> Page:
    """My payments, newest first."""
    return lists.my_orders(db.session(), actor=identity.actor(), page=page_request(query))


@blp.get("/payment-orders/<id:payment_order_id>")
@allow(Permission.PAYMENT_PAY)
@blp.response(200, PaymentOrderOut)
def one(payment_order_id: int) -> dict[str, Any]:
    """One of my payments, as far as WeChat has said."""
    return lists.order(db.session(), actor=identity.actor(), order_id=payment_order_id)


@blp.post("/payment-orders/<id:payment_order_id>/parameters")
@allow(Permission.PAYMENT_PAY, own_transactions=True)
@blp.response(200, PayParametersOut)
def parameters(payment_order_id: int) -> ClientParameters:
    """What `wx.requestPayment` needs."""
    return paying.parameters(identity.actor(), payment_order_id, now=now())


@blp.post("/payment-orders/<id:payment_order_id>/ask")
@allow(Permission.PAYMENT_PAY, own_transactions=True)
@blp.response(200, PaymentOrderOut)
def ask(payment_order_id: int) -> dict[str, Any]:
    """Ask WeChat what became of my payment: after `wx.requestPayment`, whatever it said."""
    return _asked(payment_order_id, closes=False)


@blp.post("/payment-orders/<id:payment_order_id>/cancel")
@allow(Permission.PAYMENT_PAY, own_transactions=True)
@blp.response(200, PaymentOrderOut)
def cancel(payment_order_id: int) -> dict[str, Any]:
    """Pay it no longer.  If it was paid meanwhile, the answer says so."""
    return _asked(payment_order_id, closes=True)


def _asked(order_id: int, *, closes: bool) -> dict[str, Any]:
    actor = identity.actor()
    paying.ask(actor, order_id, now=now(), closes=closes)
    with transaction(read_only=True) as session:
        return lists.order(session, actor=actor, order_id=order_id)
