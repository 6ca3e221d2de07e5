"""Content checks of the simulated WeChat (小程序文档：文本内容安全识别, 音视频内容安全识别)."""

import secrets
from collections.abc import Mapping
from typing import Any

from wechat.sandbox.phones import Phones
from wechat.sandbox.push import Pushes
from wechat.sandbox.refusal import Refusal, Unknown

Json = dict[str, Any]

RISKY_WORDS: Mapping[str, int] = {"赌博网站": 20006, "裸聊": 20002, "刷单返利": 20008, "王八蛋": 20003}
UNSURE_WORDS: Mapping[str, int] = {"加我微信": 10001}
SCENES = {1, 2, 3, 4}
CHARACTERS_MOST = 2500
RESULT_AFTER = 3.0  # seconds until the result of a photo is pushed
LABELS = {"pass": 100, "risky": 20002, "review": 21000}
PHOTO_OUTCOMES = ("pass", "risky", "review", "unfetchable")
NOT_FETCHED = -1008


class Safety:
    """Texts are judged by a few words, photos by what was ordered."""

    def __init__(self, phones: Phones, pushes: Pushes, appid: str) -> None:
        self._phones = phones
        self._pushes = pushes
        self._appid = appid
        self.reset()

    def reset(self) -> None:
        """Let every photo pass again."""
        self._photos = "pass"

    def order(self, photos: str) -> Json:
        """Say what comes of the photos that are handed in from now on.  Raises ``Unknown`` (400)."""
        if photos not in PHOTO_OUTCOMES:
            raise Unknown(f"photos are one of {', '.join(PHOTO_OUTCOMES)}", 400)
        self._photos = photos
        return self.ordered()

    def ordered(self) -> Json:
        """Return what comes of photos, and which words are risky."""
        return {"photos": self._photos, "risky_words": dict(RISKY_WORDS), "unsure_words": dict(UNSURE_WORDS)}

    def check_text(self, body: Mapping[str, Any]) -> Json:
        """Answer ``msg_sec_check`` version 2."""
        content = body.get("content")
        if not isinstance(content, str) or not content:
            raise Refusal(44002, "empty content")
        if len(content) > CHARACTERS_MOST:
            raise Refusal(47001, "content is too long")
        self._check_asker(body)
        suggest, label, word = _judge(content)
        detail = {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90}
        if word:
            detail = {"strategy": "keyword", "errcode": 0, "suggest": suggest, "label": label, "keyword": word}
        result = {"suggest": suggest, "label": label}
        return {"errcode": 0, "errmsg": "ok", "result": result, "detail": [detail], "trace_id": _trace_id()}

    def check_media(self, body: Mapping[str, Any]) -> Json:
        """Answer ``media_check_async`` version 2; the result follows as a push."""
        url = body.get("media_url")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise Refusal(40097, "invalid media_url")
        if body.get("media_type") not in {1, 2}:
            raise Refusal(40004, "invalid media type")
        openid = self._check_asker(body)
        trace_id = _trace_id()
        self._pushes.send("wxa_media_check", openid, self._result(trace_id), after=RESULT_AFTER)
        return {"errcode": 0, "errmsg": "ok", "trace_id": trace_id}

    def _check_asker(self, body: Mapping[str, Any]) -> str:
        if body.get("version") != 2:  # noqa: PLR2004 - version 1 was stopped in 2021
            raise Refusal(40097, "invalid version")
        if body.get("scene") not in SCENES:
            raise Refusal(40129, "invalid scene")
        openid = str(body.get("openid", ""))
        self._phones.check_seen_lately(openid)
        return openid

    def _result(self, trace_id: str) -> Json:
        common = {"appid": self._appid, "trace_id": trace_id, "version": 2}
        if self._photos == "unfetchable":
            return {**common, "errcode": NOT_FETCHED, "errmsg": "media download failed"}
        result = {"suggest": self._photos, "label": LABELS[self._photos]}
        detail = {"strategy": "content_model", "errcode": 0, **result, "prob": 90}
        return {**common, "errcode": 0, "errmsg": "ok", "result": result, "detail": [detail]}


def _judge(content: str) -> tuple[str, int, str]:
    for suggest, words in (("risky", RISKY_WORDS), ("review", UNSURE_WORDS)):
        for word, label in words.items():
            if word in content:
                return suggest, label, word
    return "pass", 100, ""


def _trace_id() -> str:
    return f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
