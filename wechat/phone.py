"""The phone number that a person shares by a tap (小程序文档：获取手机号; for older clients 开放数据校验与解密)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from wechat.client import WeChatApi
from wechat.endpoints import ENTER_BY_HAND, PHONE_NUMBER
from wechat.errors import unreadable
from wechat.session_data import check_appid, opened


class WeChatPhone:
    """Implements ``services.ports.PhoneGateway``."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    def ask(self, code: str) -> str:
        """Return the number for a code of the phone button, which is not a code of ``wx.login``."""
        answer = self._api.ask_with_token(PHONE_NUMBER, {"code": code}, hide=(code,))
        info = answer.get("phone_info")
        if not isinstance(info, dict):
            raise unreadable()
        return self._number(info)

    def read(self, encrypted: str, iv: str, session_key: str, *, now: dt.datetime) -> str:
        """Return the number in what an older client got, which is free of charge."""
        appid = self._api.settings.appid
        return self._number(opened(encrypted, iv, session_key, appid=appid, words=ENTER_BY_HAND, now=now))

    def _number(self, info: Mapping[str, Any]) -> str:
        """Return the number as E.164, if it was meant for this mini-program."""
        check_appid(info, self._api.settings.appid, ENTER_BY_HAND)
        pure, country = str(info.get("purePhoneNumber") or ""), str(info.get("countryCode") or "86")
        if not pure.isdigit() or not country.isdigit():
            raise unreadable()
        return f"+{country}{pure}"
