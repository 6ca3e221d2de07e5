"""What can go wrong in a use case, by what the caller can do about it.

* ServiceError
  - InvalidInput        the request says something impossible; mend it and send it again
    + UnsupportedMedia  the body is of a kind that is not taken here
  - NotSignedIn         who are you?
  - WrongHat            you may not do this in this role; ``needed`` names the roles that may
  - NotFound            it does not exist, or it is not yours (the two look alike on purpose)
  - Conflict            the state forbids it; ``state`` tells which
    + StaleVersion      somebody changed it meanwhile; read it again
    + KeyReused         an Idempotency-Key came back with another body
  - TooMany             tried too often; ``retry_after`` seconds
  - CallbackRefused     a call that says it is WeChat's, and is not, or not now
  - GatewayError        a provider outside did not do what we asked
    + TryLater          busy, slow or away: the same call may work later
    + TokenRejected     our access token was not accepted, even a fresh one
    + QuotaExceeded     the day's or minute's allowance is used up; ``retry_after`` seconds
    + Misconfigured     our settings are wrong: an operator must act
    + Rejected          it will never work for this message
    + PersonRefused     the person did not subscribe; a normal outcome

``code`` is stable English for programs, ``title`` and ``detail`` are Chinese for people and say what to do next.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class ServiceError(Exception):
    """Base class of everything a use case raises on purpose."""

    code: ClassVar[str] = "service_error"
    title: ClassVar[str] = "没有办成"

    def __init__(self, detail: str, *, code: str | None = None, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = code or self.code
        self.facts: Mapping[str, Any] = facts


class InvalidInput(ServiceError):
    """The request says something impossible; ``errors`` maps field names to sentences."""

    code = "invalid_input"
    title = "填写的内容有问题"

    def __init__(
        self, detail: str, *, code: str | None = None, errors: Mapping[str, Sequence[str]] | None = None, **facts: Any
    ) -> None:
        super().__init__(detail, code=code, **facts)
        self.errors = errors or {}


class UnsupportedMedia(InvalidInput):
    """The body is of a kind that is not taken here."""

    code = "unsupported_media_type"
    title = "格式不对"


class NotSignedIn(ServiceError):
    """No valid token came with the request."""

    code = "not_signed_in"
    title = "请先登录"


class WrongHat(ServiceError):
    """The actor's present role may not do this; ``needed`` names the roles that may."""

    code = "wrong_hat"
    title = "换个身份再试"


class NotFound(ServiceError):
    """It does not exist, or it is not yours."""

    code = "not_found"
    title = "没有找到"


class Conflict(ServiceError):
    """The present state forbids it."""

    code = "state_forbids"
    title = "现在不能这样做"


class StaleVersion(Conflict):
    """Somebody changed it between your reading and your writing."""

    code = "stale_version"
    title = "内容已被别人更新"


class KeyReused(Conflict):
    """The same Idempotency-Key came with another body."""

    code = "key_reused"
    title = "这次提交和上次不一样"


class TooMany(ServiceError):
    """Tried too often in a stretch of time; ``retry_after`` seconds tell when it may be tried again."""

    code = "too_many"
    title = "次数太多了"

    def __init__(self, detail: str, *, code: str | None = None, retry_after: float, **facts: Any) -> None:
        super().__init__(detail, code=code, **facts)
        self.retry_after = retry_after


class CallbackRefused(ServiceError):
    """A call that says it comes from WeChat was not believed; ``reason`` tells why, to us and to nobody else's use."""

    code = "callback_refused"
    title = "不接受这次回调"


class GatewayError(ServiceError):
    """A provider outside did not do what we asked; ``provider_code`` is its own code, if it gave one.

    ``provider_words`` are what it said, secrets blotted out: for whoever looks after the settings, never for others.
    """

    code = "gateway_error"
    title = "微信暂时没有响应"

    def __init__(
        self,
        detail: str = "微信暂时没有响应，请过几分钟再试。",
        *,
        code: str | None = None,
        provider_code: int | str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail, code=code)
        self.provider_code = provider_code
        self.retry_after = retry_after
        self.provider_words = ""


class TryLater(GatewayError):
    """Busy, slow or away: the same call may work later."""

    code = "wechat_busy"


class TokenRejected(GatewayError):
    """Our access token was not accepted, even a fresh one."""

    code = "wechat_token"


class QuotaExceeded(GatewayError):
    """An allowance is used up; ``retry_after`` seconds tell when it may work again."""

    code = "wechat_quota"
    title = "微信的次数用完了"


class Misconfigured(GatewayError):
    """Our settings are wrong: an operator must act."""

    code = "wechat_misconfigured"
    title = "微信设置有误"


class Rejected(GatewayError):
    """It will never work for this message."""

    code = "wechat_rejected"
    title = "微信没有接受"


class PersonRefused(GatewayError):
    """The person did not subscribe to this kind of message: a normal outcome, never retried."""

    code = "person_refused"
    title = "对方没有订阅"
