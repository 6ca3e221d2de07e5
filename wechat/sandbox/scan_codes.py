"""Codes and links of the simulated WeChat (小程序文档：获取不限制的小程序码, 获取加密URLLink, 获取加密scheme码)."""

import re
import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from wechat.sandbox.code_pictures import draw, spoken
from wechat.sandbox.refusal import Refusal, Unknown

Json = dict[str, Any]

PAGES = frozenset(
    {"pages/index/index", "pages/inbox/index", "pages/reviews/index", "pages/scan/index", "pages/ticket/detail"}
)
"""The pages of the released mini-program, as its app.json has them."""
SCENE = re.compile(r"[0-9a-zA-Z!#$&'()*+,/:;=?@\-._~]{1,32}")
QUERY = re.compile(r"[0-9a-zA-Z!#$&'()*+,/:;=?@\-._~%]{0,1024}")
VERSIONS = frozenset({"release", "trial", "develop"})
WIDTHS = range(280, 1281)
CODES_PER_MINUTE = 5_000
LINKS_PER_SECOND = 100
LINKS_PER_DAY = 500_000
OPENED_PER_DAY = 3_000_000
SHORTEST, LONGEST = 60, 30 * 86_400  # seconds that a link may live
DAY_BEGINS = 8 * 3600  # seconds: Beijing's day is that much ahead of UTC's
KEPT = 200  # codes that the page still shows


@dataclass(frozen=True)
class Link:
    """A link or scheme: what it opens, and when it ends."""

    url: str
    path: str
    query: str
    version: str
    made_at: int
    ends_at: int


class Allowance:
    """So many in a stretch of time; the stretch begins anew when its number changes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._stretch: int | None = None
        self.used = 0

    def take(self, stretch: int, refusal: Refusal) -> None:
        """Count one.  Raises the refusal when the stretch's allowance is used up."""
        if stretch != self._stretch:
            self._stretch, self.used = stretch, 0
        if self.used >= self.most:
            raise refusal
        self.used += 1


class ScanCodes:
    """All codes and links that were made.  Each method holds the lock for its whole, short work."""

    def __init__(self, clock: Callable[[], float], appid: str) -> None:
        self._clock = clock
        self._appid = appid
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget every code and link; all may be made and opened again."""
        with self._lock:
            self._codes: deque[Json] = deque(maxlen=KEPT)
            self._links: dict[str, Link] = {}
            self.codes_left = Allowance(CODES_PER_MINUTE)
            self.links_a_second = Allowance(LINKS_PER_SECOND)
            self.links_left = Allowance(LINKS_PER_DAY)
            self.visits_left = Allowance(OPENED_PER_DAY)

    def picture(self, body: Mapping[str, Any]) -> tuple[bytes, str]:
        """Answer ``getwxacodeunlimit``: a picture and its content type."""
        scene, page, version = body.get("scene"), body.get("page", "pages/index/index"), _version(body)
        if not isinstance(scene, str) or not SCENE.fullmatch(scene):
            raise Refusal(40129, "invalid scene")
        if "scancode_time" in scene:
            raise Refusal(85096, "not allow include scancode_time field")
        _check_page(page, checked=body.get("check_path", True) is not False)
        width = body.get("width", 430)
        if not isinstance(width, int) or isinstance(width, bool) or width not in WIDTHS:
            raise Refusal(40097, "invalid args")
        with self._lock:
            self.codes_left.take(int(self._clock() // 60), Refusal(45011, "api minute-quota reach limit"))
            self._keep({"page": page, "scene": scene, "version": version})
        return draw(spoken(self._appid, page, scene), width, clear=body.get("is_hyaline") is True)

    def link(self, body: Mapping[str, Any], base_url: str) -> Json:
        """Answer ``generate_urllink``; the link leads to this server."""
        link = self._make(body, body, lambda ticket: f"{base_url}l/{ticket}")
        return {"errcode": 0, "errmsg": "ok", "url_link": link.url}

    def scheme(self, body: Mapping[str, Any]) -> Json:
        """Answer ``generatescheme``."""
        page = body.get("jump_wxa", {})
        if not isinstance(page, Mapping):
            raise Refusal(40097, "invalid args")
        link = self._make(page, body, lambda ticket: f"weixin://dl/business/?t={ticket}")
        return {"errcode": 0, "errmsg": "ok", "openlink": link.url}

    def query(self, body: Mapping[str, Any]) -> Json:
        """Answer ``query_urllink``: a link, or how often links may still be opened today."""
        with self._lock:
            if body.get("query_type", 0) == 1:
                left = self.visits_left.most - self.visits_left.used
                return {"errcode": 0, "errmsg": "ok", "quota_info": {"remain_visit_quota": left}}
            link = self._links.get(str(body.get("url_link", "")).rpartition("/")[2])
            if link is None or link.url != body.get("url_link"):
                raise Refusal(85403, "not found")
        info = {
            "appid": self._appid,
            "path": link.path,
            "query": link.query,
            "create_time": link.made_at,
            "expire_time": link.ends_at,
            "env_version": link.version,
        }
        return {"errcode": 0, "errmsg": "ok", "url_link_info": info}

    def open(self, ticket: str) -> Json:
        """Do what a tap on a link does: tell which page opens with which query.

        Raises ``Unknown``: 404 for one that was never made, 409 for one that has ended or when too many were opened today.
        """
        with self._lock:
            link = self._links.get(ticket)
            if link is None:
                raise Unknown("no such link")
            if self._clock() >= link.ends_at:
                raise Unknown("the link has ended", 409)
            try:
                self.visits_left.take(self._day(), Refusal(85406, "reach max visit quota limit"))
            except Refusal as refusal:
                raise Unknown("links were opened too often today", 409) from refusal
            return {"page": link.path, "query": dict(parse_qsl(link.query))}

    def listing(self) -> list[Json]:
        """Return the codes that were made last, newest first, each once."""
        with self._lock:
            return list(reversed(self._codes))

    def _keep(self, code: Json) -> None:
        if code in self._codes:
            self._codes.remove(code)
        self._codes.append(code)

    def _make(self, page: Mapping[str, Any], until: Mapping[str, Any], url_of: Callable[[str], str]) -> Link:
        path, query = page.get("path", ""), page.get("query", "")
        if not isinstance(path, str) or (path and path.lstrip("/") not in PAGES):
            raise Refusal(40165, "invalid weapp pagepath")
        if not isinstance(query, str) or not QUERY.fullmatch(query):
            raise Refusal(40212, "invalid query")
        if query and not all(name and part for name, part, _ in (one.partition("=") for one in query.split("&"))):
            raise Refusal(40212, "invalid query")
        version = page.get("env_version", "release")
        if version not in VERSIONS:
            raise Refusal(85402, "invalid env_version")
        with self._lock:
            now = self._clock()
            ends_at = _end(until, int(now))
            self.links_a_second.take(int(now), Refusal(44990, "reach max api second frequence limit"))
            self.links_left.take(self._day(), Refusal(44993, "reach max api day quota limit"))
            ticket = secrets.token_urlsafe(9)
            link = Link(url_of(ticket), path.lstrip("/"), query, version, int(now), ends_at)
            self._links[ticket] = link
            return link

    def _day(self) -> int:
        return int((self._clock() + DAY_BEGINS) // 86_400)


def _version(body: Mapping[str, Any]) -> str:
    version = body.get("env_version", "release")
    if version not in VERSIONS:
        raise Refusal(40097, "invalid args")
    return str(version)


def _check_page(page: object, *, checked: bool) -> None:
    """A page has no slash in front and no query behind; it must be in the released version, unless that is not checked."""
    wrong = not isinstance(page, str) or page.startswith("/") or "?" in page
    if wrong or (checked and page not in PAGES):
        raise Refusal(41030, "invalid page")


def _end(until: Mapping[str, Any], now: int) -> int:
    """Return when a link ends (Unix seconds): at a time, or after one to thirty days."""
    kind = until.get("expire_type", 0)
    ends = until.get("expire_time") if kind == 0 else until.get("expire_interval")
    if kind not in {0, 1} or not isinstance(ends, int) or isinstance(ends, bool):
        raise Refusal(85401, "invalid expire time")
    ends_at = ends if kind == 0 else now + ends * 86_400
    if not SHORTEST <= ends_at - now <= LONGEST:
        raise Refusal(85401, "invalid expire time")
    return ends_at
