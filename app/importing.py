"""Working on batches of imports: in the worker process for those from the API, at once for those from the command line.

Each step is a transaction of its own; what belongs together is written in one (``services.imports.applying``).
"""

import datetime as dt
import gc
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.settings import vault
from app.transaction import transaction
from models import ImportBatch, ImportState
from services.errors import ServiceError
from services.imports import applying, runs
from services.imports.checking import Check

log = structlog.get_logger(__name__)

SQLITE_CACHE = 16 * 1024
"""KiB, for writing."""
SQLITE_READING_CACHE = 2 * 1024
"""KiB, for reading ahead: each row once."""

Progress = Callable[[int], None]
"""Told how many more rows are done."""


class Lost(Exception):
    """Somebody else has taken the batch over."""


def utc_now() -> dt.datetime:
    """Return the present time, aware UTC."""
    return dt.datetime.now(dt.UTC)


def run_due() -> int:
    """Work on the oldest batch that waits; return whether there was one."""
    with transaction() as session:
        batch_id = runs.claim(session, now=utc_now())
    if batch_id is None:
        return 0
    work(batch_id, lambda _: None)
    return 1


def work(batch_id: int, progress: Progress) -> None:
    """Check or apply a batch that was claimed.  A failure becomes the state of the batch."""
    try:
        with _seldom_collecting():
            run = Run(batch_id, progress)
            if run.state is ImportState.MAPPED:
                run.check()
            elif run.state is ImportState.APPLYING:
                run.apply()
    except Lost:
        log.warning("import.lost", batch_id=batch_id)
    except ServiceError as error:
        _fail(batch_id, error.detail)
    except IntegrityError as error:
        _log(batch_id, error)
        _fail(batch_id, applying.STALE)
    except Exception as error:  # noqa: BLE001 - whatever it was, the batch must not stay half way
        _log(batch_id, error)
        _fail(batch_id, runs.TROUBLE)


class Step(Protocol):
    """What was got ready, and for how many rows."""

    @property
    def rows(self) -> int: ...  # noqa: D102


Ready = TypeVar("Ready", bound=Step)


class Work(Protocol[Ready]):
    """A dry run or the persons of an apply: steps that are prepared, reading only, and then written."""

    def prepare(self, session: Session) -> Ready | None: ...  # noqa: D102
    def write(self, session: Session, batch: ImportBatch, ready: Ready, /, *, now: dt.datetime) -> None: ...  # noqa: D102


class Run:
    """One worker at one batch."""

    def __init__(self, batch_id: int, progress: Progress) -> None:
        self._batch_id = batch_id
        self._progress = progress
        with transaction() as session:
            _hold_few_pages(session, SQLITE_CACHE)
            batch = session.get_one(ImportBatch, batch_id, populate_existing=True)
            self.state = batch.state
            self._lease = batch.leased_until

    def check(self) -> None:
        """Run the dry run to its end."""
        with transaction() as session:
            check = Check(session, self._mine(session), vault=vault(), now=utc_now())
        self._steps(check)
        with transaction() as session:
            check.end(session, self._mine(session), now=utc_now())

    def apply(self) -> None:
        """Write the persons step by step, then everything else at once."""
        with transaction() as session:
            people = applying.People(session, self._mine(session), vault=vault())
        self._steps(people)
        with transaction() as session:
            batch = self._mine(session)
            applying.finish(session, batch, people, vault=vault(), now=utc_now(), progress=lambda _: None)

    def _steps(self, work: Work[Ready]) -> None:
        """Write step after step.  The next one is prepared meanwhile: the database and this process work side by side."""
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way
        with ThreadPoolExecutor(1, "import") as ahead:
            coming = ahead.submit(_prepare, app, work)
            while (ready := coming.result()) is not None:
                coming = ahead.submit(_prepare, app, work)
                with transaction() as session:
                    work.write(session, self._mine(session), ready, now=utc_now())
                self._progress(ready.rows)

    def _mine(self, session: Session) -> ImportBatch:
        batch = runs.mine(session, self._batch_id, lease=self._lease, now=utc_now())
        if batch is None:
            raise Lost
        self._lease = batch.leased_until
        return batch


def _prepare(app: Flask, work: Work[Ready]) -> Ready | None:
    with app.app_context(), transaction(read_only=True) as session:
        _hold_few_pages(session, SQLITE_READING_CACHE)
        return work.prepare(session)


def _hold_few_pages(session: Session, kibibytes: int) -> None:
    """Let SQLite keep fewer pages: an import passes its rows once, and needs the room for what it remembers of them.

    Reads stay as fast, for the file is mapped.  The connection stays so; only workers and the command line import.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql(f"PRAGMA cache_size=-{kibibytes}")


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Let Python look for circular garbage seldom: an import holds very many objects, and makes few circles of them.

    Going through them again and again was a quarter of the dry run's own work.
    """
    before = gc.get_threshold()
    gc.set_threshold(before[0] * 30, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _log(batch_id: int, error: Exception) -> None:
    """Say where it broke.  Not the message and no local variables: both hold names and phones of the rows."""
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("import.broken", batch_id=batch_id, error=type(error).__name__, frames=frames[-12:])


def _fail(batch_id: int, why: str) -> None:
    with transaction() as session:
        runs.fail(session, batch_id, why=why, now=utc_now())
