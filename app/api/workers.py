"""Workers: what they may take, what colleagues ask of them, and who can mend what."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.ticket_work import WorkBody, WorkersOut
from app.schemas.tickets import SummaryPage
from app.transaction import reading
from services.permissions import Permission
from services.reading import work
from services.tickets import skills

blp = ApiBlueprint("workers", __name__, url_prefix="/api/v1", description="Workers and the pool of tickets")


@blp.get("/tickets/pool")
@allow(Permission.TICKET_WORK, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, SummaryPage)
def pool(query: dict[str, Any]) -> Response:
    """What I may grab."""
    with reading() as connection:
        page = work.pool(connection, actor=identity.actor(), page=page_request(query), now=now())
    return page_json(page)


@blp.get("/tickets/asked")
@allow(Permission.TICKET_WORK, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, SummaryPage)
def asked(query: dict[str, Any]) -> Response:
    """What colleagues ask me to take over."""
    with reading() as connection:
        page = work.asked(connection, actor=identity.actor(), page=page_request(query), now=now())
    return page_json(page)


@blp.get("/neighborhoods/<id:neighborhood_id>/workers")
@allow(Permission.TICKET_ASSIGN)
@blp.response(200, WorkersOut)
def workers(neighborhood_id: int) -> dict[str, Any]:
    """Who can mend what, and how much each has in hand."""
    items = skills.workers(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now())
    return {"items": items}


@blp.put("/neighborhoods/<id:neighborhood_id>/workers/<id:person_id>")
@allow(Permission.WORKER_MANAGE)
@blp.arguments(WorkBody)
@blp.response(204)
def set_work(body: dict[str, Any], neighborhood_id: int, person_id: int) -> None:
    """Say what a worker can mend, and how much at once."""
    skills.set_work(
        db.session(), actor=identity.actor(), now=now(), neighborhood_id=neighborhood_id, person_id=person_id, **body
    )
