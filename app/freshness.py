"""Which tokens are out of date: each process looks at changed rights once a second, whatever the number of requests."""

import datetime as dt
import threading
import time

from app.transaction import reading
from services import rights

EVERY = 1.0
"""Seconds between two looks: for so long a change may not be seen yet."""
LONGEST_TOKEN = dt.timedelta(minutes=60)
"""Older changes need not be known: every token from before them has ended by itself."""
LONGEST_REQUEST = dt.timedelta(minutes=2)
"""A change bears the time at which its request began, and is seen when it is committed."""
AFRESH = 600.0
"""Seconds after which what is no longer needed is forgotten."""


class Freshness:
    """The newest generations of rights, as this process knows them."""

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._known: dict[int, int] = {}
        self._look_at = self._forget_at = 0.0
        self._seen: dt.datetime | None = None
        self._looking = threading.Lock()

    def is_stale(self, person_id: int, generation: int, *, now: dt.datetime) -> bool:
        """Whether a person's rights were changed after a token was made."""
        if time.monotonic() >= self._look_at:
            self._look(now)
        return self._known.get(person_id, 0) > generation

    def _look(self, now: dt.datetime) -> None:
        # The first look is waited for; after that, one thread looks and the others go by what is known.
        if not self._looking.acquire(blocking=self._seen is None):
            return
        try:
            moment = time.monotonic()
            afresh = self._seen is None or moment >= self._forget_at
            since = now - LONGEST_TOKEN if afresh or self._seen is None else self._seen
            with reading() as connection:
                found = rights.recent(connection, since=since - LONGEST_REQUEST)
            if afresh:
                self._known, self._forget_at = found, moment + AFRESH
            else:
                self._known.update(found)
            self._seen, self._look_at = now, moment + self._every
        finally:
            self._looking.release()
