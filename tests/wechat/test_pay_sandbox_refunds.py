"""Refunds of the simulated WeChat Pay, and the money behind them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wechat.shops import NOTIFY, REFUNDS, SUB, Shop, problem
from wechat.sandbox.pay.merchants import DIRECT_MCHID, PROVIDER_MCHID, SUB_MCHIDS


@pytest.fixture(params=[DIRECT_MCHID, PROVIDER_MCHID])
def either(request: pytest.FixtureRequest) -> Shop:
    shop = Shop(request.param)
    shop.paid()
    return shop


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.paid()
    return shop


def found(shop: Shop, number: str) -> dict[str, Any]:
    suffix = f"?sub_mchid={SUB}" if shop.me["mode"] == "provider" else ""
    answer = shop.ask("GET", f"{REFUNDS}/{number}{suffix}")
    assert answer.status_code == 200
    return dict(answer.get_json())


def outcome(shop: Shop, status: str) -> None:
    shop.world.pay.set_up({"refunds": status})


def test_a_refund_is_on_its_way_and_arrives(either: Shop) -> None:
    asked = either.refund("R-1", 2500, reason="多交了").get_json()
    assert (asked["status"], asked["channel"]) == ("PROCESSING", "ORIGINAL")
    assert asked["amount"]["refund"] == 2500
    assert "success_time" not in asked
    either.world.clock.step(3)
    arrived = found(either, "R-1")
    assert (arrived["status"], arrived["success_time"]) == ("SUCCESS", "2026-11-23T15:00:33+08:00")
    assert arrived["refund_id"] == asked["refund_id"]


def test_a_part_paid_back_turns_the_order_to_refund(either: Shop) -> None:
    either.refund("R-1", 1)
    assert either.query()["trade_state"] == "REFUND"


def test_an_order_is_paid_back_in_parts_up_to_what_was_paid(shop: Shop) -> None:
    assert shop.refund("R-1", 6000).status_code == 200
    assert shop.refund("R-2", 4000).status_code == 200
    assert problem(shop.refund("R-3", 1)) == (400, "INVALID_REQUEST")


def test_the_same_refund_again_is_the_same_refund(shop: Shop) -> None:
    first, second = shop.refund("R-1", 6000).get_json(), shop.refund("R-1", 6000).get_json()
    assert first["refund_id"] == second["refund_id"]
    assert shop.world.pay.payments()[0]["refunded"] == 6000


def test_the_same_number_for_another_refund_is_refused(shop: Shop) -> None:
    shop.refund("R-1", 6000)
    assert problem(shop.refund("R-1", 1)) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"out_trade_no": ...}, (400, "PARAM_ERROR")),
        ({"out_trade_no": "WY-9999"}, (404, "RESOURCE_NOT_EXISTS")),
        ({"transaction_id": "4200000000000000000000000000"}, (404, "RESOURCE_NOT_EXISTS")),
        ({"amount": {"refund": 1, "total": 9999, "currency": "CNY"}}, (400, "INVALID_REQUEST")),
        ({"amount": {"refund": 0, "total": 10000, "currency": "CNY"}}, (400, "PARAM_ERROR")),
        ({"amount": {"refund": 1, "total": 10000}}, (400, "PARAM_ERROR")),
        ({"out_refund_no": "退1"}, (400, "PARAM_ERROR")),
        ({"reason": "x" * 81}, (400, "PARAM_ERROR")),
        ({"notify_url": "https://wuyou.example/refunds?a=1"}, (400, "PARAM_ERROR")),
        ({"sub_mchid": SUB}, (400, "PARAM_ERROR")),
        ({"note": "x"}, (400, "PARAM_ERROR")),
    ],
)
def test_a_refund_with_a_wrong_field_is_refused_and_moves_nothing(
    shop: Shop, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert problem(shop.refund("R-1", 1, **changes)) == expected
    assert shop.query()["trade_state"] == "SUCCESS"


def test_an_order_is_found_for_a_refund_by_wechats_number(shop: Shop) -> None:
    number = shop.query()["transaction_id"]
    assert shop.refund("R-1", 1, out_trade_no=..., transaction_id=number).get_json()["transaction_id"] == number


def test_two_numbers_of_different_orders_are_refused(shop: Shop) -> None:
    other = shop.paid("WY-2026-0002")
    assert problem(shop.refund("R-1", 1, transaction_id=other["transaction_id"])) == (400, "INVALID_REQUEST")


def test_an_unpaid_order_has_nothing_to_pay_back() -> None:
    shop = Shop()
    shop.prepay()
    assert problem(shop.refund("R-1", 1)) == (400, "INVALID_REQUEST")


def test_a_provider_must_name_the_sub_merchant_of_the_order() -> None:
    provider = Shop(PROVIDER_MCHID)
    provider.paid()
    missing = provider.refund("R-1", 1, sub_mchid=...)
    assert problem(missing) == (400, "PARAM_ERROR")
    assert missing.headers["Request-ID"].endswith("-268443704")
    assert problem(provider.refund("R-1", 1, sub_mchid=SUB_MCHIDS[1])) == (400, "INVALID_REQUEST")


def test_an_order_is_paid_back_within_a_year(shop: Shop) -> None:
    shop.world.clock.step(365 * 86_400)
    assert shop.refund("R-1", 1).status_code == 200
    shop.world.clock.step(1)
    assert problem(shop.refund("R-2", 1)) == (400, "INVALID_REQUEST")


def test_an_order_is_paid_back_in_fifty_parts_at_most(shop: Shop) -> None:
    for number in range(50):
        assert shop.refund(f"R-{number}", 1).status_code == 200
    assert problem(shop.refund("R-50", 1)) == (400, "INVALID_REQUEST")


def test_a_refund_that_nobody_asked_for_is_not_found(shop: Shop) -> None:
    assert problem(shop.ask("GET", f"{REFUNDS}/R-1")) == (404, "RESOURCE_NOT_EXISTS")


def test_a_merchant_without_money_cannot_pay_back(shop: Shop) -> None:
    answer = shop.http.post(f"/sandbox/pay/merchants/{DIRECT_MCHID}/withdraw", json={"amount": 9000})
    assert answer.get_json() == {"mchid": DIRECT_MCHID, "balance": 940}
    assert problem(shop.refund("R-1", 1000)) == (403, "NOT_ENOUGH")
    assert shop.query()["trade_state"] == "SUCCESS"
    assert shop.refund("R-1", 900).status_code == 200


def test_a_refund_stays_on_its_way_until_somebody_decides(shop: Shop) -> None:
    outcome(shop, "PROCESSING")
    refund_id = shop.refund("R-1", 1).get_json()["refund_id"]
    shop.world.clock.step(86_400)
    assert found(shop, "R-1")["status"] == "PROCESSING"
    settled = shop.http.post(f"/sandbox/pay/refunds/{refund_id}/settle", json={"status": "SUCCESS"})
    assert settled.get_json()["status"] == "SUCCESS"
    again = shop.http.post(f"/sandbox/pay/refunds/{refund_id}/settle", json={"status": "CLOSED"})
    assert again.status_code == 409


def test_a_closed_refund_gives_the_money_back_to_the_merchant(shop: Shop) -> None:
    outcome(shop, "CLOSED")
    shop.refund("R-1", 10000)
    shop.world.clock.step(3)
    assert found(shop, "R-1")["status"] == "CLOSED"
    outcome(shop, "SUCCESS")
    assert shop.refund("R-2", 10000).status_code == 200


def test_an_abnormal_refund_is_tried_again(either: Shop) -> None:
    outcome(either, "ABNORMAL")
    refund_id = either.refund("R-1", 100).get_json()["refund_id"]
    either.world.clock.step(3)
    assert found(either, "R-1")["status"] == "ABNORMAL"
    body = {"out_refund_no": "R-1", "type": "MERCHANT_BANK_CARD"}
    if either.me["mode"] == "provider":
        body["sub_mchid"] = SUB
    retried = either.ask("POST", f"{REFUNDS}/{refund_id}/apply-abnormal-refund", body)
    assert retried.get_json()["status"] == "PROCESSING"
    either.world.clock.step(3)
    assert found(either, "R-1")["status"] == "SUCCESS"
    assert problem(either.ask("POST", f"{REFUNDS}/{refund_id}/apply-abnormal-refund", body)) == (400, "INVALID_REQUEST")


def test_what_makes_no_sense_is_refused_by_the_control(shop: Shop) -> None:
    for path, body, status in [
        ("refunds/50300000000/settle", {"status": "SUCCESS"}, 404),
        ("refunds/50300000000/settle", {"status": "PROCESSING"}, 400),
        ("merchants/1/withdraw", {"amount": 1}, 404),
        (f"merchants/{DIRECT_MCHID}/withdraw", {"amount": 0}, 400),
        (f"merchants/{DIRECT_MCHID}/withdraw", {"amount": 10**9}, 409),
        ("merchants/1/probe", {"url": NOTIFY}, 404),
    ]:
        assert shop.http.post(f"/sandbox/pay/{path}", json=body).status_code == status
    for body in ({}, {"refunds": "LOST"}, {"bills": "eaten"}, {"colour": "red"}):
        assert shop.http.put("/sandbox/pay/settings", json=body).status_code == 400
    for body in ({}, {"notices_signed_by": "nobody"}, {"has_certificates": 1}, {"mchid": "2"}):
        assert shop.http.put(f"/sandbox/pay/merchants/{DIRECT_MCHID}", json=body).status_code == 400


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 7000), st.sampled_from(["SUCCESS", "CLOSED", "ABNORMAL"])), max_size=12))
def test_never_more_is_paid_back_than_was_paid_and_every_fen_is_accounted_for(parts: list[tuple[int, str]]) -> None:
    shop = Shop()
    shop.paid()
    kept = 0
    for number, (fen, status) in enumerate(parts):
        outcome(shop, status)
        answer = shop.refund(f"R-{number}", fen)
        assert answer.status_code == (200 if kept + fen <= 10000 else 400)
        shop.world.clock.step(3)
        listed = shop.world.pay.payments()[0]
        kept = sum(one["amount"]["refund"] for one in listed["refunds"] if one["status"] != "CLOSED")
        assert listed["refunded"] == kept <= 10000
    flows = shop.world.pay._funds.flows(DIRECT_MCHID)
    assert flows[-1].balance == sum(one.amount if one.income else -one.amount for one in flows)
    fees = sum(-one.amount if one.income else one.amount for one in flows if "手续费" in one.kind)
    assert flows[-1].balance == 10000 - kept - fees
    assert 0 <= fees <= 60
    assert kept < 10000 or fees == 0
