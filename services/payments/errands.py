"""What the worker does at WeChat Pay: collect (in a transaction), carry (in none), settle (in a transaction).

An errand asks what became of an order or a refund, and does what is due: closes an order that has run out, hands over a
refund that was approved.  All of it may be done again at any time: the numbers are the same.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import MerchantAccount, OrderState, PaymentOrder, RefundOrder, RefundOrderState, WordSource
from services.errors import Rejected
from services.outbox import Claimed
from services.payment_ports import (
    ORDER_MISSING,
    ORDER_PAID,
    Merchant,
    PaymentGateway,
    RefundRequest,
    RefundWord,
    TradeState,
    Transaction,
)
from services.payments import bill_errands, merchants, refunding, scope, settling
from services.payments.bill_errands import BillErrand, Bills
from services.payments.settling import Heard, Said
from services.payments.topics import ASK_ORDER, ASK_REFUND, FETCH_BILL
from services.vault import Vault

NOT_THERE = "unknown_to_wechat"


@dataclass(frozen=True)
class OrderErrand:
    """Ask about an order; ``closes``: close it if nobody has paid."""

    order_id: int
    number: str
    merchant: Merchant
    closes: bool


@dataclass(frozen=True)
class RefundErrand:
    """Ask about a refund; ``sends``: WeChat may not know of it yet."""

    refund_id: int
    merchant: Merchant
    request: RefundRequest
    sends: bool


Errand = OrderErrand | RefundErrand | BillErrand


@dataclass(frozen=True)
class Answer:
    """What WeChat said: a word; that it is closed now; that it will not or does not know it (``refused``); or bills."""

    word: Transaction | RefundWord | None = None
    closed: bool = False
    refused: Rejected | None = None
    bills: Bills | None = None


def collect(
    session: Session, batch: Iterable[Claimed], *, vault: Vault, notify_base: str, now: dt.datetime
) -> dict[int, Errand]:
    """Return what each claimed row is to do, by its id; nothing where it is settled already."""
    found: dict[int, Errand] = {}
    for message in batch:
        errand: Errand | None = None
        if message.topic == ASK_ORDER:
            errand = order_errand(session, message.subject_id or 0, vault=vault, now=now)
        if message.topic == ASK_REFUND:
            errand = _refund_errand(session, message.subject_id or 0, vault=vault, notify_base=notify_base)
        if message.topic == FETCH_BILL:
            errand = bill_errands.collect(session, message.subject_id or 0, message.payload["day"], vault=vault)
        if errand is not None:
            found[message.id] = errand
    return found


def order_errand(
    session: Session, order_id: int, *, vault: Vault, now: dt.datetime, closes: bool = False
) -> OrderErrand | None:
    """Return what to ask about an order: also of one that is closed, if a person wants to know."""
    order = session.get(PaymentOrder, order_id)
    if order is None or order.state in {OrderState.PAID, OrderState.REFUNDED}:
        return None
    merchant = merchants.opened(session, session.get_one(MerchantAccount, order.merchant_id), vault)
    return OrderErrand(order.id, order.out_trade_no, merchant, closes or order.expires_at <= now)


def _refund_errand(session: Session, refund_id: int, *, vault: Vault, notify_base: str) -> RefundErrand | None:
    refund = session.get(RefundOrder, refund_id)
    if refund is None or refund.next_ask_at is None:
        return None
    order = session.get_one(PaymentOrder, refund.order_id)
    account = session.get_one(MerchantAccount, order.merchant_id)
    request = RefundRequest(
        out_refund_no=refund.out_refund_no,
        out_trade_no=order.out_trade_no,
        amount=refund.amount,
        total=order.amount,
        reason=refund.reason,
        notify_url=f"{notify_base}{account.slug}",
    )
    sends = refund.state is RefundOrderState.APPROVED
    return RefundErrand(refund.id, merchants.opened(session, account, vault), request, sends)


def carry(errand: Errand, gateway: PaymentGateway) -> Answer:
    """Do an errand.  Raises the ``GatewayError`` family for what is to be tried again."""
    if isinstance(errand, OrderErrand):
        return _ask_order(errand, gateway)
    if isinstance(errand, BillErrand):
        return Answer(bills=bill_errands.fetch(errand, gateway))
    return _ask_refund(errand, gateway)


def _ask_order(errand: OrderErrand, gateway: PaymentGateway) -> Answer:
    try:
        word = gateway.query(errand.merchant, errand.number)
        if word.state is not TradeState.UNPAID or not errand.closes:
            return Answer(word)
        gateway.close(errand.merchant, errand.number)
    except Rejected as error:
        if error.reason == ORDER_MISSING:
            return Answer(refused=error)
        if error.reason == ORDER_PAID:  # between the question and the closing
            return Answer(gateway.query(errand.merchant, errand.number))
        raise
    return Answer(closed=True)


def _ask_refund(errand: RefundErrand, gateway: PaymentGateway) -> Answer:
    refused = None
    if errand.sends:
        try:
            return Answer(gateway.refund(errand.merchant, errand.request))
        except Rejected as error:
            refused = error
    try:
        # A refusal is not signed: whether WeChat has the refund all the same, it has to say itself.
        return Answer(gateway.query_refund(errand.merchant, errand.request.out_refund_no))
    except Rejected as error:
        if error.reason == ORDER_MISSING and refused is not None:
            return Answer(refused=refused)
        raise


def settle(session: Session, errand: Errand, answer: Answer, *, now: dt.datetime, ships: bool = False) -> Heard:
    """Write down what WeChat said."""
    said = Said(WordSource.ANSWER, now, ships)
    if isinstance(errand, OrderErrand):
        return _settle_order(session, errand, answer, said)
    if isinstance(errand, BillErrand):
        if answer.bills is not None:
            bill_errands.settle(session, errand, answer.bills, now=now)
        return Heard.BOOKED
    refund = session.get_one(RefundOrder, errand.refund_id)
    order = scope.locked_order(session, refund.order_id)
    if order is None:
        return Heard.NOTHING
    refund = scope.locked_refund(session, refund.id)
    if isinstance(answer.word, RefundWord):
        return refunding.hear(session, order, refund, answer.word, said)
    if answer.refused is not None:
        refunding.gave_up(session, order, refund, answer.refused.reason, answer.refused.detail, said)
    return Heard.CLOSED


def _settle_order(session: Session, errand: OrderErrand, answer: Answer, said: Said) -> Heard:
    order = scope.locked_order(session, errand.order_id)
    if order is None:
        return Heard.NOTHING
    if isinstance(answer.word, Transaction):
        return settling.hear(session, order, answer.word, said)
    if answer.closed:
        return settling.close(session, order, said)
    if errand.closes:
        return settling.close(session, order, said, why=NOT_THERE)
    return Heard.NOTHING
