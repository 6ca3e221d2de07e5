"""What the floor does with a notice of a payment: RSA, AES-GCM, and nothing around them.  Its keys lie open."""

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

API_KEY = "benchmarkOnlyKeyOfThirtyTwoChars"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000091910000"
FRESH = 300  # seconds


@dataclass(frozen=True)
class Paid:
    """What is booked."""

    number: str
    transaction: str
    amount: int
    openid: str
    paid_at: dt.datetime


def believed(headers: Mapping[str, str], body: bytes, public_key: str, now: dt.datetime) -> Paid:
    """Return what a notice tells.  Raises for one that is forged, stale or unreadable."""
    stamp, nonce = headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"]
    if abs(now.timestamp() - int(stamp)) > FRESH or headers["Wechatpay-Serial"] != PUBLIC_KEY_ID:
        raise PermissionError
    signed = f"{stamp}\n{nonce}\n".encode() + body + b"\n"
    _key(public_key).verify(base64.b64decode(headers["Wechatpay-Signature"]), signed, PKCS1v15(), SHA256())
    sealed = orjson.loads(body)["resource"]
    opened = AESGCM(API_KEY.encode()).decrypt(
        sealed["nonce"].encode(), base64.b64decode(sealed["ciphertext"]), sealed["associated_data"].encode()
    )
    word: dict[str, Any] = orjson.loads(opened)
    if word["trade_state"] != "SUCCESS":
        raise PermissionError
    at = dt.datetime.fromisoformat(word["success_time"]).astimezone(dt.UTC)
    return Paid(word["out_trade_no"], word["transaction_id"], word["amount"]["total"], word["payer"]["openid"], at)


@cache
def _key(pem: str) -> RSAPublicKey:
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, RSAPublicKey)
    return key
