"""Quotes of a ticket for screens, with their lines, the resident's word and what is due: two statements."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import QuoteAnswer, ResponsibleParty, TicketQuote, TicketQuoteLine, TicketResponsibility
from services import access
from services.actors import Actor
from services.errors import NotFound


def due_fen(ticket_id: Any) -> sa.ScalarSelect[int]:
    """Return the expression of what is due for a ticket: all that was agreed to and not taken back, in fen."""
    return (
        sa.select(sa.func.coalesce(sa.func.sum(QuoteAnswer.due_fen), 0))
        .join(TicketQuote, TicketQuote.id == QuoteAnswer.quote_id)
        .where(QuoteAnswer.ticket_id == ticket_id, TicketQuote.withdrawn_at.is_(None))
        .correlate_except(QuoteAnswer, TicketQuote)
        .scalar_subquery()
    )


def open_quote(ticket_id: Any) -> sa.ScalarSelect[int | None]:
    """Return the expression of the quote that waits for the resident's word."""
    answered = sa.exists().where(QuoteAnswer.quote_id == TicketQuote.id)
    return (
        sa.select(sa.func.max(TicketQuote.id))
        .where(TicketQuote.ticket_id == ticket_id, TicketQuote.withdrawn_at.is_(None), ~answered)
        .correlate_except(QuoteAnswer, TicketQuote)
        .scalar_subquery()
    )


def responsible_party(ticket_id: Any) -> sa.ScalarSelect[ResponsibleParty | None]:
    """Return the expression of who was found responsible at last."""
    return (
        sa.select(TicketResponsibility.party)
        .where(TicketResponsibility.ticket_id == ticket_id)
        .order_by(TicketResponsibility.id.desc())
        .limit(1)
        .correlate_except(TicketResponsibility)
        .scalar_subquery()
    )


def of_ticket(session: Session, *, actor: Actor, ticket_id: int) -> dict[str, Any]:
    """Return the quotes of a ticket, newest first, and what is due.  Raises ``NotFound`` out of scope and for neighbors."""
    ticket = access.ticket_for(session, actor, ticket_id)
    if access.is_neighbor(actor, ticket.reporter_id):
        raise NotFound(access.TICKET_MISSING, code="ticket_not_found")
    rows = session.execute(
        sa.select(
            TicketQuote.id,
            TicketQuote.sum_fen,
            TicketQuote.made_at,
            TicketQuote.valid_until,
            TicketQuote.note,
            TicketQuote.withdrawn_at,
            TicketQuote.withdrawn_why,
            QuoteAnswer.word,
            QuoteAnswer.at.label("answered_at"),
            QuoteAnswer.mandate_id.is_not(None).label("by_proxy"),
            QuoteAnswer.note.label("answer_note"),
        )
        .outerjoin(QuoteAnswer, QuoteAnswer.quote_id == TicketQuote.id)
        .where(TicketQuote.ticket_id == ticket_id)
        .order_by(TicketQuote.id.desc())
    ).mappings()
    quotes = [dict(row) | {"lines": []} for row in rows]
    by_id = {quote["id"]: quote["lines"] for quote in quotes}
    lines = session.execute(
        sa.select(
            TicketQuoteLine.quote_id,
            TicketQuoteLine.price_item_id,
            TicketQuoteLine.name,
            TicketQuoteLine.unit,
            TicketQuoteLine.quantity_centi,
            TicketQuoteLine.price_fen,
            TicketQuoteLine.amount_fen,
            TicketQuoteLine.reason,
        )
        .where(TicketQuoteLine.quote_id.in_(by_id))
        .order_by(TicketQuoteLine.quote_id, TicketQuoteLine.position)
    ).mappings()
    for line in lines:
        by_id[line["quote_id"]].append({name: value for name, value in line.items() if name != "quote_id"})
    due = sum(quote["sum_fen"] for quote in quotes if quote["word"] == "agreed" and quote["withdrawn_at"] is None)
    return {"items": quotes, "due_fen": due}
