"""The company at WeCom: its token, and mass messages to customer groups that wait for a member's confirmation.

Every group of the sandbox is a customer group of the company (企业微信文档：创建企业群发, 获取企业群发成员执行结果).
"""

import calendar
import datetime as dt
import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from wechat.sandbox.groups import Groups
from wechat.sandbox.phones import moment
from wechat.sandbox.refusal import Refusal, Unknown
from wechat.sandbox.tokens import TokenDesk

Json = dict[str, Any]

TEXT_BYTES = 4000
MOST_ATTACHMENTS = 9
REMINDERS, DAY = 3, 86_400.0
MEDIA_LASTS = 3 * DAY
BEIJING = ZoneInfo("Asia/Shanghai")
NOT_SENT, SENT, MONTH_FULL = 0, 1, 3


@dataclass
class _Message:
    msgid: str
    sender: str
    text: str
    card: str
    fates: dict[str, int]
    """Status by chat."""
    made_at: float
    reminded: deque[float] = field(default_factory=lambda: deque(maxlen=REMINDERS))
    sent_at: float | None = None


class WeCom:
    """All messages.  Each method holds the lock for its whole, short work."""

    def __init__(self, groups: Groups, corpid: str, secret: str, clock: Callable[[], float]) -> None:
        self._groups = groups
        self._clock = clock
        self._lock = threading.Lock()
        self._corp = (corpid, secret)
        self.tokens = TokenDesk(corpid, secret, clock)
        self.reset()

    def reset(self) -> None:
        """Forget every message, picture and token."""
        self.tokens.reset()
        with self._lock:
            self._messages: dict[str, _Message] = {}
            self._media: dict[str, float] = {}
            self._month: Counter[tuple[str, int, int]] = Counter()

    def token(self, corpid: str, secret: str) -> Json:
        """Hand out the token of the company (获取access_token): the same until it is about to end."""
        if corpid != self._corp[0]:
            raise Refusal(40013, "invalid corpid")
        if secret != self._corp[1]:
            raise Refusal(40001, "invalid credential")
        value, seconds = self.tokens.stable(force=False)
        return {"errcode": 0, "errmsg": "ok", "access_token": value, "expires_in": seconds}

    def upload(self, content: bytes) -> Json:
        """Take a picture (上传临时素材); it lasts for three days."""
        if not content:
            raise Refusal(44001, "empty media data")
        with self._lock:
            media_id = secrets.token_urlsafe(32)
            self._media[media_id] = self._clock() + MEDIA_LASTS
            return {
                "errcode": 0,
                "errmsg": "ok",
                "type": "image",
                "media_id": media_id,
                "created_at": str(self._clock()),
            }

    def chat_of(self, opengid: str) -> Json:
        """Return the company's id of a WeChat group."""
        slug = self._groups.slug_of(opengid)
        if slug is None:
            raise Refusal(40058, "invalid opengid")
        return {"errcode": 0, "errmsg": "ok", "chat_id": f"wr-{slug}"}

    def add(self, body: Mapping[str, Any]) -> Json:
        """Take a message that a member will have to confirm (创建企业群发)."""
        chats, text = body.get("chat_id_list"), body.get("text")
        content = text.get("content") if isinstance(text, Mapping) else None
        if body.get("chat_type") != "group" or not isinstance(chats, list) or not chats or not body.get("sender"):
            raise Refusal(40058, "chat_type, chat_id_list or sender is not valid")
        if not isinstance(content, str) or not content or len(content.encode()) > TEXT_BYTES:
            raise Refusal(40058, f"text.content must be of 1 to {TEXT_BYTES} bytes")
        known = {f"wr-{summary['slug']}" for summary in self._groups.summaries()}
        with self._lock:
            card = self._read_card(body.get("attachments", []))
            msgid = f"msg{secrets.token_urlsafe(24)}"
            fates = {chat: NOT_SENT for chat in chats if chat in known}
            self._messages[msgid] = _Message(msgid, str(body["sender"]), content, card, fates, self._clock())
            failed = [chat for chat in chats if chat not in known]
            return {"errcode": 0, "errmsg": "ok", "msgid": msgid, "fail_list": failed}

    def remind(self, msgid: str) -> Json:
        """Remind the member (提醒成员群发): three times in 24 hours."""
        with self._lock:
            message, now = self._message(msgid), self._clock()
            if len(message.reminded) == REMINDERS and now - message.reminded[0] < DAY:
                raise Refusal(45009, "reach max remind limit")
            message.reminded.append(now)
            return {"errcode": 0, "errmsg": "ok"}

    def results(self, msgid: str, userid: str) -> Json:
        """Return what became of a message (获取企业群发成员执行结果)."""
        with self._lock:
            message = self._message(msgid)
            if userid != message.sender:
                raise Refusal(60111, "userid not found")
            sent = [{"chat_id": chat, "userid": userid, "status": fate} for chat, fate in message.fates.items()]
            return {"errcode": 0, "errmsg": "ok", "next_cursor": "", "send_list": sent}

    def confirm(self, msgid: str) -> Json:
        """Do what the member's thumb does: the message goes into its chats, as far as their month allows."""
        with self._lock:
            if msgid not in self._messages:
                raise Unknown(f"no message {msgid!r}")
            message = self._messages[msgid]
            if message.sent_at is not None:
                raise Unknown("it was confirmed before", 409)
            message.sent_at = self._clock()
            local = dt.datetime.fromtimestamp(message.sent_at, BEIJING)
            for chat in message.fates:
                key = (chat, local.year, local.month)
                if self._month[key] >= calendar.monthrange(local.year, local.month)[1]:
                    message.fates[chat] = MONTH_FULL
                    continue
                self._month[key] += 1
                message.fates[chat] = SENT
                self._groups.receive(chat.removeprefix("wr-"), message.text, message.sender)
            return self._shown(message)

    def listing(self) -> list[Json]:
        """Return all messages, newest first."""
        with self._lock:
            return [self._shown(message) for message in reversed(self._messages.values())]

    def _shown(self, message: _Message) -> Json:
        return {
            "msgid": message.msgid,
            "sender": message.sender,
            "text": message.text,
            "page": message.card,
            "chats": dict(message.fates),
            "reminded": len(message.reminded),
            "at": moment(message.made_at),
            "confirmed": message.sent_at is not None,
        }

    def _message(self, msgid: str) -> _Message:
        found = self._messages.get(msgid)
        if found is None:
            raise Refusal(40058, "invalid msgid")
        return found

    def _read_card(self, attachments: object) -> str:
        """Return the page that the card opens; the sandbox takes no other attachment."""
        if not isinstance(attachments, list) or len(attachments) > MOST_ATTACHMENTS:
            raise Refusal(40058, "attachments must be a list of at most 9")
        page = ""
        for one in attachments:
            card = one.get("miniprogram") if isinstance(one, Mapping) else None
            if not isinstance(card, Mapping) or not all(card.get(name) for name in ("title", "appid", "page")):
                raise Refusal(40058, "miniprogram needs title, pic_media_id, appid and page")
            if self._media.get(str(card.get("pic_media_id")), 0.0) <= self._clock():
                raise Refusal(40007, "invalid media_id")
            page = str(card["page"])
        return page
