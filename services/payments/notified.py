"""WeChat tells us of a payment or a refund: find what it is about, and take its word."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import MerchantAccount, PaymentOrder, RefundOrder, WordSource
from services.errors import CallbackRefused
from services.payment_ports import PaymentNotice, RefundWord, Transaction
from services.payments import refunding, scope, settling
from services.payments.settling import Heard, Said


def take(
    session: Session, *, account_id: int, notice: PaymentNotice, now: dt.datetime, ships: bool = False
) -> CallbackRefused | None:
    """Take a notification that was believed.

    Returns the refusal that WeChat is to be answered *after* the commit: what is suspicious is written down all the same.
    """
    account = session.get_one(MerchantAccount, account_id)
    said = Said(WordSource.NOTICE, now, ships)
    if notice.transaction is not None:
        heard = _payment(session, account, notice.transaction, said)
    elif notice.refund is not None:
        heard = _refund(session, account, notice.refund, said)
    else:
        heard = None
    if heard is None:
        return CallbackRefused("没有这个单号。", code="callback_unknown_order")
    if heard is Heard.SUSPICIOUS:
        return CallbackRefused("和我们的单子对不上。", code="callback_mismatch")
    return None


def _payment(session: Session, account: MerchantAccount, word: Transaction, said: Said) -> Heard | None:
    order_id = session.scalar(
        sa.select(PaymentOrder.id).where(
            PaymentOrder.out_trade_no == word.out_trade_no, PaymentOrder.merchant_id == account.id
        )
    )
    order = scope.locked_order(session, order_id) if order_id is not None else None
    return None if order is None else settling.hear(session, order, word, said)


def _refund(session: Session, account: MerchantAccount, word: RefundWord, said: Said) -> Heard | None:
    refund = session.scalar(
        sa.select(RefundOrder)
        .join(PaymentOrder, PaymentOrder.id == RefundOrder.order_id)
        .where(RefundOrder.out_refund_no == word.out_refund_no, PaymentOrder.merchant_id == account.id)
    )
    if refund is None:
        return None
    keys = account if account.provider_id is None else session.get_one(MerchantAccount, account.provider_id)
    if (word.mchid, word.sub_mchid) != (keys.mchid, account.sub_mchid):
        return Heard.SUSPICIOUS
    order = scope.locked_order(session, refund.order_id)
    if order is None:
        return None
    return refunding.hear(session, order, scope.locked_refund(session, refund.id), word, said)
