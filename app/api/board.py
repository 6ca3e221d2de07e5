"""The board of common parts, and what neighbors will read of a report before it is sent."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.api.tickets import report_of
from app.extensions import db
from app.guards import allow
from app.schemas.board import BoardPage, BoardQuery, PreviewOut
from app.schemas.tickets import ReportBody
from app.transaction import reading
from services.permissions import Permission
from services.reading import board

blp = ApiBlueprint("board", __name__, url_prefix="/api/v1", description="Tickets: what neighbors read")


@blp.get("/tickets/nearby")
@allow(Permission.TICKET_FILE, own_transactions=True)
@blp.arguments(BoardQuery, location="query")
@blp.response(200, BoardPage)
def nearby(query: dict[str, Any]) -> Response:
    """The board: what is reported of the common parts of my buildings, or of my whole neighborhood."""
    with reading() as connection:
        page = board.of_common_parts(
            connection, actor=identity.actor(), around=query["around"], page=page_request(query), now=now()
        )
    return page_json(page)


@blp.post("/tickets/preview")
@allow(Permission.TICKET_FILE)
@blp.arguments(ReportBody)
@blp.response(200, PreviewOut)
def preview(body: dict[str, Any]) -> dict[str, Any]:
    """What neighbors will read of a report once it is sent and checked.  Nothing is written."""
    return board.preview(db.session(), actor=identity.actor(), report=report_of(body), now=now())
