"""Notices of the simulated WeChat Pay, opened here by hand, and troubles on order."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from flask import Flask, request

from tests.wechat.fakes import serving
from tests.wechat.shops import REFUNDS, Shop, problem
from wechat.sandbox.faults import PAY_ENDPOINTS
from wechat.sandbox.pay_refusal import CODES


class Ears:
    """The merchant's address for notices, and what it heard."""

    def __init__(self) -> None:
        self.url, self.status = "", 200
        self.heard: list[tuple[dict[str, str], bytes]] = []

    def app(self) -> Flask:
        app = Flask("ears")

        @app.post("/notify")
        def notify() -> tuple[str, int]:
            self.heard.append((dict(request.headers), request.get_data()))
            return "", self.status

        return app


@pytest.fixture
def ears() -> Iterator[Ears]:
    ears = Ears()
    with serving(ears.app()) as url:
        ears.url = f"{url}/notify"
        yield ears


@pytest.fixture
def shop() -> Shop:
    return Shop()


def opened(shop: Shop, heard: tuple[dict[str, str], bytes]) -> dict[str, Any]:
    """Check a notice's signature, open it, and return it with its resource in the clear."""
    headers, body = heard
    key: Any = load_pem_public_key(shop.me["public_key"].encode())
    if headers["Wechatpay-Serial"] != shop.me["public_key_id"]:
        key = load_pem_x509_certificate(shop.world.pay.merchants.platform.pem.encode()).public_key()
    message = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n".encode() + body + b"\n"
    key.verify(base64.b64decode(headers["Wechatpay-Signature"]), message, PKCS1v15(), hashes.SHA256())
    notice = json.loads(body)
    resource = notice["resource"]
    plain = AESGCM(shop.me["apiv3_key"].encode()).decrypt(
        resource["nonce"].encode(), base64.b64decode(resource["ciphertext"]), resource["associated_data"].encode()
    )
    return {**notice, "resource": json.loads(plain), "original_type": resource["original_type"]}


def test_a_payment_is_told_as_a_query_would_say_it(shop: Shop, ears: Ears) -> None:
    paid = shop.paid(notify_url=ears.url, attach="A栋")
    assert shop.world.callbacks.run_due() == 1
    notice = opened(shop, ears.heard[0])
    assert notice["resource"] == paid
    assert (notice["event_type"], notice["resource_type"]) == ("TRANSACTION.SUCCESS", "encrypt-resource")
    assert (notice["original_type"], notice["summary"]) == ("transaction", "支付成功")
    assert notice["create_time"] == paid["success_time"]


def test_each_try_says_the_same_and_is_signed_anew(shop: Shop, ears: Ears) -> None:
    ears.status = 500
    shop.paid(notify_url=ears.url)
    for _ in range(3):
        shop.world.callbacks.run_due()
        shop.clock.forward(15)
    bodies = {body for _, body in ears.heard}
    stamps = [int(headers["Wechatpay-Timestamp"]) for headers, _ in ears.heard]
    assert len(bodies) == 1
    assert [stamp - stamps[0] for stamp in stamps] == [0, 15, 30]


def test_a_late_notice_says_what_was_true_when_it_was_paid(shop: Shop, ears: Ears) -> None:
    shop.world.callbacks.faults.put("pay", "late", seconds=3600)
    shop.paid(notify_url=ears.url)
    shop.world.callbacks.run_due()
    shop.refund("R-1", 10000)
    shop.world.clock.step(3600)
    shop.world.callbacks.run_due()
    assert opened(shop, ears.heard[0])["resource"]["trade_state"] == "SUCCESS"


@pytest.mark.parametrize(
    ("outcome", "event"),
    [("SUCCESS", "REFUND.SUCCESS"), ("ABNORMAL", "REFUND.ABNORMAL"), ("CLOSED", "REFUND.CLOSED")],
)
def test_what_became_of_a_refund_is_told(shop: Shop, ears: Ears, outcome: str, event: str) -> None:
    shop.paid()
    shop.world.callbacks.reset()
    shop.world.pay.set_up({"refunds": outcome})
    shop.refund("R-1", 2500, notify_url=ears.url)
    assert shop.world.callbacks.run_due() == 0
    shop.world.clock.step(3)
    assert shop.world.callbacks.run_due() == 1
    notice = opened(shop, ears.heard[0])
    assert (notice["event_type"], notice["original_type"]) == (event, "refund")
    resource = notice["resource"]
    assert (resource["refund_status"], resource["out_refund_no"]) == (outcome, "R-1")
    assert resource["amount"] == {"total": 10000, "refund": 2500, "payer_total": 10000, "payer_refund": 2500}
    assert ("success_time" in resource) is (outcome == "SUCCESS")
    assert "status" not in resource


def test_a_refund_repeated_is_told_once(shop: Shop, ears: Ears) -> None:
    shop.paid()
    shop.world.callbacks.reset()
    for _ in range(2):
        shop.refund("R-1", 2500, notify_url=ears.url)
    shop.world.clock.step(3)
    assert shop.world.callbacks.run_due() == 1


def test_a_refund_that_is_decided_by_hand_is_told_then(shop: Shop, ears: Ears) -> None:
    shop.paid()
    shop.world.callbacks.reset()
    shop.world.pay.set_up({"refunds": "PROCESSING"})
    refund_id = shop.refund("R-1", 2500, notify_url=ears.url).get_json()["refund_id"]
    shop.world.clock.step(86_400)
    assert shop.world.callbacks.run_due() == 0
    shop.http.post(f"/sandbox/pay/refunds/{refund_id}/settle", json={"status": "ABNORMAL"})
    shop.world.callbacks.run_due()
    assert opened(shop, ears.heard[0])["event_type"] == "REFUND.ABNORMAL"


def test_a_refund_without_an_address_is_told_to_nobody(shop: Shop) -> None:
    shop.paid()
    shop.world.callbacks.reset()
    shop.refund("R-1", 2500)
    assert shop.world.callbacks.deliveries() == []


def test_notices_can_be_signed_by_the_platform_certificate(shop: Shop, ears: Ears) -> None:
    shop.http.put(f"/sandbox/pay/merchants/{shop.me['mchid']}", json={"notices_signed_by": "certificate"})
    shop.paid(notify_url=ears.url)
    shop.world.callbacks.run_due()
    assert ears.heard[0][0]["Wechatpay-Serial"] == shop.world.pay.merchants.platform.serial
    assert opened(shop, ears.heard[0])["event_type"] == "TRANSACTION.SUCCESS"


def test_a_forged_notice_does_not_verify(shop: Shop, ears: Ears) -> None:
    shop.world.callbacks.faults.put("pay", "forged")
    shop.paid(notify_url=ears.url)
    shop.world.callbacks.run_due()
    with pytest.raises(InvalidSignature):
        opened(shop, ears.heard[0])


def test_an_old_notice_is_rightly_signed_and_older_than_five_minutes(shop: Shop, ears: Ears) -> None:
    shop.world.clock.step(86_400)  # the simulated time; signatures stay with the true one
    shop.world.callbacks.faults.put("pay", "old")
    shop.paid(notify_url=ears.url)
    shop.world.callbacks.run_due()
    assert opened(shop, ears.heard[0])["event_type"] == "TRANSACTION.SUCCESS"
    assert shop.clock() - int(ears.heard[0][0]["Wechatpay-Timestamp"]) == 600


def test_a_probe_has_a_signature_that_is_none_and_is_sent_once(shop: Shop, ears: Ears) -> None:
    ears.status = 401
    answer = shop.http.post(f"/sandbox/pay/merchants/{shop.me['mchid']}/probe", json={"url": ears.url})
    shop.world.callbacks.run_due()
    delivery = shop.world.callbacks.delivery(answer.get_json()["delivery"])
    assert ears.heard[0][0]["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
    assert (delivery["state"], len(delivery["attempts"])) == ("taken", 1)


def test_a_probe_that_is_accepted_counts_as_failed(shop: Shop, ears: Ears) -> None:
    number = shop.world.pay.probe(shop.me["mchid"], ears.url)
    shop.world.callbacks.run_due()
    assert shop.world.callbacks.delivery(number)["state"] == "given_up"


def order_fault(shop: Shop, endpoint: str, **fault: Any) -> int:
    return shop.http.put(f"/sandbox/faults/{endpoint}", json=fault).status_code


@pytest.mark.parametrize("code", CODES)
def test_every_documented_code_can_be_ordered(shop: Shop, code: str) -> None:
    assert order_fault(shop, "pay_query", code=code, times=1) == 200
    assert problem(shop.ask("GET", shop.query_target("WY-2026-0001"))) == (CODES[code].status, code)


@pytest.mark.parametrize("status", [429, 500, 502])
def test_a_gateway_in_trouble_answers_without_a_signature(shop: Shop, status: int) -> None:
    order_fault(shop, "pay_certificates", http=status)
    answer = shop.http.get("/v3/certificates")
    assert answer.status_code == status
    assert "Wechatpay-Signature" not in answer.headers


def test_a_deed_may_be_done_and_its_answer_lost(shop: Shop) -> None:
    order_fault(shop, "pay_order", code="SYSTEM_ERROR", done=True, times=1)
    assert problem(shop.ask("POST", "/v3/pay/transactions/jsapi", shop.order())) == (500, "SYSTEM_ERROR")
    assert shop.query()["trade_state"] == "NOTPAY"


def test_a_refund_may_be_made_and_its_answer_lost(shop: Shop) -> None:
    shop.paid()
    order_fault(shop, "pay_refund", http=500, done=True, times=1)
    body = {
        "out_trade_no": "WY-2026-0001",
        "out_refund_no": "R-1",
        "amount": {"refund": 1, "total": 10000, "currency": "CNY"},
    }
    raw = json.dumps(body).encode()
    assert shop.http.post(REFUNDS, data=raw, headers=shop.headers("POST", REFUNDS, raw)).status_code == 500
    assert shop.ask("GET", f"{REFUNDS}/R-1").get_json()["status"] == "PROCESSING"
    assert shop.refund("R-1", 1).status_code == 200
    assert shop.world.pay.payments()[0]["refunded"] == 1


def test_a_fault_before_the_deed_leaves_nothing_done(shop: Shop) -> None:
    order_fault(shop, "pay_order", code="FREQUENCY_LIMITED", times=1)
    assert problem(shop.ask("POST", "/v3/pay/transactions/jsapi", shop.order())) == (429, "FREQUENCY_LIMITED")
    assert shop.world.pay.payments() == []


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        ("pay_query", {"errcode": -1}),
        ("pay_query", {"code": "EATEN"}),
        ("pay_query", {"code": "SYSTEM_ERROR", "done": 1}),
        ("pay_query", {"done": True}),
        ("send", {"code": "SYSTEM_ERROR"}),
        ("send", {"errcode": -1, "done": True}),
    ],
)
def test_each_side_has_its_own_kind_of_fault(shop: Shop, endpoint: str, fault: dict[str, Any]) -> None:
    assert order_fault(shop, endpoint, **fault) == 400


def test_calls_are_counted(shop: Shop) -> None:
    shop.paid()
    calls = shop.http.get("/sandbox/calls").get_json()
    assert {name: calls[name] for name in PAY_ENDPOINTS if calls[name]} == {"pay_order": 1, "pay_query": 1}
