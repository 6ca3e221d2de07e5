"""A WeChat Pay that answers as it is told, signed as WeChat signs; and the keys of a merchant to speak to it."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, Response, request

from services.payment_ports import Merchant

API_KEY = "0123456789abcdef0123456789abcdef"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000091912026010100200000"


@cache
def key(name: str) -> RSAPrivateKey:
    """A private key by name, made once per run."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(name: str) -> str:
    return (
        key(name)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def public_pem(name: str) -> str:
    return (
        key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def merchant(**changes: Any) -> Merchant:
    """A direct merchant in public-key mode."""
    plain = {
        "mchid": "1900009191",
        "appid": "wx0000sandbox00000",
        "certificate_serial": "5F1C72E2A8931B72A2E13AF8DEE92471EB397115",
        "private_key": private_pem("merchant"),
        "api_key": API_KEY,
        "public_key_id": PUBLIC_KEY_ID,
        "public_key": public_pem("wechat"),
    }
    return Merchant(**{**plain, **changes})


def signed(body: bytes, *, at: float | None = None, serial: str = PUBLIC_KEY_ID, by: str = "wechat") -> dict[str, str]:
    """The headers with which WeChat signs a body."""
    stamp, nonce = str(int(time.time() if at is None else at)), "593BEC0C930BF1AFEB40B4A08C8FB242"
    message = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
    signature = key(by).sign(message, PKCS1v15(), hashes.SHA256())
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }


def notice(resource: dict[str, Any], event: str = "TRANSACTION.SUCCESS", *, api_key: str = API_KEY) -> bytes:
    """The body of a notification, its resource encrypted."""
    sealed = AESGCM(api_key.encode()).encrypt(b"uluk4a9R25RW", json.dumps(resource).encode(), b"transaction")
    return json.dumps(
        {
            "id": "EV-2026112300000001",
            "create_time": "2026-11-23T15:00:31+08:00",
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": "支付成功",
            "resource": {
                "original_type": "transaction",
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(sealed).decode(),
                "associated_data": "transaction",
                "nonce": "uluk4a9R25RW",
            },
        },
        ensure_ascii=False,
    ).encode()


PAID: dict[str, Any] = {
    "appid": "wx0000sandbox00000",
    "mchid": "1900009191",
    "out_trade_no": "P26112300000001",
    "transaction_id": "4200001234202611230000000001",
    "trade_type": "JSAPI",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "bank_type": "OTHERS",
    "success_time": "2026-11-23T15:00:30+08:00",
    "payer": {"openid": "oZhang"},
    "amount": {"total": 12345, "payer_total": 12345, "currency": "CNY", "payer_currency": "CNY"},
}


@dataclass
class Heard:
    """One request that arrived."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PayServer:
    """Answers per path: a dictionary (signed, 200), or a function that returns a whole response."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)

    def app(self) -> Flask:
        app = Flask("pay-server")

        @app.route("/<path:path>", methods=["GET", "POST"])
        def anything(path: str) -> Response:
            full = request.full_path.rstrip("?")
            self.heard.append(Heard(request.method, full, dict(request.headers), request.get_data()))
            answer = self.answers.get(f"/{path}", {})
            return answer() if callable(answer) else self.signed(answer)

        return app

    @staticmethod
    def signed(answer: Any, status: int = 200, **how: Any) -> Response:
        body = json.dumps(answer, ensure_ascii=False).encode()
        headers = {**signed(body, **how), "Request-ID": "08F78BB5AF0610D302-268435456"}
        return Response(body, status, headers, mimetype="application/json")

    def refuse(self, path: str, status: int, code: str) -> None:
        """Answer a path with one of WeChat's codes, unsigned as those are."""
        body = json.dumps({"code": code, "message": "说明"}, ensure_ascii=False)
        self.say(path, lambda: Response(body, status, {"Request-ID": "08ABC-268500000"}, mimetype="application/json"))

    def say(self, path: str, answer: Callable[[], Response]) -> None:
        """Answer a path with whatever is returned."""
        self.answers[path] = answer
