"""Trouble on order: the simulated WeChat can be told to be busy, broken or slow."""

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import Any

from wechat.sandbox.pay_refusal import CODES, PayRefusal
from wechat.sandbox.refusal import Refusal, Unknown

ENDPOINTS = (
    "token", "login", "send", "group", "enter", "card", "corp_token", "mass",
    "phone", "session", "text", "media", "templates", "quota", "code", "link", "shipping",
)  # fmt: skip
PAY_ENDPOINTS = (
    "pay_order",
    "pay_query",
    "pay_close",
    "pay_refund",
    "pay_refund_query",
    "pay_bill",
    "pay_download",
    "pay_certificates",
)
LONGEST_DELAY = 60.0  # seconds
WORDS: Mapping[int, str] = {
    -1: "system busy",
    40001: "invalid credential, access_token is invalid or not latest",
    40164: "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
    42001: "access_token expired",
    43101: "user refuse to accept the msg",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    48001: "api unauthorized",
    10060001: "order not exist",
    10060012: "system error",
}
"""What WeChat says with some codes (小程序文档：全局错误码); the address is one of those kept for documentation."""


class HttpFault(Exception):
    """The answer is a bare HTTP status, as a gateway in trouble gives it."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True)
class Fault:
    """What goes wrong at an endpoint: an error code, an HTTP status or a delay in seconds.

    ``errcode`` is for the endpoints of WeChat, ``code`` for those of WeChat Pay.  ``done`` means that what was asked is
    done all the same, and only the answer is wrong (WeChat Pay only).  ``times`` counts the calls it still hits; None
    means until it is cleared.
    """

    errcode: int | None = None
    http: int | None = None
    delay: float | None = None
    times: int | None = None
    code: str | None = None
    done: bool = False

    def answer(self) -> Exception | None:
        """Return what is answered instead of the truth, if anything is."""
        if self.http is not None:
            return HttpFault(self.http)
        if self.code is not None:
            return PayRefusal(self.code)
        if self.errcode:
            return Refusal(self.errcode, WORDS.get(self.errcode, "sandbox fault"))
        return None


class Faults:
    """The faults in force, one at most for each endpoint."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self, endpoint: str | None = None) -> None:
        """Mend one endpoint, or all."""
        with self._lock:
            if endpoint is None:
                self._faults: dict[str, Fault] = {}
            else:
                self._faults.pop(_known(endpoint), None)

    def put(self, endpoint: str, wanted: dict[str, Any]) -> dict[str, Any]:
        """Put a fault on an endpoint in place of the one before."""
        fault = _read(wanted, is_pay=_known(endpoint) in PAY_ENDPOINTS)
        with self._lock:
            self._faults[endpoint] = fault
        return asdict(fault)

    def listing(self) -> dict[str, dict[str, Any]]:
        """Return the faults in force by endpoint."""
        with self._lock:
            return {endpoint: asdict(fault) for endpoint, fault in self._faults.items()}

    def strike(self, endpoint: str) -> Exception | None:
        """Let the fault of an endpoint happen: wait, and raise what it answers.  The wait blocks this thread only.

        What is to be answered after the deed is returned instead.
        """
        fault = self._take(endpoint)
        if fault is None:
            return None
        if fault.delay:
            time.sleep(fault.delay)
        answer = fault.answer()
        if answer is None or fault.done:
            return answer
        raise answer

    def _take(self, endpoint: str) -> Fault | None:
        if endpoint not in self._faults:
            return None
        with self._lock:
            fault = self._faults.get(endpoint)
            if fault is None or fault.times is None:
                return fault
            if fault.times > 1:
                self._faults[endpoint] = replace(fault, times=fault.times - 1)
            else:
                del self._faults[endpoint]
            return fault


def _known(endpoint: str) -> str:
    if endpoint not in (*ENDPOINTS, *PAY_ENDPOINTS):
        raise Unknown(f"endpoints are {', '.join((*ENDPOINTS, *PAY_ENDPOINTS))}")
    return endpoint


def _read(wanted: dict[str, Any], *, is_pay: bool) -> Fault:
    named = ("code", "done") if is_pay else ("errcode",)
    if not set(wanted) <= {"http", "delay", "times", *named}:
        raise Unknown(f"a fault has {named[0]}, http or delay, and times{' and done' if is_pay else ''}", 400)
    errcode, http, delay, times = (wanted.get(name) for name in ("errcode", "http", "delay", "times"))
    code, done = wanted.get("code"), wanted.get("done", False)
    if errcode is None and http is None and delay is None and code is None:
        raise Unknown(f"a fault needs {named[0]}, http or delay", 400)
    if not (_whole(errcode) and _whole(http) and _whole(times)):
        raise Unknown("errcode, http and times are whole numbers", 400)
    if http is not None and not HTTPStatus.BAD_REQUEST <= http < 600:  # noqa: PLR2004 - the end of HTTP's own range
        raise Unknown("http is 400 to 599", 400)
    if times is not None and times < 1:
        raise Unknown("times is at least 1", 400)
    if delay is not None and not (isinstance(delay, (int, float)) and 0 <= delay <= LONGEST_DELAY):
        raise Unknown(f"delay is 0 to {LONGEST_DELAY:.0f} seconds", 400)
    if not (code is None or code in CODES) or not isinstance(done, bool):
        raise Unknown(f"done is true or false, code is one of {', '.join(CODES)}", 400)
    return Fault(errcode, http, delay, times, code, done)


def _whole(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))
