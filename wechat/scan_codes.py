"""Mini-program codes and links (小程序文档：获取不限制的小程序码, 获取加密URLLink, 获取加密scheme码, 查询加密URLLink)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from services.ports import CodeImage, LinkFacts
from wechat.client import Answer, WeChatApi
from wechat.endpoints import LINK_QUERY, SCHEME, UNLIMITED_CODE, URL_LINK
from wechat.errors import unreadable

PICTURES: Mapping[bytes, str] = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
VERSIONS: Mapping[str, str] = {"formal": "release", "trial": "trial", "developer": "develop"}
"""The same three builds, which WeChat names otherwise for messages than for codes."""
AT_A_MOMENT = 0
"""``expire_type``: the link ends at a time, not after some days."""


class ScanCodes:
    """Implements ``services.ports.CodeMaker``."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api
        self._version = VERSIONS[api.settings.miniprogram_state]

    def image(self, scene: str, *, page: str, width: int = 430) -> CodeImage:
        """Return the picture; one that is neither JPEG nor PNG is not handed on."""
        body = {
            "scene": scene,
            "page": page,
            # A page that is only in a trial build is not known to the check yet.
            "check_path": self._version == "release",
            "env_version": self._version,
            "width": width,
        }
        content = self._api.fetch_with_token(UNLIMITED_CODE, body, hide=(scene,))
        for beginning, content_type in PICTURES.items():
            if content.startswith(beginning):
                return CodeImage(content, content_type)
        raise unreadable()

    def link(self, *, path: str, query: str, ends_at: dt.datetime) -> str:
        """Return the URL link."""
        body = {"path": path, "query": query, "env_version": self._version, **_until(ends_at)}
        return _text(self._api.ask_with_token(URL_LINK, body, hide=(query,)), "url_link")

    def scheme(self, *, path: str, query: str, ends_at: dt.datetime) -> str:
        """Return the scheme."""
        page = {"path": path, "query": query, "env_version": self._version}
        # Asked for by its old name too: some versions of the page still have the switch.
        body = {"jump_wxa": page, "is_expire": True, **_until(ends_at)}
        return _text(self._api.ask_with_token(SCHEME, body, hide=(query,)), "openlink")

    def look_up(self, link: str) -> LinkFacts:
        """Return what WeChat knows of a link."""
        answer = self._api.ask_with_token(LINK_QUERY, {"url_link": link, "query_type": 0}, hide=(link,))
        info = answer.get("url_link_info")
        if not isinstance(info, dict):
            raise unreadable()
        ends = info.get("expire_time")
        ends_at = dt.datetime.fromtimestamp(ends, dt.UTC) if isinstance(ends, int) and ends > 0 else None
        return LinkFacts(_text(info, "path", empty=True), _text(info, "query", empty=True), ends_at)


def _until(ends_at: dt.datetime) -> dict[str, Any]:
    return {"expire_type": AT_A_MOMENT, "expire_time": int(ends_at.timestamp())}


def _text(answer: Answer, name: str, *, empty: bool = False) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not (value or empty):
        raise unreadable()
    return value
