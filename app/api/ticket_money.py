"""Who is responsible, and paid work inside homes: survey, quote, the resident's word."""

from typing import Any

from app import identity
from app.api.blueprint import ApiBlueprint
from app.api.ticket_moves import IF_MATCH, by
from app.extensions import db
from app.guards import allow
from app.schemas.ticket_money import (
    DecisionsOut,
    QuoteBody,
    QuoteDeclinedBody,
    QuoteNamedBody,
    QuotesOut,
    QuoteWithdrawnBody,
    SurveyBody,
)
from app.schemas.ticket_moves import MovedOut
from models import Ticket
from services.permissions import Permission
from services.reading import quotes as reading_quotes
from services.tickets import quotes, surveying
from services.tickets.quotes import Line

blp = ApiBlueprint(
    "ticket_money", __name__, url_prefix="/api/v1/tickets/<id:ticket_id>", description="Tickets: who pays, and quotes"
)
blp.more_headers = (IF_MATCH,)


@blp.post("/survey")
@allow(Permission.TICKET_SURVEY)
@blp.arguments(SurveyBody)
@blp.response(200, MovedOut)
def survey(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Say who is responsible."""
    return surveying.survey(db.session(), **by(ticket_id), **body)


@blp.get("/responsibility")
@allow(Permission.TICKET_READ)
@blp.response(200, DecisionsOut)
def responsibility(ticket_id: int) -> dict[str, Any]:
    """Who was found responsible, by whom, and what it means for who pays."""
    return {"items": surveying.decisions(db.session(), actor=identity.actor(), ticket_id=ticket_id)}


@blp.post("/quotes")
@allow(Permission.TICKET_WORK)
@blp.arguments(QuoteBody)
@blp.response(200, MovedOut)
def quote(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Say what the work costs; it waits for the resident's word."""
    lines = [Line(**line) for line in body.pop("lines")]
    return quotes.quote(db.session(), **by(ticket_id), lines=lines, **body)


@blp.get("/quotes")
@allow(Permission.TICKET_READ)
@blp.response(200, QuotesOut)
def of_ticket(ticket_id: int) -> dict[str, Any]:
    """Quotes with their lines, what was said to them, and what is due."""
    return reading_quotes.of_ticket(db.session(), actor=identity.actor(), ticket_id=ticket_id)


@blp.post("/withdraw-quote")
@allow(Permission.TICKET_WORK)
@blp.arguments(QuoteWithdrawnBody)
@blp.response(200, MovedOut)
def withdraw_quote(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Take a quote back."""
    return quotes.withdraw_quote(db.session(), **by(ticket_id), **body)


@blp.post("/agree-quote")
@allow(Permission.QUOTE_ANSWER)
@blp.arguments(QuoteNamedBody)
@blp.response(200, MovedOut)
def agree(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Say yes: the resident's own word."""
    return quotes.agree(db.session(), **by(ticket_id), **body)


@blp.post("/decline-quote")
@allow(Permission.QUOTE_ANSWER)
@blp.arguments(QuoteDeclinedBody)
@blp.response(200, MovedOut)
def decline(body: dict[str, Any], ticket_id: int) -> Ticket:
    """Say no: the resident's own word."""
    return quotes.decline(db.session(), **by(ticket_id), **body)
