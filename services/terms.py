"""Things that hold from a moment until another: memberships, residencies."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute


def in_force(
    starts: InstrumentedAttribute[dt.datetime], ends: InstrumentedAttribute[dt.datetime | None], now: dt.datetime
) -> sa.ColumnElement[bool]:
    """Return the condition that something has begun and not ended."""
    return sa.and_(starts <= now, sa.or_(ends.is_(None), ends > now))
