"""Whom to call about a ticket.  Names and phones are masked everywhere; here they are shown, for a purpose, on record."""

import datetime as dt
import enum
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import Person, Role, Urgency
from services import revealing
from services.actors import Actor
from services.errors import NotFound, WrongHat
from services.revealing import Field, Look, Why
from services.tickets.moves import Action
from services.tickets.steps import record, take
from services.vault import Vault


class Purpose(enum.StrEnum):
    """Why somebody needs to call."""

    BEFORE_VISIT = "before_visit"
    ASK_DETAILS = "ask_details"
    CALL_BACK = "call_back"


@dataclass(frozen=True)
class Contact:
    """Whom to call, in clear."""

    name: str
    phone: str


def may_call(actor: Actor, assignee_id: int | None) -> bool:
    """Whether a ticket's contact is the actor's business: a worker who only looks at the pool need not know it."""
    return actor.role is not Role.REPAIRER or actor.person_id == assignee_id


def reveal(
    session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, purpose: Purpose, vault: Vault
) -> Contact:
    """Show whom to call.  The timeline, which the person can read, says who looked and why; so does the log of reveals.

    Raises ``NotFound`` when nobody is known, ``TooMany`` beyond the day's limit (an emergency knows none).
    """
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.REVEAL, version=None)
    if not may_call(actor, ticket.assignee_id):
        raise WrongHat("这张单子还没有派给您。先接下来，再看联系方式。", code="not_assignee")
    contact = _contact(session, ticket.reporter_id, ticket.contact_sealed, vault)
    if contact is None:
        raise NotFound("这张单子没有留联系方式。请到现场找，或者问服务站。", code="no_contact")
    fields = (Field.NAME, Field.PHONE)
    stated = revealing.purpose_for(session, Why(purpose.value), fields, now=now)
    look = Look(ticket.neighborhood_id, ("ticket", ticket.id), ticket.reporter_id, fields, ticket.id)
    is_urgent = ticket.urgency is Urgency.P1
    revealing.write_down(session, actor=actor, look=look, purpose=stated, vault=vault, now=now, is_urgent=is_urgent)
    record(session, ticket, actor=actor, action=Action.REVEAL, now=now, detail={"purpose": purpose.value})
    return contact


def _contact(session: Session, reporter_id: int | None, sealed: bytes | None, vault: Vault) -> Contact | None:
    if sealed is not None:
        name, _, phone = vault.open(sealed, "ticket.contact").rpartition(" ")
        return Contact(name, phone)
    person = session.get(Person, reporter_id) if reporter_id is not None else None
    if person is None or person.phone_sealed is None:
        return None
    name = vault.open(person.name_sealed, "person.name") if person.name_sealed else "居民"
    return Contact(name, vault.open(person.phone_sealed, "person.phone"))
