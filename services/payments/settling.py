"""WeChat's word on an order becomes our state of it: once, whoever says it, however often and in whatever order."""

import datetime as dt
import enum
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import MerchantAccount, OrderState, PaymentOrder, WeChatAccount, WordSource
from services.payment_ports import TradeState, Transaction
from services.payments import history, shipping, telling
from services.payments.moves import OrderMove, order_after

CURRENCY = "CNY"
PAID_WORDS = frozenset({TradeState.PAID, TradeState.REFUNDED})


class Heard(enum.StrEnum):
    """What a word on an order did."""

    BOOKED = "booked"
    KNOWN = "known"
    NOTHING = "nothing"
    """It is not over."""
    CLOSED = "closed"
    SUSPICIOUS = "suspicious"
    """It does not fit the order: nothing is booked, and people are told."""


@dataclass(frozen=True)
class Said:
    """By which way a word came, and when."""

    source: WordSource
    moment: dt.datetime
    ships: bool = False
    """Whether WeChat wants to be told that what was paid for was given (``services.payments.shipping``)."""


def hear(session: Session, order: PaymentOrder, word: Transaction, said: Said) -> Heard:
    """Take WeChat's word on an order that is locked."""
    if word.state in PAID_WORDS:
        return _paid(session, order, word, said)
    if word.state is TradeState.CLOSED:
        return close(session, order, said)
    return Heard.NOTHING


def close(session: Session, order: PaymentOrder, said: Said, **detail: str) -> Heard:
    """Note that an order can no longer be paid; one that is paid stays paid."""
    target = order_after(order.state, OrderMove.CLOSE)
    if target is None:
        return Heard.KNOWN
    order.state, order.closed_at, order.next_ask_at = target, said.moment, None
    history.record(session, order, OrderMove.CLOSE, source=said.source, now=said.moment, detail=detail)
    return Heard.CLOSED


def _paid(session: Session, order: PaymentOrder, word: Transaction, said: Said) -> Heard:
    wrong = mismatches(session, order, word)
    if wrong:
        return _suspect(session, order, word, wrong, said)
    target = order_after(order.state, OrderMove.PAY)
    if target is None:
        return Heard.KNOWN
    late = order.state is OrderState.CLOSED
    order.state, order.closed_at, order.next_ask_at = target, None, None
    order.transaction_id, order.paid_at = word.transaction_id, word.paid_at or said.moment
    history.record(
        session,
        order,
        history.PAID_LATE if late else OrderMove.PAY,
        source=said.source,
        now=said.moment,
        detail={"amount": order.amount, "transaction_id": word.transaction_id},
    )
    session.flush()
    telling.paid(session, order, now=said.moment)
    if said.ships:
        shipping.queue(session, order, now=said.moment)
    _look_for_another(session, order, said)
    return Heard.BOOKED


def mismatches(session: Session, order: PaymentOrder, word: Transaction) -> list[str]:
    """Return what of a word is not as we asked for it."""
    account = session.get_one(MerchantAccount, order.merchant_id)
    keys = account if account.provider_id is None else session.get_one(MerchantAccount, account.provider_id)
    payer = session.get_one(WeChatAccount, order.account_id)
    checks = {
        "amount": word.amount == order.amount,
        "currency": word.currency == CURRENCY,
        "mchid": (word.mchid, word.sub_mchid) == (keys.mchid, account.sub_mchid),
        "appid": (word.appid, word.sub_appid) == (keys.appid, account.sub_appid),
        "openid": word.openid == payer.openid,
        "transaction": _is_its_own(session, order, word.transaction_id),
    }
    return [name for name, right in checks.items() if not right]


def _is_its_own(session: Session, order: PaymentOrder, transaction_id: str | None) -> bool:
    """Whether WeChat's number is the order's, or could become it."""
    if transaction_id is None or order.transaction_id is not None:
        return transaction_id is not None and transaction_id == order.transaction_id
    taken = session.scalar(sa.select(PaymentOrder.id).where(PaymentOrder.transaction_id == transaction_id))
    return taken is None


def _suspect(session: Session, order: PaymentOrder, word: Transaction, wrong: list[str], said: Said) -> Heard:
    detail = {"fields": wrong, "transaction_id": word.transaction_id, "ours": order.amount, "theirs": word.amount}
    if not history.has(session, order, history.SUSPICIOUS, detail):
        history.record(session, order, history.SUSPICIOUS, source=said.source, now=said.moment, detail=detail)
        telling.suspicious(session, order, wrong, now=said.moment)
    return Heard.SUSPICIOUS


def _look_for_another(session: Session, order: PaymentOrder, said: Said) -> None:
    """Notice when the same thing was paid before: the second payment goes back by a refund, never by itself."""
    other = session.scalar(
        sa.select(PaymentOrder.out_trade_no)
        .where(
            PaymentOrder.subject_kind == order.subject_kind,
            PaymentOrder.subject_id == order.subject_id,
            PaymentOrder.state == OrderState.PAID,
            PaymentOrder.id != order.id,
        )
        .limit(1)
    )
    if other is not None:
        history.record(session, order, history.PAID_TWICE, source=said.source, now=said.moment, detail={"other": other})
        telling.paid_twice(session, order, now=said.moment)
