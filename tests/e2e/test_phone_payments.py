"""A payment on the page of the phones: the sheet can be read, paying is one tap, and the list tells of it."""

import json
import time

import pytest
import requests
from playwright.sync_api import Page, expect
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core

from app.cli.stack import Stack
from tests.e2e.checks import barriers, overflow
from tests.e2e.hands import Hand

APPID = "wx0000sandbox00000"


@pytest.fixture
def merchant(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> WeChatPay:
    """A merchant's server with WeChat Pay's SDK; nobody listens to its notices."""
    monkeypatch.setattr(Core, "_gate_way", property(lambda _: stack.sandbox_url, lambda *_: None), raising=False)
    me = requests.get(f"{stack.sandbox_url}/sandbox/pay/merchants/1900009191", timeout=5).json()
    return WeChatPay(
        WeChatPayType.MINIPROG,
        mchid=me["mchid"],
        private_key=me["private_key"],
        cert_serial_no=me["serial_no"],
        appid=APPID,
        apiv3_key=me["apiv3_key"],
        notify_url="http://127.0.0.1:9/nobody",
        public_key=me["public_key"],
        public_key_id=me["public_key_id"],
        timeout=(3, 5),
    )


def call_for_payment(sandbox: str, merchant: WeChatPay, number: str) -> None:
    phones = requests.get(f"{sandbox}/sandbox/phones", timeout=5).json()["items"]
    openid = next(phone["openid"] for phone in phones if phone["slug"] == "wang-guilan")
    _, text = merchant.pay("2026年1月物业费", number, {"total": 12345}, payer={"openid": openid})
    stamp, package = str(int(time.time())), f"prepay_id={json.loads(text)['prepay_id']}"
    signed = merchant.sign([APPID, stamp, "nonce", package])
    given = {"timeStamp": stamp, "nonceStr": "nonce", "package": package, "signType": "RSA", "paySign": signed}
    requests.post(f"{sandbox}/sandbox/phones/wang-guilan/payments", json=given, timeout=5).raise_for_status()


def test_a_sheet_is_read_paid_and_listed(page: Page, stack: Stack, merchant: WeChatPay, troubles: list[str]) -> None:
    call_for_payment(stack.sandbox_url, merchant, "WY-2026-0001")
    sheet = page.get_by_role("region", name="微信支付，王桂兰的手机")
    expect(sheet).to_contain_text("付给五有演示小区")
    expect(sheet).to_contain_text("123.45元")
    assert (barriers(page), overflow(page)) == ([], 0)
    page.get_by_role("button", name="付款：王桂兰，123.45元").click()
    expect(sheet).to_have_count(0)
    payments = page.locator("#live-payments")
    expect(payments).to_contain_text("王桂兰付给五有演示小区：123.45元，付好了")
    expect(payments).to_contain_text("2026年1月物业费")
    assert (barriers(page), overflow(page)) == ([], 0)
    assert json.loads(merchant.query(out_trade_no="WY-2026-0001")[1])["trade_state"] == "SUCCESS"
    assert troubles == []


@pytest.fixture
def wang(page: Page) -> Hand:
    return Hand(page, "wang-guilan")


def my_payments(wang: Hand) -> None:
    wang.open()
    wang.tab("me")
    wang.tap("交费")


def test_a_resident_who_does_not_pay_now_is_told_so_and_pays_later(page: Page, wang: Hand, troubles: list[str]) -> None:
    my_payments(wang)
    wang.sees("有1笔要交")
    wang.sees("单元门门禁卡工本费")
    assert (barriers(page), overflow(page)) == ([], 0)
    wang.tap("微信支付 15.00元")
    sheet = page.get_by_role("region", name="微信支付，王桂兰的手机")
    expect(sheet).to_contain_text("15.00元")
    page.get_by_role("button", name="不付了：王桂兰，15.00元").click()
    expect(wang.card.locator(".toast")).to_contain_text("还没有付")
    wang.tap("微信支付 15.00元")
    page.get_by_role("button", name="付款：王桂兰，15.00元").click()
    expect(wang.card.locator(".toast")).to_contain_text("付好了，15.00元")
    wang.sees("现在没有要交的钱")
    expect(wang.card.get_by_role("region", name="交过的")).to_contain_text("已付 单元门门禁卡工本费，15.00元")
    assert (barriers(page), overflow(page)) == ([], 0)
    assert troubles == []
