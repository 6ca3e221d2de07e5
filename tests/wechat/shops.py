"""A merchant's server in a test: signs its requests by hand, and checks every answer's signature."""

import base64
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.wechat.fakes import Clock
from wechat.sandbox import World, create_sandbox
from wechat.sandbox.pay.merchants import DIRECT_MCHID, PROVIDER_MCHID, SUB_MCHIDS

Json = dict[str, Any]

NOTIFY = "http://127.0.0.1:9/callbacks/pay/direct"
JSAPI = "/v3/pay/transactions/jsapi"
PARTNER_JSAPI = "/v3/pay/partner/transactions/jsapi"
REFUNDS = "/v3/refund/domestic/refunds"
SUB = SUB_MCHIDS[0]


class Shop:
    """A merchant of the sandbox.  ``clock`` is the true time of the two machines and stands still."""

    def __init__(self, mchid: str = DIRECT_MCHID, *, clock: Clock | None = None, world: World | None = None) -> None:
        self.clock = clock or Clock()
        self.world = world or World(clock=self.clock, true_time=self.clock)
        self.world.phones.put("zhang", "张阿姨")
        self.http: FlaskClient = create_sandbox(self.world).test_client()
        self.me: Json = self.http.get(f"/sandbox/pay/merchants/{mchid}").get_json()
        self.serial = self.me["public_key_id"]
        self.key: Any = load_pem_private_key(self.me["private_key"].encode(), None, unsafe_skip_rsa_key_validation=True)

    @property
    def openid(self) -> str:
        return self.world.phones.openid("zhang")

    def order(self, number: str = "WY-2026-0001", **changes: Any) -> Json:
        """Return the body of an order of 100.00 yuan."""
        body: Json = {
            "appid": self.world.appid,
            "mchid": self.me["mchid"],
            "description": "2026年1月物业费",
            "out_trade_no": number,
            "notify_url": NOTIFY,
            "amount": {"total": 10000, "currency": "CNY"},
            "payer": {"openid": self.openid},
        }
        if self.me["mode"] == "provider":
            del body["appid"], body["mchid"]
            body |= {"sp_appid": self.world.appid, "sp_mchid": PROVIDER_MCHID, "sub_mchid": SUB}
            body["payer"] = {"sp_openid": self.openid}
        return {name: value for name, value in {**body, **changes}.items() if value is not ...}

    def headers(self, method: str, target: str, body: bytes, **changes: str) -> dict[str, str]:
        """Return the headers of a signed request; ``changes`` replace parts of Authorization after signing."""
        stamp, nonce = changes.pop("stamp", str(int(self.clock()))), changes.pop("nonce", secrets.token_hex(16))
        message = f"{method}\n{target}\n{stamp}\n{nonce}\n".encode() + body + b"\n"
        parts = {"mchid": self.me["mchid"], "nonce_str": nonce, "timestamp": stamp, "serial_no": self.me["serial_no"]}
        parts["signature"] = self.sign(message)
        signed = ",".join(f'{name}="{value}"' for name, value in {**parts, **changes}.items())
        return {
            "Authorization": f"WECHATPAY2-SHA256-RSA2048 {signed}",
            "Accept": "application/json",
            "User-Agent": "tests",
            "Wechatpay-Serial": self.serial,
        }

    def sign(self, message: bytes) -> str:
        return base64.b64encode(self.key.sign(message, PKCS1v15(), hashes.SHA256())).decode()

    def ask(self, method: str, target: str, body: Any = None, **headers: str) -> TestResponse:
        """Ask WeChat Pay and check that the answer is signed by it."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = self.http.open(
            target, method=method, data=raw or None, headers=self.headers(method, target, raw) | headers
        )
        assert answer.headers["Request-ID"]
        self.check(answer)
        return answer

    def check(self, answer: TestResponse) -> None:
        """Raise ``InvalidSignature`` when an answer is not WeChat's, by the key that its serial names."""
        keys: Json = {self.me["public_key_id"]: load_pem_public_key(self.me["public_key"].encode())}
        platform = self.world.pay.merchants.platform
        keys[platform.serial] = load_pem_x509_certificate(platform.pem.encode()).public_key()
        headers = answer.headers
        message = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n".encode() + answer.data + b"\n"
        signature = base64.b64decode(headers["Wechatpay-Signature"])
        keys[headers["Wechatpay-Serial"]].verify(signature, message, PKCS1v15(), hashes.SHA256())

    def prepay(self, number: str = "WY-2026-0001", **changes: Any) -> str:
        """Make an order and return its prepay_id."""
        path = PARTNER_JSAPI if self.me["mode"] == "provider" else JSAPI
        answer = self.ask("POST", path, self.order(number, **changes))
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["prepay_id"])

    def payment(self, prepay_id: str, **changes: str) -> Json:
        """Return what the mini-program hands to ``wx.requestPayment``."""
        stamp, nonce, package = str(int(self.clock())), secrets.token_hex(16), f"prepay_id={prepay_id}"
        message = f"{self.world.appid}\n{stamp}\n{nonce}\n{package}\n".encode()
        given = {"timeStamp": stamp, "nonceStr": nonce, "package": package, "signType": "RSA"}
        return {**given, "paySign": self.sign(message), **changes}

    def sheet(self, prepay_id: str, **changes: str) -> TestResponse:
        """Open the sheet on the phone of ``zhang``."""
        return self.http.post("/sandbox/phones/zhang/payments", json=self.payment(prepay_id, **changes))

    def tap(self, number: int, tap: str) -> TestResponse:
        return self.http.post(f"/sandbox/phones/zhang/payments/{number}/{tap}")

    def paid(self, number: str = "WY-2026-0001", **changes: Any) -> Json:
        """Make an order, pay it, and return what a query says."""
        sheet = self.sheet(self.prepay(number, **changes)).get_json()
        assert self.tap(sheet["number"], "pay").status_code == 200
        return self.query(number)

    def query(self, number: str = "WY-2026-0001") -> Json:
        answer = self.ask("GET", self.query_target(number))
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def query_target(self, number: str) -> str:
        if self.me["mode"] == "provider":
            return f"/v3/pay/partner/transactions/out-trade-no/{number}?sp_mchid={PROVIDER_MCHID}&sub_mchid={SUB}"
        return f"/v3/pay/transactions/out-trade-no/{number}?mchid={self.me['mchid']}"

    def close(self, number: str = "WY-2026-0001") -> TestResponse:
        if self.me["mode"] == "provider":
            body = {"sp_mchid": PROVIDER_MCHID, "sub_mchid": SUB}
            return self.ask("POST", f"/v3/pay/partner/transactions/out-trade-no/{number}/close", body)
        return self.ask("POST", f"/v3/pay/transactions/out-trade-no/{number}/close", {"mchid": self.me["mchid"]})

    def refund(self, number: str, fen: int, **changes: Any) -> TestResponse:
        """Pay back a part of the order WY-2026-0001 of 100.00 yuan."""
        body = {
            "out_trade_no": "WY-2026-0001",
            "out_refund_no": number,
            "amount": {"refund": fen, "total": 10000, "currency": "CNY"},
        }
        if self.me["mode"] == "provider":
            body["sub_mchid"] = SUB
        kept = {name: value for name, value in {**body, **changes}.items() if value is not ...}
        return self.ask("POST", REFUNDS, kept)


def problem(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status_code, answer.get_json()["code"]
