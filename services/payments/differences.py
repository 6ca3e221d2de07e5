"""Bills and differences as a treasurer reads them, and the reason that somebody writes to each."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import DifferenceKind, OrgUnit, PaymentBill, PaymentDifference
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, NotFound
from services.reading.pages import Page, PageRequest, fetch

D = DifferenceKind
NAMES: Mapping[DifferenceKind, str] = {
    D.MISSING_HERE: "微信有，我们没有",
    D.MISSING_THERE: "我们有，微信账单里没有",
    D.NOT_PAID_HERE: "微信说付了，我们还没收到通知",
    D.AMOUNT_OFF: "金额不一样",
    D.FUNDS_OFF: "微信的资金账单和交易账单不一样",
}
ADVICE: Mapping[DifferenceKind, str] = {
    D.MISSING_HERE: "多半是在微信商户平台里直接收的款或退的款。请登录商户平台查这个单号，写明是什么。",
    D.MISSING_THERE: "先等第二天的账单；还没有，请登录商户平台查这个单号，再联系管理员。",
    D.NOT_PAID_HERE: "系统已经再去问微信了，几分钟后看这笔付款变成“已付”没有。变了，写“已补上”就行。",
    D.AMOUNT_OFF: "请先别动这笔钱，登录商户平台核对单号和金额，再联系管理员。",
    D.FUNDS_OFF: "半夜前后的款有时隔一天才进账，请和前后一天合起来看；还不平，请联系微信支付客服。",
}
MISSING = "没有找到这条差异。请从对账列表里点开。"
_BILLS = sa.select(
    PaymentBill.id,
    PaymentBill.day,
    PaymentBill.payments,
    PaymentBill.paid,
    PaymentBill.refunds,
    PaymentBill.refunded,
    PaymentBill.fees,
    PaymentBill.funds_checked,
    PaymentBill.fetched_at,
    sa.select(sa.func.count(PaymentDifference.id))
    .where(PaymentDifference.bill_id == PaymentBill.id, PaymentDifference.settled_at.is_(None))
    .correlate(PaymentBill)
    .scalar_subquery()
    .label("open_differences"),
)
_DIFFERENCES = sa.select(
    PaymentDifference.id,
    PaymentBill.day,
    PaymentDifference.kind,
    PaymentDifference.number,
    PaymentDifference.ours,
    PaymentDifference.theirs,
    PaymentDifference.settled_at,
    PaymentDifference.words,
).join(PaymentBill, PaymentBill.id == PaymentDifference.bill_id)


def bills_in(session: Session, *, actor: Actor, neighborhood_id: int, page: PageRequest) -> Page:
    """Return WeChat's daily bills of a neighborhood, newest first."""
    hood = access.neighborhood_for(session, actor, neighborhood_id)
    query = _BILLS.where(PaymentBill.neighborhood_id == hood.id)
    return fetch(session.connection(), query, PaymentBill.id.expression, page)


def listed(session: Session, *, actor: Actor, neighborhood_id: int, page: PageRequest) -> Page:
    """Return the differences of a neighborhood, newest first, each with what it is and what to do."""
    hood = access.neighborhood_for(session, actor, neighborhood_id)
    query = _DIFFERENCES.where(PaymentDifference.neighborhood_id == hood.id)
    found = fetch(session.connection(), query, PaymentDifference.id.expression, page)
    return Page([_named(row) for row in found.items], found.next)


def settle(session: Session, *, actor: Actor, difference_id: int, words: str, now: dt.datetime) -> dict[str, Any]:
    """Write down why WeChat and we did not agree.  Raises ``NotFound``, and ``Conflict`` where somebody did."""
    row = session.scalar(sa.select(PaymentDifference).where(PaymentDifference.id == difference_id).with_for_update())
    path = session.get_one(OrgUnit, row.neighborhood_id).path if row is not None else ""
    if row is None or actor.is_resident or not actor.stands_above(path):
        raise NotFound(MISSING, code="payment_difference_not_found")
    if row.settled_at is not None:
        raise Conflict(f"这一条已经写明了：{row.words}", code="difference_settled")
    row.settled_at, row.settled_by_id, row.words = now, actor.doer_id, words.strip()
    audit.note_on(session, actor, row, "payment_difference.settled", now, {"kind": row.kind.value})
    session.flush()
    return _named(dict(session.execute(_DIFFERENCES.where(PaymentDifference.id == row.id)).mappings().one()))


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "kind_name": NAMES[row["kind"]], "advice": ADVICE[row["kind"]]}
