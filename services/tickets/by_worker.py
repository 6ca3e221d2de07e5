"""What the repairer does: take the job, arrive, make it safe, work, pause, finish.  Never: confirm."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import HoldEnd, PauseReason, PhotoPhase, Ticket, TicketEvent, TruthKind, Urgency
from services import files
from services.actors import Actor
from services.errors import Conflict, InvalidInput
from services.tickets import holding, quotes, truths
from services.tickets.claiming import claimed
from services.tickets.moves import Action
from services.tickets.steps import record, take

PHASE_NAMES = {PhotoPhase.BEFORE: "处理前（先围挡、放警示牌）", PhotoPhase.AFTER: "处理后"}


def accept(session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, version: int | None = None) -> Ticket:
    """Take the job."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.ACCEPT, version=version)
    return record(session, ticket, actor=actor, action=Action.ACCEPT, now=now)


def arrive(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    claimed_at: dt.datetime | None = None,
    version: int | None = None,
) -> Ticket:
    """Be on the spot; this stops the arrival clock when we hear of it, whatever time the phone claims."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.ARRIVE, version=version)
    if ticket.arrived_at is None:  # a colleague who took it over comes a second time
        ticket.arrived_at = now
    detail = claimed(claimed_at, now=now, reported_at=ticket.submitted_at)
    return record(session, ticket, actor=actor, action=Action.ARRIVE, now=now, detail=detail)


def make_safe(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    photos: Sequence[str],
    note: str | None = None,
    claimed_at: dt.datetime | None = None,
    version: int | None = None,
) -> Ticket:
    """Put up the barrier and the sign first, with a photo as proof (Civil Code 1258); this stops the safety clock."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.MAKE_SAFE, version=version)
    if not photos:
        sentence = "请拍一张围挡和警示牌的照片，再点“已防护”。"
        raise InvalidInput(sentence, code="photo_missing", errors={"photos": [sentence]})
    if ticket.safe_at is None:
        ticket.safe_at = now
    detail = claimed(claimed_at, now=now, reported_at=ticket.submitted_at)
    return record(
        session,
        ticket,
        actor=actor,
        action=Action.MAKE_SAFE,
        now=now,
        note=note,
        detail=detail,
        photos=photos,
        phase=PhotoPhase.BEFORE,
    )


def start(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    photos: Sequence[str] = (),
    note: str | None = None,
    claimed_at: dt.datetime | None = None,
    version: int | None = None,
) -> Ticket:
    """Begin the work, with photos of how it looked before if there are any."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.START, version=version)
    quotes.require_agreed(session, ticket)
    detail = claimed(claimed_at, now=now, reported_at=ticket.submitted_at)
    return record(
        session,
        ticket,
        actor=actor,
        action=Action.START,
        now=now,
        note=note,
        detail=detail,
        photos=photos,
        phase=PhotoPhase.BEFORE,
    )


def pause(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    reason: PauseReason,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Stop for a reason that residents read.  An emergency never pauses."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.PAUSE, version=version)
    if ticket.urgency is Urgency.P1:
        raise Conflict(
            "急修单不能暂停。请先做好防护，修不了就请服务站换人或找专业单位。",
            code="emergency_no_pause",
            state=ticket.state.value,
        )
    until = holding.begin(session, ticket, actor=actor, reason=reason, now=now)
    detail = {"reason": reason.value, "until": until.isoformat()}
    return record(session, ticket, actor=actor, action=Action.PAUSE, now=now, note=note, detail=detail)


def resume(session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, version: int | None = None) -> Ticket:
    """Go on where it was paused; the clocks that stood still have left what they had before."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.RESUME, version=version)
    target, length = holding.end(session, ticket, how=HoldEnd.WORKER, now=now)
    detail = {"paused_seconds": int(length.total_seconds())}
    return record(session, ticket, actor=actor, action=Action.RESUME, now=now, detail=detail, target=target)


def finish(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    photos: Sequence[str] = (),
    note: str | None = None,
    claimed_at: dt.datetime | None = None,
    version: int | None = None,
) -> Ticket:
    """Say it is done.  Whether it *is*, the resident says.  An emergency needs photos from before and after."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.FINISH, version=version)
    quotes.require_agreed(session, ticket)
    if ticket.urgency is Urgency.P1:
        _require_both_photos(session, ticket, photos)
    truths.say(session, ticket, TruthKind.DONE, actor=actor, now=now)
    ticket.done_at = now
    ticket.done_by_id = actor.person_id
    if ticket.safe_due_at is not None and ticket.safe_at is None:
        ticket.safe_at = now  # what is repaired is safe
    detail = claimed(claimed_at, now=now, reported_at=ticket.submitted_at)
    return record(
        session,
        ticket,
        actor=actor,
        action=Action.FINISH,
        now=now,
        note=note,
        detail=detail,
        photos=photos,
        phase=PhotoPhase.AFTER,
    )


def _require_both_photos(session: Session, ticket: Ticket, photos: Sequence[str]) -> None:
    there = files.phases_of(session, ticket.id, since=_last_reopening(session, ticket.id))
    there |= {PhotoPhase.AFTER} if photos else set()
    missing = [PHASE_NAMES[phase] for phase in (PhotoPhase.BEFORE, PhotoPhase.AFTER) if phase not in there]
    if missing:
        sentence = f"急修单要有照片才能完工，还缺：{'、'.join(missing)}。请补拍以后再点“完工”。"
        raise InvalidInput(sentence, code="photo_missing", errors={"photos": [sentence]})


def _last_reopening(session: Session, ticket_id: int) -> int:
    """Return the event since which photos count: what was photographed before it proves nothing about the new work."""
    query = sa.select(sa.func.max(TicketEvent.id)).where(
        TicketEvent.ticket_id == ticket_id, TicketEvent.action == Action.REOPEN.value
    )
    return session.scalar(query) or 0
