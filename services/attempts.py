"""How often something may be tried: counted in the database, so that the limit holds for all processes together.

Only guessing is meant to be slowed down; the limits are far above what people do.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AttemptCount, table_of
from services.errors import TooMany
from services.outbox import insert_for

STRETCH = dt.timedelta(minutes=10)
KEPT = dt.timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """So many tries in ten minutes, and what is said to who tries more often."""

    kind: str
    most: int
    said: str


def take(session: Session, limit: Limit, *, subject: str, now: dt.datetime) -> None:
    """Count one try of a subject (a keyed hash).  Raises ``TooMany`` above the limit.

    Commit it before the try itself: a try that fails is rolled back, and must be counted all the same.
    """
    began_at = now - (now - dt.datetime.min.replace(tzinfo=dt.UTC)) % STRETCH
    table = table_of(AttemptCount)
    tries = session.scalar(
        insert_for(session, table)
        .values(kind=limit.kind, subject_hash=subject, began_at=began_at, tries=1)
        .on_conflict_do_update(index_elements=["kind", "subject_hash", "began_at"], set_={"tries": table.c.tries + 1})
        .returning(table.c.tries)
    )
    if tries is not None and tries > limit.most:
        raise TooMany(limit.said, retry_after=(began_at + STRETCH - now).total_seconds())


def forget(session: Session, *, now: dt.datetime) -> None:
    """Drop counts that no limit asks for any more."""
    session.execute(sa.delete(AttemptCount).where(AttemptCount.began_at < now - KEPT))
