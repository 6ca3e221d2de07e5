"""Calling the next level: why, and that it was called.  Everything that calls goes through here."""

import datetime as dt
import enum

from sqlalchemy.orm import Session

from models import Ticket
from services.actors import Actor
from services.tickets.moves import Action
from services.tickets.steps import record


class Why(enum.StrEnum):
    """Why the next level has to know."""

    OVERDUE = "overdue"
    RETURNED_TWICE = "returned_twice"
    URGED = "urged"
    GIVEN_BACK = "given_back"


def raise_level(session: Session, ticket: Ticket, *, actor: Actor | None, now: dt.datetime, why: Why) -> None:
    """Call the next level to a ticket that is held already (locked); ``actor`` is empty when the clock does it."""
    record(session, ticket, actor=actor, action=Action.RAISE, now=now, detail={"why": why.value})
