"""Engines: how we talk to SQLite and PostgreSQL."""

import sqlite3
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from app.extensions import db
from app.transaction import READ_ENGINE, READ_ONLY, reading
from config import DatabaseSettings

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # readers do not wait for the writer
    "PRAGMA synchronous=FULL",  # a commit survives a power cut, as on PostgreSQL
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=15000",
    "PRAGMA cache_size=-65536",
    "PRAGMA mmap_size=268435456",
)


HEAD = (Path(__file__).parents[1] / "models/migrations/HEAD").read_text().strip()
"""The newest migration: what a database has to be at for this version to work with it."""


def to_json(value: Any) -> str:
    """Serialise a JSON column."""
    return orjson.dumps(value).decode()


def configure(app: Flask, settings: DatabaseSettings) -> None:
    """Bind the application to its database: one engine for transactions, one in AUTOCOMMIT for reading."""
    url = usable_url(settings.url)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url, settings.pool_size)
    db.init_app(app)
    with app.app_context():
        prepare_sqlite(db.engine)
        begin_immediately(db.engine)
        read = read_engine(usable_url(settings.read_url) if settings.read_url else url, settings.pool_size)
        app.extensions[READ_ENGINE] = read


def read_engine(url: sa.URL, pool_size: int) -> sa.Engine:
    """Return an engine in AUTOCOMMIT whose connections go back to the pool as they are: nothing to roll back."""
    engine = sa.create_engine(
        url, **engine_options(url, pool_size), isolation_level="AUTOCOMMIT", pool_reset_on_return=None
    )
    prepare_sqlite(engine)
    return engine


def usable_url(text: str) -> sa.URL:
    """Return the URL with psycopg 3 as PostgreSQL's driver and, for SQLite, an existing folder and a full path."""
    url = make_url(text)
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        path = Path(url.database).absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        return url.set(database=str(path))
    return url


def engine_options(url: sa.URL, pool_size: int) -> dict[str, Any]:
    """Return the options of both engines."""
    # The values of a statement that fails are no business of the log.
    options: dict[str, Any] = {
        "json_serializer": to_json,
        "json_deserializer": orjson.loads,
        "hide_parameters": True,
    }
    if url.get_backend_name() == "postgresql":
        return options | {"pool_size": pool_size, "max_overflow": 2, "pool_recycle": 1800}
    return options | {"connect_args": {"check_same_thread": False}}


def prepare_sqlite(engine: sa.Engine) -> None:
    """Make SQLite durable and strict about foreign keys on every new connection."""
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()


def begin_immediately(engine: sa.Engine) -> None:
    """On SQLite, take the writer's lock at BEGIN, and let SQLAlchemy, not Python's driver, say when that is.

    A transaction that reads first and writes later could otherwise fail half way because somebody else wrote meanwhile.
    """
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def migrated() -> str | None:
    """Return the migration that the database is at, or nothing when it has none or cannot be reached."""
    try:
        with reading() as connection:
            found: str | None = connection.scalar(sa.text("select version_num from alembic_version"))
    except SQLAlchemyError:
        return None
    return found
