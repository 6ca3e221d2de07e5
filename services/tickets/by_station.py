"""What the station does with a ticket: check it, send somebody, send it elsewhere, file it away."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AssignedHow, Ticket, TicketCategory, Urgency
from services.actors import Actor
from services.errors import Conflict, InvalidInput
from services.tickets import answering, clockwork, hands, lateness, skills
from services.tickets.filing import CATEGORY_UNKNOWN, clean_text
from services.tickets.moves import Action
from services.tickets.steps import record, take


def triage(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    version: int | None = None,
    urgency: Urgency | None = None,
    category: str | None = None,
    note: str | None = None,
) -> Ticket:
    """Answer a report: it was read, and its category and urgency are right or now put right.

    Another urgency starts its clocks from the time the report came in: a late look is no excuse.
    """
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.TRIAGE, version=version)
    lateness.note(session, ticket, now=now)  # before another urgency moves the clocks
    detail: dict[str, Any] = {}
    if category is not None:
        row = session.scalar(
            sa.select(TicketCategory).where(TicketCategory.code == category, TicketCategory.ends_at.is_(None))
        )
        if row is None:
            raise InvalidInput(CATEGORY_UNKNOWN, code="category_unknown", errors={"category": [CATEGORY_UNKNOWN]})
        detail["category_id"] = [ticket.category_id, row.id]
        ticket.category_id = row.id
    if urgency is not None and urgency is not ticket.urgency:
        detail["urgency"] = [ticket.urgency.value, urgency.value]
        ticket.urgency = urgency
        clockwork.set_due(ticket, clockwork.fresh_deadlines(session, ticket, start=ticket.submitted_at))
    answering.look(session, ticket, detail, now)
    return record(session, ticket, actor=actor, action=Action.TRIAGE, now=now, note=note, detail=detail)


def assign(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    assignee_id: int,
    version: int | None = None,
    note: str | None = None,
) -> Ticket:
    """Send a repairer of the neighborhood; sending another one replaces the first."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.ASSIGN, version=version)
    hands.require_repairer(session, assignee_id, ticket.unit_path, now, field="assignee_id")
    if ticket.assignee_id == assignee_id and ticket.state.value in {"assigned", "accepted"}:
        raise Conflict("已经派给这位师傅了，不用再派一次。", code="already_assigned", state=ticket.state.value)
    detail = hands.give(session, ticket, assignee_id, how=AssignedHow.ASSIGNED, actor=actor, now=now)
    answering.look(session, ticket, detail, now)
    return record(session, ticket, actor=actor, action=Action.ASSIGN, now=now, note=note, detail=detail)


def rotate(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    version: int | None = None,
    note: str | None = None,
) -> Ticket:
    """Send whose turn it is among those who can mend it and have a hand free.  Raises ``Conflict``: ``nobody_in_turn``."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.ROTATE, version=version)
    person_id = skills.next_in_turn(session, ticket, now=now)
    if person_id is None:
        raise Conflict(
            "会修这一类的师傅手上都满了，或者还没有登记。请直接派单，或者先在“师傅”里登记谁会修什么。",
            code="nobody_in_turn",
            state=ticket.state.value,
        )
    detail = hands.give(session, ticket, person_id, how=AssignedHow.ROTATED, actor=actor, now=now)
    answering.look(session, ticket, detail, now)
    return record(session, ticket, actor=actor, action=Action.ROTATE, now=now, note=note, detail=detail)


def reject(
    session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, note: str, version: int | None = None
) -> Ticket:
    """Say no, with the reason that the resident reads."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.REJECT, version=version)
    answering.answer(ticket, now)
    return record(session, ticket, actor=actor, action=Action.REJECT, now=now, note=clean_text(note))


def redirect(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    to: str,
    reference: str | None = None,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Hand it to the body whose business it is (12345, 110, 119, a utility), with its reference number if it gave one."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.REDIRECT, version=version)
    answering.answer(ticket, now)
    detail = {"to": to, "reference": reference}
    return record(session, ticket, actor=actor, action=Action.REDIRECT, now=now, note=note, detail=detail)


def close(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """File a confirmed ticket away."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.CLOSE, version=version)
    return record(session, ticket, actor=actor, action=Action.CLOSE, now=now, note=note)
