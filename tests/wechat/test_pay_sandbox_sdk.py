"""An independent client: wechatpayv3 in its own words, and nothing of ours, pays and is paid back over real HTTP.

Once with WeChat's public key, once with the platform certificate, for a merchant of its own and for a service provider.
"""

import gzip
import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask, request
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core

from tests.wechat.fakes import serving
from wechat.sandbox import World, create_sandbox

DIRECT, PROVIDER, SUB = "1900009191", "1900000100", "1900000109"
MODES = ("public_key", "certificate")


class Merchant:
    """A merchant's server: the SDK, and an address that takes notices with it."""

    def __init__(self, sandbox: str, mchid: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sandbox, self.heard, self.refused = sandbox, list[dict[str, Any]](), 0
        self.url = ""
        me = requests.get(f"{sandbox}/sandbox/pay/merchants/{mchid}", timeout=5).json()
        requests.put(f"{sandbox}/sandbox/pay/merchants/{mchid}", json={"notices_signed_by": mode}, timeout=5)
        self.partner = me["mode"] == "provider"
        self.sub: dict[str, str] = {"sub_mchid": SUB} if self.partner else {}
        _reach(sandbox, monkeypatch)
        keys = {"public_key": me["public_key"], "public_key_id": me["public_key_id"]} if mode == "public_key" else {}
        self.sdk = WeChatPay(
            WeChatPayType.MINIPROG,
            mchid=mchid,
            private_key=me["private_key"],
            cert_serial_no=me["serial_no"],
            appid="wx0000sandbox00000",
            apiv3_key=me["apiv3_key"],
            partner_mode=self.partner,
            timeout=(3, 5),
            **keys,
        )

    def app(self) -> Flask:
        app = Flask("merchant")

        @app.post("/notify")
        def notify() -> tuple[dict[str, str], int]:
            told = self.sdk.callback(request.headers, request.get_data())
            if told is None:
                self.refused += 1
                return {"code": "FAIL", "message": "签名不对"}, 401
            self.heard.append(told)
            return {"code": "SUCCESS"}, 200

        return app

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.sandbox}/sandbox/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def prepay(self, number: str) -> str:
        openid = self.control("PUT", "phones/zhang", {"name": "张阿姨"})["openid"]
        status, text = self.sdk.pay(
            description="2026年1月物业费",
            out_trade_no=number,
            amount={"total": 12345},
            payer={"sp_openid" if self.partner else "openid": openid},
            notify_url=f"{self.url}/notify",
            **self.sub,
        )
        assert status == 200, text
        return str(json.loads(text)["prepay_id"])

    def pay(self, number: str) -> None:
        """Call for the payment as the mini-program does, and tap."""
        stamp, package = str(int(time.time())), f"prepay_id={self.prepay(number)}"
        sign = self.sdk.sign(["wx0000sandbox00000", stamp, "nonce", package])
        given = {"timeStamp": stamp, "nonceStr": "nonce", "package": package, "signType": "RSA", "paySign": sign}
        sheet = self.control("POST", "phones/zhang/payments", given)
        assert sheet["amount"] == 12345
        assert self.control("POST", f"phones/zhang/payments/{sheet['number']}/pay")["errMsg"] == "requestPayment:ok"

    def bill(self, offered: tuple[int, str]) -> str:
        status, text = offered
        assert status == 200, text
        offer = json.loads(text)
        status, packed = self.sdk.download_bill(offer["download_url"])
        assert status == 200
        content = gzip.decompress(packed)
        assert hashlib.sha1(content).hexdigest() == offer["hash_value"]
        return content.decode("utf-8-sig")


def _reach(sandbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead the SDK, whose address is written into its constructor, to the sandbox from its very first call."""
    monkeypatch.setattr(Core, "_gate_way", property(lambda _: sandbox, lambda _, __: None), raising=False)


@pytest.fixture
def sandbox() -> Iterator[str]:
    """A sandbox that runs with the true time, as the SDK does."""
    with serving(create_sandbox(World())) as url:
        yield url


@pytest.fixture(params=[(mchid, mode) for mchid in (DIRECT, PROVIDER) for mode in MODES], ids="-".join)
def merchant(request: pytest.FixtureRequest, sandbox: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Merchant]:
    merchant = Merchant(sandbox, *request.param, monkeypatch)
    with serving(merchant.app()) as url:
        merchant.url = url
        yield merchant


def test_the_sdk_pays_hears_of_it_asks_pays_back_hears_of_that_and_reads_the_bills(merchant: Merchant) -> None:
    sdk, sub = merchant.sdk, merchant.sub
    merchant.pay("WY-2026-0001")
    merchant.control("POST", "callbacks/run")
    (paid,) = merchant.heard
    assert paid["event_type"] == "TRANSACTION.SUCCESS"
    status, text = sdk.query(out_trade_no="WY-2026-0001", **sub)
    assert (status, json.loads(text)) == (200, paid["resource"])
    assert paid["resource"]["amount"]["total"] == 12345
    assert sdk.query(transaction_id=paid["resource"]["transaction_id"], **sub)[0] == 200

    amount = {"refund": 2345, "total": 12345, "currency": "CNY"}
    status, text = sdk.refund(
        "R-1", amount, out_trade_no="WY-2026-0001", notify_url=f"{merchant.url}/notify", reason="多交了", **sub
    )
    assert (status, json.loads(text)["status"]) == (200, "PROCESSING")
    merchant.control("POST", "clock", {"step": 5})
    merchant.control("POST", "callbacks/run")
    refunded = merchant.heard[1]
    assert refunded["event_type"] == "REFUND.SUCCESS"
    assert refunded["resource"]["refund_status"] == "SUCCESS"
    status, text = sdk.query_refund("R-1", **sub)
    assert (status, json.loads(text)["success_time"]) == (200, refunded["resource"]["success_time"])

    day = paid["resource"]["success_time"][:10]
    merchant.control("POST", "clock", {"step": 36 * 3600})
    trades = merchant.bill(sdk.trade_bill(day, **sub))
    assert "`WY-2026-0001,`" in trades
    assert ",`R-1,`23.45,`" in trades
    if not merchant.partner:  # the money of a provider's orders is in the accounts of its sub-merchants
        assert ",`退款,`退款,`支出,`23.45,`" in merchant.bill(sdk.fundflow_bill(day))
    assert merchant.refused == 0


def test_the_sdk_closes_an_order(merchant: Merchant) -> None:
    merchant.prepay("WY-2026-0001")
    assert merchant.sdk.close("WY-2026-0001", **merchant.sub) == (204, "")
    assert json.loads(merchant.sdk.query(out_trade_no="WY-2026-0001", **merchant.sub)[1])["trade_state"] == "CLOSED"


def test_the_sdk_refuses_probes_and_forgeries_and_takes_the_next_true_try(merchant: Merchant) -> None:
    mchid = PROVIDER if merchant.partner else DIRECT
    probe = merchant.control("POST", f"pay/merchants/{mchid}/probe", {"url": f"{merchant.url}/notify"})["delivery"]
    merchant.control("POST", "callbacks/run")
    assert merchant.control("GET", f"callbacks/{probe}")["state"] == "taken"
    assert merchant.refused == 1
    merchant.control("PUT", "callback-faults/pay", {"fault": "forged"})
    merchant.pay("WY-2026-0001")
    merchant.control("POST", "callbacks/run")
    assert (merchant.refused, merchant.heard) == (2, [])
    merchant.control("POST", "clock", {"step": 16})
    merchant.control("POST", "callbacks/run")
    assert len(merchant.heard) == 1


def test_the_sdk_reads_a_refusal(merchant: Merchant) -> None:
    status, text = merchant.sdk.query(out_trade_no="WY-9999-0001", **merchant.sub)
    assert (status, json.loads(text)["code"]) == (404, "ORDER_NOT_EXIST")


def test_the_sdk_finds_a_new_platform_certificate_by_its_serial(merchant: Merchant) -> None:
    serial = merchant.control("POST", "pay/certificates/rotate")["serial_no"]
    mchid = PROVIDER if merchant.partner else DIRECT
    merchant.control("PUT", f"pay/merchants/{mchid}", {"notices_signed_by": "certificate"})
    merchant.pay("WY-2026-0001")
    merchant.control("POST", "callbacks/run")
    assert merchant.heard[0]["event_type"] == "TRANSACTION.SUCCESS"
    assert serial in {f"{one.serial_number:040X}" for one in merchant.sdk._core._certificates}
