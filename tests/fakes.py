"""Stand-ins for what is outside the database, for tests that are not about WeChat."""

import datetime as dt
import hashlib
import io
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import segno

from services.errors import GatewayError, PersonRefused, Rejected
from services.group_ports import (
    CardUpdate,
    Fate,
    GroupPost,
    Markdown,
    MassDraft,
    MassLook,
    MassReminder,
    MassTaken,
    NewCard,
)
from services.payment_ports import ShippingInfo
from services.ports import CodeImage, Finding, Gateways, LinkFacts, Push, SubscribeMessage, Verdict, WeChatIdentity
from tests.fake_payments import FakePayments


@dataclass
class FakeLogin:
    """Knows the codes it was told; each works once."""

    codes: dict[str, str] = field(default_factory=dict)
    was_reset: list[tuple[str, str]] = field(default_factory=list)
    error: Exception | None = None

    def exchange(self, code: str) -> WeChatIdentity:
        if code not in self.codes:
            raise Rejected("登录已过期，请关掉小程序再打开一次。", code="wechat_code_invalid")
        return WeChatIdentity(openid=self.codes.pop(code), unionid=None, session_key="k" * 22 + "==")

    def is_current(self, openid: str, session_key: str) -> bool:
        return (openid, session_key) not in self.was_reset

    def is_genuine(self, raw_data: str, signature: str, session_key: str) -> bool:
        return signature == hashlib.sha1((raw_data + session_key).encode()).hexdigest()

    def reset(self, openid: str, session_key: str) -> str:
        if self.error:
            raise self.error
        self.was_reset.append((openid, session_key))
        return "n" * 22 + "=="


@dataclass
class FakePhones:
    """Knows the numbers behind codes; each code works once."""

    numbers: dict[str, str] = field(default_factory=dict)
    encrypted: dict[str, str] = field(default_factory=dict)

    def ask(self, code: str) -> str:
        if code not in self.numbers:
            raise Rejected("没有拿到微信里的手机号，请自己填写手机号。", code="wechat_code_invalid")
        return self.numbers.pop(code)

    def read(self, encrypted: str, iv: str, session_key: str, *, now: dt.datetime) -> str:
        if encrypted not in self.encrypted:
            raise Rejected("没有拿到微信里的手机号，请自己填写手机号。", code="wechat_data_unreadable")
        return self.encrypted[encrypted]


@dataclass
class FakePushes:
    """Believes everything."""

    def echo(self, query: Mapping[str, str], *, now: dt.datetime) -> str:
        return query.get("echostr", "")

    def read(self, query: Mapping[str, str], body: bytes, *, now: dt.datetime) -> Push:
        return self.opened(json.loads(body))

    def opened(self, fields: Mapping[str, Any]) -> Push:
        items = fields.get("List", [])
        listed = items if isinstance(items, list) else [items]
        return Push(str(fields.get("Event", "")), str(fields.get("FromUserName", "")), fields, listed)


@dataclass
class FakeContent:
    """Finds everything harmless but texts with a word in ``risky``; photos get trace ids."""

    risky: set[str] = field(default_factory=set)
    error: Exception | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def check_text(self, text: str, openid: str) -> Verdict:
        self._ask(text, openid)
        bad = any(word in text for word in self.risky)
        return Verdict("risky" if bad else "pass", 20003 if bad else 100, f"trace-{secrets.token_hex(8)}")

    def check_image(self, url: str, openid: str) -> str:
        self._ask(url, openid)
        return f"trace-{secrets.token_hex(8)}"

    def _ask(self, content: str, openid: str) -> None:
        if self.error:
            raise self.error
        self.asked.append((content, openid))


@dataclass
class FakeMessages:
    """Remembers what it sent; raises what it was told to raise."""

    sent: list[SubscribeMessage] = field(default_factory=list)
    error: Exception | None = None
    problems: list[str] = field(default_factory=list)

    def send(self, message: SubscribeMessage) -> str:
        if self.error:
            raise self.error
        self.sent.append(message)
        return str(len(self.sent))

    def template_id(self, kind: str) -> str:
        return f"template-{kind}"

    def templates(self) -> Mapping[str, str]:
        return {kind: self.template_id(kind) for kind in ("ticket_progress", "ticket_work", "notice")}

    def template_problems(self, choices: Mapping[str, Sequence[str]]) -> list[str]:
        return list(self.problems)

    def refuse(self) -> None:
        """Answer like WeChat when there is no grant."""
        self.error = PersonRefused("对方没有订阅。", provider_code=43101)


@dataclass
class FakeGroups:
    """Remembers what was posted."""

    sent: list[tuple[str, Any]] = field(default_factory=list)
    error: Exception | None = None

    def send(self, robot_key: str, post: GroupPost) -> None:
        if self.error:
            raise self.error
        self.sent.append((robot_key, post.content if isinstance(post, Markdown) else post))


@dataclass
class FakeCodes:
    """Makes pictures and links that say what they are for; raises what it was told to raise."""

    images: list[tuple[str, str]] = field(default_factory=list)
    links: dict[str, LinkFacts] = field(default_factory=dict)
    error: Exception | None = None

    def image(self, scene: str, *, page: str, width: int = 430) -> CodeImage:
        if self.error:
            raise self.error
        self.images.append((page, scene))
        drawn = io.BytesIO()
        segno.make(f"wxacode://wx-test/{page}?scene={scene}", micro=False).save(drawn, kind="png", scale=6)
        return CodeImage(drawn.getvalue(), "image/png")

    def link(self, *, path: str, query: str, ends_at: dt.datetime) -> str:
        return self._made("https://wxaurl.test/", path, query, ends_at)

    def scheme(self, *, path: str, query: str, ends_at: dt.datetime) -> str:
        return self._made("weixin://dl/business/?t=", path, query, ends_at)

    def look_up(self, link: str) -> LinkFacts:
        if link not in self.links:
            raise Rejected("微信里没有这个链接。", code="wechat_link_unknown")
        return self.links[link]

    def _made(self, beginning: str, path: str, query: str, ends_at: dt.datetime) -> str:
        if self.error:
            raise self.error
        link = f"{beginning}{len(self.links) + 1}"
        self.links[link] = LinkFacts(path, query, ends_at)
        return link


@dataclass
class FakeExaminer:
    """Finds everything well."""

    def clock(self) -> Finding:
        return Finding(well=True, words="时钟没有差。")

    def token(self) -> Finding:
        return Finding(well=True, words="拿得到通行证。")

    def wecom(self) -> Finding:
        return Finding(well=True, words="没有用企业微信。")

    def content(self) -> Finding:
        return Finding(well=True, words="接得通。")

    def callback(self, public_url: str) -> Finding:
        return Finding(well=True, words=f"{public_url} 通。")


@dataclass
class FakeChats:
    """Knows which group stands behind what."""

    encrypted: dict[str, str] = field(default_factory=dict)

    def read(self, encrypted: str, iv: str, session_key: str, *, now: dt.datetime) -> str:
        if encrypted not in self.encrypted:
            raise Rejected("没有认出是哪个群。", code="wechat_data_unreadable")
        return self.encrypted[encrypted]

    def refusal(self, errcode: int) -> GatewayError:
        return Rejected(f"代码 {errcode}", provider_code=errcode)


@dataclass
class FakeCards:
    """Makes cards that live for a day of ``NOW``, and remembers what they were told to show."""

    shown: list[CardUpdate] = field(default_factory=list)
    error: Exception | None = None

    def create(self) -> NewCard:
        ends = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
        return NewCard(secrets.token_hex(8), "template", ends)

    def update(self, update: CardUpdate) -> None:
        if self.error:
            raise self.error
        self.shown.append(update)


@dataclass
class FakeFiles:
    """Keeps files in a dictionary."""

    kept: dict[str, bytes] = field(default_factory=dict)
    error: Exception | None = None

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.kept[key] = content

    def get(self, key: str) -> bytes:
        if key not in self.kept:
            raise FileNotFoundError(key)
        return self.kept[key]

    def remove(self, key: str) -> None:
        if self.error:
            raise self.error
        self.kept.pop(key, None)


@dataclass
class FakeShipping:
    """Keeps what was reported."""

    told: list[ShippingInfo] = field(default_factory=list)
    error: Exception | None = None

    def is_wanted(self) -> bool:
        return True

    def upload(self, info: ShippingInfo) -> None:
        if self.error:
            raise self.error
        self.told.append(info)


@dataclass
class FakeMass:
    """Takes messages for every group but those named in ``unknown``, and answers what ``fates`` says by group."""

    is_set_up: bool = True
    drafts: list[MassDraft] = field(default_factory=list)
    reminded: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    fates: dict[str, Fate] = field(default_factory=dict)
    error: Exception | None = None

    def prepare(self, draft: MassDraft) -> MassTaken:
        if self.error:
            raise self.error
        self.drafts.append(draft)
        chats = {target: None if one in self.unknown else f"wr-{one}" for target, one in draft.opengids.items()}
        return MassTaken(f"msg-{len(self.drafts)}", chats)

    def remind(self, reminder: MassReminder) -> None:
        if self.error:
            raise self.error
        self.reminded.append(reminder.msgid)

    def results(self, look: MassLook) -> dict[str, Fate]:
        if self.error:
            raise self.error
        return dict(self.fates)


def fake_gateways() -> Gateways:
    """A fresh set of all of them."""
    return Gateways(
        login=FakeLogin(),
        phones=FakePhones(),
        messages=FakeMessages(),
        pushes=FakePushes(),
        content=FakeContent(),
        groups=FakeGroups(),
        chats=FakeChats(),
        cards=FakeCards(),
        mass=FakeMass(),
        codes=FakeCodes(),
        files=FakeFiles(),
        payments=FakePayments(),
        shipping=FakeShipping(),
        examiner=FakeExaminer(),
    )
