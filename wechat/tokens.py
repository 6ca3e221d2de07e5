"""The access token of the mini-program: fetched once, kept where all processes see it, replaced when refused.

WeChat's *stable* token is used in its normal mode, where every process that asks gets the same token
(小程序文档：获取稳定版接口调用凭据).  Forcing a new one is limited to 20 a day and is done only when the normal mode hands
back the very token that was just refused.
"""

import copy
import datetime as dt
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from services.errors import GatewayError, TokenRejected, TryLater
from services.ports import StoredToken, TokenStore
from wechat.clock import utc_now

# WeChat has the next token ready 5 minutes before the end; asking 2 minutes before it surely gets the new one.
RENEW_BEFORE = dt.timedelta(minutes=2)
# 20 forced renewals a day: one in 72 minutes never uses them up.
FORCE_EVERY = dt.timedelta(minutes=72)
# How long one process may take to renew the token: longer than a call of WeChat can last with its timeouts.
LEASE_SECONDS = 15.0
LOOK_SECONDS = 0.05

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
        self._holder = secrets.token_hex(8)
        self._held: StoredToken | None = None
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

    @contextmanager
    def _alone_of_all_processes(self) -> Iterator[None]:
        """Hold the right to renew.  Whoever held it before has stored what it got by now, so look there first.

        A process that dies with it holds up the others for one lease at most.
        """
        until = time.monotonic() + 2 * LEASE_SECONDS
        while not self._store.claim(self._name, self._holder, LEASE_SECONDS):
            if time.monotonic() > until:
                raise TryLater("微信的通行证正在更换，请过一分钟再试。")
            time.sleep(LOOK_SECONDS)
        try:
            yield
        finally:
            self._store.release(self._name, self._holder)

    def _from_store_or_fetch(self) -> StoredToken:
        if self._held is not None and self._lasts(self._held):
            return self._held
        return self._stored() or self._renewed()

    def _renewed(self) -> StoredToken:
        with self._alone_of_all_processes():
            return self._stored() or self._keep(self._fetch(force=False))

    def _other_than(self, refused: str) -> StoredToken:
        stored = self._stored(but_not=refused)
        if stored is not None:
            return stored
        with self._alone_of_all_processes():
            stored = self._stored(but_not=refused)
            if stored is not None:
                return stored
            fresh = self._fetch(force=False)
            if fresh.value == refused:
                fresh = self._force()
            return self._keep(fresh)

    def _stored(self, but_not: str = "") -> StoredToken | None:
        """Return what the store has, if it is of use."""
        stored = self._store.get(self._name)
        return stored if stored is not None and stored.value != but_not and self._lasts(stored) else None

    def _force(self) -> StoredToken:
        """Have WeChat make another token.  When that may be done again is kept in the store: the 20 a day are for all."""
        mark = f"{self._name}:forced"
        now = self._now()
        last = self._store.get(mark)
        if last is not None and last.expires_at > now:
            raise TokenRejected("微信不认我们的通行证，刚换过也不行。请联系管理员检查微信设置。")
        self._store.put(mark, StoredToken("forced", now + FORCE_EVERY))
        try:
            return self._fetch(force=True)
        except TryLater:
            self._store.put(mark, StoredToken("forced", now))  # it never reached WeChat, so it does not count
            raise

    def _keep(self, token: StoredToken) -> StoredToken:
        self._store.put(self._name, token)
        return token
