"""The bridge to WeChat: the ports of ``services.ports``, spoken over WeChat's HTTP interfaces.

Whether real WeChat or the sandbox answers is decided by the base URLs in the settings, by nothing else.
"""

from config import Settings
from services.ports import FileStore, Gateways, TokenStore
from wechat.cards import WeChatCards
from wechat.chats import WeChatChats
from wechat.client import WeChatApi
from wechat.content import WeChatContent
from wechat.examining import WeChatExaminer
from wechat.groups import GroupRobot
from wechat.login import WeChatLogin
from wechat.payments import WeChatPayments
from wechat.phone import WeChatPhone
from wechat.push import PushReader
from wechat.scan_codes import ScanCodes
from wechat.shipping import WeChatShipping
from wechat.subscribe import SubscribeSender
from wechat.wecom import WeCom

__all__ = ["gateways"]


def gateways(settings: Settings, tokens: TokenStore, files: FileStore) -> Gateways:
    """Return everything outside the database, ready for use by many threads.  Nothing is called yet."""
    api = WeChatApi(settings.wechat, tokens)
    return Gateways(
        login=WeChatLogin(api),
        phones=WeChatPhone(api),
        messages=SubscribeSender(api),
        pushes=PushReader(settings.wechat),
        content=WeChatContent(api),
        groups=GroupRobot(api),
        chats=WeChatChats(api),
        cards=WeChatCards(api),
        mass=WeCom(api, tokens),
        codes=ScanCodes(api),
        files=files,
        payments=WeChatPayments(settings.wechat),
        shipping=WeChatShipping(api),
        examiner=WeChatExaminer(settings.wechat),
    )
