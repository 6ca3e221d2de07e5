"""WeChat's bill of a day against our books: what only one side has, and what the two have differently.

A payment stands in the bill of the day on which it was paid, a refund in that of the day on which WeChat took it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    Channel,
    DifferenceKind,
    MerchantAccount,
    OrderState,
    PaymentBill,
    PaymentDifference,
    PaymentOrder,
    RefundOrder,
    table_of,
)
from services.clocks import SHANGHAI
from services.outbox import enqueue, insert_once
from services.payment_ports import BillLine, BillLineKind, FundFlow
from services.payments import telling
from services.payments.topics import ASK_ORDER

DAY = dt.timedelta(days=1)
PAID = frozenset({OrderState.PAID, OrderState.REFUNDED})
AT_ONCE = 500
NET = "净额"
"""What a difference between the two bills of WeChat is of: payments less refunds less fees."""
FOUND_LATER = "后来在另一天的账单里找到了。"


@dataclass(frozen=True)
class DayBill:
    """What WeChat gave out for a day; no ``flow`` where we cannot open it."""

    day: dt.date
    lines: Sequence[BillLine]
    flow: FundFlow | None


def reconcile(session: Session, account: MerchantAccount, given: DayBill, *, now: dt.datetime) -> PaymentBill | None:
    """Keep the bill's sums and every difference; nothing where that was done before."""
    hood_id = account.neighborhood_id
    if hood_id is None or is_done(session, account.id, given.day):
        return None
    bill = PaymentBill(neighborhood_id=hood_id, merchant_id=account.id, day=given.day, fetched_at=now, **_sums(given))
    session.add(bill)
    session.flush()
    found = [
        *_payments(session, bill, [line for line in given.lines if line.kind is BillLineKind.PAYMENT], now),
        *_refunds(session, bill, [line for line in given.lines if line.kind is BillLineKind.REFUND]),
        *_missing_there(session, bill),
        *_funds(bill, given),
    ]
    for one in found:
        session.execute(insert_once(session, table_of(PaymentDifference)).values(one))
    if found:
        day = f"{given.day.month}月{given.day.day}日"
        body = f"{day}的微信账单和我们记的有{len(found)}处对不上。请在“对账”里逐条看，写明原因。"
        telling.tell_staff(session, hood_id, "微信账单对不上", body, key=f"bill:{bill.id}", now=now)
    return bill


def is_done(session: Session, account_id: int, day: dt.date) -> bool:
    """Whether the bill of a day is kept already."""
    query = sa.select(PaymentBill.id).where(PaymentBill.merchant_id == account_id, PaymentBill.day == day)
    return session.scalar(query) is not None


def span(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return when a day begins and ends in Shanghai."""
    start = dt.datetime.combine(day, dt.time(), SHANGHAI)
    return start, start + DAY


def _sums(given: DayBill) -> dict[str, int | bool]:
    payments = [line.amount for line in given.lines if line.kind is BillLineKind.PAYMENT]
    refunds = [line.amount for line in given.lines if line.kind is BillLineKind.REFUND]
    return {
        "payments": len(payments),
        "paid": sum(payments),
        "refunds": len(refunds),
        "refunded": sum(refunds),
        "fees": sum(line.fee for line in given.lines),
        "funds_checked": given.flow is not None,
    }


def _payments(
    session: Session, bill: PaymentBill, lines: Sequence[BillLine], now: dt.datetime
) -> list[dict[str, object]]:
    ours: dict[str, PaymentOrder] = {}
    for part in _parts(lines):
        query = sa.select(PaymentOrder).where(
            PaymentOrder.out_trade_no.in_(part), PaymentOrder.neighborhood_id == bill.neighborhood_id
        )
        ours |= {order.out_trade_no: order for order in session.scalars(query)}
    differences = []
    for line in lines:
        order = ours.get(line.number)
        if order is None:
            differences.append(_difference(bill, DifferenceKind.MISSING_HERE, line.number, None, line.amount))
            continue
        _seen(session, order, line.number, bill)
        if order.state not in PAID:
            differences.append(_difference(bill, DifferenceKind.NOT_PAID_HERE, line.number, None, line.amount))
            _ask(session, order, bill, now)
        elif order.amount != line.amount:
            differences.append(_difference(bill, DifferenceKind.AMOUNT_OFF, line.number, order.amount, line.amount))
    return differences


def _refunds(session: Session, bill: PaymentBill, lines: Sequence[BillLine]) -> list[dict[str, object]]:
    ours: dict[str, RefundOrder] = {}
    for part in _parts(lines):
        query = sa.select(RefundOrder).where(
            RefundOrder.out_refund_no.in_(part), RefundOrder.neighborhood_id == bill.neighborhood_id
        )
        ours |= {refund.out_refund_no: refund for refund in session.scalars(query)}
    differences = []
    for line in lines:
        refund = ours.get(line.number)
        if refund is None:
            differences.append(_difference(bill, DifferenceKind.MISSING_HERE, line.number, None, line.amount))
            continue
        _seen(session, refund, line.number, bill)
        if refund.amount != line.amount:
            differences.append(_difference(bill, DifferenceKind.AMOUNT_OFF, line.number, refund.amount, line.amount))
    return differences


def _missing_there(session: Session, bill: PaymentBill) -> list[dict[str, object]]:
    """Return what we have and no bill up to this day names."""
    session.flush()
    start, end = span(bill.day)
    orders = session.execute(
        sa.select(PaymentOrder.out_trade_no, PaymentOrder.amount).where(
            PaymentOrder.merchant_id == bill.merchant_id,
            PaymentOrder.paid_at >= start,
            PaymentOrder.paid_at < end,
            PaymentOrder.billed_on.is_(None),
        )
    )
    refunds = session.execute(
        sa.select(RefundOrder.out_refund_no, RefundOrder.amount)
        .join(PaymentOrder, PaymentOrder.id == RefundOrder.order_id)
        .where(
            PaymentOrder.merchant_id == bill.merchant_id,
            RefundOrder.succeeded_at >= start,
            RefundOrder.succeeded_at < end,
            RefundOrder.billed_on.is_(None),
        )
    )
    return [
        _difference(bill, DifferenceKind.MISSING_THERE, number, amount, None) for number, amount in [*orders, *refunds]
    ]


def _funds(bill: PaymentBill, given: DayBill) -> Iterable[dict[str, object]]:
    """Hold WeChat's two bills against each other, however fees are shown in each."""
    if given.flow is None:
        return []
    signs: Mapping[BillLineKind, int] = {BillLineKind.PAYMENT: 1, BillLineKind.REFUND: -1}
    traded = sum(signs[line.kind] * line.settled - line.fee for line in given.lines)
    moved = given.flow.payments - given.flow.refunds - given.flow.fees
    return [] if traded == moved else [_difference(bill, DifferenceKind.FUNDS_OFF, NET, traded, moved)]


def _difference(
    bill: PaymentBill, kind: DifferenceKind, number: str, ours: int | None, theirs: int | None
) -> dict[str, object]:
    where = {"neighborhood_id": bill.neighborhood_id, "bill_id": bill.id}
    return {**where, "kind": kind, "number": number[:64], "ours": ours, "theirs": theirs}


def _seen(session: Session, row: PaymentOrder | RefundOrder, number: str, bill: PaymentBill) -> None:
    """Note in which bill a row stands; that it was missed in an earlier one settles itself."""
    row.billed_on = bill.day
    session.execute(
        sa.update(PaymentDifference)
        .where(
            PaymentDifference.number == number,
            PaymentDifference.kind == DifferenceKind.MISSING_THERE,
            PaymentDifference.settled_at.is_(None),
        )
        .values(settled_at=bill.fetched_at, words=FOUND_LATER)
    )


def _ask(session: Session, order: PaymentOrder, bill: PaymentBill, now: dt.datetime) -> None:
    """Have WeChat asked at once about an order that it has paid and we have not."""
    enqueue(
        session,
        channel=Channel.PAY,
        topic=ASK_ORDER,
        dedupe_key=f"{ASK_ORDER}:{order.id}:bill:{bill.id}",
        subject_id=order.id,
        neighborhood_id=order.neighborhood_id,
        now=now,
    )


def _parts(lines: Sequence[BillLine]) -> Iterable[list[str]]:
    numbers = [line.number for line in lines]
    return (numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE))
