"""Importing a workbook of 63,000 homes: read, dry run and apply together, against plain executemany of the same rows.

The floor gets the rows of the register ready-made and already sealed, and writes them to tables with the same indexes and
triggers.  Ours reads the workbook, understands addresses and phones, compares, seals, keeps what undoing needs, and writes.
"""

import io
import json
import random
import sqlite3
import subprocess
import sys
import time
from typing import Any

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
            [sys.executable, "-m", "bench.importing"],
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
    is_over = seconds > SECONDS_MOST or ours["megabytes"] > MEGABYTES_MOST
    missed = f"{SECONDS_MOST} s and {MEGABYTES_MOST} MB" if is_over else ""
    rates = (ROWS / seconds, ROWS / floor)
    return [Measured("import 63,000 homes", place.database, [rates], BAR, note, missed)]


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
