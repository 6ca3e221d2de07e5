"""A person's inbox: what is put there, and what the person does with it."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import InboxItem, table_of
from services.actors import Actor
from services.errors import NotFound
from services.outbox import insert_once


def put(
    session: Session,
    *,
    person_id: int,
    neighborhood_id: int | None,
    title: str,
    body: str,
    dedupe_key: str,
    now: dt.datetime,
    ticket_id: int | None = None,
    page: str | None = None,
) -> None:
    """Put a message into a person's inbox; the same ``dedupe_key`` again does nothing.

    ``body`` is plain enough to be read aloud and ends with what to do next.
    """
    session.execute(
        insert_once(session, table_of(InboxItem)).values(
            person_id=person_id,
            neighborhood_id=neighborhood_id,
            ticket_id=ticket_id,
            title=title,
            body=body,
            page=page,
            dedupe_key=dedupe_key,
            created_at=now,
        )
    )


def of(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for an actor's messages; who acts for a person sees those of the mandate's neighborhood."""
    own = [InboxItem.person_id == actor.person_id]
    return own if actor.mandate_id is None else [*own, InboxItem.neighborhood_id == actor.hat.neighborhood_id]


def mark_read(session: Session, *, actor: Actor, item_id: int, now: dt.datetime) -> None:
    """Note when a message was first read.  Raises ``NotFound`` for somebody else's."""
    item = session.scalar(sa.select(InboxItem).where(InboxItem.id == item_id, *of(actor)))
    if item is None:
        raise NotFound("没有找到这条消息。", code="message_not_found")
    if item.read_at is None:
        item.read_at = now


def mark_all_read(session: Session, *, actor: Actor, now: dt.datetime) -> None:
    """Note that everything in the actor's inbox was read."""
    session.execute(sa.update(InboxItem).where(*of(actor), InboxItem.read_at.is_(None)).values(read_at=now))
