"""Statements for the few requests that must be fast: written with SQLAlchemy, compiled once, run as plain SQL.

What is saved is not the database's work but ours: looking the statement up, and turning each value of each row through a
type.  Values come as the driver gives them, which is what an answer in JSON needs: enums as their text, times aware.
"""

import datetime as dt
import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from models.types import JSON_TYPE, UtcDateTime


@dataclass(frozen=True)
class _Ready:
    """A statement in one dialect: its text, its parameters, the names of its columns and their readers."""

    sql: str
    order: Sequence[str] | None
    constants: Mapping[str, Any]
    names: tuple[str, ...]
    readers: tuple[tuple[str, Callable[[Any], Any]], ...]


class Prepared:
    """A statement that is compiled once for each kind of database."""

    def __init__(self, statement: Any, keys: Sequence[str] | None = None) -> None:
        """Take a SELECT, or an INSERT with the columns that will be given."""
        self._statement = statement
        self._keys = keys
        self._ready: dict[str, _Ready] = {}

    def rows(self, connection: sa.Connection, **parameters: Any) -> list[dict[str, Any]]:
        """Run it and return its rows; an INSERT has those of its RETURNING."""
        ready = self._ready.get(connection.dialect.name) or self._compile(connection.dialect)
        as_kept = _for_sqlite if ready.order is not None else _for_postgresql
        named = {**ready.constants, **{name: as_kept(value) for name, value in parameters.items()}}
        given: Any = named if ready.order is None else tuple(named[name] for name in ready.order)
        found = [dict(zip(ready.names, row, strict=True)) for row in _run(connection, ready, given)]
        for name, read in ready.readers:
            for row in found:
                if row[name] is not None:
                    row[name] = read(row[name])
        return found

    def _compile(self, dialect: sa.Dialect) -> _Ready:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._keys)
        is_select = isinstance(self._statement, sa.Select)
        columns = self._statement.selected_columns if is_select else self._statement.exported_columns
        # SQLite keeps times and JSON as text; PostgreSQL's driver gives both as they are.
        readers = [(str(column.key), _reader(column.type)) for column in columns] if dialect.name == "sqlite" else []
        ready = _Ready(
            sql=compiled.string,
            order=compiled.positiontup,
            constants={name: value for name, value in compiled.params.items() if value is not None},
            names=tuple(str(column.key) for column in columns),
            readers=tuple((name, read) for name, read in readers if read is not None),
        )
        self._ready[dialect.name] = ready
        return ready


def _run(connection: sa.Connection, ready: _Ready, given: Any) -> list[Any]:
    """Run plain SQL on the driver's own cursor: describing the columns anew each time would cost more than the query.

    Errors become SQLAlchemy's, and a connection that broke does not go back to the pool.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(ready.sql, given)
        return list(cursor.fetchall()) if ready.names else []
    except connection.dialect.loaded_dbapi.Error as error:
        if connection.dialect.is_disconnect(error, connection.connection, cursor):
            connection.invalidate(error)
        raise sa.exc.DBAPIError.instance(
            ready.sql, None, error, connection.dialect.loaded_dbapi.Error, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()


def _reader(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, UtcDateTime):
        return _time
    return orjson.loads if isinstance(kind, type(JSON_TYPE)) else None


def _for_postgresql(value: Any) -> Any:
    """Return a value as the driver takes it."""
    if isinstance(value, enum.Enum):
        return value.value
    return orjson.dumps(value).decode() if isinstance(value, dict) else value


def _for_sqlite(value: Any) -> Any:
    """Return a value as SQLite keeps it: a time is the UTC wall clock without a zone."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return _for_postgresql(value)


def _time(text: str) -> dt.datetime:
    """Read a time as SQLite keeps it: the UTC wall clock without a zone."""
    return dt.datetime.fromisoformat(text + "+00:00")
