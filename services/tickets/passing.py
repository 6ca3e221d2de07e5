"""How work goes from hand to hand among workers: grab it, ask a colleague, take it over or not, give it back."""

import datetime as dt

from sqlalchemy.orm import Session

from models import AssignedHow, Person, ReturnReason, Ticket, TransferReason
from services.actors import Actor
from services.errors import InvalidInput
from services.tickets import hands, raising, skills
from services.tickets.moves import Action
from services.tickets.raising import Why
from services.tickets.steps import record, take, take_from_pool

RETURNS_AT_THE_STATION = 2
"""From the next return on the next level is called: a ticket that goes round and round is nobody's."""
SAY_WHY = "选了“其他”，请写几个字说明原因。"


def grab(session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, version: int | None = None) -> Ticket:
    """Take a ticket of the neighborhood's pool for oneself.  Of two at once exactly one gets it.

    Raises ``Conflict``: ``taken_already``, ``not_skilled``, ``load_full``.
    """
    ticket = take_from_pool(session, actor=actor, ticket_id=ticket_id, action=Action.GRAB, version=version)
    skills.require_skill(session, ticket, actor.person_id, now=now)
    skills.require_free_hand(session, ticket, actor.person_id, now=now)
    detail = hands.give(session, ticket, actor.person_id, how=AssignedHow.GRABBED, actor=actor, now=now)
    return record(session, ticket, actor=actor, action=Action.GRAB, now=now, detail=detail)


def transfer(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    to_id: int,
    reason: TransferReason,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Ask a colleague to take it over.  Until the colleague says yes it stays where it is, and so do the clocks."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.TRANSFER, version=version)
    _say_why(reason, note)
    if to_id == actor.person_id:
        sentence = "不能转给自己。请选一位同事。"
        raise InvalidInput(sentence, code="own_transfer", errors={"to_id": [sentence]})
    hands.require_repairer(session, to_id, ticket.unit_path, now, field="to_id")
    ticket.transfer_to_id = to_id
    detail = {"reason": reason.value, "to_id": to_id, "to": session.get_one(Person, to_id).known_as}
    return record(session, ticket, actor=actor, action=Action.TRANSFER, now=now, note=note, detail=detail)


def take_over(
    session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, version: int | None = None
) -> Ticket:
    """Take over what a colleague asked one to.  Raises ``Conflict``: ``transfer_over``, ``load_full``."""
    ticket = take_from_pool(session, actor=actor, ticket_id=ticket_id, action=Action.TAKE_OVER, version=version)
    skills.require_free_hand(session, ticket, actor.person_id, now=now)
    detail = hands.give(session, ticket, actor.person_id, how=AssignedHow.TAKEN_OVER, actor=actor, now=now)
    return record(session, ticket, actor=actor, action=Action.TAKE_OVER, now=now, detail=detail)


def turn_down(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Say no to a colleague's request: it stays with the colleague.  Raises ``Conflict``: ``transfer_over``."""
    ticket = take_from_pool(session, actor=actor, ticket_id=ticket_id, action=Action.TURN_DOWN, version=version)
    ticket.transfer_to_id = None
    return record(session, ticket, actor=actor, action=Action.TURN_DOWN, now=now, note=note)


def give_back(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    reason: ReturnReason,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Give it back to the station, with a reason.  From the third time on the next level is called too."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.RETURN, version=version)
    _say_why(reason, note)
    before = ticket.assignee_id
    hands.take_back(session, ticket, now=now)
    ticket.return_count += 1
    detail = {"reason": reason.value, "count": ticket.return_count, "assignee_id": [before, None]}
    record(session, ticket, actor=actor, action=Action.RETURN, now=now, note=note, detail=detail)
    if ticket.return_count > RETURNS_AT_THE_STATION:
        raising.raise_level(session, ticket, actor=None, now=now, why=Why.GIVEN_BACK)
    return ticket


def _say_why(reason: ReturnReason | TransferReason, note: str | None) -> None:
    if reason in {ReturnReason.OTHER, TransferReason.OTHER} and not (note or "").strip():
        raise InvalidInput(SAY_WHY, code="reason_missing", errors={"note": [SAY_WHY]})
