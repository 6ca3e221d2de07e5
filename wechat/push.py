"""Believes, or does not believe, what calls itself a push of WeChat (小程序文档：消息推送).

Plain, compatible and secure mode; XML and JSON; one entry of a list or several; numbers as texts or as numbers.
What is not believed is refused with a reason, and logged without its content.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from xml.parsers.expat import ExpatError

import orjson
import xmltodict  # type: ignore[import-untyped,unused-ignore]  # ships no types

from config import WeChatSettings
from services.errors import CallbackRefused
from services.ports import Push
from wechat.push_crypto import WrongAppid, decrypt, is_same, signature

FRESH = dt.timedelta(minutes=5)
BYTES_MOST = 64 * 1024
"""Pushes have a few hundred bytes; a list of results some thousand."""

Fields = dict[str, Any]


class PushReader:
    """Implements ``services.ports.PushGateway``."""

    def __init__(self, settings: WeChatSettings) -> None:
        self._settings = settings

    def echo(self, query: Mapping[str, str], *, now: dt.datetime) -> str:
        """Return what WeChat wants to hear when the address is entered in its console."""
        self._check_plain(query, now)
        return query.get("echostr", "")

    def read(self, query: Mapping[str, str], body: bytes, *, now: dt.datetime) -> Push:
        """Return the message.  Raises ``CallbackRefused``."""
        if len(body) > BYTES_MOST:
            raise _refused("callback_too_large", "消息太长了，不接受。")
        if self._settings.push_mode == "plain":
            self._check_plain(query, now)
            fields = _parsed(body)
            if "Encrypt" in fields:
                raise _refused("callback_wrong_mode", "收到的是加密消息，设置里是明文模式。")
            return self.opened(fields)
        return self.opened(self._opened_secure(query, _parsed(body), now))

    def opened(self, fields: Mapping[str, Any]) -> Push:
        """Return the message in the form that services read."""
        items = fields.get("List", [])
        return Push(
            event=str(fields.get("Event") or fields.get("MsgType") or ""),
            openid=str(fields.get("FromUserName") or ""),
            fields=fields,
            items=[item for item in (items if isinstance(items, Sequence) else [items]) if isinstance(item, Mapping)],
        )

    def _opened_secure(self, query: Mapping[str, str], envelope: Fields, now: dt.datetime) -> Fields:
        encrypted = envelope.get("Encrypt")
        if not isinstance(encrypted, str) or query.get("encrypt_type") != "aes":
            raise _refused("callback_wrong_mode", "收到的是明文消息，设置里是加密模式。")
        if self._settings.push_mode == "secure" and set(envelope) - {"ToUserName", "Encrypt"}:
            raise _refused("callback_wrong_mode", "收到的是兼容模式的消息，设置里是安全模式。")
        self._check(query, "msg_signature", now, encrypted)
        try:
            message = decrypt(encrypted, self._settings.push_key, self._settings.appid)
        except WrongAppid:
            raise _refused("callback_wrong_appid", "消息不是发给这个小程序的。") from None
        except ValueError:
            raise _refused("callback_unreadable", "消息解不开。") from None
        return _parsed(message)

    def _check_plain(self, query: Mapping[str, str], now: dt.datetime) -> None:
        self._check(query, "signature", now)

    def _check(self, query: Mapping[str, str], name: str, now: dt.datetime, *more: str) -> None:
        """Refuse what is not signed with our token, or was signed too long ago."""
        token = self._settings.push_token
        if not token:
            raise _refused("callback_not_set_up", "没有设置消息推送。")
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not is_same(query.get(name, ""), signature(token, timestamp, nonce, *more)):
            raise _refused("callback_forged", "签名不对，不像是微信发来的。")
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:  # noqa: PLR2004 - no year 33658
            raise _refused("callback_stale", "时间不对，不像是微信发来的。")
        if abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
            raise _refused("callback_stale", "这是很久以前的消息。")


def _refused(code: str, detail: str) -> CallbackRefused:
    return CallbackRefused(detail, code=code)


def _parsed(body: bytes) -> Fields:
    """Read JSON or XML by its first character.  Raises ``CallbackRefused``."""
    text = body.strip()
    try:
        fields = _xml(text) if text[:1] == b"<" else orjson.loads(text)
    except (ExpatError, ValueError, RecursionError):
        raise _refused("callback_unreadable", "消息读不懂。") from None
    if not isinstance(fields, dict):
        raise _refused("callback_unreadable", "消息读不懂。")
    return fields


def _xml(text: bytes) -> Any:
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValueError("no definitions are taken")
    fields = xmltodict.parse(text).get("xml")
    if isinstance(fields, dict):
        # In XML the entries stand one level deeper, in an element named after the event.
        for inner in [value for name, value in fields.items() if name.endswith("Event") and isinstance(value, dict)]:
            fields.setdefault("List", inner.get("List", []))
    return fields
