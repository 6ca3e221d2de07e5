"""Cards whose numbers change (小程序文档：创建被分享动态消息, 修改动态消息)."""

import datetime as dt

from services.group_ports import CardUpdate, NewCard
from wechat.client import WeChatApi
from wechat.endpoints import NEW_CARD, UPDATE_CARD
from wechat.errors import unreadable

TEMPLATE = "21B034D08C5615B9889CE362BB957B1EE69A584B"
"""「开始时」: "成员正在加入，当前 n/m 人", then "已开始".  WeChat has two, with fixed words."""
JOINING, STARTED = 0, 1
VERSIONS = {"formal": "release", "trial": "trial", "developer": "develop"}
"""``miniprogram_state`` of the settings, as this interface names it."""


class WeChatCards:
    """Implements ``services.group_ports.CardGateway``."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    def create(self) -> NewCard:
        """Have WeChat make a card."""
        answer = self._api.ask_with_token(NEW_CARD, None)
        try:
            ends = dt.datetime.fromtimestamp(int(answer["expiration_time"]), dt.UTC)
            return NewCard(str(answer["activity_id"]), TEMPLATE, ends)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise unreadable() from None

    def update(self, update: CardUpdate) -> None:
        """Change what a card shows; values are texts."""
        if update.is_full:
            version = VERSIONS.get(self._api.settings.miniprogram_state, "release")
            state, values = STARTED, {"path": update.page, "version_type": version}
        else:
            state, values = JOINING, {"member_count": str(update.answered), "room_limit": str(update.households)}
        parameters = [{"name": name, "value": value} for name, value in values.items()]
        body = {
            "activity_id": update.activity_id,
            "target_state": state,
            "template_info": {"parameter_list": parameters},
        }
        self._api.ask_with_token(UPDATE_CARD, body)
