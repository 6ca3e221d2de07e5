"""The steps of the examination.  Another one is a function that returns a ``Finding``, and a line in ``STEPS``."""

import datetime as dt
import re

from app import redis_tokens
from app.database import HEAD, migrated
from app.doctor.examining import Step
from app.paying import notify_base
from app.settings import gateways, settings, vault
from app.transaction import transaction
from config.settings import DEVELOPMENT_KEY, SANDBOX_TEMPLATES, Environment
from services import pushes
from services.clocks import SHANGHAI
from services.payments import merchants
from services.ports import Finding
from services.sealing import keyring
from services.tickets.state_names import STATE_NAMES

APPID = re.compile(r"wx[0-9a-f]{16}")
SECRET = re.compile(r"[0-9a-f]{32}")
OUR_PUSH = "wuyou_doctor"


def settings_present() -> Finding:
    """Look at the settings by themselves: what is missing, made up, or cannot be right."""
    given = settings()
    if given.wechat.is_sandbox:
        return Finding(well=True, words="现在连的是模拟微信，只能试用。正式用要换成真的，怎么换见 docs/wechat.md。")
    keys = (given.secrets.token_key, given.secrets.lookup_key, *given.secrets.data_keys.values())
    checks = (
        (not APPID.fullmatch(given.wechat.appid), "WUYOU_WECHAT_APPID 不像 AppID（wx 开头，一共18位）"),
        (not SECRET.fullmatch(given.wechat.secret), "WUYOU_WECHAT_SECRET 不像 AppSecret（32位）"),
        (given.wechat.templates == SANDBOX_TEMPLATES, "WUYOU_WECHAT_TEMPLATES 还没有设置"),
        (not given.public_url.startswith("https://"), "WUYOU_PUBLIC_URL 要以 https:// 开头"),
        (DEVELOPMENT_KEY in keys, "WUYOU_TOKEN_KEY、WUYOU_LOOKUP_KEY、WUYOU_DATA_KEYS 里还有开发用的密钥"),
        (given.environment is not Environment.PRODUCTION, "WUYOU_ENV 还不是 production"),
    )
    wrong = [words for broken, words in checks if broken]
    if wrong:
        mend = "对照 docs/wechat.md 第2节和 docs/operations.md 的设置表改好，再重启。"
        return Finding(well=False, words="；".join(wrong) + "。", mend=mend)
    states = {"trial": "消息点开的是体验版。", "developer": "消息点开的是开发版。"}
    return Finding(well=True, words="该有的都有。" + states.get(given.wechat.miniprogram_state, ""))


def database_ready() -> Finding:
    """Look whether the database answers and has this version's tables."""
    version = migrated()
    if version is None:
        mend = "看数据库开着没有、WUYOU_DATABASE_URL 写对没有；是新的库，就运行 flask --app wsgi db upgrade。"
        return Finding(well=False, words="数据库没有回答，或者还是空的。", mend=mend)
    if version != HEAD:
        return Finding(well=False, words="数据库的表还不是这个版本的。", mend="运行 flask --app wsgi db upgrade。")
    return Finding(well=True, words="数据库能用，表是最新的。")


def keys_readable() -> Finding:
    """Look whether the master keys in the settings open every data key, and with it what is sealed."""
    with transaction(read_only=True) as session:
        needed = keyring.unreadable(session, vault().masters)
    if needed:
        names = "、".join(sorted(set(needed.values())))
        return Finding(
            well=False,
            words=f"有{len(needed)}把数据密钥打不开，姓名和电话会读不出来。",
            mend=f"把名叫 {names} 的主密钥放回 WUYOU_DATA_KEYS（它和备份分开保存），再重启。",
        )
    return Finding(well=True, words="密钥都打得开。")


def redis_answers() -> Finding:
    """Look whether Redis answers, if there is to be one."""
    url = settings().redis_url
    if not url:
        return Finding(well=True, words="没有用 Redis，通行证放在数据库里。")
    if redis_tokens.answers(url):
        return Finding(well=True, words="Redis 能用，通行证放在那里。")
    mend = "看 Redis 开着没有、WUYOU_REDIS_URL 写对没有；只有一台机器就可以不用它，把这一项删掉。"
    return Finding(well=False, words="Redis 没有回答，每个进程只好自己去要通行证。", mend=mend)


def clock_right() -> Finding:
    """Look whether this machine's clock agrees with WeChat's."""
    return gateways().examiner.clock()


def token_obtainable() -> Finding:
    """Look whether WeChat gives us an access token."""
    return gateways().examiner.token()


def content_check_reachable() -> Finding:
    """Look whether WeChat checks contents for us."""
    return gateways().examiner.content()


def wecom_token_obtainable() -> Finding:
    """Look whether WeCom gives us an access token, if it is used."""
    return gateways().examiner.wecom()


def templates_match() -> Finding:
    """Compare the templates of the settings with those of the mini-program."""
    wrong = template_problems()
    if wrong:
        mend = (
            "登录 mp.weixin.qq.com，打开“基础功能 → 订阅消息 → 我的模板”，照着改 WUYOU_WECHAT_TEMPLATES；"
            "运行 flask --app wsgi wechat templates 看每一处。"
        )
        return Finding(well=False, words="".join(wrong), mend=mend)
    return Finding(well=True, words="模板都对得上。")


def template_problems() -> list[str]:
    """Return in Chinese what is wrong with our templates.  Raises the ``GatewayError`` family."""
    return gateways().messages.template_problems({"state": sorted(set(STATE_NAMES.values()))})


def callback_reachable() -> Finding:
    """Call our own pushes at the public address, and say when WeChat last did."""
    found = gateways().examiner.callback(settings().public_url)
    if not found.well:
        return found
    with transaction(read_only=True) as session:
        heard = pushes.last_heard(session, but_not=OUR_PUSH)
    last = (
        f"微信最近一次推送是{_clock(heard)}。"
        if heard
        else "微信自己还没有推送过：在手机上打开小程序点一次“允许通知”试试。"
    )
    return Finding(well=True, words=f"{found.words}{last}")


def payments_ready() -> Finding:
    """Try the keys of every merchant that takes money, and look whether WeChat could tell us of payments."""
    with transaction(read_only=True) as session:
        found = [(one.name, merchants.opened(session, one, vault())) for one in merchants.taking(session)]
    if not found:
        return Finding(well=True, words="还没有登记商户，住户到服务站交费。要开通，见 docs/payments.md。")
    wrong = [f"{name}：{problem}" for name, opened in found for problem in gateways().payments.problems(opened)]
    if wrong:
        mend = "对照商户平台“账户中心 → API 安全”改好，再用 flask --app wsgi pay merchant check 一个一个试。"
        return Finding(well=False, words="".join(wrong), mend=mend)
    if not settings().wechat.is_sandbox and not notify_base().startswith("https://"):
        mend = "把 WUYOU_PUBLIC_URL 改成 https:// 开头的地址，再重启。"
        return Finding(well=False, words="付款通知的地址不是 https，微信送不到。", mend=mend)
    return Finding(well=True, words=f"{len(found)}个商户的密钥都能用，微信都认。")


def _clock(moment: dt.datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


STEPS = (
    Step("settings", "设置", settings_present),
    Step("database", "数据库", database_ready),
    Step("keys", "密钥", keys_readable, needs=("database",)),
    Step("redis", "Redis", redis_answers),
    Step("clock", "时钟", clock_right),
    Step("token", "通行证", token_obtainable, needs=("settings",)),
    Step("wecom", "企业微信", wecom_token_obtainable),
    Step("templates", "消息模板", templates_match, needs=("database", "keys", "token")),
    Step("content", "内容核对", content_check_reachable, needs=("token",)),
    Step("callback", "消息推送", callback_reachable, needs=("database", "keys")),
    Step("payments", "微信支付", payments_ready, needs=("database", "keys")),
)
"""In the order in which one thing rests on another."""
