"""The outbox: things to do outside the database, written in the same transaction as the change that causes them.

``enqueue`` → ``claim`` (a lease, committed) → the port is called with no transaction open → ``settle`` (committed).
A worker that dies in between leaves a lease that runs out, and the row is claimed again: every message goes out *at least*
once.  WeChat has no key against repeats, so a crash between the call and the settling may repeat one message.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import Channel, OutboxMessage, OutboxState, table_of

LEASE = dt.timedelta(minutes=2)
CLAIM_LOCK = 7_305_001
"""The advisory lock under which subscribe messages are claimed; any number that nobody else uses."""
BACK_OFF = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
"""Waits before the second, third … try; after the last one a message has failed."""


def enqueue(
    session: Session,
    *,
    channel: Channel,
    topic: str,
    dedupe_key: str,
    now: dt.datetime,
    subject_id: int | None = None,
    neighborhood_id: int | None = None,
    payload: Mapping[str, Any] | None = None,
    due_at: dt.datetime | None = None,
) -> None:
    """Ask for something to be done after the commit, or later.  The same ``dedupe_key`` again does nothing."""
    values = {
        "channel": channel,
        "topic": topic,
        "dedupe_key": dedupe_key,
        "subject_id": subject_id,
        "neighborhood_id": neighborhood_id,
        "payload": dict(payload or {}),
        "state": OutboxState.WAITING,
        "attempts": 0,
        "due_at": due_at or now,
        "created_at": now,
    }
    # Given as parameters, not with .values(): that would wrap and key each value anew, half of the time of a push.
    session.execute(insert_once(session, table_of(OutboxMessage)), values)


def insert_once(session: Session, table: Any) -> Any:
    """Return an INSERT that does nothing where a unique key is taken already."""
    return insert_for(session, table).on_conflict_do_nothing()


def insert_for(session: Session, table: Any) -> Any:
    """Return the INSERT of the session's database, which knows ON CONFLICT."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(table)


@dataclass(frozen=True)
class Claimed:
    """A message that this worker may handle until its lease runs out."""

    id: int
    channel: Channel
    topic: str
    subject_id: int | None
    neighborhood_id: int | None
    payload: Mapping[str, Any]
    attempts: int
    lease: dt.datetime


def claim(session: Session, *, channel: Channel, now: dt.datetime, limit: int) -> list[Claimed]:
    """Lease up to ``limit`` due messages of a channel.  Commit before handling them.

    One conditional UPDATE: on PostgreSQL with SKIP LOCKED, so that workers do not wait for each other; on SQLite writers
    come one after the other anyway.  Messages to an account to which one is on its way wait for their turn.
    """
    due = (
        sa.select(OutboxMessage.id)
        .where(
            OutboxMessage.channel == channel,
            OutboxMessage.state.in_([OutboxState.WAITING, OutboxState.SENDING]),
            OutboxMessage.due_at <= now,
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if channel is Channel.SUBSCRIBE:
        due = _free_accounts_only(session, due, now)
    lease = now + LEASE
    rows = session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.id.in_(due.scalar_subquery()))
        # A leased row is due again when its lease ends: that is how the work of a dead worker comes back.
        .values(state=OutboxState.SENDING, leased_until=lease, due_at=lease, attempts=OutboxMessage.attempts + 1)
        .returning(
            OutboxMessage.id,
            OutboxMessage.channel,
            OutboxMessage.topic,
            OutboxMessage.subject_id,
            OutboxMessage.neighborhood_id,
            OutboxMessage.payload,
            OutboxMessage.attempts,
        )
        .execution_options(synchronize_session=False)
    )
    # In the order in which they were written: RETURNING promises none, and people read their inbox in it.
    return sorted((Claimed(*row, lease=lease) for row in rows), key=lambda message: message.id)


def _free_accounts_only(session: Session, due: Any, now: dt.datetime) -> Any:
    """Leave out accounts that another worker is sending to: WeChat takes no two messages to one person at once."""
    if session.get_bind().dialect.name == "postgresql":
        # Claims of this channel come one after the other, or two workers could claim for one account at the same moment.
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(CLAIM_LOCK)))
    other = sa.orm.aliased(OutboxMessage)
    busy = sa.exists().where(
        other.channel == Channel.SUBSCRIBE,
        other.state == OutboxState.SENDING,
        other.leased_until > now,
        other.subject_id == OutboxMessage.subject_id,
    )
    return due.where(~busy)


@dataclass(frozen=True)
class Outcome:
    """How handling a message ended.  ``retry_at`` is set when it shall be tried again."""

    message: Claimed
    state: OutboxState
    error: str | None = None
    retry_at: dt.datetime | None = None


def settle(session: Session, outcomes: Sequence[Outcome], *, now: dt.datetime) -> int:
    """Write down how messages ended; return how many were still ours.

    A message whose lease another worker has taken over meanwhile is left alone.
    """
    if not outcomes:
        return 0
    table = OutboxMessage.__table__
    statement = (
        sa.update(OutboxMessage)
        .where(
            table.c.id == sa.bindparam("message_id"),
            table.c.state == OutboxState.SENDING,
            table.c.leased_until == sa.bindparam("lease"),
        )
        .values(
            state=sa.bindparam("new_state"),
            leased_until=None,
            due_at=sa.func.coalesce(sa.bindparam("retry_at", type_=table.c.due_at.type), table.c.due_at),
            settled_at=sa.bindparam("settled", type_=table.c.due_at.type),
            last_error=sa.bindparam("error"),
        )
    )
    rows = [
        {
            "message_id": outcome.message.id,
            "lease": outcome.message.lease,
            "new_state": outcome.state,
            "retry_at": outcome.retry_at,
            "settled": None if outcome.retry_at else now,
            "error": outcome.error,
        }
        for outcome in outcomes
    ]
    return cast("sa.CursorResult[Any]", session.connection().execute(statement, rows)).rowcount


def hurry(session: Session, *, channel: Channel, errors: Sequence[str], now: dt.datetime) -> None:
    """Make due what waits for a channel because of one of these errors: it has just opened again.  Tries stay counted."""
    session.execute(
        sa.update(OutboxMessage)
        .where(
            OutboxMessage.channel == channel,
            OutboxMessage.state == OutboxState.WAITING,
            OutboxMessage.last_error.in_(errors),
            OutboxMessage.due_at > now,
        )
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )


def next_try(attempts: int, now: dt.datetime, retry_after: float | None = None) -> dt.datetime | None:
    """Return when to try again after so many attempts, or nothing when it is time to give up."""
    if retry_after is not None:
        return now + dt.timedelta(seconds=retry_after)
    if attempts > len(BACK_OFF):
        return None
    return now + BACK_OFF[attempts - 1]
