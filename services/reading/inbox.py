"""A person's inbox."""

from typing import Any

import sqlalchemy as sa

from models import InboxItem
from services import inbox
from services.actors import Actor
from services.reading.pages import Page, PageRequest, fetch

_ITEMS = sa.select(
    InboxItem.id,
    InboxItem.title,
    InboxItem.body,
    InboxItem.ticket_id,
    InboxItem.page,
    InboxItem.created_at,
    InboxItem.read_at,
)


def items(connection: sa.Connection, *, actor: Actor, page: PageRequest) -> Page:
    """Return the actor's messages, newest first."""
    return fetch(connection, _ITEMS.where(*inbox.of(actor)), InboxItem.id.expression, page)


def unread(connection: sa.Connection, *, actor: Actor) -> int:
    """Return how many messages the actor has not read."""
    count: Any = connection.scalar(sa.select(sa.func.count()).where(*inbox.of(actor), InboxItem.read_at.is_(None)))
    return int(count)
