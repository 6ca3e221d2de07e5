"""Notices of payments and refunds, encrypted and signed, and probes that are signed by nobody.

Sources: 微信支付文档「支付成功回调通知」「退款结果回调通知」「签名探测流量」.
"""

import base64
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from wechat.sandbox.callbacks import Call, Callbacks, Compose
from wechat.sandbox.pay.keys import KeyPair
from wechat.sandbox.pay.merchants import Merchant, Merchants
from wechat.sandbox.pay.signing import dumped, request_id, sealed, signature_headers
from wechat.sandbox.phones import moment

Json = dict[str, Any]

SUMMARIES: Mapping[str, str] = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}
PROBE = "WECHATPAY/SIGNTEST/"


class Notices:
    """Writes notices and hands them to the postman, who signs each try anew."""

    def __init__(
        self,
        callbacks: Callbacks,
        merchants: Merchants,
        clock: Callable[[], float],
        true_time: Callable[[], float],
    ) -> None:
        self._callbacks = callbacks
        self._merchants = merchants
        self._clock = clock
        self._true_time = true_time

    def send(
        self, merchant: Merchant, url: str, about: str, original_type: str, write: Callable[[], tuple[str, Json]],
        *, after: float = 0.0,
    ) -> int:  # fmt: skip
        """Queue a notice and return the number of its delivery.

        ``write`` is called at the first try and gives the type of the event and what is encrypted; ``original_type`` is
        transaction or refund; ``after`` are seconds before the first try.
        """
        return self._callbacks.send("pay", about, self._compose(merchant, url, original_type, write), after=after)

    def probe(self, merchant: Merchant, url: str, original_type: str, resource: Json) -> int:
        """Queue a notice with a signature that is none: our side must refuse it."""
        write = self._compose(merchant, url, original_type, lambda: ("TRANSACTION.SUCCESS", resource))

        def compose(now: float) -> Call:
            call = write(now)
            false = base64.b64encode(secrets.token_bytes(256)).decode()
            return Call(call.url, call.body, {**call.headers, "Wechatpay-Signature": PROBE + false})

        return self._callbacks.send("probe", "签名探测", compose)

    def _compose(
        self, merchant: Merchant, url: str, original_type: str, write: Callable[[], tuple[str, Json]]
    ) -> Compose:
        written: list[bytes] = []

        def compose(now: float) -> Call:
            antedated = max(self._clock() - now, 0.0)
            # What happened is told in the same words each time; only the signature is of the moment of the try.
            if not written:
                written.append(dumped(self._notice(merchant, original_type, *write())))
            body = written[0]
            headers = signature_headers(*self._key(merchant), body, self._true_time() - antedated)
            kind = {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0", "Accept": "*/*"}
            return Call(url, body, {**headers, **kind, "Request-ID": request_id(0)})

        return compose

    def _notice(self, merchant: Merchant, original_type: str, event: str, resource: Json) -> Json:
        return {
            "id": f"EV-{secrets.randbelow(10**19):019d}",
            "create_time": moment(self._clock()),
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": SUMMARIES[event],
            "resource": {
                "original_type": original_type,
                **sealed(merchant.apiv3_key, dumped(resource).decode(), original_type),
            },
        }

    def _key(self, merchant: Merchant) -> tuple[KeyPair, str]:
        if merchant.notices_signed_by == "certificate":
            return self._merchants.platform.pair, self._merchants.platform.serial
        return merchant.public, merchant.public_key_id
