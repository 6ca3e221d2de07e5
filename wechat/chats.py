"""From which WeChat group somebody came (小程序文档：wx.getGroupEnterInfo)."""

import datetime as dt

from services.errors import GatewayError, Rejected
from wechat.client import WeChatApi
from wechat.clock import utc_now
from wechat.endpoints import GROUP_ENTRY, OPEN_FROM_GROUP
from wechat.errors import by_code
from wechat.session_data import opened

OPENGID_MOST = 128


class WeChatChats:
    """Implements ``services.group_ports.ChatReader``.  WeChat is not called: the phone has asked it already."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    def read(self, encrypted: str, iv: str, session_key: str, *, now: dt.datetime) -> str:
        """Return the group's id; a chat of two has none."""
        appid = self._api.settings.appid
        info = opened(encrypted, iv, session_key, appid=appid, words=OPEN_FROM_GROUP, now=now)
        opengid = info.get("opengid")
        if not isinstance(opengid, str) or not 0 < len(opengid) <= OPENGID_MOST:
            raise Rejected(OPEN_FROM_GROUP, code="wechat_not_from_group")
        return opengid

    def refusal(self, errcode: int) -> GatewayError:
        """Return what a code of the client means."""
        return by_code(errcode, GROUP_ENTRY, utc_now())
