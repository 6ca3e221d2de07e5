"""WeChat's addresses that we call, each with the codes of its own."""

from collections.abc import Mapping

from services.errors import PersonRefused, QuotaExceeded, Rejected, TryLater
from wechat.clock import to_next_day, to_next_minute
from wechat.codes import ASK_OPERATOR, Endpoint, Outcome, bug, operator

LOGIN_PAGE = "小程序文档：小程序登录凭证校验"
SESSION_PAGE = "小程序文档：检验登录态"
RESET_PAGE = "小程序文档：重置登录态"
PHONE_PAGE = "小程序文档：获取手机号"
SEND_PAGE = "小程序文档：发送订阅消息"
TEMPLATE_PAGE = "小程序文档：获取个人模板列表"
TEXT_PAGE = "小程序文档：文本内容安全识别"
MEDIA_PAGE = "小程序文档：音视频内容安全识别"
QUOTA_PAGE = "小程序文档：查询API调用额度"
CODE_PAGE = "小程序文档：获取不限制的小程序码"
LINK_PAGE = "小程序文档：获取加密URLLink"
LINK_QUERY_PAGE = "小程序文档：查询加密URLLink"
SHORT_LINK_PAGE = "小程序文档：获取ShortLink"
CARD_PAGE = "小程序文档：修改动态消息"
SHIPPING_PAGE = "小程序文档：发货信息录入"
GROUP_PAGE = "小程序文档：wx.getGroupEnterInfo"
ROBOT_PAGE = "企业微信文档：群机器人配置说明"
WECOM_PAGE = "企业微信文档：全局错误码"

SIGN_IN_AGAIN = "登录已过期，请关掉小程序再打开一次。"
ENTER_BY_HAND = "没有拿到微信里的手机号，请自己填写手机号。"

BAD_CODE = Outcome(
    Rejected, "js_code is wrong, used or older than 5 minutes", SIGN_IN_AGAIN, LOGIN_PAGE, code="wechat_code_invalid"
)


def _stale(note: str, page: str) -> Outcome:
    return Outcome(Rejected, note, SIGN_IN_AGAIN, page, code="wechat_session_ended")


def _per_day(note: str, source: str) -> Outcome:
    return Outcome(QuotaExceeded, note, "今天用微信的次数用完了，明天再试。", source, wait=to_next_day)


_SEND_CODES: Mapping[int, Outcome] = {
    40037: operator("template_id unknown", SEND_PAGE, "订阅消息的模板编号不对。"),
    41030: operator("page does not exist in the mini-program", SEND_PAGE, "消息里的小程序页面不存在。"),
    43101: Outcome(PersonRefused, "no grant left", "对方没有允许微信通知，请改用电话或当面告知。", SEND_PAGE),
    43107: operator("template or subscribe ability banned", SEND_PAGE, "订阅消息被微信封禁。"),
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
    40001: operator("secret wrong", detail="小程序的密钥不对。"),
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

_SESSION_CODES: Mapping[int, Outcome] = {
    87007: _stale("session_key has ended", SESSION_PAGE),
    87008: bug("bad sig_method", SESSION_PAGE),
    87009: _stale("signature is not that of the session_key in force", SESSION_PAGE),
    43104: bug("openid is not of this mini-program", SESSION_PAGE),
}

_PHONE_CODES: Mapping[int, Outcome] = {
    40013: operator("the code belongs to another mini-program", PHONE_PAGE, "手机号的凭证不是这个小程序的。"),
    40029: Outcome(
        Rejected, "code is wrong, used or older than 5 minutes", ENTER_BY_HAND, PHONE_PAGE, code="wechat_code_invalid"
    ),
}

_TEMPLATE_CODES: Mapping[int, Outcome] = {
    200001: Outcome(TryLater, "system error", "微信正忙，请过几分钟再试。", TEMPLATE_PAGE),
    200002: bug("bad argument", TEMPLATE_PAGE),
    200011: operator("account banned from subscribe messages", TEMPLATE_PAGE, "订阅消息被微信封禁。"),
    200012: operator("no room for another template", TEMPLATE_PAGE, "模板数量满了，请先在微信后台删掉不用的。"),
    200013: operator("template banned", TEMPLATE_PAGE, "模板被微信封禁。"),
    200014: bug("tid is wrong", TEMPLATE_PAGE),
    200016: bug("start is wrong", TEMPLATE_PAGE),
    200017: bug("limit is wrong", TEMPLATE_PAGE),
    200018: bug("ids missing", TEMPLATE_PAGE),
    200019: bug("ids invalid", TEMPLATE_PAGE),
    200020: bug("kidList is wrong", TEMPLATE_PAGE),
    200021: bug("sceneDesc is wrong", TEMPLATE_PAGE),
    200022: operator("a template with this title and keywords is there", TEMPLATE_PAGE, "这个模板已经加过了。"),
    200100: operator("not a mini-program", TEMPLATE_PAGE, "这个账号不是小程序。"),
}

_UNSEEN = Outcome(
    Rejected,
    "the person has not used the mini-program within two hours",
    "微信没法自动核对这段内容，要请人看一看。",
    TEXT_PAGE,
    code="wechat_openid_unseen",
)
_TEXT_CODES: Mapping[int, Outcome] = {
    40129: bug("bad scene", TEXT_PAGE),
    43104: _UNSEEN,
    61010: _UNSEEN,
}
_MEDIA_CODES: Mapping[int, Outcome] = {
    **_TEXT_CODES,
    40004: bug("bad media_type", MEDIA_PAGE),
    87020: Outcome(
        QuotaExceeded,
        "the same media again too often",
        "这张照片核对得太频繁了，请过一分钟。",
        MEDIA_PAGE,
        wait=to_next_minute,
    ),
}

_QUOTA_CODES: Mapping[int, Outcome] = {
    76021: bug("cgi_path is not known", QUOTA_PAGE),
    76022: operator("no right to see this quota", QUOTA_PAGE),
    48006: operator("clearing the quota was used up for this month", QUOTA_PAGE, "本月清零的次数用完了。"),
}

_CODE_CODES: Mapping[int, Outcome] = {
    40129: bug("scene longer than 32 characters or with others than allowed", CODE_PAGE),
    40169: bug("scene is not valid", CODE_PAGE),
    41030: operator("page is not in the released mini-program", CODE_PAGE, "小程序里没有这个页面。"),
    85096: bug("scancode_time is reserved", CODE_PAGE),
}

_LINK_CODES: Mapping[int, Outcome] = {
    40002: operator("no right to make links", LINK_PAGE, "这个小程序没有生成链接的权限。"),
    40013: operator("making links is banned", LINK_PAGE, "生成链接被微信封禁。"),
    85408: operator("making links is banned", LINK_PAGE, "生成链接被微信封禁。"),
    40165: bug("path is wrong", LINK_PAGE),
    40212: bug("query must be k=v&k=v", LINK_PAGE),
    44990: Outcome(
        QuotaExceeded, "more than 100 a second", "操作太频繁了，请过一会儿再试。", LINK_PAGE, wait=lambda _now: 1.0
    ),
    44993: _per_day("more than 500,000 links today", LINK_PAGE),
    85079: operator("the mini-program has no release", LINK_PAGE, "小程序还没有发布。"),
    85401: bug("the link must end within 1 minute to 30 days", LINK_PAGE),
    85402: bug("bad env_version", LINK_PAGE),
    85406: _per_day("opened too often today", LINK_PAGE),
    85407: operator("no right to make schemes", LINK_PAGE, "这个小程序没有生成链接的权限。"),
}
_LINK_QUERY_CODES: Mapping[int, Outcome] = {
    85403: Outcome(Rejected, "no such link", "微信里没有这个链接。", LINK_QUERY_PAGE, code="wechat_link_unknown"),
}
_SHORT_LINK_CODES: Mapping[int, Outcome] = {
    43104: operator("only shops may make short links", SHORT_LINK_PAGE, "这个小程序没有生成短链接的权限。"),
    85400: operator("the 100,000 permanent ones are used up", SHORT_LINK_PAGE, "永久短链接用完了。"),
}

_CARD_CODES: Mapping[int, Outcome] = {
    47501: Outcome(Rejected, "activity_id is wrong", "这张动态卡片找不到了，请重新分享。", CARD_PAGE),
    47502: Outcome(Rejected, "target_state may not follow the present one", "这张动态卡片已经结束了。", CARD_PAGE),
    47503: bug("bad version_type", CARD_PAGE),
    47504: Outcome(Rejected, "activity_id has ended", "这张动态卡片过期了，请重新分享。", CARD_PAGE, code="card_ended"),
}

SHIPPING_DONE = "wechat_shipping_done"
"""Code of ``Rejected``: it was reported before."""


def _shipped(note: str) -> Outcome:
    return Outcome(Rejected, note, "这一笔的服务完成信息以前传过了。", SHIPPING_PAGE, code=SHIPPING_DONE)


_SHIPPING_CODES: Mapping[int, Outcome] = {
    10060001: Outcome(
        TryLater, "no such payment: not known here yet", "微信还没有认出这笔付款，过一会儿会再传。", SHIPPING_PAGE
    ),
    10060002: _shipped("shipping is finished"),
    10060003: _shipped("shipped twice already"),
    10060023: _shipped("nothing in it has changed"),
    10060004: Outcome(
        Rejected, "not in a state to ship, such as paid back", "这一笔付款现在不能登记服务完成。", SHIPPING_PAGE
    ),
    10060005: bug("bad logistics_type", SHIPPING_PAGE),
    10060006: bug("only what is sent by post can be split", SHIPPING_PAGE),
    10060007: bug("is_all_delivered missing", SHIPPING_PAGE),
    10060008: bug("item_desc empty", SHIPPING_PAGE),
    10060009: bug("item_desc too long", SHIPPING_PAGE),
    10060012: Outcome(TryLater, "system error", "微信正忙，请过几分钟再试。", SHIPPING_PAGE),
    10060014: bug("bad argument", SHIPPING_PAGE),
    10060019: Outcome(TryLater, "system error", "微信正忙，请过几分钟再试。", SHIPPING_PAGE),
    10060020: bug("finished without item_desc", SHIPPING_PAGE),
    10060031: Outcome(
        Rejected, "the payment is of another openid", "微信说这笔付款不是这位用户的。" + ASK_OPERATOR, SHIPPING_PAGE
    ),
    268485194: bug("bad order_number_type", SHIPPING_PAGE),
    268485195: bug("transaction_id empty", SHIPPING_PAGE),
    268485196: bug("mchid empty", SHIPPING_PAGE),
    268485197: bug("out_trade_no empty", SHIPPING_PAGE),
    268485216: bug("upload_time is not RFC 3339", SHIPPING_PAGE),
    268485224: bug("bad delivery_mode", SHIPPING_PAGE),
    268485228: bug("shipping_list must have one entry", SHIPPING_PAGE),
}

OPEN_FROM_GROUP = "没有认出是哪个群。请在群里点开别人分享的小程序卡片，再试一次。"
_GROUP_ENTRY_CODES: Mapping[int, Outcome] = {
    40097: Outcome(
        Rejected, "bad arguments: not opened from a group", OPEN_FROM_GROUP, GROUP_PAGE, code="wechat_not_from_group"
    ),
    65206: operator("no right to read which group it is", GROUP_PAGE, "这个小程序没有开通读取群信息的权限。"),
}

_CORP_SECRET = operator("corpid or secret wrong", WECOM_PAGE, "企业微信的企业 ID 或应用密钥不对。")
_WECOM_TOKEN_CODES: Mapping[int, Outcome] = {
    # Where the token is fetched, 40001 speaks of the secret: asking again cannot help.
    40001: _CORP_SECRET,
    40013: _CORP_SECRET,
    40091: _CORP_SECRET,
}
_WECOM_CODES: Mapping[int, Outcome] = {
    40013: _CORP_SECRET,
    40058: bug("bad argument", WECOM_PAGE),
    60020: operator("our IP is not trusted", WECOM_PAGE, "服务器的网络地址没有加入企业微信的可信 IP。"),
    60111: Outcome(
        Rejected,
        "userid not found",
        "企业微信里没有这个成员账号，请核对账号再发。",
        WECOM_PAGE,
        code="wecom_member_unknown",
    ),
    45033: Outcome(TryLater, "too many at once", "企业微信正忙，请过几分钟再试。", WECOM_PAGE),
    48002: operator("the app is not visible to the whole company", WECOM_PAGE, "企业微信应用的可见范围不够。"),
    81013: Outcome(Rejected, "nobody among those named can be reached", "企业微信里找不到这些人。", WECOM_PAGE),
}

STABLE_TOKEN = Endpoint("POST", "cgi-bin/stable_token", _TOKEN_CODES)
CODE_TO_SESSION = Endpoint("GET", "sns/jscode2session", _LOGIN_CODES)
CHECK_SESSION = Endpoint("GET", "wxa/checksession", _SESSION_CODES)
RESET_SESSION = Endpoint("GET", "wxa/resetusersessionkey", _SESSION_CODES)
PHONE_NUMBER = Endpoint("POST", "wxa/business/getuserphonenumber", _PHONE_CODES)
SUBSCRIBE_SEND = Endpoint("POST", "cgi-bin/message/subscribe/send", _SEND_CODES)
TEMPLATES = Endpoint("GET", "wxaapi/newtmpl/gettemplate", _TEMPLATE_CODES)
CHECK_TEXT = Endpoint("POST", "wxa/msg_sec_check", _TEXT_CODES)
CHECK_MEDIA = Endpoint("POST", "wxa/media_check_async", _MEDIA_CODES)
QUOTA = Endpoint("POST", "cgi-bin/openapi/quota/get", _QUOTA_CODES)
UNLIMITED_CODE = Endpoint("POST", "wxa/getwxacodeunlimit", _CODE_CODES)
URL_LINK = Endpoint("POST", "wxa/generate_urllink", _LINK_CODES)
LINK_QUERY = Endpoint("POST", "wxa/query_urllink", _LINK_QUERY_CODES)
SCHEME = Endpoint("POST", "wxa/generatescheme", _LINK_CODES)
SHORT_LINK = Endpoint("POST", "wxa/genwxashortlink", _SHORT_LINK_CODES)
NEW_CARD = Endpoint("GET", "cgi-bin/message/wxopen/activityid/create", _CARD_CODES)
UPDATE_CARD = Endpoint("POST", "cgi-bin/message/wxopen/updatablemsg/send", _CARD_CODES)
UPLOAD_SHIPPING = Endpoint("POST", "wxa/sec/order/upload_shipping_info", _SHIPPING_CODES)
TRADE_MANAGED = Endpoint("POST", "wxa/sec/order/is_trade_managed", _SHIPPING_CODES)
ROBOT_SEND = Endpoint("POST", "cgi-bin/webhook/send", _ROBOT_CODES)
GROUP_ENTRY = Endpoint("GET", "wx.getGroupEnterInfo", _GROUP_ENTRY_CODES)
"""No address: the phone asks WeChat itself, and tells us the code it got."""
WECOM_TOKEN = Endpoint("GET", "cgi-bin/gettoken", _WECOM_TOKEN_CODES)
WECOM_MEDIA = Endpoint("POST", "cgi-bin/media/upload", _WECOM_CODES)
OPENGID_TO_CHAT = Endpoint("POST", "cgi-bin/externalcontact/opengid_to_chatid", _WECOM_CODES)
CUSTOMER_MESSAGE = Endpoint("POST", "cgi-bin/externalcontact/add_msg_template", _WECOM_CODES)
CUSTOMER_REMIND = Endpoint("POST", "cgi-bin/externalcontact/remind_groupmsg_send", _WECOM_CODES)
CUSTOMER_RESULT = Endpoint("POST", "cgi-bin/externalcontact/get_groupmsg_send_result", _WECOM_CODES)

ALL = (
    STABLE_TOKEN, CODE_TO_SESSION, CHECK_SESSION, RESET_SESSION, PHONE_NUMBER, SUBSCRIBE_SEND, TEMPLATES, CHECK_TEXT,
    CHECK_MEDIA, QUOTA, UNLIMITED_CODE, URL_LINK, LINK_QUERY, SCHEME, SHORT_LINK, NEW_CARD, UPDATE_CARD, ROBOT_SEND,
    WECOM_TOKEN, WECOM_MEDIA, OPENGID_TO_CHAT, CUSTOMER_MESSAGE, CUSTOMER_REMIND, CUSTOMER_RESULT,
    UPLOAD_SHIPPING, TRADE_MANAGED,
)  # fmt: skip
