"""The one way to WeChat's servers: wechatpy's client, held to our rules.

wechatpy 1.8.18 left alone retries a refused token without end, fetches tokens from a fixed address without a timeout,
and remembers their end per process.  Here every call names its token itself (or none), so none of that code runs.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import requests
from wechatpy import WeChatClient  # type: ignore[import-untyped,unused-ignore]  # ships no types
from wechatpy.exceptions import WeChatException  # type: ignore[import-untyped,unused-ignore]  # ships no types

from config import WeChatSettings
from services.errors import TokenRejected
from services.ports import StoredToken, TokenStore
from wechat.clock import utc_now
from wechat.codes import Endpoint
from wechat.endpoints import STABLE_TOKEN
from wechat.errors import report, translate, unreadable
from wechat.tokens import AccessTokens
from wechat.transport import http_session

Answer = dict[str, Any]
Files = Mapping[str, tuple[str, bytes, str]]
"""What is uploaded, by the name of its form field: file name, content, type."""
T = TypeVar("T")

JSON_HEADERS: Mapping[str, str] = {"Content-Type": "application/json"}


class _Sdk(WeChatClient):  # type: ignore[misc,unused-ignore]  # an untyped base
    """wechatpy's client with our pool of connections, our timeouts and no retries of its own."""

    # wechatpy would put its own base before an address without a scheme: a slip in the settings would reach WeChat.
    API_BASE_URL = ""

    def __init__(self, settings: WeChatSettings) -> None:
        super().__init__(settings.appid, settings.secret, timeout=settings.timeouts, auto_retry=False)
        self._http = http_session((settings.api_url, settings.wecom_url))


class WeChatApi:
    """Calls WeChat and answers with its JSON; every failure is a ``GatewayError``.  Safe for many threads.

    A call that timed out may have been carried out: whoever repeats it repeats the message.
    """

    def __init__(self, settings: WeChatSettings, store: TokenStore) -> None:
        self.settings = settings
        self.tokens = AccessTokens(f"wechat:{settings.appid}:access_token", store, self._fetch_token)
        self._sdk = _Sdk(settings)

    def ask(
        self,
        endpoint: Endpoint,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        files: Files | None = None,
        base_url: str | None = None,
        hide: Sequence[str] = (),
    ) -> Answer:
        """Call an endpoint once, without an access token unless ``params`` has one.

        ``hide`` are values that must not reach the log.  Raises the ``GatewayError`` family.
        """
        return self._ask(endpoint, _as_object, params=params, body=body, files=files, base_url=base_url, hide=hide)

    def ask_with_token(
        self,
        endpoint: Endpoint,
        body: Mapping[str, Any] | None,
        *,
        params: Mapping[str, str] | None = None,
        hide: Sequence[str] = (),
    ) -> Answer:
        """Call an endpoint with the access token, and once more with another when that token is refused."""
        return self._ask_with_token(endpoint, _as_object, body, params, hide)

    def fetch_with_token(self, endpoint: Endpoint, body: Mapping[str, Any], *, hide: Sequence[str] = ()) -> bytes:
        """Do the same where the answer is a file; JSON in its place is a refusal, or something unreadable."""
        return self._ask_with_token(endpoint, _as_file, body, None, hide)

    def _ask_with_token(
        self,
        endpoint: Endpoint,
        read: Callable[[Any], T | None],
        body: Mapping[str, Any] | None,
        params: Mapping[str, str] | None,
        hide: Sequence[str],
    ) -> T:
        token = self.tokens.current()
        query = dict(params or {})
        try:
            given = {**query, "access_token": token}
            return self._ask(endpoint, read, params=given, body=body, hide=(token, *hide))
        except TokenRejected:
            token = self.tokens.replace(token)
        return self._ask(endpoint, read, params={**query, "access_token": token}, body=body, hide=(token, *hide))

    def _ask(
        self,
        endpoint: Endpoint,
        read: Callable[[Any], T | None],
        *,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        files: Files | None = None,
        base_url: str | None = None,
        hide: Sequence[str],
    ) -> T:
        url = f"{(base_url or self.settings.api_url).rstrip('/')}/{endpoint.path}"
        answer, failure = self._try(endpoint.method, url, params, body, files)
        found = read(answer) if failure is None else None
        if found is not None:
            return found
        # Raised here and not where it was caught, so that no exception holds on to the request and its secrets.
        error = unreadable() if failure is None else translate(failure, endpoint, utc_now())
        report(error, failure, endpoint, (self.settings.secret, *hide))
        raise error

    def _try(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        files: Files | None,
    ) -> tuple[Any, Exception | None]:
        # A parameter of None is left out by requests, and its presence keeps wechatpy from adding a token.
        query = {"access_token": None, **(params or {})}
        content: dict[str, Any] = {} if body is None else {"data": dict(body), "headers": dict(JSON_HEADERS)}
        if files is not None:
            content["files"] = dict(files)
        try:
            # No redirects: they would carry the secrets to an address that nobody configured.
            send = self._sdk.get if method == "GET" else self._sdk.post
            return send(url, params=query, allow_redirects=False, **content), None
        except (WeChatException, requests.RequestException, ValueError) as failure:
            return None, failure

    def _fetch_token(self, *, force: bool) -> StoredToken:
        settings = self.settings
        asked_at = utc_now()
        answer = self.ask(
            STABLE_TOKEN,
            body={
                "grant_type": "client_credential",
                "appid": settings.appid,
                "secret": settings.secret,
                "force_refresh": force,
            },
        )
        try:
            return StoredToken(str(answer["access_token"]), asked_at + dt.timedelta(seconds=int(answer["expires_in"])))
        except (KeyError, TypeError, ValueError):
            raise unreadable() from None


def _as_object(answer: Any) -> Answer | None:
    return answer if isinstance(answer, dict) else None


def _as_file(answer: Any) -> bytes | None:
    """Wechatpy gives back the whole response where its body is no JSON."""
    return answer.content if isinstance(answer, requests.Response) else None
