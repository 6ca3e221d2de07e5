"""What a person does with their inbox."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import InboxItem
from services.actors import Actor
from services.errors import NotFound


def mark_read(session: Session, *, actor: Actor, item_id: int, now: dt.datetime) -> None:
    """Note when a message was first read.  Raises ``NotFound`` for somebody else's."""
    item = session.scalar(sa.select(InboxItem).where(InboxItem.id == item_id, InboxItem.person_id == actor.person_id))
    if item is None:
        raise NotFound("没有找到这条消息。", code="message_not_found")
    if item.read_at is None:
        item.read_at = now


def mark_all_read(session: Session, *, actor: Actor, now: dt.datetime) -> None:
    """Note that everything in the actor's inbox was read."""
    session.execute(
        sa.update(InboxItem)
        .where(InboxItem.person_id == actor.person_id, InboxItem.read_at.is_(None))
        .values(read_at=now)
    )
