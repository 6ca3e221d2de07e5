"""Cards whose numbers change (动态消息): a day each, from "joining" to "started" and never back."""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wechat.sandbox.refusal import Refusal

Json = dict[str, Any]

LIFETIME = 24 * 3600.0  # seconds
JOINING, STARTED = 0, 1
PARAMETERS = {JOINING: {"member_count", "room_limit"}, STARTED: {"path", "version_type"}}
VERSIONS = {"develop", "trial", "release"}


@dataclass
class _Card:
    expires_at: float
    state: int = JOINING
    words: str = ""
    shown: list[Json] = field(default_factory=list)
    """The same card in each chat it was shared into."""


class Cards:
    """All cards.  Each method holds the lock for its whole, short work."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget every card."""
        with self._lock:
            self._cards: dict[str, _Card] = {}

    def create(self) -> Json:
        """Make a card (创建被分享动态消息)."""
        with self._lock:
            activity_id = secrets.token_urlsafe(48)
            ends = self._clock() + LIFETIME
            self._cards[activity_id] = _Card(ends)
            return {"errcode": 0, "errmsg": "ok", "activity_id": activity_id, "expiration_time": int(ends)}

    def share(self, activity_id: str, parameters: Mapping[str, str], content: Json) -> None:
        """Show a card in a chat; ``content`` is the message there, which changes with the card."""
        with self._lock:
            card = self._card(activity_id)
            card.words = card.words or _words(JOINING, parameters)
            content["line"] = card.words
            card.shown.append(content)

    def update(self, body: Mapping[str, Any]) -> None:
        """Change a card (修改动态消息).

        The page's enum ends with "started".  Whether the guide's third state may be sent is not documented: refused.
        """
        with self._lock:
            card = self._card(str(body.get("activity_id", "")))
            state = body.get("target_state")
            if state not in PARAMETERS or card.state == STARTED:
                raise Refusal(47502, "target_state error")
            values = _values(body, int(state))
            card.state, card.words = int(state), _words(int(state), values)
            for content in card.shown:
                content["line"] = card.words

    def _card(self, activity_id: str) -> _Card:
        card = self._cards.get(activity_id)
        if card is None:
            raise Refusal(47501, "activity_id error")
        if card.expires_at <= self._clock():
            raise Refusal(47504, "activity_id expired")
        return card


def _values(body: Mapping[str, Any], state: int) -> dict[str, str]:
    info = body.get("template_info")
    listed = info.get("parameter_list") if isinstance(info, Mapping) else None
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise Refusal(47001, "data format error")
    values = {str(one.get("name")): one.get("value") for one in listed}
    if set(values) != PARAMETERS[state] or not all(isinstance(value, str) for value in values.values()):
        raise Refusal(40097, "invalid args")
    if state == STARTED and values["version_type"] not in VERSIONS:
        raise Refusal(47503, "version_type error")
    return {name: str(value) for name, value in values.items()}


def _words(state: int, values: Mapping[str, str]) -> str:
    if state == STARTED:
        return "已开始"
    return f"成员正在加入，当前 {values.get('member_count', '?')}/{values.get('room_limit', '?')} 人"
