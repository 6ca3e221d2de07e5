"""A trial post, made at once: it takes a place among the twenty of the minute like any other."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import GroupBinding, RobotPost
from services.errors import Conflict, GatewayError, Rejected, TooMany
from services.groups import pacing, robots, switching
from services.groups.pacing import Post
from services.groups.switching import ROBOT_GONE
from services.outbox import LEASE
from services.vault import Vault


@dataclass(frozen=True)
class Trial:
    """A trial that may be made now."""

    group_id: int
    robot_key: str
    place: int


def begin(session: Session, *, group_id: int, vault: Vault, now: dt.datetime) -> Trial:
    """Take a place.  Raises ``Conflict`` for a group that is off, and ``TooMany`` when the minute is full."""
    # A worker that looks now passes this group by.
    session.execute(sa.select(GroupBinding.id).where(GroupBinding.id == group_id).with_for_update())
    group = robots.of(session, None, group_id)
    if group.switched_off_at is not None:
        raise Conflict("这个群停用了，请先打开：flask group switch-on。", code="group_is_off", state="off")
    if pacing.rooms(session, [group_id], now)[group_id] <= 0:
        raise TooMany("这个群一分钟内发满了20条，请过一分钟再试。", retry_after=pacing.WINDOW.total_seconds())
    place = RobotPost(group_id=group_id, counts_until=now + LEASE + pacing.WINDOW)
    session.add(place)
    session.flush()
    return Trial(group_id, vault.open(group.robot_key_sealed, robots.SEAL), place.id)


def end(session: Session, trial: Trial, error: GatewayError | None, *, now: dt.datetime) -> None:
    """Write down how it went."""
    pacing.give_back(session, [Post(trial.place, (), "")], called=True, now=now)
    group = robots.of(session, None, trial.group_id)
    if error is None:
        group.last_ok_at, group.failing_since, group.last_error = now, None, None
    elif isinstance(error, Rejected) and error.reason == ROBOT_GONE:
        switching.robot_is_gone(session, trial.group_id, now=now)
