"""What became of tickets: the words on the outcome of one, and the call-backs that were made."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import as_json, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.ticket_outcomes import CallMadePage, TruthsOut
from app.transaction import reading
from services.permissions import Permission
from services.reading import ticket_outcomes

blp = ApiBlueprint("ticket_outcomes", __name__, url_prefix="/api/v1", description="Tickets: what became of them")


@blp.get("/tickets/<id:ticket_id>/truths")
@allow(Permission.TICKET_READ, own_transactions=True)
@blp.response(200, TruthsOut)
def truths(ticket_id: int) -> Response:
    """Who said what of the outcome, the oldest first: the worker's word, the resident's, silence, that it came back."""
    with reading() as connection:
        items = ticket_outcomes.truths(connection, actor=identity.actor(), ticket_id=ticket_id)
    return as_json({"items": items})


@blp.get("/neighborhoods/<id:neighborhood_id>/call-backs/made")
@allow(Permission.TICKET_TRIAGE, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, CallMadePage)
def calls_made(query: dict[str, Any], neighborhood_id: int) -> Response:
    """Which call-backs were made, and what was heard; newest first."""
    with reading() as connection:
        page = ticket_outcomes.calls_made(
            connection, actor=identity.actor(), neighborhood_id=neighborhood_id, page=page_request(query)
        )
    return page_json(page)
