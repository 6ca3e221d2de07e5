"""Calls the address of our own pushes as WeChat does (小程序文档：消息推送): first the handshake, then a push.

What answers there may be another process with other settings, a proxy or a firewall: each has its own words.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests

from config import WeChatSettings
from wechat.push_crypto import encrypt, signature
from wechat.transport import http_session

PATH = "/callbacks/wechat/push"
EVENT = "wuyou_doctor"
"""An event of ours, which nothing is done about."""
PORTS = frozenset({None, 80, 443})
CONSOLE = "登录 mp.weixin.qq.com，打开“管理 → 开发管理 → 开发设置 → 消息推送”，"
RESTART = "正在运行的程序用的是另一份设置。改好以后，网站和后台程序都要重启，再查一次。"
OK = 200

TROUBLES: Mapping[str, tuple[str, str]] = {
    "callback_not_set_up": ("正在运行的程序没有设置消息推送。", RESTART),
    "callback_forged": ("推送的口令（Token）对不上。", f"核对 WUYOU_WECHAT_PUSH_TOKEN。{RESTART}{CONSOLE}三处要一样。"),
    "callback_stale": ("运行网站的机器时钟不对。", "在那台机器上打开自动对时：timedatectl set-ntp true。"),
    "callback_unreadable": (
        "推送的密钥（EncodingAESKey）对不上。",
        f"核对 WUYOU_WECHAT_PUSH_KEY。{RESTART}{CONSOLE}三处要一样。",
    ),
    "callback_wrong_mode": ("消息加密方式对不上。", f"核对 WUYOU_WECHAT_PUSH_MODE。{RESTART}{CONSOLE}三处要一样。"),
    "callback_wrong_appid": ("正在运行的程序是给另一个小程序用的。", f"核对 WUYOU_WECHAT_APPID。{RESTART}"),
}
"""By the code with which our own callback refuses: what is the matter, and where to mend it."""


class Trouble(Exception):
    """Why a push would not arrive: ``words`` say what is so, ``mend`` what to do."""

    def __init__(self, words: str, mend: str) -> None:
        super().__init__(words)
        self.words = words
        self.mend = mend


def try_out(settings: WeChatSettings, public_url: str, *, now: dt.datetime) -> None:
    """Knock at the address.  Raises ``Trouble``."""
    if not settings.push_token:
        raise Trouble(
            "没有设置消息推送，微信的通知一条也收不到：照片核对没有结果，删除请求也不知道。",
            f"{CONSOLE}定一个 Token，“随机生成”EncodingAESKey，选“安全模式”和 JSON；"
            "把它们写进 WUYOU_WECHAT_PUSH_TOKEN 和 WUYOU_WECHAT_PUSH_KEY，重启，再到那里填地址、点提交。",
        )
    if not settings.is_sandbox and urlsplit(public_url).port not in PORTS:
        raise Trouble("推送地址的端口微信不认，只能用80和443。", "把网站放到 443 端口上，改 WUYOU_PUBLIC_URL。")
    url = f"{public_url}{PATH}"
    with http_session((public_url,)) as http:
        echo = secrets.token_hex(8)
        _expect(_call(http, "GET", url, settings, {**_signed(settings, now), "echostr": echo}), url, echo)
        query, body = _push(settings, now)
        _expect(_call(http, "POST", url, settings, query, body), url, "success")


def _signed(settings: WeChatSettings, now: dt.datetime) -> dict[str, str]:
    stamp, nonce = str(int(now.timestamp())), secrets.token_hex(5)
    return {"signature": signature(settings.push_token, stamp, nonce), "timestamp": stamp, "nonce": nonce}


def _push(settings: WeChatSettings, now: dt.datetime) -> tuple[dict[str, str], bytes]:
    """Write a push that says nothing, in the mode that is set.  Each is another: it holds a random word."""
    query = _signed(settings, now)
    stamp, nonce = query["timestamp"], query["nonce"]
    message: dict[str, Any] = {
        "ToUserName": EVENT, "FromUserName": EVENT, "CreateTime": int(stamp), "MsgType": "event", "Event": EVENT,
        "Nonce": secrets.token_hex(8),
    }  # fmt: skip
    if settings.push_mode == "plain":
        return query, orjson.dumps(message)
    encrypted = encrypt(orjson.dumps(message), settings.push_key, settings.appid)
    query |= {"encrypt_type": "aes", "msg_signature": signature(settings.push_token, stamp, nonce, encrypted)}
    around = message if settings.push_mode == "compatible" else {"ToUserName": EVENT}
    return query, orjson.dumps({**around, "Encrypt": encrypted})


def _call(
    http: requests.Session, method: str, url: str, settings: WeChatSettings, query: Mapping[str, str], body: bytes = b""
) -> requests.Response:
    headers = {"Content-Type": "application/json"} if body else {}
    try:
        return http.request(
            method, url, params=query, data=body, headers=headers, timeout=settings.timeouts, allow_redirects=False
        )
    except requests.exceptions.SSLError:
        raise Trouble(
            f"{url} 的证书不对，微信不会来。", "检查网站的证书：域名、有没有过期、中间证书有没有配上。"
        ) from None
    except requests.RequestException:
        raise Trouble(
            f"从这里打不开 {url}。",
            "看网站开着没有、WUYOU_PUBLIC_URL 写对没有、域名解析和防火墙；再用手机上网打开 /healthz 试一试。",
        ) from None


def _expect(answer: requests.Response, url: str, wanted: str) -> None:
    if answer.status_code == OK and answer.text.strip() == wanted:
        return
    code = _code(answer)
    if code in TROUBLES:
        raise Trouble(*TROUBLES[code])
    if answer.is_redirect:
        raise Trouble(f"{url} 会跳到别的地址，微信不会跟着去。", "让网站直接在这个地址回答，或者改 WUYOU_PUBLIC_URL。")
    raise Trouble(
        f"{url} 有回答，可不是我们的程序（HTTP {answer.status_code}）。",
        "看前面的代理把 /callbacks/ 转到哪里去了，有没有缓存、改写或者拦截。",
    )


def _code(answer: requests.Response) -> str:
    """Return the code with which our own application refuses, or nothing."""
    try:
        said = answer.json()
    except ValueError:
        return ""
    return str(said.get("code", "")) if isinstance(said, dict) else ""
