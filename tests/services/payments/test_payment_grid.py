"""Every state with every word, against tables written by hand; and what the database itself does not let be."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from models import OrderState, PaymentEvent, PaymentOrder, RefundOrder, RefundOrderState, WordSource
from services.payment_ports import TradeState
from services.payments import settling
from services.payments.moves import (
    ORDER_NAMES,
    REFUND_NAMES,
    OrderMove,
    RefundMove,
    order_after,
    refund_after,
)
from services.payments.settling import Heard, Said
from tests import paying
from tests.world import NOW

ORDERS = {
    "prepaid": {"new": "prepaid", "prepaid": "prepaid"},
    "paid": {"new": "paid", "prepaid": "paid", "closed": "paid"},
    "closed": {"new": "closed", "prepaid": "closed"},
    "refunded": {"paid": "refunded"},
}
REFUNDS = {
    "refund_approved": {"asked": "approved"},
    "refund_refused": {"asked": "refused"},
    "refund_accepted": {"approved": "processing", "abnormal": "processing"},
    "refund_succeeded": {
        "approved": "succeeded",
        "processing": "succeeded",
        "abnormal": "succeeded",
        "closed": "succeeded",
    },
    "refund_closed": {"approved": "closed", "processing": "closed", "abnormal": "closed"},
    "refund_abnormal": {"approved": "abnormal", "processing": "abnormal"},
}
WORDS = {
    # What WeChat says, by what we have: what comes of it.
    (TradeState.PAID, "new"): "paid",
    (TradeState.PAID, "prepaid"): "paid",
    (TradeState.PAID, "paid"): "paid",
    (TradeState.PAID, "refunded"): "refunded",
    (TradeState.PAID, "closed"): "paid",
    (TradeState.REFUNDED, "new"): "paid",
    (TradeState.REFUNDED, "prepaid"): "paid",
    (TradeState.REFUNDED, "paid"): "paid",
    (TradeState.REFUNDED, "refunded"): "refunded",
    (TradeState.REFUNDED, "closed"): "paid",
    (TradeState.CLOSED, "new"): "closed",
    (TradeState.CLOSED, "prepaid"): "closed",
    (TradeState.CLOSED, "paid"): "paid",
    (TradeState.CLOSED, "refunded"): "refunded",
    (TradeState.CLOSED, "closed"): "closed",
}


@pytest.mark.parametrize("move", OrderMove)
@pytest.mark.parametrize("state", OrderState)
def test_an_orders_moves_are_the_table_written_here(state, move):
    assert order_after(state, move) == ORDERS[move].get(state)


@pytest.mark.parametrize("move", RefundMove)
@pytest.mark.parametrize("state", RefundOrderState)
def test_a_refunds_moves_are_the_table_written_here(state, move):
    assert refund_after(state, move) == REFUNDS[move].get(state)


def test_every_state_has_a_name():
    assert set(ORDER_NAMES) == set(OrderState)
    assert set(REFUND_NAMES) == set(RefundOrderState)


@pytest.mark.parametrize("said", TradeState)
@pytest.mark.parametrize("state", OrderState)
def test_each_word_in_each_state_leads_where_it_must(world, state, said):
    order = paying.put_into(world, state)
    paying.hear(world, order, state=said)
    assert order.state == WORDS.get((said, state.value), state)


@pytest.mark.parametrize("state", OrderState)
def test_a_word_heard_twice_is_written_down_once(world, state):
    order = paying.put_into(world, state)
    paying.hear(world, order)
    before = world.session.scalar(sa.select(sa.func.count(PaymentEvent.id)))
    assert paying.hear(world, order) is Heard.KNOWN
    assert world.session.scalar(sa.select(sa.func.count(PaymentEvent.id))) == before


def test_closing_a_paid_order_changes_nothing(world):
    order = paying.paid(world)
    assert settling.close(world.session, order, Said(WordSource.ANSWER, NOW)) is Heard.KNOWN
    assert order.state is OrderState.PAID


@pytest.mark.parametrize(
    "values",
    [
        {"amount": 0},
        {"refund_reserved": 12346},
        {"refunded": 1},
        {"refunded": -1},
        {"state": "closed"},
        {"transaction_id": None},
        {"paid_at": None},
        {"next_ask_at": NOW},
    ],
)
def test_the_database_refuses_a_paid_order_that_cannot_be(world, values):
    order = paying.paid(world)
    with pytest.raises(IntegrityError), world.session.begin_nested():
        world.session.execute(sa.update(PaymentOrder).where(PaymentOrder.id == order.id).values(values))


def test_the_database_refuses_a_refund_by_one_person(world):
    refund = paying.refund(world, paying.paid(world))
    alone = {"state": "approved", "checked_by_id": refund.asked_by_id, "checked_at": NOW, "next_ask_at": NOW}
    with pytest.raises(IntegrityError), world.session.begin_nested():
        world.session.execute(sa.update(RefundOrder).where(RefundOrder.id == refund.id).values(alone))


@pytest.mark.parametrize("change", [sa.update(PaymentEvent).values(kind="paid"), sa.delete(PaymentEvent)])
def test_the_database_keeps_the_history_as_it_was_written(world, change):
    paying.paid(world)
    with pytest.raises(SQLAlchemyError, match="append-only"), world.session.begin_nested():
        world.session.execute(change)


def test_the_database_lets_nobody_pay_one_thing_by_two_open_orders(world):
    order = paying.order(world)
    names = {column.name for column in PaymentOrder.__table__.columns} - {"id"}
    twin = {name: getattr(order, name) for name in names} | {"out_trade_no": "P0"}
    with pytest.raises(IntegrityError), world.session.begin_nested():
        world.session.execute(sa.insert(PaymentOrder).values(twin))
