"""``wx.request`` of the simulated phones: hands a request of the page on to our API, and the answer back.

The page may talk to its own address only (its content policy says so), just as a mini-program may talk only to the
address that is registered for it.
"""

import ipaddress
import json
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from flask import Blueprint, Response, request

from wechat.sandbox.world import World

TIMEOUTS = (2.0, 20.0)  # seconds to connect, and to wait for an answer
BYTES_MOST = 12 * 1024 * 1024  # a photo of 10 MB and the form around it
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
THERE = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match")
BACK = ("Content-Type", "ETag", "Idempotent-Replay", "Retry-After", "X-Request-ID")

NO_ADDRESS = "模拟器不知道五有在哪里。请用 make run 启动，或者启动时写上 --public-url。"
NOT_HERE = "模拟手机只在这台电脑上用。要让别的电脑也能用，启动模拟器时请加上 --open。"
API_AWAY = "连不上五有，可能正在启动，也可能停了。请等几秒再点一次。"
API_SLOW = "五有没有及时回答。您填的内容还在，请再点一次。"
TOO_LARGE = "内容太大了，照片一张最多10兆。请换一张小一点的。"
NO_SUCH_PATH = "地址不对，没有这个页面。"


def forwarding(world: World, public_url: str, *, is_open: bool = False) -> Blueprint:
    """Return the blueprint of ``wx.request``.

    It serves only this machine and reaches only this machine, unless ``is_open``.
    """
    blueprint = Blueprint("forward", __name__)

    @blueprint.route("/sandbox/phones/<slug>/request/<path:path>", methods=METHODS)
    def forward(slug: str, path: str) -> Response:
        if slug not in {phone["slug"] for phone in world.phones.summaries()}:
            return problem(404, "no_such_phone", "没有这部手机", "没有这部手机。请刷新页面再试。")
        if not public_url:
            return problem(502, "api_unknown", "连不上五有", NO_ADDRESS)
        if not is_open and not (_stays_here(public_url) and _came_from_here()):
            return problem(403, "not_on_this_machine", "只在本机使用", NOT_HERE)
        if any(part in {"", ".", ".."} for part in path.split("/")):
            return problem(404, "no_such_page", "没有这个页面", NO_SUCH_PATH)
        if (request.content_length or 0) > BYTES_MOST:
            return problem(413, "too_large", "内容太大了", TOO_LARGE)
        world.phones.seen(slug)
        return _answer(f"{public_url.rstrip('/')}/api/v1/{quote(path)}")

    return blueprint


def problem(status: int, code: str, title: str, detail: str) -> Response:
    """Return an error in the form in which our API gives its own, so that the phone shows both alike."""
    body = json.dumps({"status": status, "code": code, "title": title, "detail": detail}, ensure_ascii=False)
    return Response(body, status, mimetype="application/problem+json")


def _answer(url: str) -> Response:
    """Ask our API what the phone asked, and say what it said."""
    headers = {name: request.headers[name] for name in THERE if name in request.headers}
    options: dict[str, Any] = {"params": request.query_string, "data": request.get_data(), "headers": headers}
    try:
        with requests.Session() as http:
            http.trust_env = False  # a proxy of the machine does not know its loopback addresses
            answer = http.request(request.method, url, timeout=TIMEOUTS, allow_redirects=False, **options)
    except requests.ReadTimeout:
        return problem(504, "api_slow", "五有没有及时回答", API_SLOW)
    except requests.RequestException:
        return problem(502, "api_away", "连不上五有", API_AWAY)
    kept = {name: answer.headers[name] for name in BACK if name in answer.headers}
    return Response(answer.content, answer.status_code, {**kept, "Cache-Control": "no-store"})


def _stays_here(url: str) -> bool:
    return _is_loopback(urlsplit(url).hostname or "")


def _came_from_here() -> bool:
    """Whether the caller and the name it called are this machine: another site's name may point here by a trick."""
    return _is_loopback(request.remote_addr or "") and _is_loopback(urlsplit(f"//{request.host}").hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
