"""What the station does with a ticket: check it, send somebody, send it elsewhere, file it away."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, OrgUnit, Person, Role, Ticket, TicketCategory, Urgency
from services.actors import Actor
from services.errors import Conflict, InvalidInput
from services.terms import in_force
from services.tickets import clockwork, lateness, truths
from services.tickets.filing import CATEGORY_UNKNOWN, clean_text
from services.tickets.moves import Action
from services.tickets.steps import record, take

NOT_A_WORKER = "这个人不是本小区的维修师傅。请从值班名单里选一个。"


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
    _answer(ticket, now)
    _came_back(session, ticket, detail, now)
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
    if not _repairs_here(session, assignee_id, ticket.unit_path, now):
        raise InvalidInput(NOT_A_WORKER, code="not_a_worker", errors={"assignee_id": [NOT_A_WORKER]})
    if ticket.assignee_id == assignee_id and ticket.state.value in {"assigned", "accepted"}:
        raise Conflict("已经派给这位师傅了，不用再派一次。", code="already_assigned", state=ticket.state.value)
    detail: dict[str, Any] = {
        "assignee_id": [ticket.assignee_id, assignee_id],
        "assignee": session.get_one(Person, assignee_id).known_as,
    }
    lateness.note(session, ticket, now=now)
    ticket.assignee_id = assignee_id
    _answer(ticket, now)
    _came_back(session, ticket, detail, now)
    return record(session, ticket, actor=actor, action=Action.ASSIGN, now=now, note=note, detail=detail)


def reject(
    session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, note: str, version: int | None = None
) -> Ticket:
    """Say no, with the reason that the resident reads."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.REJECT, version=version)
    _answer(ticket, now)
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
    _answer(ticket, now)
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


def _came_back(session: Session, ticket: Ticket, detail: dict[str, Any], now: dt.datetime) -> None:
    """Say in the timeline which repair did not last, the first time somebody of the station looks."""
    earlier = truths.look_back(session, ticket, now=now)
    if earlier is not None:
        detail["came_back_of_id"] = earlier


def _answer(ticket: Ticket, now: dt.datetime) -> None:
    if ticket.answered_at is None:
        ticket.answered_at = now


def _repairs_here(session: Session, person_id: int, unit_path: str, now: dt.datetime) -> bool:
    """Whether a person is a repairer at a node above the ticket's."""
    paths = session.scalars(
        sa.select(OrgUnit.path)
        .join(Membership, Membership.unit_id == OrgUnit.id)
        .where(
            Membership.person_id == person_id,
            Membership.role == Role.REPAIRER,
            in_force(Membership.starts_at, Membership.ends_at, now),
        )
    )
    return any(unit_path.startswith(path) for path in paths)
