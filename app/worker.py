"""The worker: carries messages out, and keeps the timetable.  Its own process, never the web process.

Each channel has a loop with threads of its own, so that a provider that hangs holds up nothing else.  All state is rows:
any number of workers may run, and one may be killed at any moment.
"""

import datetime as dt
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.orm import Session

from app import importing, links, paying, robots
from app.clock import utc_now
from app.settings import gateways, settings, vault
from app.transaction import transaction
from models import Channel, OutboxState
from services import deliveries, jobs, outbox, pushes, sending
from services.clocks import SHANGHAI
from services.jobs import TIMETABLE, Job
from services.outbox import Claimed, Outcome
from services.ports import Gateways

log = structlog.get_logger(__name__)

IDLE = 0.5
"""Seconds between looks when nothing is due: how long a message waits at most."""
AFTER_TROUBLE = 5.0
EVENTS_AT_ONCE = 50
PUSH_AGAIN = dt.timedelta(seconds=5)
"""When a result is looked at again whose check is not known yet: our own commit is a moment away."""
GRACE_SECONDS = 6 * 3600


@dataclass(frozen=True)
class Lane:
    """How a sending channel is worked: how many calls at once, how many rows claimed at once."""

    threads: int
    batch: int


# A batch must be over before its lease (two minutes): four calls a thread, each eight seconds at the worst, twice when the
# token was stale, stay below it even while WeChat crawls.
LANES = {
    Channel.SUBSCRIBE: Lane(threads=32, batch=128),
    Channel.CHECK: Lane(threads=8, batch=32),
    Channel.CARD: Lane(threads=2, batch=16),
    Channel.SHIPPING: Lane(threads=2, batch=16),
    Channel.MASS: Lane(threads=2, batch=4),
    Channel.FILE: Lane(threads=2, batch=32),
    Channel.CODE: Lane(threads=4, batch=16),
}
ROBOT_THREADS = 16
"""Robots have turns instead of batches (``app.robots``): so many of them may be speaking at once."""


def expand_events(limit: int = EVENTS_AT_ONCE) -> int:
    """Turn what happened into inbox rows and messages to send; return how many events were handled.

    Claiming, expanding and settling are one transaction: nothing outside is called, so a crash leaves the event as it was.
    """
    with transaction() as session:
        now = utc_now()
        batch = outbox.claim(session, channel=Channel.EVENT, now=now, limit=limit)
        outbox.settle(session, [expand_one(session, message, now) for message in batch], now=now)
    return len(batch)


def expand_one(session: Session, message: Claimed, now: dt.datetime) -> Outcome:
    """Expand one event in a savepoint: one that breaks must not hold up the others for ever."""
    try:
        with session.begin_nested():
            if message.subject_id is not None:
                deliveries.expand(session, message.subject_id, now=now)
    except Exception as error:
        log.exception("event.broken", outbox_id=message.id)
        retry_at = outbox.next_try(message.attempts, now)
        state = OutboxState.WAITING if retry_at else OutboxState.FAILED
        return Outcome(message, state, type(error).__name__, retry_at)
    return Outcome(message, OutboxState.SENT)


def handle_pushes(limit: int = EVENTS_AT_ONCE) -> int:
    """Act upon what WeChat told us; return how many pushes were taken up.  Nothing outside is called."""
    ports = gateways()
    with transaction() as session:
        now = utc_now()
        kinds = {template_id: kind for kind, template_id in ports.messages.templates().items()}
        about = pushes.Surroundings(settings().wechat.appid, kinds, now)
        batch = outbox.claim(session, channel=Channel.PUSH, now=now, limit=limit)
        outbox.settle(session, [_handle_push(session, message, ports, about) for message in batch], now=now)
    return len(batch)


def _handle_push(session: Session, message: Claimed, ports: Gateways, about: pushes.Surroundings) -> Outcome:
    """Act upon one push in a savepoint; one that breaks, or comes before its time, is tried again."""
    try:
        with session.begin_nested():
            if message.subject_id is not None:
                pushes.handle(session, message.subject_id, read=ports.pushes.opened, vault=vault(), about=about)
    except pushes.NotYet:
        return Outcome(message, OutboxState.WAITING, "not_yet", about.moment + PUSH_AGAIN)
    except Exception as error:
        log.exception("push.broken", outbox_id=message.id)
        retry_at = outbox.next_try(message.attempts, about.moment)
        state = OutboxState.WAITING if retry_at else OutboxState.FAILED
        return Outcome(message, state, type(error).__name__, retry_at)
    return Outcome(message, OutboxState.SENT)


def send_batch(channel: Channel, pool: ThreadPoolExecutor, limit: int) -> int:
    """Claim, call, settle one batch of a sending channel; return its size.  No transaction is open during the calls."""
    with transaction() as session:
        now = utc_now()
        parcels = sending.prepare(
            session,
            channel=channel,
            now=now,
            limit=limit,
            link=lambda token: links.from_outside(token, now=now),
        )
    if not parcels:
        return 0
    ports = gateways()
    turns = pool.map(lambda turn: sending.send_in_turn(turn, ports), sending.in_turn(parcels))
    results = [result for turn in turns for result in turn]
    with transaction() as session:
        sending.settle(session, results, now=utc_now())
    return len(parcels)


def run_job(job: Job, holder: str) -> bool:
    """Run a job until it finds nothing more, if no other worker is at it; return whether it ran."""
    with transaction() as session:
        if not jobs.acquire(session, job=job.name, holder=holder, now=utc_now()):
            return False
        run_id = jobs.start(session, job=job.name, now=utc_now())
    changed, error = 0, None
    try:
        while True:
            with transaction() as session:
                step = job.run(session, now=utc_now())
            changed += step
            if not step:
                break
    except Exception as trouble:
        log.exception("job.failed", job=job.name)
        error = type(trouble).__name__
    with transaction() as session:
        jobs.finish(session, run_id=run_id, now=utc_now(), changed=changed, error=error)
        jobs.release(session, job=job.name, holder=holder, now=utc_now())
    return True


class Worker:
    """One worker process: a loop per channel, and the timetable."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._scheduler = BackgroundScheduler(
            timezone=SHANGHAI,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_SECONDS},
        )

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish what is in hand and return."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        loops = [threading.Thread(target=self._loop_events, name="events")]
        loops.append(threading.Thread(target=self._loop_pushes, name="pushes"))
        loops += [threading.Thread(target=self._loop_channel, args=(channel,), name=channel) for channel in LANES]
        loops += [threading.Thread(target=self._loop_robots, name="robots")]
        loops += [threading.Thread(target=self._loop_payments, name="payments")]
        loops += [threading.Thread(target=self._loop_imports, name="imports")]
        for loop in loops:
            loop.start()
        for job in TIMETABLE:
            self._scheduler.add_job(
                self._run_job,
                "interval",
                args=[job],
                id=job.name,
                seconds=job.every.total_seconds(),
                next_run_time=utc_now(),
            )
        self._scheduler.start()
        log.info("worker.started", holder=self._holder)
        self._stop.wait()
        self._scheduler.shutdown(wait=True)
        for loop in loops:
            loop.join()
        log.info("worker.stopped", holder=self._holder)

    def _loop_events(self) -> None:
        while not self._stop.is_set():
            self._turn(expand_events)

    def _loop_pushes(self) -> None:
        while not self._stop.is_set():
            self._turn(handle_pushes)

    def _loop_channel(self, channel: Channel) -> None:
        lane = LANES[channel]
        with ThreadPoolExecutor(lane.threads, thread_name_prefix=channel) as pool:
            while not self._stop.is_set():
                self._turn(lambda: send_batch(channel, pool, lane.batch))

    def _loop_robots(self) -> None:
        lane = robots.RobotLane(self._app, ROBOT_THREADS)
        while not self._stop.is_set():
            self._turn(lane.look)
        lane.close()

    def _loop_payments(self) -> None:
        with ThreadPoolExecutor(paying.THREADS, thread_name_prefix="pay") as pool:
            while not self._stop.is_set():
                self._turn(lambda: paying.run_errands(pool, paying.AT_ONCE))

    def _loop_imports(self) -> None:
        while not self._stop.is_set():
            self._turn(importing.run_due)

    def _turn(self, work: Callable[[], int]) -> None:
        """Do one round; wait a little when there was nothing to do, longer when the database is away."""
        try:
            with self._app.app_context():
                done = work()
        except Exception:
            # Whatever it was (most likely the database is away), the loop has to go on: the rows are still there.
            log.exception("worker.trouble")
            self._stop.wait(AFTER_TROUBLE)
            return
        if not done:
            self._stop.wait(IDLE)

    def _run_job(self, job: Job) -> None:
        with self._app.app_context():
            run_job(job, self._holder)


def drain(app: Flask, *, seconds: float) -> int:
    """Carry out everything that may go out now, then return how much it was: for commands and tests."""
    done, until = 0, time.monotonic() + seconds
    with app.app_context(), ThreadPoolExecutor(8) as pool:
        while time.monotonic() < until:
            turn = expand_events() + handle_pushes() + sum(send_batch(channel, pool, 64) for channel in LANES)
            turn += robots.drain(pool)
            turn += paying.run_errands(pool, 64)
            if not turn:
                break
            done += turn
    return done
