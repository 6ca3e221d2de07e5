"""Many rows of one table at once, for imports and other bulk work.

``session.execute(insert(table), rows)`` builds the parameters of each row anew, and PostgreSQL gets each row as a statement
of its own: with 63,000 homes that was more than half of the time.  Here the values go column by column through the types of
the table once.  PostgreSQL gets them by COPY, or as arrays where something is to be decided for each row; SQLite gets plain
tuples.

All rows have the same columns, and all that the table wants are given: no Python defaults are filled in.  Triggers and
constraints work as ever.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

AT_ONCE = 5_000
"""Rows in one statement."""

Columns = Mapping[str, Sequence[Any]]
"""Values by the name of their column, all of one length."""


def insert(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, once: bool = False) -> None:
    """Write rows; ``once`` leaves out those whose unique keys are taken."""
    for some in _parts(rows):
        insert_columns(session.connection(), table, _columns(some, some[0]), once=once)


def insert_columns(connection: sa.Connection, table: sa.Table, columns: Columns, *, once: bool = False) -> None:
    """Write rows that are at hand column by column."""
    quote, values = connection.dialect.identifier_preparer.quote, _spelled(connection.dialect, table, columns)
    into = f"{quote(table.name)} ({', '.join(map(quote, columns))})"
    if connection.dialect.name == "postgresql" and not once:
        _copy(connection, into, values)
        return
    rest = " on conflict do nothing" if once else ""
    if connection.dialect.name == "postgresql":
        statement = f"insert into {into} select * from {_unnest(connection.dialect, table, columns)}{rest}"  # noqa: S608 - names of our own tables
        connection.exec_driver_sql(statement, tuple(values))
    else:
        statement = f"insert into {into} values ({', '.join('?' * len(columns))}){rest}"  # noqa: S608 - as above
        connection.exec_driver_sql(statement, list(zip(*values, strict=True)))


def _copy(connection: sa.Connection, into: str, columns: Iterable[Sequence[Any]]) -> None:
    """Hand rows to PostgreSQL's COPY, which goes past SQLAlchemy: its errors are made SQLAlchemy's here."""
    statement = f"copy {into} from stdin"
    try:
        cursor: Any = connection.connection.cursor()  # psycopg's own, which knows COPY
        with cursor, cursor.copy(statement) as copy:
            for row in zip(*columns, strict=True):
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.IntegrityError as error:
        raise IntegrityError(statement, None, error) from error


def update(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change rows by their ``id``, which stands in each row beside the new values."""
    connection = session.connection()
    quote, dialect = connection.dialect.identifier_preparer.quote, connection.dialect
    for some in _parts(rows):
        names = [name for name in some[0] if name != "id"]
        columns = _columns(some, [*names, "id"])
        values = _spelled(dialect, table, columns)
        if dialect.name == "postgresql":
            pairs = ", ".join(f"{quote(name)} = new.{quote(name)}" for name in names)
            new = f"{_unnest(dialect, table, columns)} as new ({', '.join(map(quote, columns))})"
            statement = f"update {quote(table.name)} as old set {pairs} from {new} where old.id = new.id"  # noqa: S608 - names of our own tables
            connection.exec_driver_sql(statement, tuple(values))
        else:
            pairs = ", ".join(f"{quote(name)} = ?" for name in names)
            statement = f"update {quote(table.name)} set {pairs} where id = ?"  # noqa: S608 - as above
            connection.exec_driver_sql(statement, list(zip(*values, strict=True)))


def _columns(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> Columns:
    return {name: [row[name] for row in rows] for name in names}


def _spelled(dialect: sa.Dialect, table: sa.Table, columns: Columns) -> list[Sequence[Any]]:
    """Return the values as the driver takes them."""
    spelled = []
    for name, values in columns.items():
        spell: Callable[[Any], Any] | None = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        spelled.append(values if spell is None else [spell(value) for value in values])
    return spelled


def _unnest(dialect: sa.Dialect, table: sa.Table, names: Iterable[str]) -> str:
    types = (table.c[name].type.compile(dialect) for name in names)
    return f"unnest({', '.join(f'%s::{one}[]' for one in types)})"


def _parts(rows: Sequence[Mapping[str, Any]]) -> Iterable[Sequence[Mapping[str, Any]]]:
    return (rows[first : first + AT_ONCE] for first in range(0, len(rows), AT_ONCE))
