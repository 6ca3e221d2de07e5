"""Refunds: two people, never more than was paid, WeChat's word in any order."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import InboxItem, OrderState, RefundOrderState, Role, WordSource
from services.errors import Conflict, InvalidInput, NotFound
from services.payment_ports import RefundState, RefundWord
from services.payments import refunding
from services.payments.settling import Heard, Said
from tests import paying
from tests.world import NOW

DAY = dt.timedelta(days=1)


@pytest.fixture
def order(world):
    return paying.paid(world)


def manager(world):
    return world.actor(world.manager, Role.STATION_MANAGER)


def approve(world, refund):
    person = paying.treasurer(world)
    from_books = world.actor(person, Role.TREASURER)
    return refunding.approve(world.session, actor=from_books, refund_id=refund.id, now=NOW)


def sent(world, order, amount=345):
    refund = paying.refund(world, order, amount)
    approve(world, refund)
    return refund


def word(order, refund, state, **changes):
    plain = {
        "out_refund_no": refund.out_refund_no,
        "refund_id": f"503{refund.out_refund_no}",
        "out_trade_no": order.out_trade_no,
        "transaction_id": order.transaction_id,
        "state": state,
        "amount": refund.amount,
        "total": order.amount,
        "at": NOW,
    }
    return RefundWord(**{**plain, **changes})


def hear(world, order, refund, state, **changes):
    heard = refunding.hear(
        world.session, order, refund, word(order, refund, state, **changes), Said(WordSource.NOTICE, NOW)
    )
    world.session.flush()
    return heard


def titles(world, person):
    return list(world.session.scalars(sa.select(InboxItem.title).where(InboxItem.person_id == person.id)))


def test_who_asks_does_not_let_it_go(world, order):
    refund = paying.refund(world, order)
    with pytest.raises(Conflict) as caught:
        refunding.approve(world.session, actor=manager(world), refund_id=refund.id, now=NOW)
    assert caught.value.reason == "own_refund"
    assert refund.state is RefundOrderState.ASKED


def test_another_person_lets_it_go(world, order):
    refund = sent(world, order)
    assert (refund.state, refund.next_ask_at) == (RefundOrderState.APPROVED, NOW)


def test_a_refusal_frees_what_was_held(world, order):
    refund = paying.refund(world, order)
    checker = world.actor(paying.treasurer(world), Role.TREASURER)
    refunding.refuse(world.session, actor=checker, refund_id=refund.id, words="金额不对", now=NOW)
    assert (refund.state, order.refund_reserved) == (RefundOrderState.REFUSED, 0)
    with pytest.raises(Conflict) as caught:
        approve(world, refund)
    assert caught.value.reason == "refund_decided"


def test_what_is_asked_for_is_held_before_anybody_approves(world, order):
    paying.refund(world, order, order.amount - 1)
    with pytest.raises(InvalidInput, match=r"最多还能退0\.01元"):
        paying.refund(world, order, 2)


@pytest.mark.parametrize("amount", [0, -1, 12346])
def test_amounts_that_cannot_be(world, order, amount):
    with pytest.raises(InvalidInput) as caught:
        paying.refund(world, order, amount)
    assert caught.value.reason == "refund_too_much"


@pytest.mark.parametrize("state", [OrderState.NEW, OrderState.PREPAID, OrderState.CLOSED, OrderState.REFUNDED])
def test_only_what_is_paid_goes_back(world, state):
    order = paying.put_into(world, state)
    with pytest.raises(Conflict) as caught:
        paying.refund(world, order)
    assert caught.value.reason == "not_refundable"


def test_after_a_year_it_is_paid_back_at_the_station(world, order):
    order.paid_at = NOW - 366 * DAY
    with pytest.raises(Conflict, match="当面退"):
        paying.refund(world, order)


def test_a_part_that_came_back_leaves_the_rest_paid(world, order):
    refund = sent(world, order)
    assert hear(world, order, refund, RefundState.PROCESSING) is Heard.BOOKED
    assert hear(world, order, refund, RefundState.SUCCEEDED) is Heard.BOOKED
    assert (order.state, order.refunded, order.refund_reserved) == (OrderState.PAID, 345, 345)
    assert "退款办好了" in titles(world, world.resident)


def test_all_of_it_makes_the_order_refunded(world, order):
    refund = sent(world, order, order.amount)
    hear(world, order, refund, RefundState.SUCCEEDED)
    assert order.state is OrderState.REFUNDED


def test_words_in_the_wrong_order_change_nothing_more(world, order):
    refund = sent(world, order)
    hear(world, order, refund, RefundState.SUCCEEDED)
    for late in RefundState:
        assert hear(world, order, refund, late) is Heard.KNOWN
    assert (refund.state, order.refunded) == (RefundOrderState.SUCCEEDED, 345)


@pytest.mark.parametrize(
    "change", [{"amount": 344}, {"total": 1}, {"out_trade_no": "P0"}, {"transaction_id": "4200-another"}]
)
def test_a_word_that_does_not_fit_changes_nothing_and_is_told(world, order, change):
    refund = sent(world, order)
    assert hear(world, order, refund, RefundState.SUCCEEDED, **change) is Heard.SUSPICIOUS
    assert (refund.state, order.refunded) == (RefundOrderState.APPROVED, 0)
    assert "有一笔付款对不上" in titles(world, world.manager)


def test_what_wechat_closes_is_free_again(world, order):
    refund = sent(world, order)
    hear(world, order, refund, RefundState.CLOSED)
    assert (refund.state, order.refund_reserved) == (RefundOrderState.CLOSED, 0)
    assert "有一笔退款没办成" in titles(world, world.manager)


def test_a_card_that_is_gone_is_told_and_can_still_end_well(world, order):
    refund = sent(world, order)
    hear(world, order, refund, RefundState.ABNORMAL)
    assert refund.next_ask_at is not None
    assert "有一笔退款没办成" in titles(world, world.manager)
    hear(world, order, refund, RefundState.SUCCEEDED)
    assert order.refunded == 345


def test_what_was_given_up_and_turns_up_all_the_same_is_counted(world, order):
    refund = sent(world, order)
    refunding.gave_up(world.session, order, refund, "wechat_not_enough", "余额不够。", Said(WordSource.ANSWER, NOW))
    assert order.refund_reserved == 0
    hear(world, order, refund, RefundState.SUCCEEDED)
    assert (order.refunded, order.refund_reserved) == (345, 345)


def test_what_turns_up_when_all_was_given_back_elsewhere_is_suspicious(world, order):
    refund = sent(world, order)
    refunding.gave_up(world.session, order, refund, "wechat_not_enough", "余额不够。", Said(WordSource.ANSWER, NOW))
    paying.refund(world, order, order.amount)
    assert hear(world, order, refund, RefundState.SUCCEEDED) is Heard.SUSPICIOUS
    assert order.refunded == 0


def test_a_refund_of_another_neighborhood_looks_as_if_it_was_not_there(world, order):
    refund = paying.refund(world, order)
    foreign = world.actor(world.foreign_manager, Role.STATION_MANAGER)
    with pytest.raises(NotFound):
        refunding.approve(world.session, actor=foreign, refund_id=refund.id, now=NOW)
