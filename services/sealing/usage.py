"""Which key seals how much: its id stands in front of every value, so the database counts without opening anything."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.sealing.columns import SEALED, Sealed
from services.vault import key_id_of, prefix


def sealed_with(one: Sealed, key_id: str) -> sa.ColumnElement[bool]:
    """Return the condition that a value was sealed with a key."""
    return _start(one, len(prefix(key_id))) == sa.literal(prefix(key_id), sa.LargeBinary)


def used_in(session: Session, key_id: str) -> dict[str, int]:
    """Return how many values of which columns a key sealed."""
    found = {
        one.where: session.scalar(sa.select(sa.func.count()).where(sealed_with(one, key_id)).select_from(one.table))
        for one in SEALED
    }
    return {where: count for where, count in found.items() if count}


def has_others(session: Session, one: Sealed, key_id: str) -> bool:
    """Whether a column has values that another key sealed."""
    query = sa.select(sa.literal(1)).where(one.column.is_not(None), sa.not_(sealed_with(one, key_id))).limit(1)
    return session.scalar(query) is not None


def usage(session: Session) -> dict[str, dict[str, int]]:
    """Return by column how many values each key sealed, keys that nobody has among them."""
    return {one.where: _by_key(session, one) for one in SEALED}


def _by_key(session: Session, one: Sealed) -> dict[str, int]:
    found: dict[str, int] = {}
    lengths = session.scalars(sa.select(_start(one, 1)).where(one.column.is_not(None)).distinct()).all()
    for length in sorted(lengths):
        start = _start(one, 1 + length[0])
        rows = session.execute(
            sa.select(start, sa.func.count())
            .where(_start(one, 1) == sa.literal(length, sa.LargeBinary))
            .group_by(start)
        )
        found |= {key_id_of(beginning): count for beginning, count in rows}
    return found


def _start(one: Sealed, size: int) -> sa.ColumnElement[bytes]:
    return sa.func.substr(one.column, 1, size, type_=sa.LargeBinary)
