"""``python -m bench.importing``: one import as the worker does it, in a process of its own; ``bench.imports`` starts it.

Standard input is a JSON object with ``url`` (a migrated, empty database) and ``book`` (a workbook); standard output the
seconds by the clock and of the processor for each part, and the most memory.
"""

import itertools
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from app import create_app, importing
from app.importing import utc_now
from app.settings import vault
from app.transaction import transaction
from config import DatabaseSettings, Settings
from models import ImportState
from services.imports import applying, batches, intake, runs, sheets, starting

NAMES = ("明山区", "高峪街道", "彩进社区", "彩进小区")


class Memory:
    """Looks every few hundredths of a second how much memory of its own the process holds.

    Not ``ru_maxrss``: it counts the pages of the database file that SQLite maps, which the system takes back at will.
    """

    def __init__(self) -> None:
        self.most = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            status = Path("/proc/self/status").read_text()
            held = next(line for line in status.splitlines() if line.startswith("RssAnon"))
            self.most = max(self.most, int(held.split()[1]) / 1024)
            time.sleep(0.03)


class Clocks(NamedTuple):
    """Seconds by the clock and of the process's own work: on a busy machine only the second says something."""

    wall: float
    cpu: float


def clocks() -> Clocks:
    """Return both clocks."""
    return Clocks(time.perf_counter(), time.process_time())


def since(earlier: Clocks, later: Clocks) -> Clocks:
    """Return what passed between two looks."""
    return Clocks(later.wall - earlier.wall, later.cpu - earlier.cpu)


def run(url: str, book: Path) -> dict[str, Any]:
    """Import a workbook into a database; return both clocks by part and the peak of memory in megabytes."""
    memory = Memory()
    with (
        create_app(Settings(database=DatabaseSettings(url), log_level="ERROR")).app_context(),
        timed_finish() as finish,
    ):
        neighborhood_id = start()
        times = [clocks()]
        batch_id = read(neighborhood_id, book)
        times.append(clocks())
        confirm(batch_id)
        work(batch_id)
        times.append(clocks())
        with transaction() as session:
            batches.start_apply(session, actor=None, batch_id=batch_id, now=utc_now())
        work(batch_id)
        times.append(clocks())
        with transaction() as session:
            state = batches.batch_for(session, None, batch_id).state
    if state is not ImportState.APPLIED:
        raise RuntimeError(f"the import is {state.value}")
    parts = dict(zip(("read", "check", "apply"), itertools.starmap(since, itertools.pairwise(times)), strict=True))
    return {"megabytes": memory.most, **parts, "finish": finish[0], "whole": since(times[0], times[-1])}


def start() -> int:
    """Make the neighborhood; return its key."""
    with transaction() as session:
        started = starting.start(session, names=NAMES, code="BX-CJ", manager=None, vault=vault(), now=utc_now())
        return started.neighborhood.id


def read(neighborhood_id: int, book: Path) -> int:
    """Read the workbook and keep its rows; return the key of the batch."""
    content = book.read_bytes()
    found = sheets.read(content)
    with transaction() as session:
        return intake.take_in(
            session,
            actor=None,
            neighborhood_id=neighborhood_id,
            file_name=book.name,
            content=content,
            sheets=found,
            vault=vault(),
            now=utc_now(),
        ).id


def confirm(batch_id: int) -> None:
    """Say that the columns are the right ones."""
    options = batches.Options(new_buildings=True)
    with transaction() as session:
        batches.confirm(session, actor=None, batch_id=batch_id, columns={}, left_out=(), options=options, now=utc_now())


def work(batch_id: int) -> None:
    """Do what the worker does when it finds the batch."""
    with transaction() as session:
        runs.claim(session, now=utc_now(), batch_id=batch_id)
    importing.work(batch_id, lambda _: None)


@contextmanager
def timed_finish() -> Iterator[list[Clocks]]:
    """Lend a list that gets the clocks of the last transaction of an import."""
    spans: list[Clocks] = []
    plain = applying.finish

    def timed(*args: Any, **more: Any) -> None:
        started = clocks()
        plain(*args, **more)
        spans.append(since(started, clocks()))

    applying.finish = timed
    try:
        yield spans
    finally:
        applying.finish = plain


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(run(given["url"], Path(given["book"]))))
