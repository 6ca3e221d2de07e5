"""What WeChat's error codes mean to us, as data.

A code is classed by what the caller can do about it (the family in ``services.errors``).  ``COMMON`` holds for all
endpoints; an ``Endpoint`` (``wechat.endpoints``) adds the codes that mean something else, or something more exact, there.
The ``source`` of each row is the title of the official page it was taken from.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.errors import (
    GatewayError,
    Misconfigured,
    QuotaExceeded,
    Rejected,
    TokenRejected,
    TryLater,
)
from wechat.clock import to_next_day, to_next_minute

PAGE_OF_TOKENS = "小程序文档：获取稳定版接口调用凭据"
CODES_PAGE = "小程序文档：全局错误码"

ASK_OPERATOR = "请联系管理员检查微信设置。"


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


def operator(note: str, source: str = PAGE_OF_TOKENS, detail: str = "微信没有接受我们的设置。") -> Outcome:
    """Return a row for what only an operator can mend."""
    return Outcome(Misconfigured, note, detail + ASK_OPERATOR, source)


def _token(note: str) -> Outcome:
    return Outcome(
        TokenRejected, note, "微信的通行证失效了，系统会自动重试；如果一直这样，" + ASK_OPERATOR, PAGE_OF_TOKENS
    )


def bug(note: str, source: str) -> Outcome:
    """Return a row for what our own code got wrong: repeating it cannot help, and somebody has to look."""
    return Outcome(Rejected, note, "发给微信的内容格式不对。" + ASK_OPERATOR, source)


BUSY = Outcome(TryLater, "busy", "微信正忙，请过几分钟再试。", CODES_PAGE)
PER_MINUTE = Outcome(
    QuotaExceeded, "too many calls in this minute", "操作太频繁了，请过一分钟再试。", CODES_PAGE, wait=to_next_minute
)
COMMON: Mapping[int, Outcome] = {
    -1: BUSY,
    40001: _token("access_token invalid or not the latest"),
    40014: _token("access_token malformed"),
    42001: _token("access_token expired"),
    41001: _token("access_token missing"),
    40002: operator("bad grant_type"),
    40013: operator("bad appid", detail="小程序的 AppID 不对。"),
    40125: operator("bad secret", detail="小程序的密钥不对。"),
    40164: operator("our IP is not in the whitelist; errmsg names it", detail="服务器的网络地址没有加入微信白名单。"),
    40243: operator("AppSecret frozen", detail="小程序的密钥已被冻结。"),
    41002: operator("appid missing"),
    41004: operator("secret missing"),
    43002: operator("POST required", CODES_PAGE),
    48001: operator("API not granted to this account", CODES_PAGE, "这个小程序没有开通此功能。"),
    50004: operator("token API forbidden", CODES_PAGE),
    50007: operator("account frozen", CODES_PAGE, "小程序账号已被冻结。"),
    89503: operator("calling IP awaits the administrator's confirmation", detail="微信在等管理员确认服务器地址。"),
    89506: operator("calling IP refused twice, try again after 24 hours", detail="管理员拒绝了服务器地址。"),
    89507: operator("calling IP refused, try again after 1 hour", detail="管理员拒绝了服务器地址。"),
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
    44002: bug("empty body", CODES_PAGE),
    47001: bug("body is not JSON", CODES_PAGE),
    40097: bug("bad arguments", CODES_PAGE),
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
