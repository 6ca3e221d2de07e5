"""Signing in with the one-time code of ``wx.login`` (小程序文档：小程序登录凭证校验)."""

import hashlib
import hmac

from services.errors import Rejected, TryLater
from services.ports import WeChatIdentity
from wechat.client import Answer, WeChatApi
from wechat.codes import Endpoint
from wechat.endpoints import CHECK_SESSION, CODE_TO_SESSION, RESET_SESSION
from wechat.errors import unreadable
from wechat.push_crypto import is_genuine

BUSY = -1
SESSION_ENDED = "wechat_session_ended"


class WeChatLogin:
    """Implements ``services.ports.LoginGateway``.

    The call needs no access token, and must not carry one: a login would then fail whenever the token fails.
    """

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    def exchange(self, code: str) -> WeChatIdentity:
        """Return who the code belongs to.

        Raises ``Rejected`` with code ``wechat_code_invalid`` (sign in again) or ``wechat_account_blocked``.
        """
        try:
            answer = self._ask(code)
        except TryLater as error:
            # "Busy" is gone a moment later more often than not, and a person is waiting.  A timeout is not repeated:
            # the code may be used up by now, and the person has waited long enough.
            if error.provider_code != BUSY:
                raise
            answer = self._ask(code)
        return _identity(answer)

    def is_current(self, openid: str, session_key: str) -> bool:
        """Whether WeChat still knows the session key (小程序文档：检验登录态)."""
        try:
            self._about_session(CHECK_SESSION, openid, session_key)
        except Rejected as error:
            if error.reason != SESSION_ENDED:
                raise
            return False
        return True

    def is_genuine(self, raw_data: str, signature: str, session_key: str) -> bool:
        """Whether WeChat signed the data under this key (小程序文档：开放数据校验与解密)."""
        return is_genuine(raw_data, signature, session_key)

    def reset(self, openid: str, session_key: str) -> str:
        """Have WeChat make a new session key (小程序文档：重置登录态)."""
        answer = self._about_session(RESET_SESSION, openid, session_key)
        fresh = answer.get("session_key")
        if not fresh:
            raise unreadable()
        return str(fresh)

    def _about_session(self, endpoint: Endpoint, openid: str, session_key: str) -> Answer:
        """Call an endpoint that wants proof of the session key: an empty text signed with it."""
        signed = hmac.new(session_key.encode(), b"", hashlib.sha256).hexdigest()
        params = {"openid": openid, "signature": signed, "sig_method": "hmac_sha256"}
        return self._api.ask_with_token(endpoint, None, params=params, hide=(openid, signed, session_key))

    def _ask(self, code: str) -> Answer:
        settings = self._api.settings
        return self._api.ask(
            CODE_TO_SESSION,
            params={
                "appid": settings.appid,
                "secret": settings.secret,
                "js_code": code,
                "grant_type": "authorization_code",
            },
            hide=(code,),
        )


def _identity(answer: Answer) -> WeChatIdentity:
    openid, session_key = answer.get("openid"), answer.get("session_key")
    if not openid or not session_key:
        raise unreadable()
    return WeChatIdentity(openid=str(openid), unionid=answer.get("unionid"), session_key=str(session_key))
