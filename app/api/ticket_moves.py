"""Every move of a ticket: one route each, so that each has its own permission and its own body.

All take `If-Match` (the version last seen) and `Idempotency-Key`.
"""

from typing import Any

from app import identity
from app.api.answers import now, seen_version
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.ticket_moves import (
    ArrivedBody,
    AssignBody,
    CallBackBody,
    FixedBody,
    MovedOut,
    NoteBody,
    NothingBody,
    PauseBody,
    PhotosBody,
    RateBody,
    ReasonBody,
    RedirectBody,
    TextBody,
    TriageBody,
)
from models import Ticket
from services.permissions import Permission
from services.tickets import by_resident, by_station, by_worker, callbacks

IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The version last seen (the ticket's ETag); an older one is refused with 412.",
    "schema": {"type": "string", "pattern": '^"?[0-9]{1,9}"?$'},
}
blp = ApiBlueprint("ticket_moves", __name__, url_prefix="/api/v1/tickets/<id:ticket_id>", description="Tickets: moves")
blp.more_headers = (IF_MATCH,)


def by(ticket_id: int) -> dict[str, Any]:
    """What every move is told: the row, who, when, and the version last seen."""
    return {"actor": identity.actor(), "now": now(), "ticket_id": ticket_id, "version": seen_version()}


@blp.post("/triage")
@allow(Permission.TICKET_TRIAGE)
@blp.arguments(TriageBody)
@blp.response(200, MovedOut)
def triage(body: dict[str, Any], ticket_id: int) -> Ticket:
    """The station has read it; category and urgency are right or put right."""
    return by_station.triage(db.session(), **by(ticket_id), **body)


@blp.post("/assign")
@allow(Permission.TICKET_ASSIGN)
@blp.arguments(AssignBody)
@blp.response(200, MovedOut)
def assign(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Send a repairer."""
    return by_station.assign(db.session(), **by(ticket_id), **body)


@blp.post("/reject")
@allow(Permission.TICKET_TRIAGE)
@blp.arguments(ReasonBody)
@blp.response(200, MovedOut)
def reject(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Say no, with the reason."""
    return by_station.reject(db.session(), **by(ticket_id), **body)


@blp.post("/redirect")
@allow(Permission.TICKET_TRIAGE)
@blp.arguments(RedirectBody)
@blp.response(200, MovedOut)
def redirect(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Hand it to the body whose business it is."""
    return by_station.redirect(db.session(), **by(ticket_id), **body)


@blp.post("/close")
@allow(Permission.TICKET_CLOSE)
@blp.arguments(NoteBody)
@blp.response(200, MovedOut)
def close(body: dict[str, Any], ticket_id: int) -> Ticket:
    """File a confirmed ticket away."""
    return by_station.close(db.session(), **by(ticket_id), **body)


@blp.post("/accept")
@allow(Permission.TICKET_WORK)
@blp.arguments(NothingBody)
@blp.response(200, MovedOut)
def accept(_body: dict[str, Any], ticket_id: int) -> Ticket:
    """Take the job."""
    return by_worker.accept(db.session(), **by(ticket_id))


@blp.post("/arrive")
@allow(Permission.TICKET_WORK)
@blp.arguments(ArrivedBody)
@blp.response(200, MovedOut)
def arrive(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Be on the spot."""
    return by_worker.arrive(db.session(), **by(ticket_id), **body)


@blp.post("/make-safe")
@allow(Permission.TICKET_WORK)
@blp.arguments(PhotosBody)
@blp.response(200, MovedOut)
def make_safe(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Put up the barrier, with a photo."""
    return by_worker.make_safe(db.session(), **by(ticket_id), **body)


@blp.post("/start")
@allow(Permission.TICKET_WORK)
@blp.arguments(PhotosBody)
@blp.response(200, MovedOut)
def start(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Begin the work."""
    return by_worker.start(db.session(), **by(ticket_id), **body)


@blp.post("/pause")
@allow(Permission.TICKET_WORK)
@blp.arguments(PauseBody)
@blp.response(200, MovedOut)
def pause(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Stop for a reason."""
    return by_worker.pause(db.session(), **by(ticket_id), **body)


@blp.post("/resume")
@allow(Permission.TICKET_WORK)
@blp.arguments(NothingBody)
@blp.response(200, MovedOut)
def resume(_body: dict[str, Any], ticket_id: int) -> Ticket:
    """Go on."""
    return by_worker.resume(db.session(), **by(ticket_id))


@blp.post("/finish")
@allow(Permission.TICKET_WORK)
@blp.arguments(PhotosBody)
@blp.response(200, MovedOut)
def finish(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Say it is done; the resident says whether it is."""
    return by_worker.finish(db.session(), **by(ticket_id), **body)


@blp.post("/confirm")
@allow(Permission.TICKET_CONFIRM)
@blp.arguments(FixedBody)
@blp.response(200, MovedOut)
def confirm(body: dict[str, Any], ticket_id: int) -> Ticket:
    """It is fixed; in the same request perhaps how it was."""
    return by_resident.confirm(db.session(), **by(ticket_id), **body)


@blp.post("/urge")
@allow(Permission.TICKET_CONFIRM)
@blp.arguments(NothingBody)
@blp.response(200, MovedOut)
def urge(_body: dict[str, Any], ticket_id: int) -> Ticket:
    """Ask where it stays, once the promised time has passed."""
    return by_resident.urge(db.session(), **by(ticket_id))


@blp.post("/call-back")
@allow(Permission.TICKET_TRIAGE)
@blp.arguments(CallBackBody)
@blp.response(200, MovedOut)
def call_back(body: dict[str, Any], ticket_id: int) -> Ticket:
    """What was heard on asking how it was: the station's record, not the resident's word."""
    return callbacks.call_back(db.session(), **by(ticket_id), **body)


@blp.post("/reopen")
@allow(Permission.TICKET_CONFIRM)
@blp.arguments(ReasonBody)
@blp.response(200, MovedOut)
def reopen(body: dict[str, Any], ticket_id: int) -> Ticket:
    """It is not fixed."""
    return by_resident.reopen(db.session(), **by(ticket_id), **body)


@blp.post("/rate")
@allow(Permission.TICKET_CONFIRM)
@blp.arguments(RateBody)
@blp.response(200, MovedOut)
def rate(body: dict[str, Any], ticket_id: int) -> Ticket:
    """How it was."""
    return by_resident.rate(db.session(), **by(ticket_id), **body)


@blp.post("/cancel")
@allow(Permission.TICKET_CANCEL)
@blp.arguments(NoteBody)
@blp.response(200, MovedOut)
def cancel(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Take the report back before anybody came."""
    return by_resident.cancel(db.session(), **by(ticket_id), **body)


@blp.post("/notes")
@allow(Permission.TICKET_NOTE)
@blp.arguments(TextBody)
@blp.response(200, MovedOut)
def add_note(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Write something under it."""
    return by_resident.add_note(db.session(), **by(ticket_id), **body)
