"""What WeChat calls at our side: pushes of the mini-program and notices of payments, with their retries and mishaps.

A caller hands in a ``Compose``: it writes, signs and encrypts the call for a given moment, so that each try is signed anew
as WeChat does.  Here is only the postman: when to try, what counts as taken, and what goes wrong on order.

Sources: 微信公众平台文档「接收普通消息」 for pushes (5 seconds, three tries in all; the mini-program's page is silent), and
微信支付文档「支付成功回调通知」 for payments (fifteen retries within about a day).
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests

from wechat.sandbox.callback_faults import CallbackFault, CallbackFaults
from wechat.sandbox.refusal import Unknown

Json = dict[str, Any]

KEPT = 500  # deliveries that are remembered
STALE = 600.0  # seconds by which an "old" call is antedated; more than the five minutes that may pass
MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True)
class Call:
    """One HTTP request to our side, signed and ready."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


Compose = Callable[[float], Call]
"""Writes the call as of a moment (seconds since 1970)."""


@dataclass(frozen=True)
class Kind:
    """A kind of callback: the waits before its second, third … try, what an acceptance looks like, how to forge one."""

    name: str
    waits: tuple[float, ...]
    timeout: float
    took: Callable[[int, bytes], bool]
    forged: Callable[[Call], Call]


def _push_took(status: int, body: bytes) -> bool:
    # An answer that is meant for the user comes as XML or JSON; everything else but "success" is a failure.
    return status == 200 and (body.strip() in {b"", b"success"} or body.lstrip()[:1] in {b"<", b"{"})  # noqa: PLR2004


def _pay_took(status: int, _body: bytes) -> bool:
    return status in {200, 204}


def _probe_refused(status: int, _body: bytes) -> bool:
    # A probe has no true signature: whoever accepts it does not check signatures.
    return status >= 400  # noqa: PLR2004


def _with_query(call: Call, change: Callable[[str, str], str]) -> Call:
    parts = urlsplit(call.url)
    query = urlencode([(name, change(name, value)) for name, value in parse_qsl(parts.query)])
    return replace(call, url=urlunsplit(parts._replace(query=query)))


def _forge_push(call: Call) -> Call:
    """Sign with a token that is not ours: both signatures are of the right form, and wrong."""

    def turned(name: str, value: str) -> str:
        return value[::-1] if name in {"signature", "msg_signature"} else value

    return _with_query(call, turned)


def _forge_pay(call: Call) -> Call:
    """Break the signature in the header, leaving its form."""
    headers = dict(call.headers)
    signature = headers.get("Wechatpay-Signature", "")
    letters = signature.rstrip("=")
    headers["Wechatpay-Signature"] = letters[1:] + letters[:1] + signature[len(letters) :]
    return replace(call, headers=headers)


KINDS: Mapping[str, Kind] = {
    "push": Kind("push", (5.0, 5.0), 5.0, _push_took, _forge_push),
    "pay": Kind(
        "pay",
        (
            15, 15, 30, 3 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 30 * MINUTE, 30 * MINUTE, HOUR,
            3 * HOUR, 3 * HOUR, 3 * HOUR, 6 * HOUR, 6 * HOUR,
        ),
        5.0, _pay_took, _forge_pay,
    ),
    "probe": Kind("probe", (), 5.0, _probe_refused, _forge_pay),
}  # fmt: skip


@dataclass
class Attempt:
    """One try: when, what was answered (no status: nothing came), and what was made to go wrong."""

    at: float
    status: int | None
    took: bool
    fault: str | None
    said: str = ""


@dataclass
class Delivery:
    """Something to be told to our side, until it is taken, given up or lost."""

    number: int
    kind: Kind
    about: str
    compose: Compose
    due: float | None
    """When the next try is; empty when it is over or waits to be overtaken."""
    waiting_behind: bool = False
    """Held back until another one of its kind has gone out."""
    attempts: list[Attempt] = field(default_factory=list)
    failed: int = 0

    @property
    def state(self) -> str:
        """One of waiting, taken, lost, given_up."""
        if self.due is not None or self.waiting_behind:
            return "waiting"
        if any(attempt.took for attempt in self.attempts):
            return "taken"
        return "lost" if self.attempts and self.attempts[-1].fault == "lost" else "given_up"

    def summary(self) -> Json:
        """Return what a list of deliveries shows."""
        attempts = [
            {"at": one.at, "status": one.status, "took": one.took, "fault": one.fault, "said": one.said}
            for one in self.attempts
        ]
        facts = {"number": self.number, "kind": self.kind.name, "about": self.about, "state": self.state}
        return {**facts, "due": self.due, "attempts": attempts}


class Callbacks:
    """Every delivery.  ``run_due`` makes the tries whose time has come, in the thread that calls it."""

    def __init__(self, clock: Callable[[], float], faults: CallbackFaults | None = None) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._running = threading.Lock()
        self.faults = faults or CallbackFaults(KINDS)
        self.reset()

    def reset(self) -> None:
        """Forget every delivery and fault."""
        with self._lock:
            self._deliveries: dict[int, Delivery] = {}
            self._number = 0
            self.faults.clear()

    def send(self, kind: str, about: str, compose: Compose, *, after: float = 0.0) -> int:
        """Queue something to be told and return its number.

        ``kind`` is push, pay or probe, ``about`` says what it is, ``after`` are seconds before the first try.
        """
        with self._lock:
            self._number += 1
            due = self._clock() + after
            self._deliveries[self._number] = Delivery(self._number, _known(kind), about, compose, due)
            for old in list(self._deliveries)[:-KEPT]:
                del self._deliveries[old]
            return self._number

    def resend(self, number: int) -> None:
        """Tell it once more, whatever became of it: what a merchant's 重发通知 does."""
        with self._lock:
            delivery = self._delivery(number)
            delivery.due, delivery.waiting_behind = self._clock(), False

    def deliveries(self, kind: str | None = None) -> list[Json]:
        """Return what was and is to be told, newest first."""
        with self._lock:
            found = [one for one in self._deliveries.values() if kind is None or one.kind.name == kind]
            return [one.summary() for one in reversed(found)]

    def delivery(self, number: int) -> Json:
        """Return one.  Raises ``Unknown``."""
        with self._lock:
            return self._delivery(number).summary()

    def next_due(self) -> float | None:
        """Return the moment of the next try, if any is left."""
        with self._lock:
            return min((one.due for one in self._deliveries.values() if one.due is not None), default=None)

    def run_due(self) -> int:
        """Make every try whose time has come, earliest first, and return how many calls were made.

        Only one thread delivers at a time, so that an order which is wanted is kept.
        """
        with self._running:
            made = 0
            while (delivery := self._first_due()) is not None:
                made += self._try(delivery)
            return made

    def _first_due(self) -> Delivery | None:
        now = self._clock()
        with self._lock:
            due = [one for one in self._deliveries.values() if one.due is not None and one.due <= now]
            return min(due, key=lambda one: (one.due, one.number), default=None)

    def _try(self, delivery: Delivery) -> int:
        """Make one try, or let its fault happen instead; return how many calls were made."""
        now = self._clock()
        fault = self.faults.take(delivery.kind.name)
        if fault is not None and fault.name in {"lost", "late", "reordered"}:
            self._withhold(delivery, fault, now)
            return 0
        call = _spoiled(delivery, fault, now)
        status, said = _post(call, delivery.kind.timeout)
        took = status is not None and delivery.kind.took(status, said)
        words = said[:200].decode("utf-8", "replace")
        with self._lock:
            delivery.attempts.append(Attempt(now, status, took, fault.name if fault else None, words))
            self._plan(delivery, now, took=took, twice=fault is not None and fault.name == "twice")
            self._let_overtaken_go(delivery, now)
        return 1

    def _withhold(self, delivery: Delivery, fault: CallbackFault, now: float) -> None:
        with self._lock:
            if fault.name == "late":
                delivery.due = now + fault.seconds
                return
            delivery.due = None
            if fault.name == "reordered":
                delivery.waiting_behind = True
            else:
                delivery.attempts.append(Attempt(now, None, took=False, fault="lost"))

    def _plan(self, delivery: Delivery, now: float, *, took: bool, twice: bool) -> None:
        if took:
            delivery.due = now if twice else None
            return
        waits = delivery.kind.waits
        delivery.due = now + waits[delivery.failed] if delivery.failed < len(waits) else None
        delivery.failed += 1

    def _let_overtaken_go(self, sent: Delivery, now: float) -> None:
        """Whatever was held back to be overtaken by this one may go now."""
        for other in self._deliveries.values():
            if other.waiting_behind and other.kind is sent.kind and other is not sent:
                other.waiting_behind, other.due = False, now

    def _delivery(self, number: int) -> Delivery:
        delivery = self._deliveries.get(number)
        if delivery is None:
            raise Unknown(f"no delivery {number}")
        return delivery


def _spoiled(delivery: Delivery, fault: CallbackFault | None, now: float) -> Call:
    """Return the call of this try, with what was ordered to be wrong with it."""
    name = fault.name if fault else None
    call = delivery.compose(now - STALE if name == "old" else now)
    if name == "forged":
        return delivery.kind.forged(call)
    if name == "truncated":
        return replace(call, body=call.body[: len(call.body) // 2])
    return call


def _post(call: Call, timeout: float) -> tuple[int | None, bytes]:
    """Make the call; no status when nothing came back in time."""
    try:
        with requests.Session() as http:
            http.trust_env = False  # a proxy of the machine does not know its loopback addresses
            answer = http.request(
                call.method,
                call.url,
                data=call.body,
                headers=dict(call.headers),
                timeout=timeout,
                allow_redirects=False,
            )
    except requests.RequestException as error:
        return None, type(error).__name__.encode()
    return answer.status_code, answer.content


def _known(kind: str) -> Kind:
    if kind not in KINDS:
        raise Unknown(f"kinds are {', '.join(KINDS)}")
    return KINDS[kind]
