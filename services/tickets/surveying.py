"""The survey: whoever looks at it says who is responsible, with what proves it; who finds otherwise says so, and why."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Person, PhotoPhase, ResponsibleParty, Ticket, TicketEvent, TicketResponsibility
from services import access
from services.actors import Actor
from services.errors import Conflict, InvalidInput
from services.permissions import ROLE_NAMES
from services.tickets.filing import clean_text
from services.tickets.moves import Action
from services.tickets.parties import PARTY_NAMES, WHO_PAYS
from services.tickets.steps import record, take

WHY_ANOTHER = "以前已经定过责任。要改，请写清楚为什么改，居民会看到。"
PHOTO_OF_DAMAGE = "说是人为弄坏的，要有照片。请拍一张再提交。"


def survey(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    party: ResponsibleParty,
    words: str,
    reason: str | None = None,
    photos: Sequence[str] = (),
    version: int | None = None,
) -> Ticket:
    """Say who is responsible and what was found.  A further decision needs a reason; the earlier one stays readable.

    Raises ``InvalidInput``: ``reason_missing``, ``photo_missing`` (for damage by somebody); ``Conflict``: ``same_party``.
    """
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.SURVEY, version=version)
    before = latest(session, ticket.id)
    _require_proof(ticket, before, party, reason, photos)
    found = clean_text(words)
    detail = {"party": [before.party.value if before else None, party.value], "reason": reason if before else None}
    record(
        session,
        ticket,
        actor=actor,
        action=Action.SURVEY,
        now=now,
        note=found,
        detail=detail,
        photos=photos,
        phase=PhotoPhase.SURVEY,
    )
    event_id = session.scalar(sa.select(sa.func.max(TicketEvent.id)).where(TicketEvent.ticket_id == ticket.id))
    session.add(
        TicketResponsibility(
            neighborhood_id=ticket.neighborhood_id,
            ticket_id=ticket.id,
            party=party,
            words=found,
            event_id=event_id,
            decided_by_id=actor.person_id,
            role=actor.role.value,
            decided_at=now,
            replaces_id=before.id if before else None,
            reason=reason if before else None,
        )
    )
    return ticket


def _require_proof(
    ticket: Ticket,
    before: TicketResponsibility | None,
    party: ResponsibleParty,
    reason: str | None,
    photos: Sequence[str],
) -> None:
    if before is not None and before.party is party:
        raise Conflict(
            f"已经定过是“{PARTY_NAMES[party]}”了，不用再定一次。要补充，请留言。",
            code="same_party",
            state=ticket.state.value,
        )
    if before is not None and not (reason or "").strip():
        raise InvalidInput(WHY_ANOTHER, code="reason_missing", errors={"reason": [WHY_ANOTHER]})
    if party is ResponsibleParty.AT_FAULT and not photos:
        raise InvalidInput(PHOTO_OF_DAMAGE, code="photo_missing", errors={"photos": [PHOTO_OF_DAMAGE]})


def latest(session: Session, ticket_id: int) -> TicketResponsibility | None:
    """Return the decision that counts now, if there is one."""
    query = sa.select(TicketResponsibility).where(TicketResponsibility.ticket_id == ticket_id)
    return session.scalars(query.order_by(TicketResponsibility.id.desc()).limit(1)).first()


def decisions(session: Session, *, actor: Actor, ticket_id: int) -> list[dict[str, Any]]:
    """Return who was found responsible, the decision that counts first, with what it means for who pays."""
    ticket = access.ticket_for(session, actor, ticket_id)
    rows = session.execute(
        sa.select(
            TicketResponsibility.id,
            TicketResponsibility.party,
            TicketResponsibility.words,
            TicketResponsibility.role,
            Person.known_as.label("decided_by"),
            TicketResponsibility.decided_at,
            TicketResponsibility.reason,
        )
        .join(Person, Person.id == TicketResponsibility.decided_by_id)
        .where(TicketResponsibility.ticket_id == ticket.id)
        .order_by(TicketResponsibility.id.desc())
    ).mappings()
    neighbor = access.is_neighbor(actor, ticket.reporter_id)
    return [_described(dict(row), neighbor=neighbor) for row in rows]


def _described(row: dict[str, Any], *, neighbor: bool) -> dict[str, Any]:
    """Add names and who pays; what was written is not for neighbors, who see only what was checked."""
    row["party_title"], row["who_pays"] = PARTY_NAMES[row["party"]], WHO_PAYS[row["party"]]
    row["role_name"] = ROLE_NAMES[row["role"]]
    if neighbor:
        row["words"] = row["reason"] = None
    return row
