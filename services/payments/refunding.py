"""Refunds: one person asks, another lets it go, WeChat carries it out and says what became of it."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import OrderState, PaymentOrder, RefundOrder, RefundOrderState, WordSource
from services.actors import Actor
from services.errors import Conflict, InvalidInput
from services.payment_ports import RefundState, RefundWord
from services.payments import history, scope, telling
from services.payments.moves import REFUND_NAMES, OrderMove, RefundMove, order_after, refund_after
from services.payments.settling import Heard, Said
from services.payments.words import new_number, yuan

WITHIN = dt.timedelta(days=365)
"""WeChat pays back within a year."""
PARTS_MOST = 50
"""WeChat makes so many refunds of one payment at most."""
DAY = dt.timedelta(days=1)
SOON = dt.timedelta(minutes=1)
BY_WORD = {
    RefundState.PROCESSING: RefundMove.ACCEPT,
    RefundState.SUCCEEDED: RefundMove.SUCCEED,
    RefundState.CLOSED: RefundMove.CLOSE,
    RefundState.ABNORMAL: RefundMove.STRAND,
}
LET_GO = frozenset({RefundOrderState.REFUSED, RefundOrderState.CLOSED})
"""States in which a refund holds none of the payment."""


def ask(session: Session, *, actor: Actor, order_id: int, amount: int, reason: str, now: dt.datetime) -> RefundOrder:
    """Ask for a part of a payment to be paid back.  Raises ``Conflict`` and ``InvalidInput``."""
    order = scope.order_for(session, actor, order_id, change=True)
    if order.state is not OrderState.PAID or order.paid_at is None:
        raise Conflict("这一笔没有付，或者已经全部退了，不能再退。", code="not_refundable", state=order.state.value)
    if now - order.paid_at > WITHIN:
        raise Conflict("付款过了一年，微信不能原路退了。请到服务站当面退。", code="refund_too_late")
    left = order.amount - order.refund_reserved
    if not 0 < amount <= left:
        said = f"最多还能退{yuan(left)}。"
        raise InvalidInput(said, code="refund_too_much", errors={"amount": [said]})
    made = session.scalar(sa.select(sa.func.count()).where(RefundOrder.order_id == order.id)) or 0
    if made >= PARTS_MOST:
        raise Conflict("一笔付款最多分50次退。请到服务站当面退。", code="refund_too_often")
    refund = RefundOrder(
        neighborhood_id=order.neighborhood_id,
        order_id=order.id,
        out_refund_no=new_number("R", now),
        amount=amount,
        reason=reason.strip(),
        state=RefundOrderState.ASKED,
        asked_by_id=actor.doer_id,
        asked_at=now,
        asks=0,
    )
    order.refund_reserved += amount
    session.add(refund)
    session.flush()
    _record(session, order, refund, history.REFUND_ASKED, WordSource.PERSON, now, actor, amount=amount)
    telling.refund_to_check(session, order, refund, now=now)
    return refund


def approve(session: Session, *, actor: Actor, refund_id: int, now: dt.datetime) -> RefundOrder:
    """Let a refund go, as the second person; the worker takes it to WeChat."""
    order, refund = scope.refund_for(session, actor, refund_id)
    _check(actor, refund, RefundMove.APPROVE)
    refund.state, refund.next_ask_at = RefundOrderState.APPROVED, now
    refund.checked_by_id, refund.checked_at = actor.doer_id, now
    _record(session, order, refund, RefundMove.APPROVE, WordSource.PERSON, now, actor)
    return refund


def refuse(session: Session, *, actor: Actor, refund_id: int, words: str, now: dt.datetime) -> RefundOrder:
    """Do not let a refund go, and say why."""
    order, refund = scope.refund_for(session, actor, refund_id)
    _check(actor, refund, RefundMove.REFUSE)
    refund.state, refund.refusal = RefundOrderState.REFUSED, words.strip()
    refund.checked_by_id, refund.checked_at = actor.doer_id, now
    order.refund_reserved -= refund.amount
    _record(session, order, refund, RefundMove.REFUSE, WordSource.PERSON, now, actor)
    return refund


def _check(actor: Actor, refund: RefundOrder, move: RefundMove) -> None:
    if refund_after(refund.state, move) is None:
        raise Conflict(
            f"这笔退款现在是“{REFUND_NAMES[refund.state]}”，不用再核准。",
            code="refund_decided",
            state=refund.state.value,
        )
    if refund.asked_by_id in {actor.person_id, actor.doer_id}:
        raise Conflict("这笔退款是您自己申请的，要请另一个人来核准。", code="own_refund")


def hear(session: Session, order: PaymentOrder, refund: RefundOrder, word: RefundWord, said: Said) -> Heard:
    """Take WeChat's word on a refund; order and refund are locked."""
    fits = (word.amount, word.total, word.out_trade_no, word.transaction_id) == (
        refund.amount,
        order.amount,
        order.out_trade_no,
        order.transaction_id,
    )
    move = BY_WORD[word.state]
    target = refund_after(refund.state, move)
    if not fits or not _can_hold(order, refund, target):
        return _suspect(session, order, refund, word, said)
    if target is None:
        return Heard.KNOWN
    _hold(order, refund, target)
    refund.state, refund.refund_id = target, word.refund_id
    refund.next_ask_at = None if target in {RefundOrderState.SUCCEEDED, RefundOrderState.CLOSED} else said.moment + DAY
    if target is RefundOrderState.PROCESSING:
        refund.next_ask_at = said.moment + SOON
    if target is RefundOrderState.SUCCEEDED:
        refund.succeeded_at = word.at or said.moment
    _record(session, order, refund, move, said.source, said.moment, None, refund_id=word.refund_id)
    session.flush()
    _follow(session, order, refund, said)
    return Heard.BOOKED


def gave_up(session: Session, order: PaymentOrder, refund: RefundOrder, code: str, why: str, said: Said) -> None:
    """Note that WeChat will not make a refund and does not know it; what it held of the payment is free again."""
    if refund_after(refund.state, RefundMove.CLOSE) is None:
        return
    _hold(order, refund, RefundOrderState.CLOSED)
    refund.state, refund.next_ask_at, refund.last_error = RefundOrderState.CLOSED, None, code[:64]
    _record(session, order, refund, RefundMove.CLOSE, said.source, said.moment, None, code=code)
    session.flush()
    telling.refund_in_trouble(session, order, refund, f"{why}办好以后请重新申请退款。", now=said.moment)


def _can_hold(order: PaymentOrder, refund: RefundOrder, target: RefundOrderState | None) -> bool:
    """Whether a refund that was given up, and turns up after all, still has room in the payment."""
    comes_back = refund.state in LET_GO and target is RefundOrderState.SUCCEEDED
    return not comes_back or order.refund_reserved + refund.amount <= order.amount


def _hold(order: PaymentOrder, refund: RefundOrder, target: RefundOrderState) -> None:
    """Keep the sums of the order true to where its refund goes."""
    if refund.state in LET_GO and target not in LET_GO:
        order.refund_reserved += refund.amount
    if refund.state not in LET_GO and target in LET_GO:
        order.refund_reserved -= refund.amount
    if target is RefundOrderState.SUCCEEDED:
        order.refunded += refund.amount
        if order.refunded == order.amount:
            order.state = order_after(order.state, OrderMove.REFUND_ALL) or order.state


def _follow(session: Session, order: PaymentOrder, refund: RefundOrder, said: Said) -> None:
    """Do what a refund's new state brings with it."""
    if refund.state is RefundOrderState.SUCCEEDED:
        if order.state is OrderState.REFUNDED:
            history.record(session, order, OrderMove.REFUND_ALL, source=said.source, now=said.moment)
        telling.refund_succeeded(session, order, refund, now=said.moment)
    elif refund.state is RefundOrderState.CLOSED:
        telling.refund_in_trouble(session, order, refund, "微信关闭了这笔退款。请重新申请。", now=said.moment)
    elif refund.state is RefundOrderState.ABNORMAL:
        why = "付款人的银行卡或零钱收不了。请登录微信支付商户平台，给这笔退款另指定一张卡。"
        telling.refund_in_trouble(session, order, refund, why, now=said.moment)


def _suspect(session: Session, order: PaymentOrder, refund: RefundOrder, word: RefundWord, said: Said) -> Heard:
    detail = {"fields": ["refund"], "refund_id": word.refund_id, "ours": refund.amount, "theirs": word.amount}
    if not history.has(session, order, history.SUSPICIOUS, detail):
        history.record(
            session, order, history.SUSPICIOUS, source=said.source, now=said.moment, refund=refund, detail=detail
        )
        telling.suspicious(session, order, ["refund"], now=said.moment)
    return Heard.SUSPICIOUS


def _record(
    session: Session,
    order: PaymentOrder,
    refund: RefundOrder,
    kind: str,
    source: WordSource,
    now: dt.datetime,
    actor: Actor | None,
    **detail: int | str,
) -> None:
    history.record(session, order, kind, source=source, now=now, actor=actor, refund=refund, detail=detail)
