"""WeChat's word against our order: booked once, suspicious where anything differs."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from models import Charge, InboxItem, OrderState, PaymentEvent, Role, WordSource
from services.errors import Conflict, NotFound
from services.payments import charges, opening, settling
from services.payments.settling import Heard, Said
from tests import paying
from tests.world import NOW, move_in

LATER = NOW + dt.timedelta(hours=1)


def kinds(world, order):
    query = sa.select(PaymentEvent.kind).where(PaymentEvent.order_id == order.id).order_by(PaymentEvent.id)
    return list(world.session.scalars(query))


def titles(world, person):
    return list(world.session.scalars(sa.select(InboxItem.title).where(InboxItem.person_id == person.id)))


def test_a_payment_is_booked_and_the_payer_is_told(world):
    order = paying.paid(world)
    assert (order.state, order.transaction_id) == (OrderState.PAID, f"4200{order.out_trade_no}")
    assert kinds(world, order) == ["opened", "prepaid", "paid"]
    assert titles(world, world.resident) == ["交费收到了"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 12344}, "amount"),
        ({"amount": None}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"mchid": "1900000001"}, "mchid"),
        ({"sub_mchid": "1900000109"}, "mchid"),
        ({"appid": "wx-other"}, "appid"),
        ({"openid": "oSomebody"}, "openid"),
        ({"transaction_id": None}, "transaction"),
    ],
)
def test_a_word_that_does_not_fit_books_nothing_and_tells_the_manager(world, change, field):
    order = paying.prepaid(world)
    assert paying.hear(world, order, **change) is Heard.SUSPICIOUS
    assert order.state is OrderState.PREPAID
    event = world.session.scalars(sa.select(PaymentEvent).where(PaymentEvent.kind == "suspicious")).one()
    assert event.detail["fields"] == [field]
    assert titles(world, world.manager) == ["有一笔付款对不上"]
    assert titles(world, world.resident) == []


def test_what_is_suspicious_is_told_once_however_often_it_comes(world):
    order = paying.prepaid(world)
    for _ in range(3):
        paying.hear(world, order, amount=1)
    assert kinds(world, order).count("suspicious") == 1


def test_another_number_for_a_paid_order_is_suspicious(world):
    order = paying.paid(world)
    assert paying.hear(world, order, transaction_id="4200-another") is Heard.SUSPICIOUS


def test_one_number_of_wechat_does_not_pay_two_orders(world):
    first, second = paying.paid(world), paying.prepaid(world)
    assert paying.hear(world, second, transaction_id=first.transaction_id) is Heard.SUSPICIOUS
    assert second.state is OrderState.PREPAID


def test_money_that_comes_after_the_close_has_come(world):
    order = paying.put_into(world, OrderState.CLOSED)
    assert paying.hear(world, order, now=LATER) is Heard.BOOKED
    assert (order.state, order.closed_at) == (OrderState.PAID, None)
    assert kinds(world, order)[-1] == "paid_late"


def test_paying_the_same_thing_twice_is_noticed(world):
    owed = paying.charge(world)
    first = paying.order(world, owed)
    settling.close(world.session, first, Said(WordSource.ANSWER, NOW))
    second = paying.order(world, owed)
    paying.hear(world, second)
    paying.hear(world, first)
    assert kinds(world, first)[-2:] == ["paid_late", "paid_twice"]
    assert "好像多付了一次" in titles(world, world.resident)
    assert "有人重复付款" in titles(world, world.manager)


def test_the_same_thing_again_is_the_same_order(world):
    owed = paying.charge(world)
    assert paying.order(world, owed).id == paying.order(world, owed, now=NOW + dt.timedelta(minutes=3)).id


def test_while_one_of_the_family_pays_the_other_is_told_to_wait(world):
    owed = paying.charge(world)
    paying.order(world, owed)
    with pytest.raises(Conflict) as caught:
        paying.order(world, owed, person=world.neighbor)
    assert caught.value.reason == "being_paid"


def test_what_is_paid_is_not_paid_again(world):
    owed = paying.charge(world)
    paying.hear(world, paying.order(world, owed))
    with pytest.raises(Conflict) as caught:
        paying.order(world, owed)
    assert caught.value.reason == "already_paid"


def test_what_went_back_can_be_paid_anew(world):
    order = paying.put_into(world, OrderState.REFUNDED)
    owed = world.session.get_one(Charge, order.subject_id)
    assert paying.order(world, owed).id != order.id


def test_without_a_merchant_one_pays_at_the_station(world):
    owed = paying.charge(world)
    paying.merchant(world).ends_at = LATER
    world.session.flush()
    with pytest.raises(Conflict, match="请到服务站交") as caught:
        paying.order(world, owed)
    assert caught.value.reason == "pay_at_station"


def test_another_mini_program_cannot_take_the_money(world):
    owed = paying.charge(world)
    paying.merchant(world).appid = "wx-other"
    with pytest.raises(Conflict) as caught:
        paying.order(world, owed)
    assert caught.value.reason == "wrong_mini_program"


def test_what_others_owe_looks_as_if_it_was_not_there(world):
    with pytest.raises(NotFound):
        paying.order(world, paying.charge(world), person=world.far_neighbor)


def test_a_charge_that_is_being_paid_is_not_withdrawn(world):
    owed = paying.charge(world)
    paying.order(world, owed)
    actor = world.actor(world.manager, Role.STATION_MANAGER)
    with pytest.raises(Conflict) as caught:
        charges.withdraw(world.session, actor=actor, charge_id=owed.id, now=NOW)
    assert caught.value.reason == "charge_in_payment"


def test_what_was_withdrawn_is_not_paid(world):
    owed = paying.charge(world)
    charges.withdraw(world.session, actor=world.actor(world.manager, Role.STATION_MANAGER), charge_id=owed.id, now=NOW)
    with pytest.raises(Conflict) as caught:
        paying.order(world, owed)
    assert caught.value.reason == "charge_withdrawn"


def test_an_order_that_ran_out_is_not_announced(world):
    order = paying.order(world)
    with pytest.raises(Conflict) as caught:
        opening.announced(world.session, order_id=order.id, prepay_id="wx1", now=LATER)
    assert caught.value.reason == "order_over"


def test_only_the_account_that_began_goes_on(world):
    order = paying.order(world)
    move_in(world.session, world.neighbor, world.place.home)
    other = replace(world.actor(world.resident, Role.RESIDENT), account_id=999_999)
    with pytest.raises(Conflict) as caught:
        opening.begin(
            world.session, actor=other, order_id=order.id, vault=world.vault, notify_base=paying.BASE, now=NOW
        )
    assert caught.value.reason == "other_account"
