"""Working on batches of imports: in the worker process for those from the API, at once for those from the command line.

Each step is a transaction of its own; what belongs together is written in one (``services.imports.applying``).
"""

import datetime as dt
import traceback
from collections.abc import Callable

import structlog
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
"""KiB."""

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


class Run:
    """One worker at one batch."""

    def __init__(self, batch_id: int, progress: Progress) -> None:
        self._batch_id = batch_id
        self._progress = progress
        with transaction() as session:
            _hold_few_pages(session)
            batch = session.get_one(ImportBatch, batch_id, populate_existing=True)
            self.state = batch.state
            self._lease = batch.leased_until

    def check(self) -> None:
        """Run the dry run to its end."""
        with transaction() as session:
            check = Check(session, self._mine(session), vault=vault(), now=utc_now())
        self._steps(check)

    def apply(self) -> None:
        """Write the persons step by step, then everything else at once."""
        with transaction() as session:
            people = applying.People(self._mine(session), vault=vault())
        self._steps(people)
        with transaction() as session:
            batch = self._mine(session)
            applying.finish(session, batch, people, vault=vault(), now=utc_now(), progress=lambda _: None)

    def _steps(self, work: Check | applying.People) -> None:
        more = True
        while more:
            with transaction() as session:
                batch = self._mine(session)
                before = batch.rows_done
                more = work.step(session, batch, now=utc_now())
                done = batch.rows_done - before
            self._progress(done)

    def _mine(self, session: Session) -> ImportBatch:
        batch = runs.mine(session, self._batch_id, lease=self._lease, now=utc_now())
        if batch is None:
            raise Lost
        self._lease = batch.leased_until
        return batch


def _hold_few_pages(session: Session) -> None:
    """Let SQLite keep fewer pages: an import passes its rows once, and needs the room for what it remembers of them.

    Reads stay as fast, for the file is mapped.  The connection stays so; only workers and the command line import.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql(f"PRAGMA cache_size=-{SQLITE_CACHE}")


def _log(batch_id: int, error: Exception) -> None:
    """Say where it broke.  Not the message and no local variables: both hold names and phones of the rows."""
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("import.broken", batch_id=batch_id, error=type(error).__name__, frames=frames[-12:])


def _fail(batch_id: int, why: str) -> None:
    with transaction() as session:
        runs.fail(session, batch_id, why=why, now=utc_now())
