"""Alembic's entry: runs migrations on the database that the application is bound to.

Migrations never import the application's code: they must mean the same in five years, whatever the models say then.
Custom types are therefore written down as the plain types they stand on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from models import Base
from models.types import UtcDateTime

CHECK_KEYS = "PRAGMA foreign_key_check"


def render_item(kind: str, item: Any, _autogen_context: Any) -> str | bool:
    """Write our own column types as the plain types they stand on."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate, all steps in one transaction (PostgreSQL and SQLite both undo schema changes)."""
    engine: sa.Engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection, _foreign_keys_at_rest(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            compare_type=True,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
            if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql(CHECK_KEYS).all()):
                raise RuntimeError(f"rows would be left without those they point to: {broken}")
        connection.commit()


@contextmanager
def _foreign_keys_at_rest(connection: sa.Connection) -> Iterator[None]:
    """Let SQLite rebuild tables that others point to, as its manual says (ALTER TABLE, 7): keys off, check, keys on.

    The pragma does nothing inside a transaction, so it goes to the driver before SQLAlchemy begins one.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute("PRAGMA legacy_alter_table=ON")  # triggers may speak of a table while it is rebuilt
    try:
        yield
    finally:
        driver.execute("PRAGMA legacy_alter_table=OFF")
        driver.execute("PRAGMA foreign_keys=ON")


run()
