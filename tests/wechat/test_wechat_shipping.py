"""Shipping information, against the sandbox over HTTP."""

import datetime as dt
from typing import Any

import pytest
import requests

from services.errors import Misconfigured, Rejected, TryLater
from services.payment_ports import ShippingInfo
from tests.wechat.conftest import Bench
from wechat.sandbox.refusal import Refusal
from wechat.sandbox.shipping import Shipping

NOW = dt.datetime(2026, 11, 26, 4, 0, tzinfo=dt.UTC)
ORDER = {
    "mchid": "1900009191",
    "out_trade_no": "P1",
    "transaction_id": "4200001",
    "openid": "o-wang",
    "description": "门禁卡工本费",
    "amount": {"total": 500},
    "refunded": 0,
}
UPLOAD = {
    "order_key": {"order_number_type": 2, "transaction_id": "4200001"},
    "logistics_type": 3,
    "delivery_mode": 1,
    "shipping_list": [{"item_desc": "门禁卡工本费"}],
    "upload_time": "2026-11-26T12:00:00.000+08:00",
    "payer": {"openid": "o-wang"},
}


class Till:
    """A desk with the orders that a test needs."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self.orders = list(orders)

    def payments(self) -> list[dict[str, Any]]:
        return self.orders


def desk(bench: Bench, **changes: Any) -> Shipping:
    """The sandbox knows one payment."""
    bench.world.shipping._pay = Till({**ORDER, **changes})  # type: ignore[assignment]  # all it asks of the desk
    return bench.world.shipping


def info(**changes: Any) -> ShippingInfo:
    given: dict[str, Any] = {
        "transaction_id": "4200001", "openid": "o-wang", "description": "门禁卡工本费", "at": NOW
    }  # fmt: skip
    return ShippingInfo(**{**given, **changes})


def test_a_payment_is_reported_as_a_service(bench: Bench) -> None:
    shipping = desk(bench)
    bench.gateways.shipping.upload(info())
    shipped = shipping.of("4200001")
    assert shipped is not None
    assert (shipped.words, shipped.kind, shipped.uploaded_at) == ("门禁卡工本费", 3, "2026-11-26T12:00:00.000+08:00")


def test_reporting_again_is_as_good(bench: Bench) -> None:
    shipping = desk(bench)
    bench.gateways.shipping.upload(info())
    bench.gateways.shipping.upload(info())
    shipped = shipping.of("4200001")
    assert shipped is not None
    assert shipped.times == 1


@pytest.mark.parametrize("errcode", [10060002, 10060003, 10060023])
def test_reported_before_is_success(bench: Bench, errcode: int) -> None:
    shipping = desk(bench)
    bench.world.faults.put("shipping", {"errcode": errcode})
    bench.gateways.shipping.upload(info())
    assert shipping.of("4200001") is None


def test_a_payment_that_is_not_known_yet_is_tried_again(bench: Bench) -> None:
    desk(bench)
    with pytest.raises(TryLater) as caught:
        bench.gateways.shipping.upload(info(transaction_id="4200002"))
    assert caught.value.provider_code == 10060001


def test_the_payment_of_another_is_refused(bench: Bench) -> None:
    desk(bench)
    with pytest.raises(Rejected) as caught:
        bench.gateways.shipping.upload(info(openid="o-li"))
    assert caught.value.provider_code == 10060031


def test_what_was_paid_back_is_refused(bench: Bench) -> None:
    desk(bench, refunded=500)
    with pytest.raises(Rejected) as caught:
        bench.gateways.shipping.upload(info())
    assert caught.value.provider_code == 10060004


def test_long_words_are_cut(bench: Bench) -> None:
    shipping = desk(bench)
    bench.gateways.shipping.upload(info(description="费" * 200))
    shipped = shipping.of("4200001")
    assert shipped is not None
    assert shipped.words == "费" * 120


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [(-1, TryLater), (10060012, TryLater), (10060019, TryLater), (10060014, Rejected), (48001, Misconfigured)],
)
def test_each_trouble_has_its_class(bench: Bench, errcode: int, kind: type[Exception]) -> None:
    bench.world.faults.put("shipping", {"errcode": errcode})
    with pytest.raises(kind):
        bench.gateways.shipping.upload(info())


def test_a_token_that_ended_is_renewed(bench: Bench) -> None:
    shipping = desk(bench)
    bench.gateways.shipping.is_wanted()
    bench.world.tokens.expire_all()
    bench.gateways.shipping.upload(info())
    assert shipping.of("4200001") is not None


@pytest.mark.parametrize("managed", [True, False])
def test_wechat_says_whether_it_wants_it(bench: Bench, managed: bool) -> None:
    bench.world.shipping.is_managed = managed
    assert bench.gateways.shipping.is_wanted() is managed


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"order_key": {"order_number_type": 3}}, 268485194),
        ({"order_key": {"order_number_type": 2}}, 268485195),
        ({"order_key": {"order_number_type": 1, "out_trade_no": "P1"}}, 268485196),
        ({"order_key": {"order_number_type": 1, "mchid": "1900009191"}}, 268485197),
        ({"order_key": None}, 10060014),
        ({"logistics_type": 9}, 10060005),
        ({"delivery_mode": 3}, 268485224),
        ({"delivery_mode": 2}, 10060006),
        ({"shipping_list": []}, 268485228),
        ({"shipping_list": [{"item_desc": ""}]}, 10060008),
        ({"shipping_list": [{"item_desc": "费" * 121}]}, 10060009),
        ({"logistics_type": 1}, 268485226),
        ({"upload_time": "2026-11-26 12:00"}, 268485216),
        ({"upload_time": "2026-13-26T12:00:00Z"}, 268485216),
        ({"payer": {}}, 10060031),
    ],
)
def test_the_sandbox_refuses_what_the_page_says(bench: Bench, changes: dict[str, Any], errcode: int) -> None:
    with pytest.raises(Refusal) as caught:
        desk(bench).upload({**UPLOAD, **changes})
    assert caught.value.errcode == errcode


def test_the_sandbox_takes_the_merchants_own_number(bench: Bench) -> None:
    shipping = desk(bench)
    shipping.upload({**UPLOAD, "order_key": {"order_number_type": 1, "mchid": "1900009191", "out_trade_no": "P1"}})
    assert shipping.of("4200001") is not None


def test_it_can_be_mended_once(bench: Bench) -> None:
    shipping = desk(bench)
    for words in ("甲", "乙"):
        shipping.upload({**UPLOAD, "shipping_list": [{"item_desc": words}]})
    with pytest.raises(Refusal) as caught:
        shipping.upload({**UPLOAD, "shipping_list": [{"item_desc": "丙"}]})
    assert caught.value.errcode == 10060003


def test_the_order_shows_what_was_uploaded(bench: Bench) -> None:
    shipping = desk(bench)
    token = bench.world.tokens.plain()[0]

    def order(**asked: str) -> dict[str, Any]:
        url = f"{bench.url}/wxa/sec/order/get_order?access_token={token}"
        found: dict[str, Any] = requests.post(url, json=asked, timeout=5).json()["order"]
        return found

    assert order(transaction_id="4200001")["order_state"] == 1
    shipping.upload(UPLOAD)
    seen = order(merchant_id="1900009191", merchant_trade_no="P1")
    assert (seen["order_state"], seen["shipping"]["goods_desc"]) == (2, "门禁卡工本费")
