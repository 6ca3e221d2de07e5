"""Turns of the robots: who may speak now, what it says, and how that went.

A robot takes twenty posts a minute.  Every post is a row that is taken before the call and counts until a minute after the
call is over, so that no stretch of a minute ever sees more, whatever the number of workers and however slow the answers.
Only one worker has a robot at a time: its messages keep their order, and a robot that must wait keeps nobody else waiting.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Channel, GroupBinding, OutboxMessage, OutboxState, RobotPost, table_of
from services import deliveries
from services.groups.packing import Draft, pack, text_of
from services.outbox import LEASE, Claimed
from services.vault import Vault

PER_MINUTE = 20
WINDOW = dt.timedelta(seconds=61)
"""A minute, and a second for clocks of several machines that do not quite agree."""
POSTS_A_TURN = 4
"""Each may take eight seconds before it is given up: a turn is over long before its lease."""
READ_AT_ONCE = 20

IN_QUEUE = (OutboxState.WAITING, OutboxState.SENDING)


@dataclass(frozen=True)
class Post:
    """One call: its place among the twenty (``robot_post.id``), the messages in it, and the text."""

    place: int
    messages: Sequence[Claimed]
    markdown: str


@dataclass(frozen=True)
class Turn:
    """What one robot says now, in order.  ``gone`` are messages about something that is not there any more."""

    group_id: int
    robot_key: str
    posts: Sequence[Post]
    gone: Sequence[Claimed] = ()


def claim(session: Session, *, vault: Vault, now: dt.datetime, limit: int) -> list[Turn]:
    """Lease the turns of up to ``limit`` robots that have something to say and may say it.  Commit before speaking."""
    groups = _free_robots(session, now, limit)
    if not groups:
        return []
    # From here on these rows are ours: the next statements see whatever the worker before us left behind.
    room = rooms(session, groups, now)
    waiting = {group_id: _head(session, group_id, now) for group_id, left in room.items() if left > 0}
    contents = deliveries.robot_messages(session, [message for head in waiting.values() for message in head], vault)
    turns = []
    for group_id, head in waiting.items():
        drafts = [Draft(message, contents[message.id].markdown) for message in head if message.id in contents]
        gone = [message for message in head if message.id not in contents]
        packed = pack(drafts, min(POSTS_A_TURN, room[group_id]))
        key = contents[drafts[0].message.id].robot_key if drafts else ""
        posts = [_take_place(session, group_id, together, now) for together in packed]
        turns.append(Turn(group_id, key, posts, gone))
    _lease(session, turns, now)
    return [turn for turn in turns if turn.posts or turn.gone]


def _free_robots(session: Session, now: dt.datetime, limit: int) -> list[int]:
    """Lock groups that have something due, may speak and have no other worker at it; who spoke longest ago comes first."""
    queued = sa.select(OutboxMessage.id).where(
        OutboxMessage.channel == Channel.ROBOT, OutboxMessage.subject_id == GroupBinding.id
    )
    due = queued.where(OutboxMessage.state.in_(IN_QUEUE), OutboxMessage.due_at <= now)
    statement = (
        sa.select(GroupBinding.id)
        .where(
            sa.or_(GroupBinding.next_turn_at.is_(None), GroupBinding.next_turn_at <= now),
            due.exists(),
            ~_under_way(queued, now).exists(),
        )
        .order_by(sa.nulls_first(GroupBinding.next_turn_at), GroupBinding.id)
        .limit(limit)
        .with_for_update(of=GroupBinding, skip_locked=True)
    )
    locked = list(session.scalars(statement))
    busy = sa.select(OutboxMessage.subject_id).where(
        OutboxMessage.channel == Channel.ROBOT, OutboxMessage.subject_id.in_(locked)
    )
    # Asked again now that the groups are locked: somebody may have taken a turn between our look and our lock.
    taken = set(session.scalars(_under_way(busy, now))) if locked else set()
    free = [group_id for group_id in locked if group_id not in taken]
    session.execute(
        sa.update(GroupBinding)
        .where(GroupBinding.id.in_(free))
        .values(next_turn_at=now)
        .execution_options(synchronize_session=False)
    )
    return free


def _under_way(queued: sa.Select[Any], now: dt.datetime) -> sa.Select[Any]:
    return queued.where(OutboxMessage.state == OutboxState.SENDING, OutboxMessage.leased_until > now)


def rooms(session: Session, group_ids: Iterable[int], now: dt.datetime) -> dict[int, int]:
    """Return how many posts each robot may still make; who may make none comes back when a place is free."""
    session.execute(sa.delete(RobotPost).where(RobotPost.group_id.in_(group_ids), RobotPost.counts_until <= now))
    used = {
        row.group_id: row
        for row in session.execute(
            sa.select(
                RobotPost.group_id, sa.func.count().label("posts"), sa.func.min(RobotPost.counts_until).label("free")
            )
            .where(RobotPost.group_id.in_(group_ids))
            .group_by(RobotPost.group_id)
        )
    }
    left = {}
    for group_id in group_ids:
        row = used.get(group_id)
        left[group_id] = PER_MINUTE - (row.posts if row else 0)
        if row and left[group_id] <= 0:
            silent_until(session, group_id, row.free)
    return left


def _head(session: Session, group_id: int, now: dt.datetime) -> list[Claimed]:
    """Return the first messages of a robot's queue, up to one that has to wait: nobody overtakes."""
    rows = session.execute(
        sa.select(
            OutboxMessage.id,
            OutboxMessage.channel,
            OutboxMessage.topic,
            OutboxMessage.subject_id,
            OutboxMessage.neighborhood_id,
            OutboxMessage.payload,
            OutboxMessage.attempts,
            OutboxMessage.due_at,
        )
        .where(
            OutboxMessage.channel == Channel.ROBOT,
            OutboxMessage.subject_id == group_id,
            OutboxMessage.state.in_(IN_QUEUE),
        )
        .order_by(OutboxMessage.id)
        .limit(READ_AT_ONCE)
    )
    head: list[Claimed] = []
    for row in rows:
        if row.due_at > now:
            if not head:
                silent_until(session, group_id, row.due_at)
            break
        head.append(
            Claimed(
                row.id,
                row.channel,
                row.topic,
                row.subject_id,
                row.neighborhood_id,
                row.payload,
                row.attempts + 1,
                now + LEASE,
            )
        )
    return head


def _take_place(session: Session, group_id: int, together: Sequence[Draft], now: dt.datetime) -> Post:
    place = RobotPost(group_id=group_id, counts_until=now + LEASE + WINDOW)
    session.add(place)
    session.flush()
    return Post(place.id, [draft.message for draft in together], text_of(together))


def _lease(session: Session, turns: Iterable[Turn], now: dt.datetime) -> None:
    ids = [message.id for turn in turns for message in messages_of(turn)]
    session.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids))
        .values(
            state=OutboxState.SENDING,
            leased_until=now + LEASE,
            due_at=now + LEASE,
            attempts=OutboxMessage.attempts + 1,
        )
        .execution_options(synchronize_session=False)
    )


def messages_of(turn: Turn) -> list[Claimed]:
    """Return every message that a turn has leased."""
    return [*turn.gone, *(message for post in turn.posts for message in post.messages)]


def silent_until(session: Session, group_id: int, moment: dt.datetime) -> None:
    """Let a robot wait until then."""
    session.execute(
        sa.update(GroupBinding)
        .where(GroupBinding.id == group_id)
        .values(next_turn_at=moment)
        .execution_options(synchronize_session=False)
    )


def give_back(session: Session, posts: Sequence[Post], *, called: bool, now: dt.datetime) -> None:
    """Let posts that were made count for a minute from now; free the places of those that were not."""
    places = [post.place for post in posts]
    if not places:
        return
    if called:
        change = sa.update(RobotPost).values(counts_until=now + WINDOW)
        session.execute(change.where(RobotPost.id.in_(places)).execution_options(synchronize_session=False))
    else:
        session.execute(
            sa.delete(RobotPost).where(RobotPost.id.in_(places)).execution_options(synchronize_session=False)
        )


def put_back(session: Session, messages: Sequence[Claimed], *, now: dt.datetime) -> None:
    """Put messages whose turn was broken off back into the queue, as if it had not come to them."""
    table = table_of(OutboxMessage)
    for message in messages:
        session.execute(
            sa.update(table)
            .where(
                table.c.id == message.id,
                table.c.state == OutboxState.SENDING,
                table.c.leased_until == message.lease,
            )
            .values(state=OutboxState.WAITING, leased_until=None, due_at=now, attempts=table.c.attempts - 1)
        )
