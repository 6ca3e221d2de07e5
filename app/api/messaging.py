"""The inbox, and grants for subscribe messages."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import as_json, now, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.messaging import GrantAnswerOut, GrantBody, GrantsOut, InboxPage, TapQuery
from app.settings import gateways
from app.transaction import reading
from services import grants, inbox
from services.permissions import Permission
from services.reading import inbox as reading_inbox

blp = ApiBlueprint("messaging", __name__, url_prefix="/api/v1", description="Messages")


@blp.get("/inbox")
@allow(Permission.INBOX_READ, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, InboxPage)
def items(query: dict[str, Any]) -> Response:
    """My messages, newest first."""
    actor = identity.actor()
    with reading() as connection:
        page = reading_inbox.items(connection, actor=actor, page=page_request(query))
        unread = reading_inbox.unread(connection, actor=actor)
    return as_json({"items": page.items, "next": page.next, "unread": unread})


@blp.post("/inbox/<id:item_id>/read")
@allow(Permission.INBOX_READ)
@blp.response(204)
def mark_read(item_id: int) -> None:
    """I have read it."""
    inbox.mark_read(db.session(), actor=identity.actor(), item_id=item_id, now=now())


@blp.post("/inbox/read-all")
@allow(Permission.INBOX_READ)
@blp.response(204)
def mark_all_read() -> None:
    """I have read everything."""
    inbox.mark_all_read(db.session(), actor=identity.actor(), now=now())


@blp.get("/grants")
@allow(Permission.ME_READ)
@blp.arguments(TapQuery, location="query")
@blp.response(200, GrantsOut)
def wanted(query: dict[str, Any]) -> dict[str, Any]:
    """Which subscribe messages to ask for at this tap: at most three, most useful first."""
    templates = gateways().messages.templates()
    rows = grants.wanted(db.session(), actor=identity.actor(), tap=query["tap"], known=templates)
    return {"items": [{"kind": kind, "template_id": templates[kind], "remaining": left} for kind, left in rows]}


@blp.post("/grants")
@allow(Permission.ME_WRITE)
@blp.arguments(GrantBody)
@blp.response(200, GrantAnswerOut)
def answered(body: dict[str, Any]) -> dict[str, int]:
    """What I answered when WeChat asked."""
    accepted = body["answer"] == "accept"
    left = grants.answered(db.session(), actor=identity.actor(), kind=body["kind"], accepted=accepted, now=now())
    return {"remaining": left}
