"""Who works on a batch now.  A lease is renewed with every step, so that a worker that died is replaced."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, ImportState
from services import audit
from services.imports.moves import Action, move
from services.imports.undoing import forget_people

LEASE = dt.timedelta(minutes=3)
"""Steps take a second; the last one of a very large batch up to a minute."""
DUE = (ImportState.MAPPED, ImportState.APPLYING)
TROUBLE = "出了意外，什么也没有写进去。请再检查一次；还是不行，就联系系统管理员。"


def claim(session: Session, *, now: dt.datetime, batch_id: int | None = None) -> int | None:
    """Lease the oldest batch that is to be worked on, or a certain one; nothing when there is none."""
    free = sa.or_(ImportBatch.leased_until.is_(None), ImportBatch.leased_until <= now)
    due = sa.select(ImportBatch.id).where(ImportBatch.state.in_(DUE), free)
    if batch_id is not None:
        due = due.where(ImportBatch.id == batch_id)
    one = due.order_by(ImportBatch.id).limit(1).with_for_update(skip_locked=True).scalar_subquery()
    return session.scalar(
        sa.update(ImportBatch)
        .where(ImportBatch.id == one)
        .values(leased_until=now + LEASE)
        .returning(ImportBatch.id)
        .execution_options(synchronize_session=False)
    )


def mine(session: Session, batch_id: int, *, lease: dt.datetime | None, now: dt.datetime) -> ImportBatch | None:
    """Return the batch and renew the lease; nothing when somebody else has taken it over meanwhile."""
    renewed: Any = session.execute(
        sa.update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.state.in_(DUE), ImportBatch.leased_until == lease)
        .values(leased_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )
    if not renewed.rowcount:
        return None
    return session.get_one(ImportBatch, batch_id, populate_existing=True)


def fail(session: Session, batch_id: int, *, why: str, now: dt.datetime) -> None:
    """End a batch that cannot go on; the persons it made are emptied.  It can be checked again."""
    batch = session.get_one(ImportBatch, batch_id, populate_existing=True, with_for_update=True)
    if batch.state not in DUE:
        return
    forget_people(session, batch)
    batch.failed_why = why[:255]
    move(batch, Action.FAIL)
    batch.leased_until, batch.rows_done = None, 0
    session.flush()
    audit.note_on(session, None, batch, "import.failed", now, {})
