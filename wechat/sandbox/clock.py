"""The time of the simulated WeChat, which can be moved forward or made to run faster.

Everything with a deadline reads it: tokens, login codes, the minute of a robot, the retries of callbacks.
"""

import threading
import time
from collections.abc import Callable

from wechat.sandbox.refusal import Unknown

FASTEST = 100_000.0
FURTHEST = 400 * 86_400.0  # seconds; a year is enough for every deadline there is


class SandboxClock:
    """Seconds since 1970, as the simulated WeChat sees them.

    ``source`` gives true seconds; a test hands in one of its own that stands still.
    """

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Run with the true time again."""
        with self._lock:
            self._speed = 1.0
            self._since = self._source()
            self._shown = self._since

    def __call__(self) -> float:
        """Return the present moment."""
        with self._lock:
            return self._now()

    def step(self, seconds: float) -> float:
        """Move forward and return the new moment.  Raises ``Unknown`` (400) for steps back or of more than a year."""
        if not 0 <= seconds <= FURTHEST:
            raise Unknown(f"step is 0 to {FURTHEST:.0f} seconds", 400)
        with self._lock:
            self._shown = self._now() + seconds
            self._since = self._source()
            return self._shown

    def run_at(self, speed: float) -> None:
        """Let so many seconds pass in each true one.  Raises ``Unknown`` (400) for less than one or far too many."""
        if not 1 <= speed <= FASTEST:
            raise Unknown(f"speed is 1 to {FASTEST:.0f}", 400)
        with self._lock:
            self._shown = self._now()
            self._since = self._source()
            self._speed = speed

    @property
    def speed(self) -> float:
        """How many seconds pass in a true one."""
        return self._speed

    def _now(self) -> float:
        return self._shown + (self._source() - self._since) * self._speed
