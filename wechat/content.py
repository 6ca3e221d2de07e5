"""Content checks (小程序文档：文本内容安全识别, 音视频内容安全识别; both in version 2, the first one no longer learns)."""

from typing import Any

from services.ports import Verdict
from wechat.client import Answer, WeChatApi
from wechat.endpoints import CHECK_MEDIA, CHECK_TEXT
from wechat.errors import unreadable

CHARACTERS_MOST = 2500
SCENE = 3  # 论坛: what neighbors write for neighbors
IMAGE = 2
SUGGESTIONS = frozenset({"pass", "review", "risky"})


class WeChatContent:
    """Implements ``services.ports.ContentChecker``."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    def check_text(self, text: str, openid: str) -> Verdict:
        """Return what WeChat says of a text of at most 2,500 characters."""
        body = {"content": text[:CHARACTERS_MOST], "version": 2, "scene": SCENE, "openid": openid}
        answer = self._api.ask_with_token(CHECK_TEXT, body, hide=(openid, text))
        return verdict(answer.get("result"), _trace(answer))

    def check_image(self, url: str, openid: str) -> str:
        """Hand in a photo; WeChat fetches it and pushes the result within thirty minutes."""
        body = {"media_url": url, "media_type": IMAGE, "version": 2, "scene": SCENE, "openid": openid}
        return _trace(self._api.ask_with_token(CHECK_MEDIA, body, hide=(openid, url)))


def verdict(result: Any, trace_id: str) -> Verdict:
    """Read a result; what says nothing that we know is for a person to look at, never "pass"."""
    given = result if isinstance(result, dict) else {}
    suggest = given.get("suggest")
    label = given.get("label")
    return Verdict(suggest if suggest in SUGGESTIONS else "review", label if isinstance(label, int) else None, trace_id)


def _trace(answer: Answer) -> str:
    trace_id = answer.get("trace_id")
    if not isinstance(trace_id, str) or not trace_id:
        raise unreadable()
    return trace_id
