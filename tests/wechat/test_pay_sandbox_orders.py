"""Orders of the simulated WeChat Pay: what is taken, what is refused, and what a phone does with them."""

import itertools
from typing import Any

import pytest

from tests.wechat.shops import JSAPI, PARTNER_JSAPI, SUB, Shop, problem
from wechat.sandbox.pay.merchants import DIRECT_MCHID, PROVIDER_APPID, PROVIDER_MCHID, STRANGE_SUB_MCHID, SUB_MCHIDS
from wechat.sandbox.pay.states import (
    ORDER_MOVES,
    PAID,
    REFUND_MOVES,
    OrderEvent,
    OrderState,
    RefundEvent,
    RefundState,
    next_order_state,
    next_refund_state,
)
from wechat.sandbox.pay_refusal import PayRefusal


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def provider() -> Shop:
    return Shop(PROVIDER_MCHID)


@pytest.fixture(params=[DIRECT_MCHID, PROVIDER_MCHID])
def either(request: pytest.FixtureRequest) -> Shop:
    return Shop(request.param)


def refused(shop: Shop, path: str = JSAPI, **changes: Any) -> tuple[int, str]:
    return problem(shop.ask("POST", path, shop.order(**changes)))


@pytest.mark.parametrize(("state", "event"), list(itertools.product(OrderState, OrderEvent)))
def test_every_event_in_every_state_of_an_order_moves_it_or_is_refused_by_a_code(
    state: OrderState, event: OrderEvent
) -> None:
    if event in ORDER_MOVES[state]:
        assert next_order_state(state, event) is ORDER_MOVES[state][event]
        return
    with pytest.raises(PayRefusal) as refusal:
        next_order_state(state, event)
    expected = "TRADE_ERROR"
    if state in PAID:
        expected = "ORDERPAID"
    if state is OrderState.CLOSED:
        expected = "ORDER_CLOSED"
    if event is OrderEvent.REFUND:
        expected = "INVALID_REQUEST"
    assert refusal.value.code == expected


@pytest.mark.parametrize(("state", "event"), list(itertools.product(RefundState, RefundEvent)))
def test_every_event_in_every_state_of_a_refund_moves_it_or_is_refused(state: RefundState, event: RefundEvent) -> None:
    if event in REFUND_MOVES[state]:
        assert next_refund_state(state, event) is REFUND_MOVES[state][event]
        return
    with pytest.raises(PayRefusal) as refusal:
        next_refund_state(state, event)
    assert refusal.value.code == "INVALID_REQUEST"


def test_money_that_was_paid_is_never_unpaid() -> None:
    after_payment = {to for state in PAID for to in ORDER_MOVES[state].values()}
    assert after_payment <= PAID


def test_an_order_waits_to_be_paid(either: Shop) -> None:
    prepay_id = either.prepay(attach="A栋")
    assert len(prepay_id) == 36
    found = either.query()
    assert (found["trade_state"], found["trade_state_desc"]) == ("NOTPAY", "订单未支付")
    assert found["amount"] == {"total": 10000, "currency": "CNY"}
    assert found["attach"] == "A栋"
    assert "transaction_id" not in found


def test_a_paid_order_is_found_by_both_numbers(either: Shop) -> None:
    paid = either.paid()
    assert paid["trade_state"] == "SUCCESS"
    assert paid["amount"] == {"total": 10000, "payer_total": 10000, "currency": "CNY", "payer_currency": "CNY"}
    assert (paid["trade_type"], paid["success_time"]) == ("JSAPI", "2026-11-23T15:00:30+08:00")
    target = either.query_target("x").replace("out-trade-no/x", f"id/{paid['transaction_id']}")
    assert either.ask("GET", target).get_json() == paid


def test_the_sub_merchant_of_a_provider_gets_the_money(provider: Shop) -> None:
    paid = provider.paid()
    assert (paid["sp_mchid"], paid["sub_mchid"]) == (PROVIDER_MCHID, SUB)
    assert paid["payer"] == {"sp_openid": provider.openid}
    assert provider.world.pay.payments()[0]["payee"] == "演示一号小区业主委员会"


def test_a_payer_may_be_named_by_the_sub_merchants_appid(provider: Shop) -> None:
    found = provider.paid(sub_appid=provider.world.appid, payer={"sub_openid": provider.openid})
    assert found["sub_appid"] == provider.world.appid


@pytest.mark.parametrize(
    "changes",
    [
        {"description": ...},
        {"description": "费" * 128},
        {"description": "物业费🏠"},
        {"description": None},
        {"out_trade_no": "12345"},
        {"out_trade_no": "x" * 33},
        {"out_trade_no": "编号2026"},
        {"out_trade_no": "WY-2026\n"},
        {"notify_url": "https://wuyou.example/pay?m=1"},
        {"notify_url": "ftp://wuyou.example/pay"},
        {"notify_url": "https://wuyou.example"},
        {"amount": {"total": 0}},
        {"amount": {"total": 100.0}},
        {"amount": {"total": "100"}},
        {"amount": {"total": True}},
        {"amount": {"total": 100, "currency": "USD"}},
        {"amount": {}},
        {"payer": {}},
        {"payer": {"openid": "o-nobody"}},
        {"attach": "x" * 129},
        {"time_expire": "2026-11-24"},
        {"time_expire": "2026-13-24T10:00:00+08:00"},
        {"time_expire": "2026-11-23T15:01:00+08:00"},
        {"colour": "red"},
        {"sub_mchid": SUB},
        {"detail": {"goods_detail": [{"merchant_goods_id": "1", "quantity": 0, "unit_price": 1}]}},
        {"mchid": PROVIDER_MCHID},
    ],
)
def test_an_order_with_a_wrong_field_is_refused_and_not_made(shop: Shop, changes: dict[str, Any]) -> None:
    assert refused(shop, **changes) == (400, "PARAM_ERROR")
    assert shop.world.pay.payments() == []


def test_a_refusal_names_the_field(shop: Shop) -> None:
    answer = shop.ask("POST", JSAPI, shop.order(amount={"total": 0}))
    assert answer.get_json()["detail"]["field"] == "/amount/total"


def test_an_unknown_field_has_its_own_number(shop: Shop) -> None:
    assert shop.ask("POST", JSAPI, shop.order(colour="red")).headers["Request-ID"].endswith("-270924358")


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"a": "\xff"}', b"null", b'{"a": "\\ud83d"}', b"[" * 9999])
def test_a_body_that_is_no_object_is_refused(shop: Shop, raw: bytes) -> None:
    assert problem(shop.ask("POST", JSAPI, raw)) == (400, "PARAM_ERROR")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sub_mchid": ...}, (400, "PARAM_ERROR")),
        ({"sub_mchid": PROVIDER_MCHID}, (400, "PARAM_ERROR")),
        ({"sub_mchid": "1900000666"}, (400, "MCH_NOT_EXISTS")),
        ({"sub_mchid": STRANGE_SUB_MCHID}, (403, "NO_AUTH")),
        ({"sp_appid": "wx0000000000000000"}, (400, "APPID_MCHID_NOT_MATCH")),
        ({"sub_appid": "wx0000000000000000"}, (400, "APPID_MCHID_NOT_MATCH")),
        ({"sp_appid": PROVIDER_APPID}, (500, "OPENID_MISMATCH")),
        ({"payer": {}}, (400, "PARAM_ERROR")),
        ({"payer": {"openid": "o"}}, (400, "PARAM_ERROR")),
    ],
)
def test_a_provider_names_a_sub_merchant_of_its_own(
    provider: Shop, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refused(provider, PARTNER_JSAPI, **changes) == expected


def test_a_payer_named_by_the_sub_merchants_appid_needs_that_appid(provider: Shop) -> None:
    assert refused(provider, PARTNER_JSAPI, payer={"sub_openid": provider.openid}) == (400, "PARAM_ERROR")


def test_another_merchants_appid_is_refused(shop: Shop) -> None:
    assert refused(shop, appid="wx0000000000000000") == (400, "APPID_MCHID_NOT_MATCH")


def test_each_kind_of_merchant_has_its_own_addresses(shop: Shop, provider: Shop) -> None:
    assert refused(shop, PARTNER_JSAPI) == (403, "NO_AUTH")
    assert refused(provider, JSAPI) == (403, "NO_AUTH")


def test_the_same_order_again_gets_a_new_prepay_id(either: Shop) -> None:
    first, second = either.prepay(), either.prepay()
    assert first != second
    assert len(either.world.pay.payments()) == 1
    assert either.tap(either.sheet(first).get_json()["number"], "pay").status_code == 200


def test_the_same_number_with_another_amount_is_refused(shop: Shop) -> None:
    shop.prepay()
    answer = shop.ask("POST", JSAPI, shop.order(amount={"total": 1}))
    assert problem(answer) == (403, "OUT_TRADE_NO_USED")
    assert answer.headers["Request-ID"].endswith("-268498688")


def test_the_number_of_a_paid_order_is_refused(shop: Shop) -> None:
    shop.paid()
    assert refused(shop) == (400, "ORDERPAID")


def test_the_number_of_a_closed_order_is_refused(shop: Shop) -> None:
    shop.prepay()
    shop.close()
    assert refused(shop) == (400, "ORDER_CLOSED")


def test_a_number_is_unique_over_all_sub_merchants_of_a_provider(provider: Shop) -> None:
    provider.prepay()
    assert refused(provider, PARTNER_JSAPI, sub_mchid=SUB_MCHIDS[1]) == (403, "OUT_TRADE_NO_USED")


def test_two_merchants_may_use_the_same_number(shop: Shop) -> None:
    other = Shop(PROVIDER_MCHID, clock=shop.clock, world=shop.world)
    shop.paid()
    other.prepay()
    assert (shop.query()["trade_state"], other.query()["trade_state"]) == ("SUCCESS", "NOTPAY")


def test_an_order_that_was_never_made_is_not_found(either: Shop) -> None:
    assert problem(either.ask("GET", either.query_target("WY-9999"))) == (404, "ORDER_NOT_EXIST")
    assert problem(either.close("WY-9999")) == (404, "ORDER_NOT_EXIST")


def test_an_order_of_another_sub_merchant_is_refused(provider: Shop) -> None:
    provider.prepay()
    target = provider.query_target("WY-2026-0001").replace(SUB, SUB_MCHIDS[1])
    assert problem(provider.ask("GET", target)) == (400, "INVALID_REQUEST")


def test_a_query_must_name_the_merchant_that_signs_it(shop: Shop) -> None:
    shop.prepay()
    for target in ("?mchid=1900000100", "?mchid=", ""):
        answer = shop.ask("GET", f"/v3/pay/transactions/out-trade-no/WY-2026-0001{target}")
        assert problem(answer) == (400, "PARAM_ERROR")


def test_closing_answers_nothing_and_may_be_repeated(either: Shop) -> None:
    either.prepay()
    for _ in range(2):
        answer = either.close()
        assert (answer.status_code, answer.data) == (204, b"")
    assert either.query()["trade_state"] == "CLOSED"


def test_a_paid_order_cannot_be_closed(either: Shop) -> None:
    either.paid()
    assert problem(either.close()) == (400, "ORDERPAID")
    assert either.query()["trade_state"] == "SUCCESS"


def test_a_closed_order_cannot_be_paid(shop: Shop) -> None:
    sheet = shop.sheet(shop.prepay()).get_json()
    shop.close()
    assert shop.tap(sheet["number"], "pay").status_code == 409
    assert shop.query()["trade_state"] == "CLOSED"


def test_an_order_ends_after_seven_days(shop: Shop) -> None:
    shop.prepay()
    shop.world.clock.step(7 * 86_400 - 1)
    assert shop.query()["trade_state"] == "NOTPAY"
    shop.world.clock.step(1)
    assert shop.query()["trade_state"] == "CLOSED"


def test_an_order_ends_when_it_says(shop: Shop) -> None:
    shop.prepay(time_expire="2026-11-23T15:30:30+08:00")
    shop.world.clock.step(1799)
    assert shop.query()["trade_state"] == "NOTPAY"
    shop.world.clock.step(1)
    assert shop.query()["trade_state"] == "CLOSED"


def test_a_prepay_id_ends_after_two_hours_and_the_order_lives_on(shop: Shop) -> None:
    prepay_id = shop.prepay()
    shop.world.clock.step(7200)
    assert shop.sheet(prepay_id).status_code == 200
    shop.world.clock.step(1)
    assert shop.sheet(prepay_id).status_code == 400
    assert shop.sheet(shop.prepay()).status_code == 200
