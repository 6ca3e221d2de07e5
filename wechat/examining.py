"""Looks whether our settings hold at WeChat: the steps of ``flask wechat doctor`` that only WeChat can answer."""

import time
from email.utils import parsedate_to_datetime

import requests

from config import WeChatSettings
from services.errors import GatewayError, Rejected
from services.ports import Finding, StoredToken
from wechat import trying_out
from wechat.advice import advice
from wechat.client import WeChatApi
from wechat.clock import utc_now
from wechat.content import WeChatContent
from wechat.transport import http_session
from wechat.trying_out import Trouble
from wechat.wecom import WeCom

SKEW_MOST = 60.0
"""Seconds.  Pushes are refused from five minutes on, and WeChat Pay refuses us from then; a clock that has gone astray by
one will go further."""
NOBODY = "wuyou-doctor"
"""An openid that nobody has."""
KNOWN_NOBODY = frozenset({40003, 43104, 61010})
"""How WeChat says that it takes our question, but does not know whom it is about (小程序文档：文本内容安全识别)."""
NETWORK = "看这台服务器能不能上网、防火墙有没有拦住，再看 WUYOU_WECHAT_API_URL 写对没有。"


class _Forgetful:
    """A ``TokenStore`` that has nothing, so that WeChat is asked each time."""

    def get(self, name: str) -> StoredToken | None:
        """Return nothing."""
        del name
        return None

    def put(self, name: str, token: StoredToken) -> None:
        """Keep nothing."""

    def claim(self, name: str, holder: str, seconds: float) -> bool:
        """Let everybody renew: WeChat's stable token is the same for all who ask."""
        del name, holder, seconds
        return True

    def release(self, name: str, holder: str) -> None:
        """Do nothing."""


class WeChatExaminer:
    """Implements ``services.ports.Examiner``."""

    def __init__(self, settings: WeChatSettings) -> None:
        self._settings = settings

    def clock(self) -> Finding:
        """Compare this machine's clock with the one in the header of any answer of WeChat's."""
        url = self._settings.api_url
        sent = time.time()
        try:
            with http_session((url,)) as http:
                answer = http.get(f"{url}/", timeout=self._settings.timeouts, allow_redirects=False)
            theirs = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
        except requests.RequestException:
            return Finding(well=False, words="连不上微信。", mend=NETWORK)
        except ValueError:
            return Finding(well=False, words="微信的回答里没有时间，可能不是微信在回答。", mend=NETWORK)
        ahead = (sent + time.time()) / 2 - theirs
        if abs(ahead) > SKEW_MOST:
            apart = f"{'快' if ahead > 0 else '慢'}了{abs(ahead):.0f}秒"
            return Finding(
                well=False,
                words=f"这台服务器的时钟比微信{apart}，差到5分钟微信的消息就收不到了。",
                mend="打开自动对时：运行 timedatectl set-ntp true，再用 timedatectl 看一眼。",
            )
        return Finding(well=True, words=f"和微信的时钟相差{abs(ahead):.0f}秒。")

    def token(self) -> Finding:
        """Get an access token: WeChat knows the mini-program, its secret, and this machine's address."""
        try:
            self._api().tokens.current()
        except GatewayError as error:
            return sick(error)
        return Finding(well=True, words="微信认得这个小程序、它的密钥和这台服务器的地址。")

    def wecom(self) -> Finding:
        """Get an access token of the company, where it uses WeCom."""
        wecom = WeCom(self._api(), _Forgetful())
        if not wecom.is_set_up:
            return Finding(well=True, words="没有用企业微信。")
        try:
            wecom.tokens.current()
        except GatewayError as error:
            return sick(error)
        return Finding(well=True, words="企业微信认得这个企业和应用的密钥。")

    def content(self) -> Finding:
        """Have a harmless word checked for nobody: WeChat refuses the person, and by that takes the question."""
        try:
            WeChatContent(self._api()).check_text("你好", NOBODY)
        except Rejected as error:
            if error.provider_code not in KNOWN_NOBODY:
                return sick(error)
        except GatewayError as error:
            return sick(error)
        return Finding(well=True, words="内容核对接得通（用一个不存在的用户试的）。")

    def callback(self, public_url: str) -> Finding:
        """Call the address of our pushes as WeChat does."""
        try:
            trying_out.try_out(self._settings, public_url, now=utc_now())
        except Trouble as trouble:
            return Finding(well=False, words=trouble.words, mend=trouble.mend)
        return Finding(well=True, words="推送地址通，口令和密钥都对得上。")

    def _api(self) -> WeChatApi:
        return WeChatApi(self._settings, _Forgetful())


def sick(error: GatewayError) -> Finding:
    """Return what a refusal of WeChat means for the operator."""
    code = f"（代码 {error.provider_code}）" if error.provider_code else ""
    words = error.detail.partition("请联系管理员")[0]
    return Finding(well=False, words=f"{words}{code}", mend=advice(error), said=error.provider_words)
