"""Handing out work: grab, rotate, transfer, give back, offers of help."""

from typing import Any

from app import identity
from app.api.blueprint import ApiBlueprint
from app.api.ticket_moves import IF_MATCH, by
from app.extensions import db
from app.guards import allow
from app.schemas.ticket_moves import MovedOut, NoteBody, NothingBody
from app.schemas.ticket_work import (
    AcceptHelpBody,
    HelpOffersOut,
    ReturnBody,
    TransferBody,
)
from models import Ticket
from services.permissions import Permission
from services.tickets import by_station, helping, passing

blp = ApiBlueprint(
    "ticket_work", __name__, url_prefix="/api/v1/tickets/<id:ticket_id>", description="Tickets: handing out work"
)
blp.more_headers = (IF_MATCH,)


@blp.post("/grab")
@allow(Permission.TICKET_WORK)
@blp.arguments(NothingBody)
@blp.response(200, MovedOut)
def grab(_body: dict[str, Any], ticket_id: int) -> Ticket:
    """Take it for oneself."""
    return passing.grab(db.session(), **by(ticket_id))


@blp.post("/rotate")
@allow(Permission.TICKET_ASSIGN)
@blp.arguments(NoteBody)
@blp.response(200, MovedOut)
def rotate(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Send whose turn it is."""
    return by_station.rotate(db.session(), **by(ticket_id), **body)


@blp.post("/transfer")
@allow(Permission.TICKET_WORK)
@blp.arguments(TransferBody)
@blp.response(200, MovedOut)
def transfer(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Ask a colleague to take it over."""
    return passing.transfer(db.session(), **by(ticket_id), **body)


@blp.post("/take-over")
@allow(Permission.TICKET_WORK)
@blp.arguments(NothingBody)
@blp.response(200, MovedOut)
def take_over(_body: dict[str, Any], ticket_id: int) -> Ticket:
    """Take it over from a colleague."""
    return passing.take_over(db.session(), **by(ticket_id))


@blp.post("/turn-down")
@allow(Permission.TICKET_WORK)
@blp.arguments(NoteBody)
@blp.response(200, MovedOut)
def turn_down(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Say no to a colleague: it stays with them."""
    return passing.turn_down(db.session(), **by(ticket_id), **body)


@blp.post("/return")
@allow(Permission.TICKET_WORK)
@blp.arguments(ReturnBody)
@blp.response(200, MovedOut)
def give_back(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Give it back to the station."""
    return passing.give_back(db.session(), **by(ticket_id), **body)


@blp.post("/offer-help")
@allow(Permission.TICKET_HELP)
@blp.arguments(NoteBody)
@blp.response(200, MovedOut)
def offer_help(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Say that one would do it."""
    return helping.offer_help(db.session(), **by(ticket_id), **body)


@blp.post("/accept-help")
@allow(Permission.TICKET_ASSIGN)
@blp.arguments(AcceptHelpBody)
@blp.response(200, MovedOut)
def accept_help(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Take up an offer of help."""
    return helping.accept_help(db.session(), **by(ticket_id), **body)


@blp.get("/help-offers")
@allow(Permission.TICKET_ASSIGN)
@blp.response(200, HelpOffersOut)
def help_offers(ticket_id: int) -> dict[str, Any]:
    """Who would do it."""
    return {"items": helping.offers_of(db.session(), actor=identity.actor(), ticket_id=ticket_id)}
