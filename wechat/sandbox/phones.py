"""The phones: who they are to the mini-program, what they allowed, what they received."""

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wechat.sandbox.catalogue import Template
from wechat.sandbox.refusal import Refusal, Unknown
from wechat.sandbox.rules import check_values

KEPT = 200  # messages that a phone still shows
CODE_LIFETIME = 300.0  # seconds
SEEN_FOR = 2 * 3600.0  # seconds for which WeChat checks contents of somebody who has used the mini-program
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
BEIJING = dt.timezone(dt.timedelta(hours=8))

Json = dict[str, Any]


def check_slug(slug: str) -> str:
    """Return the slug, or raise ``Unknown`` (400) for one that would not do in an address."""
    if not SLUG.fullmatch(slug):
        raise Unknown("a slug has 1 to 64 small letters, digits, - and _", 400)
    return slug


def openid_of(slug: str) -> str:
    """Return the openid of a phone: always the same for the same slug, 28 characters like a real one."""
    digest = hashlib.sha256(f"wuyou-sandbox:{slug}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def moment(seconds: float) -> str:
    """Return a moment as ISO 8601 in Beijing time."""
    return dt.datetime.fromtimestamp(seconds, BEIJING).isoformat(timespec="seconds")


@dataclass
class Phone:
    """One person's phone."""

    slug: str
    name: str
    openid: str
    session_key: str
    grants: dict[str, int] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    messages: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT))
    received: int = 0
    number: str = ""
    """The phone number that WeChat knows."""
    seen_at: float = float("-inf")
    """When the mini-program was last used."""

    def summary(self) -> Json:
        """Return what a list of phones shows."""
        return {
            "slug": self.slug,
            "name": self.name,
            "openid": self.openid,
            "grants": dict(self.grants),
            "answers": dict(self.answers),
            "received": self.received,
        }


@dataclass
class _Code:
    openid: str
    issued_at: float
    used: bool = False


class Phones:
    """All phones.  Each method holds the lock for its whole, short work."""

    def __init__(self, templates: Mapping[str, Template], clock: Callable[[], float]) -> None:
        self._templates = templates
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget every phone, code, grant and message."""
        with self._lock:
            self._by_slug: dict[str, Phone] = {}
            self._by_openid: dict[str, Phone] = {}
            self._codes: dict[str, _Code] = {}
            self._phone_codes: dict[str, _Code] = {}
            self._next_id = 1_864_323_726_461_255_680
            self.unlimited_grants = False

    def put(self, slug: str, name: str) -> Json:
        """Make a phone, or give it another name."""
        with self._lock:
            phone = self._by_slug.get(check_slug(slug))
            if phone is None:
                session_key = base64.b64encode(hashlib.md5(slug.encode(), usedforsecurity=False).digest()).decode()
                phone = Phone(slug, name, openid_of(slug), session_key)
                phone.number = f"138{int(hashlib.sha256(slug.encode()).hexdigest(), 16) % 10**8:08d}"
                self._by_slug[slug] = self._by_openid[phone.openid] = phone
            phone.name = name
            return phone.summary()

    def summaries(self) -> list[Json]:
        """Return all phones, oldest first."""
        with self._lock:
            return [phone.summary() for phone in self._by_slug.values()]

    def messages(self, slug: str) -> Json:
        """Return the last messages of a phone, newest first, and how many it ever received."""
        with self._lock:
            phone = self._phone(slug)
            return {"items": list(reversed(phone.messages)), "total": phone.received}

    def login_code(self, slug: str) -> str:
        """Return what ``wx.login`` would give this phone: valid for five minutes, once."""
        with self._lock:
            now = self._clock()
            self._drop_old_codes(now)
            code = secrets.token_urlsafe(24)
            self._codes[code] = _Code(self._phone(slug).openid, now)
            return code

    def answer(self, slug: str, template_id: str, answer: str) -> Json:
        """Do what a tap in ``wx.requestSubscribeMessage`` does: an accept adds the right to one message."""
        if template_id not in self._templates:
            raise Unknown("no such template (the client would get 20001)", 400)
        if answer not in {"accept", "reject"}:
            raise Unknown("answer must be accept or reject", 400)
        with self._lock:
            phone = self._phone(slug)
            phone.answers[template_id] = answer
            phone.grants[template_id] = phone.grants.get(template_id, 0) + (answer == "accept")
            return {"template_id": template_id, "answer": answer, "grants": phone.grants[template_id]}

    def exchange(self, code: str) -> Json:
        """Return openid and session key for a login code (小程序登录凭证校验)."""
        with self._lock:
            known = self._codes.get(code)
            if known is None or self._clock() - known.issued_at > CODE_LIFETIME:
                raise Refusal(40029, "invalid code")
            if known.used:
                raise Refusal(40163, "code been used")
            known.used = True
            phone = self._by_openid[known.openid]
            phone.seen_at = self._clock()
            return {"openid": phone.openid, "session_key": phone.session_key}

    def openid(self, slug: str) -> str:
        """Return the openid of a phone.  Raises ``Unknown``."""
        with self._lock:
            return self._phone(slug).openid

    def knows(self, openid: str) -> bool:
        """Whether somebody with this openid uses the mini-program."""
        with self._lock:
            return openid in self._by_openid

    def name(self, slug: str) -> str:
        """Return whose phone it is.  Raises ``Unknown``."""
        with self._lock:
            return self._phone(slug).name

    def session_key(self, slug: str) -> str:
        """Return the session key in force.  Raises ``Unknown``."""
        with self._lock:
            return self._phone(slug).session_key

    def seen(self, slug: str) -> None:
        """Note that the mini-program is being used."""
        with self._lock:
            self._phone(slug).seen_at = self._clock()

    def check_seen_lately(self, openid: str) -> None:
        """Raise the refusal for somebody unknown, or who has not used the mini-program for two hours."""
        with self._lock:
            phone = self._by_openid.get(openid)
            if phone is None:
                raise Refusal(40003, "invalid openid")
            if self._clock() - phone.seen_at > SEEN_FOR:
                raise Refusal(61010, "code is expired")

    def phone_code(self, slug: str) -> str:
        """Return what the phone button gives: valid for five minutes, once, and no code of ``wx.login``."""
        with self._lock:
            code = secrets.token_hex(32)
            self._phone_codes[code] = _Code(self._phone(slug).openid, self._clock())
            return code

    def number_for(self, code: str) -> str:
        """Return the number behind a code of the phone button (获取手机号)."""
        with self._lock:
            known = self._phone_codes.pop(code, None)
            if known is None or self._clock() - known.issued_at > CODE_LIFETIME:
                raise Refusal(40029, "invalid code")
            return self._by_openid[known.openid].number

    def check_session(self, openid: str, signature: str) -> None:
        """Raise the refusal when the signature is not that of the session key in force (检验登录态)."""
        with self._lock:
            self._signed_phone(openid, signature)

    def renew(self, openid: str, signature: str) -> str:
        """Make a new session key in place of this one, and return it (重置登录态)."""
        with self._lock:
            phone = self._signed_phone(openid, signature)
            phone.session_key = base64.b64encode(secrets.token_bytes(16)).decode()
            return phone.session_key

    def switch_off(self, slug: str, template_id: str) -> None:
        """Do what switching a template off in WeChat's settings does: every right is gone."""
        with self._lock:
            phone = self._phone(slug)
            phone.answers[template_id], phone.grants[template_id] = "reject", 0

    def _signed_phone(self, openid: str, signature: str) -> Phone:
        phone = self._by_openid.get(openid)
        if phone is None:
            raise Refusal(40003, "invalid openid")
        wanted = hmac.new(phone.session_key.encode(), b"", hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature.encode(), wanted.encode()):
            raise Refusal(87009, "invalid signature")
        return phone

    def deliver(self, message: Mapping[str, Any]) -> int:
        """Put a subscribe message on a phone and return its id (发送订阅消息)."""
        with self._lock:
            phone = self._by_openid.get(str(message.get("touser", "")))
            if phone is None:
                raise Refusal(40003, "invalid openid")
            template = self._templates.get(str(message.get("template_id", "")))
            if template is None:
                raise Refusal(40037, "invalid template_id")
            if message.get("miniprogram_state", "formal") not in {"developer", "trial", "formal"}:
                raise Refusal(47003, "argument invalid! miniprogram_state")
            values = check_values(message.get("data"), template.keys)
            self._use_grant(phone, template.template_id)
            return self._keep(phone, template, message, values)

    def _use_grant(self, phone: Phone, template_id: str) -> None:
        if self.unlimited_grants:
            return
        if not phone.grants.get(template_id):
            raise Refusal(43101, "user refuse to accept the msg")
        phone.grants[template_id] -= 1

    def _keep(self, phone: Phone, template: Template, message: Mapping[str, Any], values: dict[str, str]) -> int:
        self._next_id += 1
        phone.received += 1
        phone.messages.append(
            {
                "msgid": self._next_id,
                "at": moment(self._clock()),
                "kind": template.kind,
                "title": template.title,
                "template_id": template.template_id,
                "values": values,
                "page": message.get("page"),
                "miniprogram_state": message.get("miniprogram_state", "formal"),
                "lang": message.get("lang", "zh_CN"),
            }
        )
        return self._next_id

    def _phone(self, slug: str) -> Phone:
        phone = self._by_slug.get(slug)
        if phone is None:
            raise Unknown(f"no phone {slug!r}")
        return phone

    def _drop_old_codes(self, now: float) -> None:
        """Forget codes long past their end; the dictionary keeps them in the order of issue."""
        while self._codes:
            oldest = next(iter(self._codes))
            if now - self._codes[oldest].issued_at <= 2 * CODE_LIFETIME:
                return
            del self._codes[oldest]
