"""wechatpayv3's client, held to our rules: our connections and timeouts, no redirects, certificates when they are needed.

wechatpayv3 2.0.4 left alone fetches certificates in its constructor, and again for every serial number that a stranger
makes up; does not look at the time of what is signed; tells nothing of ``Request-ID``; and logs what it decrypts.
"""

import datetime as dt
import json
import re
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import requests
import structlog
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization

from services.payment_ports import Merchant
from wechat.clock import utc_now

FRESH = dt.timedelta(minutes=5)
SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
PROBE = "WECHATPAY/SIGNTEST/"
SERIAL = re.compile(r"[0-9A-Fa-f]{8,40}")
LOOK_AGAIN = dt.timedelta(minutes=1)
"""Platform certificates are fetched at most so often, however many unknown serial numbers strangers send us."""
ANSWER_MOST = 64 * 1024 * 1024
SIGNED_HEADERS = ("Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial")

log = structlog.get_logger(__name__)


class Unhappy(Exception):
    """WeChat answered, and not with 2xx: ``code`` is WeChat's, or empty where the body was not its."""

    def __init__(self, status: int, code: str, request_id: str) -> None:
        super().__init__(f"HTTP {status} {code}")
        self.status = status
        self.code = code
        self.request_id = request_id


class Unbelievable(Exception):
    """What calls itself WeChat's is not signed as WeChat signs; ``reason`` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PayCore(Core):  # type: ignore[misc,unused-ignore]  # an untyped base
    """Signs requests and verifies answers of one merchant.  Safe for many threads.

    Raises ``ValueError`` for keys that are none.
    """

    def __init__(
        self, merchant: Merchant, base_url: str, http: requests.Session, timeouts: tuple[float, float]
    ) -> None:
        try:
            super().__init__(
                mchid=merchant.mchid,
                cert_serial_no=merchant.certificate_serial,
                private_key=merchant.private_key,
                apiv3_key=merchant.api_key,
                timeout=timeouts,
                public_key=merchant.public_key,
                public_key_id=merchant.public_key_id,
            )
        except Exception as error:  # the library raises nothing more exact
            raise ValueError("the merchant's keys cannot be read") from error
        self._gate_way = base_url
        self._http = http
        self._renewing = threading.RLock()
        self._renewed_at: dt.datetime | None = None

    def _init_certificates(self) -> None:
        """Fetch none yet: a constructor calls nobody."""

    def _update_certificates(self) -> None:
        """Fetch WeChat's platform certificates, keeping those there are when it cannot be done."""
        with self._renewing:
            now = utc_now()
            if self._renewed_at is not None and now - self._renewed_at < LOOK_AGAIN:
                return
            self._renewed_at, before = now, self._certificates
            self._certificates: list[Any] = []
            try:
                super()._update_certificates()
            finally:
                self._certificates = self._certificates or before

    def check_signed(self, headers: Mapping[str, str], body: str, now: dt.datetime) -> None:
        """Raise ``Unbelievable`` unless a text was signed by WeChat within the last five minutes.

        May raise what a call raises, when a certificate has to be fetched for it.
        """
        timestamp, _, signature, serial = (headers.get(name, "") for name in SIGNED_HEADERS)
        if signature.startswith(PROBE):
            raise Unbelievable("callback_probe")
        if headers.get("Wechatpay-Signature-Type", SIGNATURE_TYPE) != SIGNATURE_TYPE:
            raise Unbelievable("callback_wrong_algorithm")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):  # noqa: PLR2004 - no year 33658
            raise Unbelievable("callback_stale")
        if abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
            raise Unbelievable("callback_stale")
        if serial != self._public_key_id and not SERIAL.fullmatch(serial):
            raise Unbelievable("callback_unknown_serial")
        if not self._verified(headers, body):
            raise Unbelievable("callback_forged")

    def opened(self, headers: Mapping[str, str], body: str) -> Mapping[str, Any]:
        """Return a notification with its ``resource`` decrypted; call ``check_signed`` first.

        Raises ``Unbelievable`` where the APIv3 key is another one, ``ValueError`` for what cannot be read.
        """
        try:
            told = self.callback(_signed(headers), body)
        except Exception as error:  # the library raises nothing more exact for another algorithm
            raise ValueError("the notification cannot be read") from error
        if not isinstance(told, dict):
            raise Unbelievable("callback_wrong_key")
        return told

    def _verified(self, headers: Mapping[str, str], body: str) -> bool:
        try:
            return bool(self._verify_signature(_signed(headers), body))
        except (ValueError, TypeError):
            return False

    def request(
        self,
        path: str,
        method: Any = RequestType.GET,
        data: Any = None,
        skip_verify: bool = False,  # noqa: FBT001, FBT002
        sign_data: Any = None,
        files: Any = None,
        cipher_data: bool = False,  # noqa: FBT001, FBT002
        headers: Any = None,
    ) -> tuple[int, Any]:
        """Call WeChat; return status and body (text, or bytes of what is not verified).

        Raises ``Unhappy``, ``Unbelievable``, and what requests raises.
        """
        if files or cipher_data or sign_data or headers:
            raise NotImplementedError("uploads and encrypted fields are not used here")
        body = "" if data is None else json.dumps(data)
        sent = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "wuyou"}
        if self._public_key_id:
            sent["Wechatpay-Serial"] = self._public_key_id
        sent["Authorization"] = build_authorization(
            path, method.value, self._mchid, self._cert_serial_no, self._private_key, data=body
        )
        # No redirects: they would carry the signature to an address that nobody configured.
        response = self._http.request(
            method.value,
            self._gate_way + path,
            data=body.encode() or None,
            headers=sent,
            timeout=self._timeout,
            allow_redirects=False,
        )
        request_id = response.headers.get("Request-ID", "")
        if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            raise Unhappy(response.status_code, _code(response), request_id)
        log.info("pay.called", path=path.partition("?")[0], status=response.status_code, request_id=request_id)
        if skip_verify:
            return response.status_code, response.content
        text = response.content.decode()
        self.check_signed(response.headers, text, utc_now())
        return response.status_code, text


class PaySdk(WeChatPay):  # type: ignore[misc,unused-ignore]  # an untyped base
    """wechatpayv3's calls on our core.  Its own constructor is left out: it makes a core of its own."""

    def __init__(self, merchant: Merchant, core: PayCore) -> None:
        self._type = WeChatPayType.MINIPROG
        self._mchid = merchant.mchid
        self._appid = merchant.appid
        self._notify_url = None
        self._core = core
        self._partner_mode = merchant.sub_mchid is not None


def _signed(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that carry a signature, by the names that the library looks for.

    It gives up without the algorithm's name, which is younger than the rule and can only be this one.
    """
    return {name: headers.get(name, "") for name in SIGNED_HEADERS} | {"Wechatpay-Signature-Type": SIGNATURE_TYPE}


def _code(response: requests.Response) -> str:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return ""
    code = answer.get("code") if isinstance(answer, dict) else None
    return code[:64] if isinstance(code, str) else ""
