"""From something that is owed to ``wx.requestPayment``: an order, WeChat's prepay id, the client's parameters.

WeChat is called between two transactions, never in one: ``begin`` says what to ask, ``announced`` writes what came of it.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import MerchantAccount, OrderState, PaymentOrder, WeChatAccount, WordSource
from services.actors import Actor
from services.errors import Conflict
from services.payment_ports import Merchant, PaymentRequest
from services.payments import history, merchants, scope, subjects
from services.payments.moves import ORDER_NAMES, OrderMove, order_after
from services.payments.words import new_number
from services.vault import Vault

ORDER_LIFE = dt.timedelta(minutes=30)
"""Well below the two hours for which a prepay id is good, so that one never outlives its order."""
WORTH_REUSING = dt.timedelta(minutes=5)
FIRST_ASK = dt.timedelta(seconds=20)


@dataclass(frozen=True)
class ToPrepay:
    """What an order needs before the client can pay.  ``prepay_id`` is there when WeChat has been told already."""

    order_id: int
    merchant: Merchant
    request: PaymentRequest
    prepay_id: str | None


def open_order(session: Session, *, actor: Actor, subject_kind: str, subject_id: int, now: dt.datetime) -> PaymentOrder:
    """Return an order for what is owed: the one that is open already, or a new one.

    Raises ``Conflict`` where one pays at the station, where nothing is owed, or while somebody else is paying.
    """
    account_id = actor.in_wechat()
    subject = subjects.load(session, actor, subject_kind, subject_id)
    merchant = merchants.active_in(session, subject.neighborhood_id)
    _check_mini_program(session, merchant, account_id)
    there = session.scalar(
        sa.select(PaymentOrder).where(
            PaymentOrder.subject_kind == subject.kind,
            PaymentOrder.subject_id == subject.id,
            PaymentOrder.state.in_([OrderState.NEW, OrderState.PREPAID]),
        )
    )
    if there is not None:
        return _again(there, account_id, merchant, subject.amount, now)
    order = PaymentOrder(
        neighborhood_id=subject.neighborhood_id,
        merchant_id=merchant.id,
        subject_kind=subject.kind,
        subject_id=subject.id,
        home_id=subject.home_id,
        payer_id=actor.person_id,
        agent_id=actor.agent_id,
        account_id=account_id,
        out_trade_no=new_number("P", now),
        description=subject.description,
        amount=subject.amount,
        state=OrderState.NEW,
        expires_at=now + ORDER_LIFE,
        next_ask_at=now + ORDER_LIFE,
        asks=0,
        refund_reserved=0,
        refunded=0,
        created_at=now,
    )
    session.add(order)
    session.flush()
    detail = {"amount": order.amount, "number": order.out_trade_no}
    history.record(session, order, history.OPENED, source=WordSource.PERSON, now=now, actor=actor, detail=detail)
    return order


def _again(
    there: PaymentOrder, account_id: int, merchant: MerchantAccount, amount: int, now: dt.datetime
) -> PaymentOrder:
    same = (there.account_id, there.merchant_id, there.amount) == (account_id, merchant.id, amount)
    if same and there.expires_at - now > WORTH_REUSING:
        return there
    if there.account_id != account_id:
        raise Conflict("家里有人正在付这一笔。请等他付完；他要是不付了，半小时以后您再来付。", code="being_paid")
    raise Conflict("上一次付款还没有结束。请先点“取消付款”，再重新付。", code="order_not_over")


def _check_mini_program(session: Session, merchant: MerchantAccount, account_id: int) -> None:
    """A payer's openid is known under one mini-program only: the merchant's must be that one."""
    keys = merchant if merchant.provider_id is None else session.get_one(MerchantAccount, merchant.provider_id)
    if session.get_one(WeChatAccount, account_id).appid != (merchant.sub_appid or keys.appid):
        raise Conflict(
            "这个小程序收不了本小区的费。请到服务站交，或者请服务站检查微信支付设置。", code="wrong_mini_program"
        )


def begin(
    session: Session, *, actor: Actor, order_id: int, vault: Vault, notify_base: str, now: dt.datetime
) -> ToPrepay:
    """Return what to ask WeChat for an order that the actor is to pay.  Raises ``Conflict`` when it is over."""
    order = scope.order_for(session, actor, order_id)
    if order.account_id != actor.account_id:
        raise Conflict("这一笔是用另一个微信开始付的。请用那个微信付，或者取消以后重新付。", code="other_account")
    check_open(order, now)
    account = session.get_one(MerchantAccount, order.merchant_id)
    request = PaymentRequest(
        out_trade_no=order.out_trade_no,
        amount=order.amount,
        description=order.description,
        openid=session.get_one(WeChatAccount, order.account_id).openid,
        notify_url=f"{notify_base}{account.slug}",
        expires_at=order.expires_at,
    )
    return ToPrepay(order.id, merchants.opened(session, account, vault), request, order.prepay_id)


def check_open(order: PaymentOrder, now: dt.datetime) -> None:
    """Raise ``Conflict`` unless an order can still be paid."""
    if order_after(order.state, OrderMove.PREPAY) is None or order.expires_at <= now:
        over = order.expires_at <= now and order.state in {OrderState.NEW, OrderState.PREPAID}
        name = "过了时间" if over else ORDER_NAMES[order.state]
        raise Conflict(
            f"这一笔{name}，不能再付。没付的话请重新点“去付款”。", code="order_over", state=order.state.value
        )


def announced(session: Session, *, order_id: int, prepay_id: str, now: dt.datetime) -> None:
    """Write down that WeChat knows an order.  Raises ``Conflict`` when it came to an end meanwhile."""
    order = scope.locked_order(session, order_id)
    if order is None:
        raise Conflict(scope.ORDER_MISSING, code="order_over")
    check_open(order, now)
    order.state, order.prepay_id = OrderState.PREPAID, prepay_id
    order.next_ask_at = min(now + FIRST_ASK, order.expires_at)
    history.record(session, order, OrderMove.PREPAY, source=WordSource.ANSWER, now=now)
