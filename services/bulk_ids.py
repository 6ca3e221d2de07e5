"""Ids given out before rows are written, so that many rows and those that point to them go in by plain executemany."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.orm import Session


def new_ids(session: Session, table: str, count: int) -> list[int]:
    """Return ids that nobody has.

    SQLite gives out none in advance: there the largest one is counted on, which is safe because writers come one after the
    other from BEGIN on.
    """
    if not count:
        return []
    if session.get_bind().dialect.name == "postgresql":
        # As a query of its own it is asked once, not once for each id.
        sequence = sa.select(sa.func.pg_get_serial_sequence(table, "id").cast(REGCLASS)).scalar_subquery()
        next_id = sa.func.nextval(sequence, type_=sa.BigInteger).label("id")
        return list(session.scalars(sa.select(next_id).select_from(sa.func.generate_series(1, count))))
    column: sa.ColumnClause[int] = sa.column("id", sa.Integer)
    last = session.scalar(sa.select(sa.func.max(column)).select_from(sa.table(table))) or 0
    return list(range(last + 1, last + count + 1))
