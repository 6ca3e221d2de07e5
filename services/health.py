"""How the machinery is: what waits, what failed, when each job last ran."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import OutboxMessage, OutboxState
from services import jobs

LATE = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Queue:
    """The outbox in numbers."""

    waiting: int
    late: int
    """Written more than an hour ago and still not out: WeChat is away, or the worker is."""
    failed: int


def queue(session: Session, *, now: dt.datetime) -> Queue:
    """Count the messages that wait, wait too long, or were given up."""
    open_states = [OutboxState.WAITING, OutboxState.SENDING]
    waiting, late = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((OutboxMessage.created_at < now - LATE, 1))),
        ).where(OutboxMessage.state.in_(open_states))
    ).one()
    failed = session.scalar(
        sa.select(sa.func.count()).select_from(OutboxMessage).where(OutboxMessage.state == OutboxState.FAILED)
    )
    return Queue(waiting, late, failed or 0)


def quiet_jobs(session: Session, *, now: dt.datetime) -> list[str]:
    """Return the jobs whose last good run is older than three of their periods: the worker is not running."""
    runs = jobs.last_runs(session)
    quiet = []
    for job in jobs.TIMETABLE:
        run = runs.get(job.name)
        if run is None or not run.ok or run.started_at < now - 3 * job.every - dt.timedelta(minutes=1):
            quiet.append(job.name)
    return quiet
