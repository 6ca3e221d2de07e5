"""Every sentence that goes out about payments: to who paid, and to those who look after the money."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, OrgUnit, PaymentOrder, RefundOrder, Role
from services import inbox, notices
from services.payments.words import yuan
from services.terms import in_force

PAYER_PAGE = "/me/payments"
STAFF_PAGE = "/payments"
SENT_BACK = "钱退回付款时用的零钱或银行卡，一般几分钟到三个工作日到账。没收到请给服务站打电话。"


def paid(session: Session, order: PaymentOrder, *, now: dt.datetime) -> None:
    """Tell the payer that the money has come."""
    body = f"收到您交的{order.description}，{yuan(order.amount)}，谢谢。付款单号{order.out_trade_no}，不用再交。"
    _payer(session, order, "交费收到了", body, key="paid", now=now)


def paid_twice(session: Session, order: PaymentOrder, *, now: dt.datetime) -> None:
    """Tell both sides that the same thing was paid a second time."""
    words = f"{order.description}，{yuan(order.amount)}，付款单号{order.out_trade_no}"
    _payer(
        session,
        order,
        "好像多付了一次",
        f"同一笔费用付了两次（{words}）。多付的会退给您，服务站正在核对，您不用做什么。",
        key="twice",
        now=now,
    )
    _staff(session, order, "有人重复付款", f"同一笔费用付了两次：{words}。请核对后申请退款。", key="twice", now=now)


def suspicious(session: Session, order: PaymentOrder, fields: list[str], *, now: dt.datetime) -> None:
    """Tell those who look after the money that WeChat's word does not fit our order; nothing was booked."""
    named = "、".join(NAMES_OF_FIELDS[field] for field in fields)
    body = (
        f"微信说付款单{order.out_trade_no}付了，但是{named}和我们记的不一样，没有入账。"
        "请登录微信支付商户平台查这一笔，再联系管理员。"
    )
    _staff(session, order, "有一笔付款对不上", body, key=f"suspicious:{'+'.join(fields)}", now=now)


def refund_to_check(session: Session, order: PaymentOrder, refund: RefundOrder, *, now: dt.datetime) -> None:
    """Ask for the second person."""
    what = f"{order.description}，退{yuan(refund.amount)}，原因：{refund.reason}"
    body = f"有一笔退款等人核准：{what}。申请的人自己不能核准。"
    _staff(session, order, "退款等核准", body, key=f"refund:{refund.id}:asked", now=now)


def refund_succeeded(session: Session, order: PaymentOrder, refund: RefundOrder, *, now: dt.datetime) -> None:
    """Tell the payer that money went back."""
    body = f"退给您{yuan(refund.amount)}（{order.description}，原因：{refund.reason}）。{SENT_BACK}"
    _payer(session, order, "退款办好了", body, key=f"refund:{refund.id}:done", now=now)


def refund_in_trouble(
    session: Session, order: PaymentOrder, refund: RefundOrder, why: str, *, now: dt.datetime
) -> None:
    """Tell those who look after the money that a refund needs them."""
    body = f"付款单{order.out_trade_no}的退款（{yuan(refund.amount)}）没有办成：{why}"
    _staff(session, order, "有一笔退款没办成", body, key=f"refund:{refund.id}:{refund.state}:{refund.asks}", now=now)


NAMES_OF_FIELDS = {
    "amount": "金额",
    "currency": "币种",
    "mchid": "商户号",
    "appid": "小程序",
    "openid": "付款人",
    "transaction": "微信单号",
    "refund": "退款金额",
}


def _payer(session: Session, order: PaymentOrder, title: str, body: str, *, key: str, now: dt.datetime) -> None:
    notices.tell(
        session,
        person_id=order.payer_id,
        neighborhood_id=order.neighborhood_id,
        title=title,
        body=body,
        dedupe_key=f"payment:{order.id}:{key}",
        now=now,
        page=PAYER_PAGE,
        worth_a_grant=True,
    )


def _staff(session: Session, order: PaymentOrder, title: str, body: str, *, key: str, now: dt.datetime) -> None:
    tell_staff(session, order.neighborhood_id, title, body, key=f"payment:{order.id}:{key}", now=now)


def tell_staff(session: Session, neighborhood_id: int, title: str, body: str, *, key: str, now: dt.datetime) -> None:
    """Put a message into the inbox of treasurers, managers and committee members of a neighborhood."""
    people = session.scalars(
        sa.select(Membership.person_id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(
            OrgUnit.id == neighborhood_id,
            Membership.role.in_([Role.TREASURER, Role.STATION_MANAGER, Role.COMMITTEE_MEMBER]),
            in_force(Membership.starts_at, Membership.ends_at, now),
        )
        .distinct()
    )
    for person_id in people:
        inbox.put(
            session,
            person_id=person_id,
            neighborhood_id=neighborhood_id,
            title=title,
            body=body,
            dedupe_key=key,
            now=now,
            page=STAFF_PAGE,
        )
