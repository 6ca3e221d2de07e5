"""Access tokens as WeChat hands them out (小程序文档：获取接口调用凭据, 获取稳定版接口调用凭据)."""

import secrets
import threading
from collections import deque
from collections.abc import Callable

from wechat.sandbox.refusal import Refusal

LIFETIME = 7200.0  # seconds
OVERLAP = 300.0  # seconds during which a renewed token's predecessor still works
FORCES_PER_DAY = 20
FORCE_SPACING = 30.0
DAY = 86_400.0


class TokenDesk:
    """Issues and checks access tokens.

    The plain and the stable tokens are kept apart, as WeChat does: renewing one leaves the other alone.
    """

    def __init__(self, appid: str, secret: str, clock: Callable[[], float]) -> None:
        self._appid = appid
        self._secret = secret
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget every token and every count."""
        with self._lock:
            self._ends: dict[str, float] = {}
            self._dead: set[str] = set()
            self._plain = ""
            self._stable = ""
            self._forced: deque[float] = deque(maxlen=FORCES_PER_DAY)
            self.issued = 0

    def check_app(self, appid: str, secret: str) -> None:
        """Raise the refusal for a wrong or missing appid or secret."""
        if not appid:
            raise Refusal(41002, "appid missing")
        if not secret:
            raise Refusal(41004, "appsecret missing")
        if appid != self._appid:
            raise Refusal(40013, "invalid appid")
        if secret != self._secret:
            raise Refusal(40125, "invalid appsecret")

    def plain(self) -> tuple[str, int]:
        """Return a new token and its seconds; the one before dies after a short overlap."""
        with self._lock:
            self._shorten(self._plain)
            self._plain = self._issue()
            return self._plain, int(LIFETIME)

    def stable(self, *, force: bool) -> tuple[str, int]:
        """Return the stable token and the seconds it has left; ``force`` kills it and makes another."""
        with self._lock:
            now = self._clock()
            if force:
                self._count_force(now)
                self._dead.add(self._stable)
                self._stable = self._issue()
            elif self._ends.get(self._stable, 0.0) - now <= OVERLAP:
                self._stable = self._issue()
            return self._stable, int(self._ends[self._stable] - now)

    def check(self, token: str) -> None:
        """Raise the refusal for a token that is missing, unknown, replaced or past its end."""
        with self._lock:
            if not token:
                raise Refusal(41001, "access_token missing")
            if token not in self._ends or token in self._dead:
                raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
            if self._ends[token] <= self._clock():
                raise Refusal(42001, "access_token expired")

    def expire_all(self) -> int:
        """End every token now and return how many there were."""
        with self._lock:
            now = self._clock()
            living = [token for token, end in self._ends.items() if end > now]
            self._ends.update(dict.fromkeys(living, now))
            return len(living)

    def _issue(self) -> str:
        self.issued += 1
        token = f"sandbox-{self.issued}-{secrets.token_urlsafe(48)}"
        self._ends[token] = self._clock() + LIFETIME
        return token

    def _shorten(self, token: str) -> None:
        if token in self._ends:
            self._ends[token] = min(self._ends[token], self._clock() + OVERLAP)

    def _count_force(self, now: float) -> None:
        if self._forced and now - self._forced[-1] < FORCE_SPACING:
            raise Refusal(45011, "api minute-quota reach limit, force_refresh needs 30 seconds between calls")
        if len(self._forced) == FORCES_PER_DAY and now - self._forced[0] < DAY:
            raise Refusal(45009, "reach max api daily quota limit, force_refresh 20 times a day")
        self._forced.append(now)
