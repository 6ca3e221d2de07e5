"""Provider tokens in Redis: the port ``TokenStore`` for many machines, when ``WUYOU_REDIS_URL`` names one.

A Redis that is away must not stop messages: then every process fetches for itself, which is harmless with WeChat's stable
token, where all who ask get the same.
"""

import base64
import datetime as dt

import orjson
import structlog
from redis import Redis
from redis.exceptions import RedisError

from services.ports import StoredToken
from services.vault import Vault

LABEL = "provider.token"
PREFIX = "wuyou:token:"
KEPT_AFTER = dt.timedelta(hours=1)
"""An expired token is kept so long: whoever was refused it wants to know which one that was."""
TIMEOUT = 2.0  # seconds

# Deletes the lease only if it is still ours: between a look and a delete it could run out and be taken by somebody.
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

log = structlog.get_logger(__name__)


class RedisTokenStore:
    """Keeps tokens sealed, as the database does: a dump of Redis tells nothing."""

    def __init__(self, url: str, vault: Vault) -> None:
        self._redis = Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, max_connections=64)
        self._vault = vault

    def get(self, name: str) -> StoredToken | None:
        """Return the token that is kept under the name, expired or not."""
        try:
            kept = self._redis.get(PREFIX + name)
        except RedisError as error:
            _away(error)
            return None
        if not isinstance(kept, bytes):
            return None
        given = orjson.loads(kept)
        value = self._vault.open(base64.b64decode(given["sealed"]), LABEL)
        return StoredToken(value, dt.datetime.fromisoformat(given["expires_at"]))

    def put(self, name: str, token: StoredToken) -> None:
        """Keep a token, replacing an older one."""
        sealed = base64.b64encode(self._vault.seal(token.value, LABEL)).decode()
        left = token.expires_at - dt.datetime.now(dt.UTC) + KEPT_AFTER
        try:
            self._redis.set(
                PREFIX + name,
                orjson.dumps({"sealed": sealed, "expires_at": token.expires_at.isoformat()}),
                px=max(int(left.total_seconds() * 1000), 1),
            )
        except RedisError as error:
            _away(error)

    def claim(self, name: str, holder: str, seconds: float) -> bool:
        """Take the right to renew a token, with SET NX; without Redis everybody has it."""
        try:
            return bool(self._redis.set(f"{PREFIX}{name}:lease", holder, nx=True, px=int(seconds * 1000)))
        except RedisError as error:
            _away(error)
            return True

    def release(self, name: str, holder: str) -> None:
        """Give the right back."""
        try:
            self._redis.eval(RELEASE, 1, f"{PREFIX}{name}:lease", holder)
        except RedisError as error:
            _away(error)


def answers(url: str) -> bool:
    """Whether a Redis answers at the address."""
    try:
        with Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT) as redis:
            return bool(redis.ping())
    except (RedisError, ValueError) as error:
        log.warning("redis.away", error=type(error).__name__)
        return False


def _away(error: RedisError) -> None:
    # The class alone: the words of a Redis error may quote its address, and that has a password in it.
    log.warning("redis.away", error=type(error).__name__)
