"""Signatures of both sides and the encryption of notices (微信支付文档「签名生成」「签名验证」「证书和回调报文解密」).

Written with ``cryptography`` alone, apart from the SDK on our side, so that each shows the other's mistakes.

Signatures are dated by the true time even when the simulated time was moved: the clocks of the two machines agree.
"""

import base64
import binascii
import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wechat.sandbox.pay.keys import KeyPair
from wechat.sandbox.pay.merchants import Merchant, Merchants
from wechat.sandbox.pay_refusal import PayRefusal

Json = dict[str, Any]

SCHEME = "WECHATPAY2-SHA256-RSA2048"
WINDOW = 300.0  # seconds by which a request may be dated wrong
PARTS = frozenset({"mchid", "nonce_str", "timestamp", "serial_no", "signature"})
_PART = re.compile(r'\s*([a-z_]+)="([^"]*)"\s*')


class Headers(Protocol):
    """Headers of a request, whatever the case of their names."""

    def get(self, name: str, default: str, /) -> str:
        """Return a header, or ``default``."""
        ...


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire.  ``target`` is path and query, byte for byte."""

    method: str
    target: str
    body: bytes
    headers: Headers


class Gate:
    """Lets in what a merchant has signed, lately and for the first time."""

    def __init__(self, merchants: Merchants, true_time: Callable[[], float]) -> None:
        self._merchants = merchants
        self._true_time = true_time
        self.reset()

    def reset(self) -> None:
        """Forget which nonces were used."""
        self._used: OrderedDict[tuple[str, str], float] = OrderedDict()

    def check(self, asked: Asked) -> Merchant:
        """Return the merchant that has signed the request.  Raises the ``PayRefusal`` SIGN_ERROR or PARAM_ERROR."""
        if not asked.headers.get("User-Agent", "") or not _takes_json(asked.headers.get("Accept", "")):
            raise PayRefusal("PARAM_ERROR", "Http头缺少Accept或User-Agent")
        parts = _authorization(asked.headers.get("Authorization", ""))
        merchant = self._merchants.by_mchid.get(parts["mchid"])
        if merchant is None:
            raise PayRefusal("SIGN_ERROR", "商户号不存在或没有设置证书")
        if parts["serial_no"].upper() != merchant.own.serial:
            raise PayRefusal("SIGN_ERROR", "商户证书序列号有误")
        now = self._true_time()
        timestamp = parts["timestamp"]
        if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(now - int(timestamp)) > WINDOW:
            raise PayRefusal("SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
        message = lines(asked.method, asked.target, timestamp, parts["nonce_str"], body=asked.body)
        if not signed_by(merchant.own.pair, message, parts["signature"]):
            raise PayRefusal("SIGN_ERROR", detail=_mismatch(asked, message))
        self._use(parts["mchid"], parts["nonce_str"], now)
        return merchant

    def _use(self, mchid: str, nonce: str, now: float) -> None:
        while self._used and now - next(iter(self._used.values())) > 2 * WINDOW:
            self._used.popitem(last=False)
        if (mchid, nonce) in self._used:
            raise PayRefusal("SIGN_ERROR", "随机串nonce_str已经用过")
        self._used[mchid, nonce] = now


def lines(*first: str, body: bytes = b"") -> bytes:
    """Return the text that is signed: each part and the body on a line of its own, each line ended."""
    return "".join(f"{part}\n" for part in first).encode() + body + b"\n"


def signed_by(pair: KeyPair, message: bytes, signature: str) -> bool:
    """Whether a signature in base64 is that of a key."""
    try:
        given = base64.b64decode(signature, validate=True)
        pair.private.public_key().verify(given, message, PKCS1v15(), hashes.SHA256())
    except (binascii.Error, InvalidSignature):
        return False
    return True


def signature_headers(pair: KeyPair, serial: str, body: bytes, at: float) -> dict[str, str]:
    """Return the headers with which WeChat signs an answer or a notice at a moment (seconds since 1970)."""
    timestamp, nonce = str(int(at)), secrets.token_hex(16)
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": base64.b64encode(pair.sign(lines(timestamp, nonce, body=body))).decode(),
        "Wechatpay-Signature-Type": SCHEME,
        "Wechatpay-Serial": serial,
    }


def answering_key(merchants: Merchants, merchant: Merchant | None, wanted: str) -> tuple[KeyPair, str]:
    """Return the key that signs an answer, and its serial: as the request's ``Wechatpay-Serial`` asks.

    A merchant that was given no platform certificate is answered with its public key whatever it asks.
    """
    if merchant and (wanted == merchant.public_key_id or not merchant.has_certificates):
        return merchant.public, merchant.public_key_id
    return merchants.platform.pair, merchants.platform.serial


def check_wanted_serial(merchants: Merchants, merchant: Merchant, wanted: str) -> None:
    """Raise the refusal for a ``Wechatpay-Serial`` that names no key of WeChat's for this merchant."""
    if wanted and wanted not in {merchant.public_key_id, *(one.serial for one in merchants.platforms)}:
        raise PayRefusal("PARAM_ERROR", "平台证书序列号Wechatpay-Serial错误")


def sealed(apiv3_key: str, text: str, associated_data: str, nonce: str | None = None) -> dict[str, str]:
    """Return a text encrypted for a merchant: AES-256-GCM under its APIv3 key, with a new nonce unless one is given."""
    nonce = nonce or secrets.token_urlsafe(9)  # 12 characters
    ciphertext = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), text.encode(), associated_data.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(ciphertext).decode(),
        "associated_data": associated_data,
        "nonce": nonce,
    }


def dumped(value: Mapping[str, Any]) -> bytes:
    """Return JSON as WeChat sends it: UTF-8, no blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def request_id(number: int) -> str:
    """Return an id as the header ``Request-ID`` carries it; its last number tells the kind of error, 0 for none."""
    return f"08{secrets.token_hex(20).upper()}-{number}"


def _authorization(header: str) -> dict[str, str]:
    scheme, _, rest = header.partition(" ")
    if scheme != SCHEME:
        raise PayRefusal("SIGN_ERROR", "Http头Authorization认证类型不正确")
    found = map(_PART.fullmatch, rest.split(","))
    parts: dict[str, str] = {part[1]: part[2] for part in found if part}
    if set(parts) != PARTS or not all(parts.values()):
        raise PayRefusal("SIGN_ERROR", "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》")
    return parts


def _takes_json(accept: str) -> bool:
    kinds = {kind.split(";")[0].strip().lower() for kind in accept.split(",")}
    return bool(kinds & {"application/json", "application/*", "*/*"})


def _mismatch(asked: Asked, message: bytes) -> Json:
    """Say over what WeChat has checked the signature: its first lines, and how long it was."""
    shown = message.decode("utf-8", "replace")
    return {
        "field": "signature",
        "location": "authorization",
        "detail": {"issue": "sign not match"},
        "sign_information": {
            "method": asked.method,
            "url": asked.target,
            "truncated_sign_message": "\n".join(shown.split("\n")[:4]) + "\n",
            "sign_message_length": len(message),
        },
    }
