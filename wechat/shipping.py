"""Shipping information (小程序文档：发货信息录入, 查询小程序是否已开通发货信息管理服务)."""

from services.errors import Rejected
from services.payment_ports import ShippingInfo
from wechat.client import WeChatApi
from wechat.clock import BEIJING
from wechat.endpoints import SHIPPING_DONE, TRADE_MANAGED, UPLOAD_SHIPPING
from wechat.errors import unreadable
from wechat.payments.gateway import plain

BY_TRANSACTION = 2
"""``order_number_type``: by WeChat's number.  Which merchant number goes with ours below a provider is not documented."""
NOTHING_TO_CARRY = 3
"""``logistics_type``: a service or something virtual."""
AT_ONCE = 1
"""``delivery_mode``: all of it together."""
WORDS_MOST = 120


class WeChatShipping:
    """Implements ``services.payment_ports.ShippingGateway``."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    def is_wanted(self) -> bool:
        """Ask WeChat."""
        answer = self._api.ask_with_token(TRADE_MANAGED, {"appid": self._api.settings.appid})
        wanted = answer.get("is_trade_managed")
        if not isinstance(wanted, bool):
            raise unreadable()
        return wanted

    def upload(self, info: ShippingInfo) -> None:
        """Report one payment; what was reported before is as good."""
        body = {
            "order_key": {"order_number_type": BY_TRANSACTION, "transaction_id": info.transaction_id},
            "logistics_type": NOTHING_TO_CARRY,
            "delivery_mode": AT_ONCE,
            "shipping_list": [{"item_desc": plain(info.description, WORDS_MOST)}],
            "upload_time": info.at.astimezone(BEIJING).isoformat(timespec="milliseconds"),
            "payer": {"openid": info.openid},
        }
        try:
            self._api.ask_with_token(UPLOAD_SHIPPING, body, hide=(info.openid,))
        except Rejected as error:
            if error.reason != SHIPPING_DONE:
                raise
