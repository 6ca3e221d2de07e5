"""The treasurer's side of payments: charges, what came in, refunds by two people."""

from typing import Any

from app import identity
from app.api.answers import now, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.payments import (
    ChargeBody,
    ChargeOut,
    ChargePage,
    DifferenceWordsBody,
    PaymentBillPage,
    PaymentDifferenceOut,
    PaymentDifferencePage,
    PaymentHistoryOut,
    PaymentOrderOut,
    PaymentOrderPage,
    RefundBody,
    RefundPage,
    RefundRefusalBody,
)
from models import Charge
from services.payments import charges, differences, lists, refunding
from services.permissions import Permission
from services.reading.pages import Page

blp = ApiBlueprint("payment_desk", __name__, url_prefix="/api/v1", description="Payments: the treasurer's side")


@blp.get("/neighborhoods/<id:neighborhood_id>/charges")
@allow(Permission.PAYMENT_LIST)
@blp.arguments(PageQuery, location="query")
@blp.response(200, ChargePage)
def listed_charges(query: dict[str, Any], neighborhood_id: int) -> Page:
    """One-off amounts that were asked, newest first."""
    page = page_request(query)
    return lists.charges_in(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, page=page)


@blp.post("/neighborhoods/<id:neighborhood_id>/charges")
@allow(Permission.CHARGE_MAKE)
@blp.arguments(ChargeBody)
@blp.response(201, ChargeOut)
def charge(body: dict[str, Any], neighborhood_id: int) -> Charge:
    """Ask a one-off amount of a home."""
    return charges.make(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now(), **body)


@blp.post("/charges/<id:charge_id>/withdraw")
@allow(Permission.CHARGE_MAKE)
@blp.response(200, ChargeOut)
def withdraw(charge_id: int) -> Charge:
    """Ask for it no longer."""
    return charges.withdraw(db.session(), actor=identity.actor(), charge_id=charge_id, now=now())


@blp.get("/neighborhoods/<id:neighborhood_id>/payment-orders")
@allow(Permission.PAYMENT_LIST)
@blp.arguments(PageQuery, location="query")
@blp.response(200, PaymentOrderPage)
def listed(query: dict[str, Any], neighborhood_id: int) -> Page:
    """Payments of a neighborhood, newest first."""
    page = page_request(query)
    return lists.orders_in(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, page=page)


@blp.get("/payment-orders/<id:payment_order_id>/history")
@allow(Permission.PAYMENT_LIST)
@blp.response(200, PaymentHistoryOut)
def history(payment_order_id: int) -> dict[str, Any]:
    """What happened to a payment, and from whom we know."""
    return {"items": lists.events(db.session(), actor=identity.actor(), order_id=payment_order_id)}


@blp.get("/neighborhoods/<id:neighborhood_id>/refunds")
@allow(Permission.PAYMENT_LIST)
@blp.arguments(PageQuery, location="query")
@blp.response(200, RefundPage)
def listed_refunds(query: dict[str, Any], neighborhood_id: int) -> Page:
    """Refunds of a neighborhood, newest first."""
    page = page_request(query)
    return lists.refunds_in(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, page=page)


@blp.post("/payment-orders/<id:payment_order_id>/refunds")
@allow(Permission.REFUND_ASK)
@blp.arguments(RefundBody)
@blp.response(201, PaymentOrderOut)
def refund(body: dict[str, Any], payment_order_id: int) -> dict[str, Any]:
    """Ask for money to go back; somebody else has to let it go."""
    session, actor = db.session(), identity.actor()
    refunding.ask(session, actor=actor, order_id=payment_order_id, now=now(), **body)
    return lists.order(session, actor=actor, order_id=payment_order_id)


@blp.post("/refunds/<id:refund_id>/approve")
@allow(Permission.REFUND_CHECK)
@blp.response(200, PaymentOrderOut)
def approve(refund_id: int) -> dict[str, Any]:
    """Let a refund go that somebody else asked for."""
    session, actor = db.session(), identity.actor()
    made = refunding.approve(session, actor=actor, refund_id=refund_id, now=now())
    return lists.order(session, actor=actor, order_id=made.order_id)


@blp.post("/refunds/<id:refund_id>/refuse")
@allow(Permission.REFUND_CHECK)
@blp.arguments(RefundRefusalBody)
@blp.response(200, PaymentOrderOut)
def refuse(body: dict[str, Any], refund_id: int) -> dict[str, Any]:
    """Do not let a refund go."""
    session, actor = db.session(), identity.actor()
    made = refunding.refuse(session, actor=actor, refund_id=refund_id, now=now(), **body)
    return lists.order(session, actor=actor, order_id=made.order_id)


@blp.get("/neighborhoods/<id:neighborhood_id>/payment-bills")
@allow(Permission.PAYMENT_LIST)
@blp.arguments(PageQuery, location="query")
@blp.response(200, PaymentBillPage)
def listed_bills(query: dict[str, Any], neighborhood_id: int) -> Page:
    """WeChat's daily bills, newest first."""
    page = page_request(query)
    return differences.bills_in(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, page=page)


@blp.get("/neighborhoods/<id:neighborhood_id>/payment-differences")
@allow(Permission.PAYMENT_LIST)
@blp.arguments(PageQuery, location="query")
@blp.response(200, PaymentDifferencePage)
def listed_differences(query: dict[str, Any], neighborhood_id: int) -> Page:
    """Where WeChat's bills and our books do not agree, newest first."""
    page = page_request(query)
    return differences.listed(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, page=page)


@blp.post("/payment-differences/<id:difference_id>/settle")
@allow(Permission.PAYMENT_RECONCILE)
@blp.arguments(DifferenceWordsBody)
@blp.response(200, PaymentDifferenceOut)
def settle_difference(body: dict[str, Any], difference_id: int) -> dict[str, Any]:
    """Write down why they did not agree."""
    return differences.settle(db.session(), actor=identity.actor(), difference_id=difference_id, now=now(), **body)
