"""Paying over HTTP: parameters, WeChat's notifications, questions by person and worker, refunds; WeChat is a fake."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app import paying as errands
from models import (
    Channel,
    Charge,
    OrderState,
    OutboxMessage,
    OutboxState,
    PaymentEvent,
    PaymentOrder,
    RefundOrder,
    Role,
)
from services import outbox
from services.errors import Misconfigured, Rejected, TryLater
from services.payment_ports import NOT_ENOUGH, RefundState
from services.payments import asking, notified
from services.payments.errands import carry, collect
from tests import paying
from tests.app.asking import expect_refusal

MINUTE = dt.timedelta(minutes=1)


def now():
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def pay(gateways):
    return gateways.payments


@pytest.fixture
def owed(world):
    made = paying.charge(world)
    world.session.commit()
    return made.id


@pytest.fixture
def me(world):
    return world.headers(world.resident, Role.RESIDENT)


def post(client, url, headers, **body):
    return client.post(f"/api/v1{url}", headers=headers, json=body)


def begin(client, owed, me):
    response = post(client, f"/charges/{owed}/orders", me)
    assert response.status_code == 201, response.get_json()
    return response.get_json()


def prepay(client, owed, me):
    order = begin(client, owed, me)
    assert post(client, f"/payment-orders/{order['id']}/parameters", me).status_code == 200
    return order


def slug(world):
    found = paying.merchant(world).slug
    world.session.commit()  # a request finds no transaction open
    return found


def tell(client, world, body):
    return client.post(f"/callbacks/wechat/pay/{slug(world)}", data=body)


def state(world, order):
    world.session.expire_all()
    return world.session.get_one(PaymentOrder, order["id"]).state


def work(world):
    """Run the jobs and the worker as if a minute had passed."""
    world.session.commit()
    world.session.execute(
        sa.update(PaymentOrder).where(PaymentOrder.next_ask_at.is_not(None)).values(next_ask_at=now())
    )
    world.session.execute(sa.update(RefundOrder).where(RefundOrder.next_ask_at.is_not(None)).values(next_ask_at=now()))
    asking.ask_about_orders(world.session, now=now())
    asking.ask_about_refunds(world.session, now=now())
    world.session.commit()
    with ThreadPoolExecutor(1) as pool:
        errands.run_errands(pool, 32)


def test_the_client_gets_what_wx_request_payment_takes(client, owed, me, pay):
    order = begin(client, owed, me)
    answer = post(client, f"/payment-orders/{order['id']}/parameters", me).get_json()
    assert set(answer) == {"timeStamp", "nonceStr", "package", "signType", "paySign"}
    asked = pay.asked[order["number"]]
    assert (asked.amount, asked.description) == (12345, "门禁卡工本费")
    assert "/callbacks/wechat/pay/" in asked.notify_url


def test_asking_for_parameters_again_does_not_announce_again(client, owed, me, pay):
    order = prepay(client, owed, me)
    post(client, f"/payment-orders/{order['id']}/parameters", me)
    assert pay.calls == ["prepay"]


def test_the_same_key_opens_one_order(client, owed, me):
    keyed = {**me, "Idempotency-Key": "tap-1"}
    first, second = begin(client, owed, keyed), begin(client, owed, keyed)
    assert first == second


def test_no_payment_is_believed_of_the_client(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    answer = post(client, f"/payment-orders/{order['id']}/ask", me).get_json()
    assert answer["state"] == "prepaid"
    pay.pay(order["number"], at=now())
    answer = post(client, f"/payment-orders/{order['id']}/ask", me).get_json()
    assert (answer["state"], answer["state_name"]) == ("paid", "已付")


def test_a_notification_is_booked_and_answered_with_nothing(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    response = tell(client, world, pay.tell("EV-1", transaction=pay.pay(order["number"], at=now())))
    assert (response.status_code, response.data) == (204, b"")
    assert state(world, order) is OrderState.PAID


def test_a_notification_that_comes_five_times_is_booked_once(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    body = pay.tell("EV-1", transaction=pay.pay(order["number"], at=now()))
    assert {tell(client, world, body).status_code for _ in range(5)} == {204}
    paid = sa.select(sa.func.count(PaymentEvent.id)).where(PaymentEvent.kind == "paid")
    assert world.session.scalar(paid) == 1


def test_a_notification_that_does_not_fit_is_refused_and_kept_as_suspicious(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    body = pay.tell("EV-1", transaction=pay.pay(order["number"], at=now(), amount=1))
    expect_refusal(tell(client, world, body), 403, "callback_mismatch")
    assert state(world, order) is OrderState.PREPAID
    assert world.session.scalar(sa.select(PaymentEvent.kind).where(PaymentEvent.kind == "suspicious"))


def test_a_notification_that_is_not_believed_changes_nothing(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    pay.pay(order["number"], at=now())
    expect_refusal(tell(client, world, b'{"notice": "forged"}'), 403, "callback_forged")
    assert state(world, order) is OrderState.PREPAID


def test_a_notification_at_another_merchants_address_is_refused(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    body = pay.tell("EV-1", transaction=pay.pay(order["number"], at=now()))
    expect_refusal(client.post("/callbacks/wechat/pay/nobody", data=body), 403, "callback_unknown_merchant")
    expect_refusal(client.post("/callbacks/wechat/pay/ü%00", data=body), 403, "callback_unknown_merchant")
    elsewhere = paying.merchant(world, world.elsewhere, mchid="1900000001")
    world.session.commit()
    response = client.post(f"/callbacks/wechat/pay/{elsewhere.slug}", data=body)
    expect_refusal(response, 403, "callback_unknown_order")
    assert state(world, order) is OrderState.PREPAID


def test_a_notification_that_is_far_too_long_is_not_read(client, world, owed):
    assert tell(client, world, b"x" * 70_000).status_code == 413


def test_while_the_database_is_away_wechat_is_told_to_come_again(client, world, owed, me, pay, monkeypatch):
    order = prepay(client, owed, me)
    body = pay.tell("EV-1", transaction=pay.pay(order["number"], at=now()))

    def away(*_args, **_kwargs):
        raise OperationalError("select", {}, Exception("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(notified, "take", away)
        assert tell(client, world, body).status_code == 503
    assert state(world, order) is OrderState.PREPAID
    assert tell(client, world, body).status_code == 204


def test_a_lost_answer_to_the_announcement_is_harmless(client, world, owed, me, pay):
    order = begin(client, owed, me)
    pay.lose = TryLater()
    expect_refusal(post(client, f"/payment-orders/{order['id']}/parameters", me), 503, "wechat_busy")
    pay.lose = None
    assert post(client, f"/payment-orders/{order['id']}/parameters", me).status_code == 200
    assert len(pay.orders) == 1


def test_settings_that_are_wrong_are_said_plainly(client, owed, me, pay):
    order = begin(client, owed, me)
    pay.error = Misconfigured("商户的私钥不对。")
    expect_refusal(post(client, f"/payment-orders/{order['id']}/parameters", me), 503, "wechat_misconfigured")


def test_an_order_that_was_paid_meanwhile_is_found_paid(client, world, owed, me, pay):
    order = begin(client, owed, me)
    pay.lose = TryLater()
    post(client, f"/payment-orders/{order['id']}/parameters", me)
    pay.lose = None
    pay.pay(order["number"], at=now())
    expect_refusal(post(client, f"/payment-orders/{order['id']}/parameters", me), 409, "order_over")
    assert state(world, order) is OrderState.PAID


def test_cancelling_closes_the_order_with_wechat(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    assert post(client, f"/payment-orders/{order['id']}/cancel", me).get_json()["state"] == "closed"
    assert begin(client, owed, me)["id"] != order["id"]


def test_cancelling_what_is_paid_shows_it_paid(client, owed, me, pay):
    order = prepay(client, owed, me)
    pay.pay(order["number"], at=now())
    assert post(client, f"/payment-orders/{order['id']}/cancel", me).get_json()["state"] == "paid"


def test_the_worker_finds_a_payment_whose_notification_was_lost(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    pay.pay(order["number"], at=now())
    work(world)
    assert state(world, order) is OrderState.PAID


def test_the_worker_closes_what_has_run_out(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    world.session.execute(sa.update(PaymentOrder).values(expires_at=now() - MINUTE))
    work(world)
    assert state(world, order) is OrderState.CLOSED
    assert pay.calls[-2:] == ["query", "close"]


def test_an_order_that_wechat_never_heard_of_is_closed_when_it_has_run_out(client, world, owed, me, pay):
    order = begin(client, owed, me)
    work(world)
    assert state(world, order) is OrderState.NEW
    world.session.execute(sa.update(PaymentOrder).values(expires_at=now() - MINUTE))
    work(world)
    assert state(world, order) is OrderState.CLOSED


def test_while_wechat_is_away_the_question_waits(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    pay.pay(order["number"], at=now())
    pay.error = TryLater()
    work(world)
    assert state(world, order) is OrderState.PREPAID
    assert world.session.scalar(sa.select(OutboxMessage.state)) is OutboxState.WAITING
    pay.error = None
    work(world)
    assert state(world, order) is OrderState.PAID


def refund(client, world, order, *, amount=345):
    """The manager asks, the treasurer lets it go."""
    asked = post(
        client, f"/payment-orders/{order['id']}/refunds", world.headers(world.manager), amount=amount, reason="多收了"
    )
    assert asked.status_code == 201, asked.get_json()
    number = asked.get_json()["refunds"][-1]["id"]
    committee = paying.new_person(world.session, world.vault, "郭强")
    paying.hire(world.session, committee, world.place.neighborhood, Role.COMMITTEE_MEMBER)
    checker = world.headers(committee, Role.COMMITTEE_MEMBER)
    assert post(client, f"/refunds/{number}/approve", checker).status_code == 200
    return world.session.get_one(RefundOrder, number).out_refund_no


def paid(client, world, owed, me, pay):
    order = prepay(client, owed, me)
    tell(client, world, pay.tell("EV-1", transaction=pay.pay(order["number"], at=now())))
    return order


def test_a_refund_goes_to_wechat_and_its_notification_ends_it(client, world, owed, me, pay):
    order = paid(client, world, owed, me, pay)
    number = refund(client, world, order)
    work(world)
    assert pay.refunds[number].amount == 345
    word = pay.settle_refund(number, RefundState.SUCCEEDED, at=now())
    assert tell(client, world, pay.tell("EV-2", refund=word)).status_code == 204
    answer = client.get(f"/api/v1/payment-orders/{order['id']}", headers=me).get_json()
    assert (answer["refunded"], answer["refunds"][0]["state_name"]) == (345, "已退回")


def test_a_refund_whose_notification_is_lost_is_asked_about(client, world, owed, me, pay):
    order = paid(client, world, owed, me, pay)
    number = refund(client, world, order)
    work(world)
    pay.settle_refund(number, RefundState.SUCCEEDED, at=now())
    work(world)
    assert world.session.scalar(sa.select(PaymentOrder.refunded)) == 345


def test_a_refund_whose_answer_is_lost_is_asked_for_again_by_the_same_number(client, world, owed, me, pay):
    order = paid(client, world, owed, me, pay)
    refund(client, world, order)
    pay.lose = TryLater()
    work(world)
    pay.lose = None
    work(world)
    assert len(pay.refunds) == 1
    assert pay.calls.count("refund") == 2


def test_a_worker_killed_between_claim_and_settling_pays_nothing_back_twice(client, world, owed, me, pay):
    order = paid(client, world, owed, me, pay)
    refund(client, world, order)
    session, then = world.session, now() - 3 * MINUTE
    session.execute(sa.update(RefundOrder).values(next_ask_at=then))
    asking.ask_about_refunds(session, now=then)
    batch = outbox.claim(session, channel=Channel.PAY, now=then, limit=9)
    found = collect(session, batch, vault=world.vault, notify_base=paying.BASE, now=then)
    session.commit()
    for errand in found.values():
        carry(errand, pay)  # WeChat has it; then the worker dies, and its lease of two minutes runs out
    with ThreadPoolExecutor(1) as pool:
        assert errands.run_errands(pool, 9) == len(batch)
    assert len(pay.refunds) == 1
    row = session.scalars(sa.select(RefundOrder).execution_options(populate_existing=True)).one()
    assert row.state == "processing"


def test_a_refund_that_wechat_will_not_make_is_told_and_freed(client, world, owed, me, pay, monkeypatch):
    order = paid(client, world, owed, me, pay)
    refund(client, world, order)

    def too_little(*_args):
        raise Rejected("商户余额不够退这一笔。", code=NOT_ENOUGH)

    monkeypatch.setattr(pay, "refund", too_little)
    work(world)
    row = world.session.scalars(sa.select(RefundOrder)).one()
    assert (row.state, row.last_error) == ("closed", NOT_ENOUGH)
    assert world.session.scalar(sa.select(PaymentOrder.refund_reserved)) == 0


def test_a_refund_notice_of_another_merchant_is_refused(client, world, owed, me, pay):
    order = paid(client, world, owed, me, pay)
    number = refund(client, world, order)
    work(world)
    word = replace(pay.settle_refund(number, RefundState.SUCCEEDED, at=now()), mchid="1900000001")
    expect_refusal(tell(client, world, pay.tell("EV-2", refund=word)), 403, "callback_mismatch")
    assert world.session.scalar(sa.select(PaymentOrder.refunded)) == 0


def test_the_treasurer_reads_what_came_in_and_why(client, world, owed, me, pay):
    order = paid(client, world, owed, me, pay)
    headers = world.headers(paying.treasurer(world), Role.TREASURER)
    hood = world.place.neighborhood.id
    listed = client.get(f"/api/v1/neighborhoods/{hood}/payment-orders", headers=headers).get_json()
    assert [one["number"] for one in listed["items"]] == [order["number"]]
    told = client.get(f"/api/v1/payment-orders/{order['id']}/history", headers=headers).get_json()
    assert [(one["kind"], one["source"]) for one in told["items"]] == [
        ("opened", "person"),
        ("prepaid", "answer"),
        ("paid", "notice"),
    ]


def test_without_a_merchant_the_resident_is_sent_to_the_station(client, world, me):
    owed = paying.charge(world)
    paying.merchant(world).ends_at = now()
    world.session.commit()
    problem = expect_refusal(post(client, f"/charges/{owed.id}/orders", me), 409, "pay_at_station")
    assert "请到服务站交" in problem["detail"]


def test_my_charges_show_what_is_paid(client, world, owed, me, pay):
    assert client.get("/api/v1/me/charges", headers=me).get_json()["items"][0]["is_paid"] is False
    paid(client, world, owed, me, pay)
    assert client.get("/api/v1/me/charges", headers=me).get_json()["items"][0]["is_paid"] is True
    assert world.session.get_one(Charge, owed).withdrawn_at is None
