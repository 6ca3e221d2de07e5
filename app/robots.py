"""The robots' part of the worker: each turn in a thread of its own, so that a robot that hangs keeps no other waiting."""

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import structlog
from flask import Flask

from app.clock import utc_now
from app.settings import gateways, vault
from app.transaction import transaction
from services.groups import pacing, speaking
from services.groups.pacing import Turn

log = structlog.get_logger(__name__)

AT_ONCE = 32
LONGEST_LOOK = 0.5
"""Seconds to wait for a thread to come free before looking again whether the worker is to stop."""


def claim(limit: int) -> list[Turn]:
    """Lease the turns of up to ``limit`` robots."""
    with transaction() as session:
        return pacing.claim(session, vault=vault(), now=utc_now(), limit=limit)


def carry_out(turn: Turn) -> None:
    """Speak, with no transaction open, and write down how it went."""
    spoken = speaking.speak(turn, gateways())
    with transaction() as session:
        speaking.settle(session, spoken, now=utc_now())


def drain(pool: ThreadPoolExecutor) -> int:
    """Carry out the turns that are due now, all together; return how many there were."""
    ports = gateways()
    turns = claim(AT_ONCE)
    for spoken in pool.map(lambda turn: speaking.speak(turn, ports), turns):
        with transaction() as session:
            speaking.settle(session, spoken, now=utc_now())
    return len(turns)


class RobotLane:
    """Hands out turns as threads come free.  There is no batch to be waited for: a slow robot holds one thread, no more."""

    def __init__(self, app: Flask, threads: int) -> None:
        self._app = app
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="robot")
        self._running: set[Future[None]] = set()

    def look(self) -> int:
        """Start the turns that are due, as many as there are free threads; return how many came to be started or ended."""
        self._running = {turn for turn in self._running if not turn.done()}
        free = self._threads - len(self._running)
        if not free:
            return len(wait(self._running, timeout=LONGEST_LOOK, return_when=FIRST_COMPLETED).done)
        turns = claim(free)
        self._running |= {self._pool.submit(self._carry_out, turn) for turn in turns}
        return len(turns)

    def close(self) -> None:
        """Let the turns under way come to their end."""
        self._pool.shutdown(wait=True)

    def _carry_out(self, turn: Turn) -> None:
        with self._app.app_context():
            try:
                carry_out(turn)
            except Exception:
                # Most likely the database is away.  The lease runs out, and the messages are claimed again.
                log.exception("group.turn_lost", group_id=turn.group_id)
