"""Who has a ticket in hand: giving it to somebody, taking it back, and who may be given it at all.

Whoever gives or takes a ticket does it here, so that a missed clock is noted for the one who had it, the history of
assignments is complete, and an open request to a colleague ends.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AssignedHow, Membership, OrgUnit, Person, Role, Ticket, TicketAssignment
from services.actors import Actor
from services.errors import InvalidInput
from services.terms import in_force
from services.tickets import lateness

NOT_A_WORKER = "这个人不是本小区的维修师傅。请从值班名单里选一个。"


def give(
    session: Session, ticket: Ticket, person_id: int, *, how: AssignedHow, actor: Actor, now: dt.datetime
) -> dict[str, Any]:
    """Put a ticket that is held (locked) into somebody's hands; return what the timeline says about it."""
    lateness.note(session, ticket, now=now)
    detail: dict[str, Any] = {
        "assignee_id": [ticket.assignee_id, person_id],
        "assignee": session.get_one(Person, person_id).known_as,
        "how": how.value,
    }
    ticket.assignee_id = person_id
    ticket.transfer_to_id = None
    session.add(
        TicketAssignment(
            neighborhood_id=ticket.neighborhood_id,
            ticket_id=ticket.id,
            round=ticket.reopen_count,
            person_id=person_id,
            how=how,
            given_by_id=actor.doer_id,
            at=now,
        )
    )
    return detail


def take_back(session: Session, ticket: Ticket, *, now: dt.datetime) -> None:
    """Take a ticket out of its worker's hands: it is the station's again."""
    lateness.note(session, ticket, now=now)
    ticket.assignee_id = ticket.transfer_to_id = None


def require_repairer(session: Session, person_id: int, unit_path: str, now: dt.datetime, *, field: str) -> None:
    """Raise ``InvalidInput`` (``not_a_worker``) unless the person repairs at a node above the ticket's."""
    paths = session.scalars(
        sa.select(OrgUnit.path)
        .join(Membership, Membership.unit_id == OrgUnit.id)
        .where(
            Membership.person_id == person_id,
            Membership.role == Role.REPAIRER,
            in_force(Membership.starts_at, Membership.ends_at, now),
        )
    )
    if not any(unit_path.startswith(path) for path in paths):
        raise InvalidInput(NOT_A_WORKER, code="not_a_worker", errors={field: [NOT_A_WORKER]})
