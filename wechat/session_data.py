"""What the mini-program got from WeChat encrypted, opened with the session key (小程序文档：开放数据校验与解密)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import orjson

from services.errors import Rejected
from wechat.push_crypto import open_session_data

FRESH = dt.timedelta(minutes=10)


def opened(encrypted: str, iv: str, session_key: str, *, appid: str, words: str, now: dt.datetime) -> Mapping[str, Any]:
    """Return the data, if it is whole, of this mini-program and some minutes old at most.

    Raises ``Rejected`` with the ``words``: ``wechat_data_unreadable``, ``wechat_data_foreign`` or ``wechat_data_stale``.
    """
    try:
        info = orjson.loads(open_session_data(encrypted, iv, session_key))
    except ValueError:
        raise Rejected(words, code="wechat_data_unreadable") from None
    if not isinstance(info, dict):
        raise Rejected(words, code="wechat_data_unreadable")
    check_appid(info, appid, words)
    stamp = watermark(info).get("timestamp")
    if not isinstance(stamp, int) or abs(now.timestamp() - stamp) > FRESH.total_seconds():
        raise Rejected(words, code="wechat_data_stale")
    return info


def check_appid(info: Mapping[str, Any], appid: str, words: str) -> None:
    """Refuse what was meant for another mini-program."""
    if watermark(info).get("appid") != appid:
        raise Rejected(words, code="wechat_data_foreign")


def watermark(info: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return whose data it is and of when."""
    found = info.get("watermark")
    return found if isinstance(found, Mapping) else {}
