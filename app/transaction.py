"""The only place that commits, and the way to read without a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from app.extensions import db

READ_ENGINE = "wuyou_read_engine"
READ_ONLY = "wuyou_read_only"


@contextmanager
def transaction(*, read_only: bool = False) -> Iterator[Session]:
    """Commit on leaving; roll everything back on any exception.

    ``read_only`` says that nothing will be written, so that on SQLite readers need not wait for the writer's lock.
    """
    session = cast(Session, db.session())
    try:
        if read_only:
            session.connection(execution_options={READ_ONLY: True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


@contextmanager
def reading() -> Iterator[sa.Connection]:
    """Lend a connection in AUTOCOMMIT: no BEGIN and no ROLLBACK for a request that only reads.

    Each statement sees the newest committed state.  Later this engine points at a read replica.
    """
    engine: sa.Engine = current_app.extensions[READ_ENGINE]
    with engine.connect() as connection:
        yield connection
