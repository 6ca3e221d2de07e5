"""Rights end at once: whoever changes what a person may do says so here, in the same transaction.

Access tokens are not read from the database.  Each says at which *generation* of its person's rights it was made; a newer
one makes it worthless, and the device fetches another by its refresh token.  Counting, unlike comparing times, asks nothing
of the clocks of several machines.
"""

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import RightsChange, table_of
from services.outbox import insert_for

AT_ONCE = 5_000
"""Rows in one statement: SQLite takes no more than 32,766 values."""


def changed(session: Session, *, person_ids: Collection[int], now: dt.datetime) -> None:
    """Make every token of these persons worthless as soon as this transaction is committed."""
    waiting = sorted(set(person_ids))  # in one order, or two transactions could wait for each other
    while waiting:
        rows = [{"person_id": one, "generation": 1, "changed_at": now} for one in waiting[:AT_ONCE]]
        statement = insert_for(session, table_of(RightsChange)).values(rows)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["person_id"],
                set_={"generation": table_of(RightsChange).c.generation + 1, "changed_at": now},
            )
        )
        waiting = waiting[AT_ONCE:]


def generation_of(session: Session, person_id: int) -> int:
    """Return the generation of a person's rights.

    Read it before the rights themselves: if they change in between, the token is refused once too often, never too seldom.
    """
    query = sa.select(RightsChange.generation).where(RightsChange.person_id == person_id)
    return session.scalar(query) or 0


def recent(connection: sa.Connection, *, since: dt.datetime) -> dict[int, int]:
    """Return the generations of everybody whose rights were changed since a moment."""
    rows = connection.execute(
        sa.select(RightsChange.person_id, RightsChange.generation).where(RightsChange.changed_at > since)
    )
    return {row.person_id: row.generation for row in rows}
