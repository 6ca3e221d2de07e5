"""Payments on the sandbox's page: what a phone shows, what buttons do, and the list."""

import html
import json
import re

import pytest

from tests.wechat.shops import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


def page(shop: Shop) -> str:
    return shop.http.get("/").get_data(as_text=True)


def press(shop: Shop, label: str) -> None:
    """Press the first button of the page that begins with these words."""
    button = re.search(rf"<button[^>]*data-calls=\"([^\"]*)\"[^>]*>{label}</button>", page(shop))
    assert button, label
    for method, url, body in json.loads(html.unescape(button[1])):
        assert shop.http.open(url, method=method, json=body).status_code == 200


def test_nobody_has_paid_yet(shop: Shop) -> None:
    assert "还没有人付款" in page(shop)


def test_a_phone_shows_to_whom_how_much_and_for_what(shop: Shop) -> None:
    shop.sheet(shop.prepay(amount={"total": 1_234_567}))
    shown = page(shop)
    for words in ("付给五有演示小区", "12,345.67元", "2026年1月物业费"):
        assert words in shown


def test_paying_on_the_page_pays(shop: Shop) -> None:
    shop.sheet(shop.prepay())
    press(shop, "付款")
    assert shop.query()["trade_state"] == "SUCCESS"
    assert "<strong>张阿姨付给五有演示小区：100.00元</strong>，付好了" in page(shop)
    assert 'class="pay-sheet"' not in page(shop)


@pytest.mark.parametrize("label", ["不付了", "让银行拒绝"])
def test_an_order_that_is_not_paid_stays_open(shop: Shop, label: str) -> None:
    shop.sheet(shop.prepay())
    press(shop, label)
    assert shop.query()["trade_state"] == "NOTPAY"
    assert 'class="pay-sheet"' not in page(shop)
    assert "，还没付" in page(shop)


def test_the_list_says_what_became_of_the_notice(shop: Shop) -> None:
    shop.world.callbacks.faults.put("pay", "lost")
    shop.paid()
    assert "付款通知：正在送" in page(shop)
    shop.world.callbacks.run_due()
    assert "付款通知：丢了" in page(shop)
    press(shop, "再通知一次")
    assert "付款通知：正在送" in page(shop)


def test_a_refund_that_waits_is_decided_on_the_page(shop: Shop) -> None:
    shop.paid()
    shop.world.pay.set_up({"refunds": "PROCESSING"})
    shop.refund("R-1", 2500)
    assert "退款25.00元：正在退" in page(shop)
    press(shop, "让它到账")
    assert "退款25.00元：退到了" in page(shop)
    assert "让它到账" not in page(shop)


def test_what_a_merchant_writes_is_escaped(shop: Shop) -> None:
    shop.sheet(shop.prepay(description='<img src=x onerror="alert(1)">'))
    assert "<img" not in page(shop)
