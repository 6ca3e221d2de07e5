"""What the person who reported says: it is fixed, it is not, how it was, never mind.  No staff role writes these."""

import datetime as dt

from sqlalchemy.orm import Session

from models import Satisfaction, Ticket
from services.actors import Actor
from services.errors import Conflict
from services.tickets import clockwork
from services.tickets.filing import clean_text
from services.tickets.moves import Action
from services.tickets.steps import record, take

REOPENS_MOST = 2


def confirm(session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, version: int | None = None) -> Ticket:
    """Confirm that it is fixed.  Whoever did the work cannot, even on a ticket of their own."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.CONFIRM, version=version)
    if ticket.done_by_id == actor.person_id:
        raise Conflict(
            "自己修的活不能自己确认。七天后系统会记为“到期确认”。",
            code="worker_cannot_confirm",
            state=ticket.state.value,
        )
    ticket.confirmed_by_id = actor.person_id
    return record(session, ticket, actor=actor, action=Action.CONFIRM, now=now)


def reopen(
    session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, note: str, version: int | None = None
) -> Ticket:
    """Say that it is not fixed: the same number goes back to the station, and all clocks start anew.

    Twice at most; after that it is the community's turn.
    """
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.REOPEN, version=version)
    if ticket.reopen_count >= REOPENS_MOST:
        raise Conflict(
            "这张单子已经返修两次了。请直接找社区居委会，由社区出面解决。",
            code="reopened_enough",
            state=ticket.state.value,
        )
    ticket.reopen_count += 1
    ticket.confirmed_by_id = ticket.satisfaction = ticket.rating_words = None
    clockwork.restart(ticket, clockwork.fresh_deadlines(session, ticket, start=now))
    detail = {"count": ticket.reopen_count, "done_by_id": ticket.done_by_id}
    ticket.done_by_id = None
    return record(session, ticket, actor=actor, action=Action.REOPEN, now=now, note=clean_text(note), detail=detail)


def rate(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    satisfaction: Satisfaction,
    words: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Say how it was, in one of four steps and perhaps some words.  Whoever did the work cannot."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.RATE, version=version)
    if ticket.done_by_id == actor.person_id:
        raise Conflict("自己修的活不能自己评价。", code="worker_cannot_confirm", state=ticket.state.value)
    ticket.satisfaction = satisfaction
    ticket.rating_words = words
    detail = {"satisfaction": satisfaction.value}
    return record(session, ticket, actor=actor, action=Action.RATE, now=now, note=words, detail=detail)


def cancel(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Take the report back before anybody came."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.CANCEL, version=version)
    return record(session, ticket, actor=actor, action=Action.CANCEL, now=now, note=note)


def add_note(
    session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, text: str, version: int | None = None
) -> Ticket:
    """Write something under an open ticket.  Anybody who may read it may."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.NOTE, version=version)
    return record(session, ticket, actor=actor, action=Action.NOTE, now=now, note=clean_text(text))
