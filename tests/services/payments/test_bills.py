"""WeChat's daily bill against our books: every kind of difference, each once, readable, settled by words."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from models import (
    DifferenceKind,
    InboxItem,
    OrderState,
    OutboxMessage,
    PaymentBill,
    PaymentDifference,
    RefundOrderState,
    Role,
)
from services.errors import Conflict, NotFound, TryLater
from services.payment_ports import BillLine, BillLineKind, FundFlow
from services.payments import bill_errands, bills, differences
from services.payments.bill_errands import BillErrand
from services.payments.bills import DayBill
from services.reading.pages import PageRequest
from tests import paying
from tests.fake_payments import FakePayments
from tests.world import NOW

DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 23)  # in Shanghai, at NOW
TEN = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)


def line_of(order, **changes):
    plain = BillLine(
        BillLineKind.PAYMENT,
        order.out_trade_no,
        f"4200{order.out_trade_no}",
        order.out_trade_no,
        order.amount,
        order.amount,
        74,
        NOW,
    )
    return replace(plain, **changes)


def reconcile(world, *lines, day=TODAY, flow=None):
    bills.reconcile(world.session, paying.merchant(world), DayBill(day, lines, flow), now=TEN)
    world.session.flush()
    query = sa.select(PaymentDifference).order_by(PaymentDifference.id)
    return [(one.kind, one.number, one.ours, one.theirs) for one in world.session.scalars(query)]


def test_a_bill_that_agrees_leaves_nothing_to_do(world):
    order = paying.paid(world)
    flow = FundFlow(payments=order.amount, refunds=0, fees=74, lines=2)
    assert reconcile(world, line_of(order), flow=flow) == []
    bill = world.session.scalars(sa.select(PaymentBill)).one()
    assert (bill.payments, bill.paid, bill.fees, bill.funds_checked) == (1, order.amount, 74, True)
    assert order.billed_on == TODAY


def test_what_only_wechat_has(world):
    order = paying.paid(world)
    stranger = line_of(order, number="P-other", amount=999)
    found = reconcile(world, line_of(order), stranger)
    assert found == [(DifferenceKind.MISSING_HERE, "P-other", None, 999)]


def test_what_only_we_have(world):
    order = paying.paid(world)
    assert reconcile(world) == [(DifferenceKind.MISSING_THERE, order.out_trade_no, order.amount, None)]


def test_an_amount_that_is_off_by_a_fen(world):
    order = paying.paid(world)
    found = reconcile(world, line_of(order, amount=order.amount + 1))
    assert found == [(DifferenceKind.AMOUNT_OFF, order.out_trade_no, order.amount, order.amount + 1)]


def test_what_wechat_has_paid_and_we_have_not_is_asked_about_at_once(world):
    order = paying.prepaid(world)
    found = reconcile(world, line_of(order))
    assert found == [(DifferenceKind.NOT_PAID_HERE, order.out_trade_no, None, order.amount)]
    topics = world.session.scalars(sa.select(OutboxMessage.topic).where(OutboxMessage.subject_id == order.id))
    assert "order.ask" in set(topics)


def test_two_bills_of_wechat_that_do_not_agree(world):
    order = paying.paid(world)
    found = reconcile(world, line_of(order), flow=FundFlow(order.amount - 1, 0, 74, 2))
    assert found == [(DifferenceKind.FUNDS_OFF, "净额", order.amount - 74, order.amount - 75)]


def test_a_refund_is_looked_for_too(world):
    order = paying.paid(world)
    refund = paying.refund(world, order)
    refund.state, refund.checked_by_id, refund.checked_at = RefundOrderState.SUCCEEDED, world.clerk.id, NOW
    refund.refund_id, refund.succeeded_at, order.refunded = "503", NOW, refund.amount
    world.session.flush()
    assert reconcile(world, line_of(order)) == [
        (DifferenceKind.MISSING_THERE, refund.out_refund_no, refund.amount, None)
    ]


def test_what_stands_in_the_next_days_bill_settles_itself(world):
    order = paying.paid(world)
    reconcile(world)
    reconcile(world, line_of(order), day=TODAY + DAY)
    difference = world.session.scalars(sa.select(PaymentDifference)).one()
    assert (difference.settled_at, difference.words) == (TEN, bills.FOUND_LATER)


def test_the_same_bill_again_changes_nothing(world):
    paying.paid(world)
    first = reconcile(world)
    assert reconcile(world) == first
    assert world.session.scalar(sa.select(sa.func.count(PaymentBill.id))) == 1


def test_those_who_look_after_the_money_are_told(world):
    paying.paid(world)
    reconcile(world)
    told = world.session.scalars(sa.select(InboxItem.body).where(InboxItem.person_id == world.manager.id)).all()
    assert any("11月23日的微信账单和我们记的有1处对不上" in body for body in told)


def test_a_difference_says_what_it_is_and_what_to_do(world):
    paying.difference(world)
    actor = world.actor(world.manager, Role.STATION_MANAGER)
    page = differences.listed(
        world.session, actor=actor, neighborhood_id=world.place.neighborhood.id, page=PageRequest()
    )
    assert page.items[0]["kind_name"] == "微信有，我们没有"
    assert "商户平台" in page.items[0]["advice"]
    assert set(differences.NAMES) == set(differences.ADVICE) == set(DifferenceKind)


def test_somebody_writes_down_why_once(world):
    difference = paying.difference(world)
    actor = world.actor(paying.treasurer(world), Role.TREASURER)
    said = {"actor": actor, "difference_id": difference.id, "words": "商户平台直接收的", "now": NOW}
    assert differences.settle(world.session, **said)["words"] == "商户平台直接收的"
    with pytest.raises(Conflict, match="商户平台直接收的"):
        differences.settle(world.session, **said)


def test_a_difference_of_another_neighborhood_looks_as_if_it_was_not_there(world):
    difference = paying.difference(world)
    foreign = world.actor(world.foreign_manager, Role.STATION_MANAGER)
    with pytest.raises(NotFound):
        differences.settle(world.session, actor=foreign, difference_id=difference.id, words="?", now=NOW)


def queued(world):
    query = sa.select(OutboxMessage.payload).where(OutboxMessage.topic == "bill.fetch").order_by(OutboxMessage.id)
    return sorted(payload["day"] for payload in world.session.scalars(query))


def test_bills_are_queued_after_ten_each_day_once(world):
    paying.merchant(world)
    assert bill_errands.queue(world.session, now=TEN - dt.timedelta(seconds=1)) == 0
    assert bill_errands.queue(world.session, now=TEN) == 1
    assert bill_errands.queue(world.session, now=TEN) == 0
    assert queued(world) == ["2026-11-23"]


def test_a_worker_that_stood_still_makes_up_for_it(world):
    paying.merchant(world)
    reconcile(world)
    bill_errands.queue(world.session, now=TEN + 2 * DAY)
    assert queued(world) == ["2026-11-24", "2026-11-25"]


def test_a_merchant_that_ended_long_ago_has_no_bills(world):
    account = paying.merchant(world)
    account.starts_at, account.ends_at = NOW - 40 * DAY, NOW - 30 * DAY
    world.session.flush()
    assert bill_errands.queue(world.session, now=TEN) == 0


def errand(world, day=TODAY):
    account = paying.merchant(world)
    return bill_errands.collect(world.session, account.id, day.isoformat(), vault=world.vault)


def test_a_bill_that_is_missing_in_the_morning_may_yet_come(world):
    wanted = errand(world)
    fetched = bill_errands.fetch(wanted, FakePayments())
    with pytest.raises(TryLater):
        bill_errands.settle(world.session, wanted, fetched, now=TEN)
    bill_errands.settle(world.session, wanted, fetched, now=TEN + dt.timedelta(hours=2))
    assert world.session.scalars(sa.select(PaymentBill)).one().payments == 0


def test_a_bill_is_fetched_once(world):
    wanted = errand(world)
    assert isinstance(wanted, BillErrand)
    fake = FakePayments(bills={TODAY: [line_of(paying.paid(world))]}, flows={TODAY: FundFlow(12345, 0, 74, 2)})
    bill_errands.settle(world.session, wanted, bill_errands.fetch(wanted, fake), now=TEN)
    assert errand(world) is None
    assert world.session.scalars(sa.select(PaymentDifference)).all() == []
    assert fake.calls == ["trade_bill", "fund_flow"]


def test_an_order_that_was_closed_and_is_in_the_bill_is_asked_about(world):
    order = paying.put_into(world, OrderState.CLOSED)
    assert reconcile(world, line_of(order))[0][0] is DifferenceKind.NOT_PAID_HERE
