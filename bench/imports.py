"""Importing a workbook of 63,000 homes: read, dry run and apply together, against plain executemany of the same rows.

The floor gets the rows of the register ready-made and already sealed, and writes them to tables with the same indexes and
triggers.  Ours reads the workbook, understands addresses and phones, compares, seals, keeps what undoing needs, and writes.
"""

import io
import itertools
import json
import random
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import xlsxwriter

from bench.databases import fresh, sqlite_path
from bench.measured import Measured, Place
from bench.servers import ROOT, environment

ROWS = 63_000
BAR = 0.04
"""Of the floor's rate: understanding a row costs far more than writing it."""
SECONDS_MOST, MEGABYTES_MOST = 60, 300
TABLES = ("home", "home_area", "person", "person_search_key", "residency", "home_right", "residency_event")
PER_STAIRWELL, PER_BUILDING = 12, 48


def run(place: Place) -> list[Measured]:
    """Import once and write the same rows plainly once."""
    book = place.folder / "homes.xlsx"
    book.write_bytes(workbook(ROWS))
    with fresh(place.database, place.folder, place.server) as url:
        job = json.dumps({"url": url, "book": str(book)})
        done = subprocess.run(
            [sys.executable, "-m", "bench.imports"],
            input=job,
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env=environment(url),
        )
        ours: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        rows = {table: _rows(url, table) for table in TABLES}
    with fresh(place.database, place.folder, place.server) as url:
        floor = _floor(url, rows)
    seconds, cpu = ours["whole"]
    parts = ", ".join(f"{name} {ours[name][0]:.0f} ({ours[name][1]:.0f})" for name in ("read", "check", "apply"))
    note = (
        f"{seconds:.0f} s, {cpu:.0f} s of them own work: {parts}, of that the last transaction "
        f"{ours['finish'][0]:.0f} ({ours['finish'][1]:.0f}); {ours['megabytes']:.0f} MB at most"
    )
    if seconds > SECONDS_MOST or ours["megabytes"] > MEGABYTES_MOST:
        note += f": MISSED {SECONDS_MOST} s or {MEGABYTES_MOST} MB"
    rates = (ROWS / seconds, ROWS / floor)
    return [Measured("import 63,000 homes", place.database, [rates], BAR, note)]


def workbook(rows: int) -> bytes:
    """Return a workbook of so many homes, each with an owner and a phone."""
    rng = random.Random(1)  # noqa: S311 - made-up people
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True})
    sheet = book.add_worksheet("房屋")
    sheet.write_row(0, 0, ("楼号", "单元", "房号", "产权面积", "业主", "联系电话"))
    surnames, given = "王李张刘赵陈杨孙高徐于马周林吴宋郭韩曲朱", "桂兰玉珍淑芬秀英国强德军永福长山志刚福海"
    for at in range(rows):
        within = at % PER_BUILDING
        door = within % PER_STAIRWELL
        room = (door // 2 + 1) * 100 + door % 2 + 1
        name = rng.choice(surnames) + rng.choice(given) + rng.choice(given)
        place = (f"{at // PER_BUILDING + 1}号楼", f"{within // PER_STAIRWELL + 1}单元", room)
        sheet.write_row(at + 1, 0, (*place, 45 + at % 3000 / 100, name, 15_400_000_000 + at))
    book.close()
    return buffer.getvalue()


def _rows(url: str, table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    if url.startswith("sqlite"):
        with sqlite3.connect(sqlite_path(url)) as connection:
            found = connection.execute(f"select * from {table}")
            return [one[0] for one in found.description or ()], found.fetchall()
    with psycopg.connect(url) as database:
        cursor = database.execute(f"select * from {table}")
        return [one.name for one in cursor.description or ()], [_plain(row) for row in cursor.fetchall()]


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(json.dumps(value) if isinstance(value, dict) else value for value in row)


def _floor(url: str, rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> float:
    """Write rows by executemany in one transaction, foreign keys unchecked; return the seconds."""
    mark = "?" if url.startswith("sqlite") else "%s"
    statements = {
        table: f"insert into {table} ({', '.join(f'{chr(34)}{name}{chr(34)}' for name in names)}) "
        f"values ({', '.join([mark] * len(names))})"
        for table, (names, _) in rows.items()
    }
    started = time.perf_counter()
    if url.startswith("sqlite"):
        with sqlite3.connect(sqlite_path(url)) as connection:
            for table, (_, values) in rows.items():
                connection.executemany(statements[table], values)
    else:
        with psycopg.connect(url) as database, database.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
            for table, (_, values) in rows.items():
                cursor.executemany(statements[table], values)
    return time.perf_counter() - started


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


def work(url: str, book: Path) -> dict[str, Any]:
    """Import a workbook into a database, as the worker does; return both clocks by part and the peak of memory."""
    # Imported here: the parent must not pay for an application in its own memory.
    from app import create_app, importing  # noqa: PLC0415
    from app.settings import vault  # noqa: PLC0415
    from app.transaction import transaction  # noqa: PLC0415
    from config import DatabaseSettings, Settings  # noqa: PLC0415
    from services.imports import applying, batches, runs, sheets, starting  # noqa: PLC0415

    memory = Memory()
    with create_app(Settings(database=DatabaseSettings(url), log_level="ERROR")).app_context():
        now, times = importing.utc_now, [clocks()]
        with transaction() as session:
            names = ["明山区", "高峪街道", "彩进社区", "彩进小区"]
            unit_id = starting.start(
                session, names=names, code="BX-CJ", manager=None, vault=vault(), now=now()
            ).neighborhood.id
        times[0] = clocks()
        content = book.read_bytes()
        read = sheets.read(content)
        with transaction() as session:
            batch_id = batches.take_in(
                session, actor=None, neighborhood_id=unit_id, file_name=book.name, content=content, sheets=read,
                vault=vault(), now=now(),
            ).id  # fmt: skip
        del read, content
        times.append(clocks())
        with transaction() as session:
            batches.confirm(
                session, actor=None, batch_id=batch_id, columns={}, left_out=(),
                options=batches.Options(new_buildings=True), now=now(),
            )  # fmt: skip
        finish = Clocks(0, 0)
        plain_finish = applying.finish

        def timed_finish(*args: Any, **more: Any) -> None:
            nonlocal finish
            started = clocks()
            plain_finish(*args, **more)
            finish = since(started, clocks())

        applying.finish = timed_finish
        for asked in (None, batches.start_apply):
            with transaction() as session:
                if asked:
                    asked(session, actor=None, batch_id=batch_id, now=now())
                    session.flush()
                runs.claim(session, now=now(), batch_id=batch_id)
            importing.work(batch_id, lambda _: None)
            times.append(clocks())
        with transaction() as session:
            state = batches.batch_for(session, None, batch_id).state
            if state.value != "applied":
                raise RuntimeError(f"the import is {state.value}")
    read_for, check_for, apply_for = itertools.starmap(since, itertools.pairwise(times))
    whole = since(times[0], times[-1])
    spans = {"read": read_for, "check": check_for, "apply": apply_for, "finish": finish, "whole": whole}
    return {"megabytes": memory.most, **{name: list(span) for name, span in spans.items()}}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(work(given["url"], Path(given["book"]))))
