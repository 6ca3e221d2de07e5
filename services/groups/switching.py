"""A group's channel switched off, and what becomes of the messages that were waiting for it."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Channel, GroupBinding, OutboxMessage, OutboxState
from services import inbox
from services.stations import station_people

ROBOT_GONE = "robot_removed"
"""WeCom does not know the robot's key any more (93000)."""


def switch_off(session: Session, group_id: int, *, why: str, now: dt.datetime) -> bool:
    """Stop speaking in a group; return whether it was on.  What was waiting for it ends here: the inboxes have it too."""
    group = session.get_one(GroupBinding, group_id)
    if group.switched_off_at is not None:
        return False
    group.switched_off_at, group.switched_off_why = now, why
    session.execute(
        sa.update(OutboxMessage)
        .where(
            OutboxMessage.channel == Channel.ROBOT,
            OutboxMessage.subject_id == group_id,
            OutboxMessage.state == OutboxState.WAITING,
        )
        .values(state=OutboxState.REFUSED, settled_at=now, last_error=why[:255])
        .execution_options(synchronize_session=False)
    )
    return True


def robot_is_gone(session: Session, group_id: int, *, now: dt.datetime) -> None:
    """Stop speaking in a group whose robot is gone, and tell the station what to do."""
    if not switch_off(session, group_id, why=ROBOT_GONE, now=now):
        return
    group = session.get_one(GroupBinding, group_id)
    for person_id in station_people(session, group.neighborhood_id, now):
        inbox.put(
            session,
            person_id=person_id,
            neighborhood_id=group.neighborhood_id,
            title="群机器人停用了",
            body=f"“{group.name}”里的机器人已被移除，群里收不到报修通知了。请在群里重新添加机器人，再把新地址交给管理员登记。",
            dedupe_key=f"group.off:{group.id}:{now.isoformat()}",
            now=now,
        )
