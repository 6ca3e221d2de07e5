"""Filing and reading tickets."""

from typing import Any

from flask import Response

from app import identity, links
from app.api.answers import as_json, now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.tickets import (
    MILLIONTHS,
    BoardOut,
    CallBacksOut,
    CategoriesOut,
    ContactBody,
    ContactOut,
    FiledOut,
    HoldPage,
    MissPage,
    RecordBody,
    ReportBody,
    StationQuery,
    SummaryPage,
    TicketOut,
)
from app.settings import vault
from app.transaction import reading
from services.permissions import Permission
from services.reading import day_board, places, ticket_timing
from services.reading import tickets as reading_tickets
from services.tickets import callbacks, contact, filing, recording
from services.tickets.filing import Filed, Report
from services.tickets.recording import Caller

blp = ApiBlueprint("tickets", __name__, url_prefix="/api/v1", description="Tickets: filing and reading")

REPORT_FIELDS = ("category", "text", "home_id", "building_id", "neighborhood_id", "place_note", "photos", "claimed_at")


@blp.get("/categories")
@allow(Permission.TICKET_READ, own_transactions=True)
@blp.response(200, CategoriesOut)
def categories() -> Response:
    """The kinds of trouble that can be chosen."""
    with reading() as connection:
        return as_json({"items": places.categories(connection)})


@blp.post("/tickets")
@allow(Permission.TICKET_FILE)
@blp.arguments(ReportBody)
@blp.response(201, FiledOut)
def file_ticket(body: dict[str, Any]) -> Response:
    """File a report of one's own.  Send an `Idempotency-Key`: a repeat on a bad line gives the same ticket."""
    filed = filing.file_ticket(db.session(), actor=identity.actor(), report=report_of(body), now=now())
    return as_json(filed, status=201)


@blp.post("/tickets/recorded")
@allow(Permission.TICKET_RECORD)
@blp.arguments(RecordBody)
@blp.response(201, FiledOut)
def record_ticket(body: dict[str, Any]) -> Filed:
    """Record what a resident told the station: the same ticket with the same clocks."""
    return recording.record_ticket(
        db.session(),
        actor=identity.actor(),
        report=report_of(body),
        source=body["source"],
        caller=Caller(body.get("person_id"), body.get("caller_name"), body.get("caller_phone")),
        vault=vault(),
        now=now(),
    )


@blp.get("/tickets/mine")
@allow(Permission.TICKET_FILE, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, SummaryPage)
def mine(query: dict[str, Any]) -> Response:
    """What I reported."""
    with reading() as connection:
        page = reading_tickets.of_reporter(connection, actor=identity.actor(), page=page_request(query), now=now())
    return page_json(page)


@blp.get("/tickets/assigned")
@allow(Permission.TICKET_WORK, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, SummaryPage)
def assigned(query: dict[str, Any]) -> Response:
    """What is assigned to me."""
    with reading() as connection:
        page = reading_tickets.of_worker(connection, actor=identity.actor(), page=page_request(query), now=now())
    return page_json(page)


@blp.get("/neighborhoods/<id:neighborhood_id>/tickets")
@allow(Permission.TICKET_LIST, own_transactions=True)
@blp.arguments(StationQuery, location="query")
@blp.response(200, SummaryPage)
def of_neighborhood(query: dict[str, Any], neighborhood_id: int) -> Response:
    """The station's list: open tickets, newest first; a state or `settled=true` shows the others too."""
    when = now()
    filters = reading_tickets.Filters(
        state=query["state"],
        urgency=query["urgency"],
        overdue=query["overdue"],
        due_before=when + day_board.SOON if query["soon"] else None,
        pause_reason=query["pause_reason"],
        in_hand=query["in_hand"],
        assignee_id=query.get("assignee_id"),
        text=query.get("text"),
        settled=query["settled"],
    )
    with reading() as connection:
        page = reading_tickets.of_neighborhood(
            connection,
            actor=identity.actor(),
            neighborhood_id=neighborhood_id,
            filters=filters,
            page=page_request(query),
            now=when,
        )
    return page_json(page)


@blp.get("/neighborhoods/<id:neighborhood_id>/board")
@allow(Permission.TICKET_LIST, own_transactions=True)
@blp.response(200, BoardOut)
def board(neighborhood_id: int) -> Response:
    """The station's day: what is new, runs out soon, is late, on whom work waits, who has how much in hand."""
    with reading() as connection:
        found = day_board.board(connection, actor=identity.actor(), neighborhood_id=neighborhood_id, now=now())
    return as_json(found)


@blp.get("/neighborhoods/<id:neighborhood_id>/missed-clocks")
@allow(Permission.TICKET_LIST, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, MissPage)
def missed_clocks(query: dict[str, Any], neighborhood_id: int) -> Response:
    """Who missed which clock, newest first."""
    with reading() as connection:
        page = ticket_timing.misses(
            connection, actor=identity.actor(), neighborhood_id=neighborhood_id, page=page_request(query)
        )
    return page_json(page)


@blp.get("/neighborhoods/<id:neighborhood_id>/holds")
@allow(Permission.TICKET_LIST, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, HoldPage)
def holds(query: dict[str, Any], neighborhood_id: int) -> Response:
    """Where work stands or stood still, why, and until when at most; newest first."""
    with reading() as connection:
        page = ticket_timing.holds(
            connection, actor=identity.actor(), neighborhood_id=neighborhood_id, page=page_request(query)
        )
    return page_json(page)


@blp.get("/neighborhoods/<id:neighborhood_id>/call-backs")
@allow(Permission.TICKET_TRIAGE)
@blp.response(200, CallBacksOut)
def call_backs(neighborhood_id: int) -> dict[str, Any]:
    """Whom the station still has to ask how it was: one in twenty, and every unhappy one; the oldest first."""
    items = callbacks.to_call(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id)
    return {"items": items}


@blp.get("/tickets/<id:ticket_id>")
@allow(Permission.TICKET_READ, own_transactions=True)
@blp.response(200, TicketOut)
def one(ticket_id: int) -> Response:
    """One ticket with its history.  Its `ETag` is the version to send as `If-Match` with a move."""
    with reading() as connection:
        ticket = reading_tickets.one(connection, actor=identity.actor(), ticket_id=ticket_id, now=now())
    for photo in (photo for event in ticket["timeline"] for photo in event["photos"]):
        photo["url"] = links.photo(photo["id"], now=now())
    return as_json(ticket, version=ticket["version"])


@blp.post("/tickets/<id:ticket_id>/contact")
@allow(Permission.TICKET_CONTACT)
@blp.arguments(ContactBody)
@blp.response(200, ContactOut)
def reveal_contact(body: dict[str, Any], ticket_id: int) -> contact.Contact:
    """Show whom to call about a ticket.  The timeline, which the resident reads, says who looked and why."""
    return contact.reveal(
        db.session(), actor=identity.actor(), now=now(), ticket_id=ticket_id, purpose=body["purpose"], vault=vault()
    )


def report_of(body: dict[str, Any]) -> Report:
    """Return the report that a validated body states."""
    point = {name: round(body[name] * MILLIONTHS) for name in ("latitude", "longitude") if name in body}
    return Report(**{name: body[name] for name in REPORT_FIELDS if name in body}, **point)
