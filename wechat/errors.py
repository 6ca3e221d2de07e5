"""The translation of every failure of a call into the family of ``services.errors``.  The codes are in ``wechat.codes``.

Nothing here keeps a reference to the failed request: its URL carries access tokens and robot keys.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import requests
import structlog
from wechatpy.exceptions import WeChatClientException  # type: ignore[import-untyped,unused-ignore]  # ships no types

from services.errors import (
    GatewayError,
    Misconfigured,
    PersonRefused,
    Rejected,
    TokenRejected,
    TryLater,
)
from wechat.codes import ASK_OPERATOR, Endpoint

log = structlog.get_logger(__name__)

_RID = re.compile(r"\brid:\s*([0-9a-zA-Z-]{1,64})")


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
    return by_network(failure) if isinstance(failure, requests.RequestException) else unreadable()


def by_network(failure: requests.RequestException) -> GatewayError:
    """Return the error of a call that was not answered; whether it arrived is not known."""
    if isinstance(failure, requests.Timeout):
        return TryLater("微信太久没有回答，请过几分钟再试。")
    if isinstance(failure, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        return TryLater("连不上微信，请检查网络后再试。")
    return Misconfigured("微信的服务地址写错了。" + ASK_OPERATOR)


_LEVELS: Mapping[type[GatewayError], str] = {PersonRefused: "info", Misconfigured: "error", TokenRejected: "error"}


def report(error: GatewayError, failure: Exception | None, endpoint: Endpoint, hide: Sequence[str]) -> None:
    """Log a failure with WeChat's own words, whose ``rid`` their support asks for, and leave them with the error.

    ``hide`` are the secrets of this call: they are blotted out should WeChat ever quote them back.
    """
    errmsg = _words(failure)
    for secret in filter(None, hide):
        errmsg = errmsg.replace(secret, "***")
    error.provider_words = errmsg
    write = getattr(log, _LEVELS.get(type(error), "warning"))
    rid = found.group(1) if (found := _RID.search(errmsg)) else None
    write(
        "wechat_call_failed",
        path=endpoint.path,
        errcode=error.provider_code,
        errmsg=errmsg,
        rid=rid,
        outcome=error.reason,
    )


def _words(failure: Exception | None) -> str:
    """Return what is known of a failure without its address, which the message of a requests exception quotes."""
    if failure is None:
        return "not a JSON object"
    if getattr(failure, "errmsg", None):
        return str(getattr(failure, "errmsg", ""))
    response = getattr(failure, "response", None)
    return type(failure).__name__ if response is None else f"HTTP {response.status_code}"
