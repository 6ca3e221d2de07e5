"""The access token of the mini-program: fetched once, kept where all processes see it, replaced when refused.

WeChat's *stable* token is used in its normal mode, where every process that asks gets the same token
(小程序文档：获取稳定版接口调用凭据).  Forcing a new one is limited to 20 a day and is done only when the normal mode hands
back the very token that was just refused.
"""

import copy
import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Protocol

from services.errors import GatewayError, TokenRejected, TryLater
from services.ports import StoredToken, TokenStore
from wechat.clock import utc_now

# WeChat has the next token ready 5 minutes before the end; asking 2 minutes before it surely gets the new one.
RENEW_BEFORE = dt.timedelta(minutes=2)
# 20 forced renewals a day: one in 72 minutes never uses them up.
FORCE_EVERY = dt.timedelta(minutes=72)

# One for the whole process, whatever the number of gateways in it.
_refreshing = threading.Lock()


class Fetch(Protocol):
    """Asks WeChat for the token; ``force`` wants another one than before."""

    def __call__(self, *, force: bool) -> StoredToken:
        """Return the token.  Raises the ``GatewayError`` family."""
        ...


class AccessTokens:
    """Hands out the access token.

    What is in memory spares the shared store a read per message; it is trusted only until its end or until WeChat
    refuses it, and then the store is asked first, because another process may have renewed it.
    """

    def __init__(self, name: str, store: TokenStore, fetch: Fetch, now: Callable[[], dt.datetime] = utc_now) -> None:
        self._name = name
        self._store = store
        self._fetch = fetch
        self._now = now
        self._held: StoredToken | None = None
        self._forced_at: dt.datetime | None = None
        self._failure: tuple[float, GatewayError] | None = None

    def current(self) -> str:
        """Return a token that has not ended.  Raises what fetching raises."""
        held = self._held
        if held is not None and self._lasts(held):
            return held.value
        return self._alone(self._from_store_or_fetch)

    def replace(self, refused: str) -> str:
        """Return another token than the one WeChat just refused.

        Raises ``TokenRejected`` when there is no other, or what fetching raises.
        """
        return self._alone(lambda: self._other_than(refused))

    def _alone(self, work: Callable[[], StoredToken]) -> str:
        """Do the work in one thread at a time.

        Those who waited while it failed share that failure: with WeChat away, thirty threads that each try in turn
        would wait out thirty timeouts.
        """
        asked_at = time.monotonic()
        with _refreshing:
            if self._failure and self._failure[0] >= asked_at:
                raise copy.copy(self._failure[1])
            try:
                self._held = work()
            except GatewayError as error:
                self._failure = (time.monotonic(), copy.copy(error))
                raise
            return self._held.value

    def _lasts(self, token: StoredToken) -> bool:
        return token.expires_at - self._now() > RENEW_BEFORE

    def _from_store_or_fetch(self) -> StoredToken:
        if self._held is not None and self._lasts(self._held):
            return self._held
        stored = self._store.get(self._name)
        if stored is not None and self._lasts(stored):
            return stored
        return self._keep(self._fetch(force=False))

    def _other_than(self, refused: str) -> StoredToken:
        stored = self._store.get(self._name)
        if stored is not None and stored.value != refused and self._lasts(stored):
            return stored
        fresh = self._fetch(force=False)
        if fresh.value == refused:
            fresh = self._force()
        return self._keep(fresh)

    def _force(self) -> StoredToken:
        now = self._now()
        if self._forced_at is not None and now - self._forced_at < FORCE_EVERY:
            raise TokenRejected("微信不认我们的通行证，刚换过也不行。请联系管理员检查微信设置。")
        former, self._forced_at = self._forced_at, now
        try:
            return self._fetch(force=True)
        except TryLater:
            self._forced_at = former  # it never reached WeChat, so it does not count
            raise

    def _keep(self, token: StoredToken) -> StoredToken:
        self._store.put(self._name, token)
        return token
