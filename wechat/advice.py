"""Where an operator mends what WeChat refuses: by error code, in the words of WeChat's own console.

The menus are those of mp.weixin.qq.com in 2026 (小程序文档：获取稳定版接口调用凭据, 全局错误码).
"""

import re
from collections.abc import Mapping

from services.errors import GatewayError, QuotaExceeded, TryLater

CONSOLE = "登录 mp.weixin.qq.com，"
KEYS_PAGE = CONSOLE + "打开“管理 → 开发管理 → 开发设置”，"
_IP = re.compile(r"invalid ip ([0-9a-fA-F.:]+)")

BY_CODE: Mapping[int, str] = {
    40013: KEYS_PAGE + "照抄 AppID，改 WUYOU_WECHAT_APPID，再重启。",
    40125: KEYS_PAGE + "核对 AppSecret；找不到原来的就点“重置”，改 WUYOU_WECHAT_SECRET，再重启。",
    40001: KEYS_PAGE + "核对 AppSecret；找不到原来的就点“重置”，改 WUYOU_WECHAT_SECRET，再重启。",
    40243: KEYS_PAGE + "AppSecret 被冻结了，点“解冻”，等十分钟再查一次。",
    89503: "微信给小程序管理员的手机发了确认。请管理员在微信里点同意，再查一次。",
    89506: "管理员两次没有同意这台服务器。请等24小时再查，管理员点同意。",
    89507: "管理员没有同意这台服务器。请等1小时再查，管理员点同意。",
    48001: CONSOLE + "看小程序有没有认证、这项功能有没有开通；没有就在那里申请。",
    50004: CONSOLE + "在“通知中心”里看为什么被禁用，按上面说的申诉。",
    50007: CONSOLE + "在“通知中心”里看账号为什么被冻结，按上面说的办。",
    200011: CONSOLE + "在“通知中心”里看订阅消息为什么被封，按上面说的申诉。",
}
NOT_LISTED = 40164


def advice(error: GatewayError) -> str:
    """Return what the operator should do about a refusal, and where."""
    if error.provider_code == NOT_LISTED:
        found = _IP.search(error.provider_words)
        address = found.group(1) if found else "这台服务器出去用的公网地址"
        return f"{KEYS_PAGE}在“IP 白名单”里加上 {address}，过几分钟再查一次。换了机器或者线路，要跟着改。"
    if isinstance(error.provider_code, int) and error.provider_code in BY_CODE:
        return BY_CODE[error.provider_code]
    if isinstance(error, TryLater):
        return "先过几分钟再查一次。还不行，就看这台服务器能不能上网、WUYOU_WECHAT_API_URL 写对没有。"
    if isinstance(error, QuotaExceeded):
        return CONSOLE + "在“开发管理 → 接口设置”里看用了多少次。等次数恢复了再查。"
    return "把上面微信的原话记下来，到微信开放社区（developers.weixin.qq.com/community）查这个代码。"
