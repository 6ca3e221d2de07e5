"""What WeChat's error codes mean to us, as data, and the translation of every failure of a call.

A code is classed by what the caller can do about it (the family in ``services.errors``).  ``COMMON`` holds for all
endpoints; an ``Endpoint`` adds the codes that mean something else, or something more exact, there.  The ``source`` of
each row is the title of the official page it was taken from.

Nothing here keeps a reference to the failed request: its URL carries access tokens and robot keys.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import requests
import structlog
from wechatpy.exceptions import WeChatClientException  # type: ignore[import-untyped,unused-ignore]  # ships no types

from services.errors import (
    GatewayError,
    Misconfigured,
    PersonRefused,
    QuotaExceeded,
    Rejected,
    TokenRejected,
    TryLater,
)
from wechat.clock import to_next_day, to_next_minute

log = structlog.get_logger(__name__)

PAGE_OF_TOKENS = "小程序文档：获取稳定版接口调用凭据"
LOGIN_PAGE = "小程序文档：小程序登录凭证校验"
SEND_PAGE = "小程序文档：发送订阅消息"
CODES_PAGE = "小程序文档：全局错误码"
ROBOT_PAGE = "企业微信文档：群机器人配置说明"

ASK_OPERATOR = "请联系管理员检查微信设置。"
SIGN_IN_AGAIN = "登录已过期，请关掉小程序再打开一次。"


@dataclass(frozen=True)
class Outcome:
    """What one error code means.

    ``note`` is for engineers, ``detail`` is for people; ``code`` replaces the class's own stable code;
    ``wait`` tells from the present moment after how many seconds the call may work again.
    """

    error: type[GatewayError]
    note: str
    detail: str
    source: str
    code: str | None = None
    wait: Callable[[dt.datetime], float] | None = None


def _operator(note: str, source: str = PAGE_OF_TOKENS, detail: str = "微信没有接受我们的设置。") -> Outcome:
    return Outcome(Misconfigured, note, detail + ASK_OPERATOR, source)


def _token(note: str) -> Outcome:
    return Outcome(
        TokenRejected, note, "微信的通行证失效了，系统会自动重试；如果一直这样，" + ASK_OPERATOR, PAGE_OF_TOKENS
    )


BUSY = Outcome(TryLater, "busy", "微信正忙，请过几分钟再试。", CODES_PAGE)
PER_MINUTE = Outcome(
    QuotaExceeded, "too many calls in this minute", "操作太频繁了，请过一分钟再试。", CODES_PAGE, wait=to_next_minute
)
BAD_CODE = Outcome(
    Rejected, "js_code is wrong, used or older than 5 minutes", SIGN_IN_AGAIN, LOGIN_PAGE, code="wechat_code_invalid"
)

COMMON: Mapping[int, Outcome] = {
    -1: BUSY,
    40001: _token("access_token invalid or not the latest"),
    40014: _token("access_token malformed"),
    42001: _token("access_token expired"),
    41001: _token("access_token missing"),
    40002: _operator("bad grant_type"),
    40013: _operator("bad appid", detail="小程序的 AppID 不对。"),
    40125: _operator("bad secret", detail="小程序的密钥不对。"),
    40164: _operator("our IP is not in the whitelist; errmsg names it", detail="服务器的网络地址没有加入微信白名单。"),
    40243: _operator("AppSecret frozen", detail="小程序的密钥已被冻结。"),
    41002: _operator("appid missing"),
    41004: _operator("secret missing"),
    43002: _operator("POST required", CODES_PAGE),
    48001: _operator("API not granted to this account", CODES_PAGE, "这个小程序没有开通此功能。"),
    50004: _operator("token API forbidden", CODES_PAGE),
    50007: _operator("account frozen", CODES_PAGE, "小程序账号已被冻结。"),
    89503: _operator("calling IP awaits the administrator's confirmation", detail="微信在等管理员确认服务器地址。"),
    89506: _operator("calling IP refused twice, try again after 24 hours", detail="管理员拒绝了服务器地址。"),
    89507: _operator("calling IP refused, try again after 1 hour", detail="管理员拒绝了服务器地址。"),
    40003: Outcome(
        Rejected, "openid unknown to this mini-program", "找不到这位用户的微信，请对方重新登录。", CODES_PAGE
    ),
    45009: Outcome(
        QuotaExceeded,
        "daily allowance used up",
        "今天发给微信的次数用完了，明天会接着发。",
        CODES_PAGE,
        wait=to_next_day,
    ),
    45011: PER_MINUTE,
    44991: PER_MINUTE,
}

_SEND_CODES: Mapping[int, Outcome] = {
    40037: _operator("template_id unknown", SEND_PAGE, "订阅消息的模板编号不对。"),
    41030: _operator("page does not exist in the mini-program", SEND_PAGE, "消息里的小程序页面不存在。"),
    43101: Outcome(PersonRefused, "no grant left", "对方没有允许微信通知，请改用电话或当面告知。", SEND_PAGE),
    43107: _operator("template or subscribe ability banned", SEND_PAGE, "订阅消息被微信封禁。"),
    43108: Outcome(TryLater, "two sends to one person at once", "正在给这位用户发别的消息，稍后会再发。", SEND_PAGE),
    45168: Outcome(
        Rejected, "sensitive words", "消息里有微信不让发的词，请改一改再发。", SEND_PAGE, code="wechat_sensitive_words"
    ),
    47003: Outcome(
        Rejected,
        "a value breaks its field's limits; errmsg names it",
        "消息的内容不合微信的格式。" + ASK_OPERATOR,
        SEND_PAGE,
    ),
}

_LOGIN_CODES: Mapping[int, Outcome] = {
    40029: BAD_CODE,
    40163: BAD_CODE,
    41008: BAD_CODE,
    40226: Outcome(
        Rejected,
        "high-risk user",
        "微信限制了这个账号登录，请到服务站请人帮忙。",
        LOGIN_PAGE,
        code="wechat_account_blocked",
    ),
}

_TOKEN_CODES: Mapping[int, Outcome] = {
    # Where the token is fetched, 40001 speaks of the secret: asking again cannot help.
    40001: _operator("secret wrong", detail="小程序的密钥不对。"),
}

_ROBOT_CODES: Mapping[int, Outcome] = {
    93000: Outcome(
        Rejected, "robot removed or key wrong", "群机器人已被移除，请在群里重新添加。", ROBOT_PAGE, code="robot_removed"
    ),
    45009: Outcome(
        QuotaExceeded,
        "20 messages a minute",
        "这个群一分钟内发得太多了，下一分钟会接着发。",
        ROBOT_PAGE,
        wait=to_next_minute,
    ),
    40008: Outcome(Rejected, "bad msgtype", "群消息的格式不对。" + ASK_OPERATOR, ROBOT_PAGE),
    40058: Outcome(Rejected, "bad argument, such as too long", "群消息的内容不合格式。" + ASK_OPERATOR, ROBOT_PAGE),
    44001: Outcome(Rejected, "empty message", "群消息是空的，没有发出。", ROBOT_PAGE),
}


@dataclass(frozen=True)
class Endpoint:
    """One of WeChat's addresses: method, path without a leading slash, and the codes of its own."""

    method: str
    path: str
    codes: Mapping[int, Outcome] = field(default_factory=dict)

    def outcome(self, errcode: int) -> Outcome | None:
        """Return what a code means here, or None for a code that nobody has written down yet."""
        return self.codes.get(errcode) or COMMON.get(errcode)


STABLE_TOKEN = Endpoint("POST", "cgi-bin/stable_token", _TOKEN_CODES)
CODE_TO_SESSION = Endpoint("GET", "sns/jscode2session", _LOGIN_CODES)
SUBSCRIBE_SEND = Endpoint("POST", "cgi-bin/message/subscribe/send", _SEND_CODES)
ROBOT_SEND = Endpoint("POST", "cgi-bin/webhook/send", _ROBOT_CODES)


def by_code(errcode: int, endpoint: Endpoint, now: dt.datetime) -> GatewayError:
    """Return the error of a code; one that nobody knows is final, since repeating it blindly helps nobody."""
    outcome = endpoint.outcome(errcode)
    if outcome is None:
        return Rejected(f"微信没有接受（代码 {errcode}）。{ASK_OPERATOR}", provider_code=errcode)
    wait = outcome.wait(now) if outcome.wait else None
    return outcome.error(outcome.detail, code=outcome.code, provider_code=errcode, retry_after=wait)


def by_status(status: int, retry_after: str | None) -> GatewayError:
    """Return the error of an HTTP status that is not 200; WeChat itself answers 200 even to refuse."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        seconds = float(retry_after) if retry_after and retry_after.isdigit() else None
        return TryLater("微信暂时没有响应，请过几分钟再试。", retry_after=seconds)
    return Misconfigured(f"微信的服务地址不对（HTTP {status}）。{ASK_OPERATOR}")


def unreadable() -> GatewayError:
    """Return the error of an answer that is not what the page promises, as proxies and outages produce it."""
    return TryLater("微信的回答看不懂，请过几分钟再试。")


def translate(failure: Exception, endpoint: Endpoint, now: dt.datetime) -> GatewayError:
    """Return the error of ``services.errors`` for anything that wechatpy or requests can raise."""
    if isinstance(failure, WeChatClientException):
        if failure.errcode is not None:
            return by_code(int(failure.errcode), endpoint, now)
        return by_status(failure.response.status_code, failure.response.headers.get("Retry-After"))
    if isinstance(failure, requests.Timeout):
        return TryLater("微信太久没有回答，请过几分钟再试。")
    if isinstance(failure, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        return TryLater("连不上微信，请检查网络后再试。")
    if isinstance(failure, requests.RequestException):
        return Misconfigured("微信的服务地址写错了。" + ASK_OPERATOR)
    return unreadable()


_LEVELS: Mapping[type[GatewayError], str] = {PersonRefused: "info", Misconfigured: "error", TokenRejected: "error"}


def report(error: GatewayError, failure: Exception | None, endpoint: Endpoint, hide: Sequence[str]) -> None:
    """Log a failure with WeChat's own words, whose ``rid`` their support asks for.

    ``hide`` are the secrets of this call: they are blotted out should WeChat ever quote them back.
    """
    errmsg = _words(failure)
    for secret in filter(None, hide):
        errmsg = errmsg.replace(secret, "***")
    write = getattr(log, _LEVELS.get(type(error), "warning"))
    write("wechat_call_failed", path=endpoint.path, errcode=error.provider_code, errmsg=errmsg, outcome=error.reason)


def _words(failure: Exception | None) -> str:
    """Return what is known of a failure without its address, which the message of a requests exception quotes."""
    if failure is None:
        return "not a JSON object"
    if getattr(failure, "errmsg", None):
        return str(getattr(failure, "errmsg", ""))
    response = getattr(failure, "response", None)
    return type(failure).__name__ if response is None else f"HTTP {response.status_code}"
