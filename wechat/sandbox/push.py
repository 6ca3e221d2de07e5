"""The pushes of the simulated WeChat, signed and encrypted as its console is set (小程序文档：消息推送).

The encryption is wechatpy's, not our own: what one of the two gets wrong, the other does not understand.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import xmltodict  # type: ignore[import-untyped,unused-ignore]  # ships no types
from wechatpy.crypto import PrpCrypto  # type: ignore[import-untyped,unused-ignore]  # ships no types

from config.settings import SANDBOX_APPID, SANDBOX_PUSH_KEY, SANDBOX_PUSH_TOKEN
from wechat.sandbox.callbacks import Call, Callbacks, Compose
from wechat.sandbox.refusal import Unknown

Json = dict[str, Any]

ORIGINAL_ID = "gh_5a4d6b0xsand"
MODES = ("plain", "compatible", "secure")
FORMATS = ("json", "xml")
CONTAINERS = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}


class Pushes:
    """What is set in the console, and the pushes that follow from what happens on phones."""

    def __init__(self, callbacks: Callbacks, appid: str = SANDBOX_APPID) -> None:
        self._callbacks = callbacks
        self._appid = appid
        self.reset()

    def reset(self) -> None:
        """Forget the address: nothing is pushed until one is set."""
        self.url = ""
        self.token = SANDBOX_PUSH_TOKEN
        self.key = SANDBOX_PUSH_KEY
        self.mode = "secure"
        self.format = "json"

    def set_up(self, wanted: Mapping[str, Any]) -> Json:
        """Set address, mode and format.  Raises ``Unknown`` (400)."""
        if not set(wanted) <= {"url", "mode", "format", "token", "key"}:
            raise Unknown("url, mode, format, token and key can be set", 400)
        if wanted.get("mode", self.mode) not in MODES or wanted.get("format", self.format) not in FORMATS:
            raise Unknown(f"modes are {', '.join(MODES)}; formats are {', '.join(FORMATS)}", 400)
        for name, value in wanted.items():
            if not isinstance(value, str):
                raise Unknown(f"{name} is a text", 400)
            setattr(self, name, value)
        return self.settings()

    def settings(self) -> Json:
        """Return what is set, but for the secrets."""
        return {"url": self.url, "mode": self.mode, "format": self.format}

    def send(
        self,
        event: str,
        openid: str,
        fields: Mapping[str, Any] | None = None,
        items: Sequence[Mapping[str, Any]] = (),
        *,
        after: float = 0.0,
    ) -> int | None:
        """Push an event; return the number of the delivery, or nothing where no address is set."""
        if not self.url:
            return None
        return self._callbacks.send("push", event, self._compose(event, openid, fields or {}, items), after=after)

    def _compose(
        self, event: str, openid: str, fields: Mapping[str, Any], items: Sequence[Mapping[str, Any]]
    ) -> Compose:
        created: list[int] = []

        def compose(now: float) -> Call:
            # What happened keeps its moment; only the signature is of the moment of the try.
            created.append(int(now))
            message = {
                "ToUserName": ORIGINAL_ID,
                "FromUserName": openid,
                "CreateTime": created[0],
                "MsgType": "event",
                "Event": event,
                **fields,
            }
            return self._signed(self._written(message, event, items), message, str(int(now)))

        return compose

    def _written(self, message: Json, event: str, items: Sequence[Mapping[str, Any]]) -> str:
        if self.format == "xml":
            inside = {CONTAINERS.get(event, "List"): {"List": list(items)}} if items else {}
            return str(xmltodict.unparse({"xml": {**message, **inside}}, full_document=False))
        # One entry alone is an object, as the page says.
        listed = {"List": list(items) if len(items) > 1 else dict(items[0])} if items else {}
        return json.dumps({**message, **listed}, ensure_ascii=False)

    def _signed(self, text: str, message: Json, timestamp: str) -> Call:
        nonce = str(secrets.randbelow(10**9))
        query = {"signature": _sign(self.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        if self.mode == "plain":
            return self._call(query, text)
        encrypted = PrpCrypto(base64.b64decode(self.key + "=")).encrypt(text, self._appid).decode()
        query |= {
            "openid": message["FromUserName"],
            "encrypt_type": "aes",
            "msg_signature": _sign(self.token, timestamp, nonce, encrypted),
        }
        envelope: Json = {"ToUserName": ORIGINAL_ID, "Encrypt": encrypted}
        if self.mode == "compatible":
            envelope = {**message, **envelope}
        if self.format == "xml":
            return self._call(query, str(xmltodict.unparse({"xml": envelope}, full_document=False)))
        return self._call(query, json.dumps(envelope, ensure_ascii=False))

    def _call(self, query: Mapping[str, str], text: str) -> Call:
        kind = "application/json" if self.format == "json" else "text/xml"
        return Call(f"{self.url}?{urlencode(query)}", text.encode(), {"Content-Type": kind})


def _sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
