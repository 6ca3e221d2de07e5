"""Reading in full what lists mask, for a purpose; and 谁看过我的信息."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.revealing import LooksPage, PurposesOut, RevealBody, RevealOut
from app.settings import vault
from app.transaction import reading
from services import revealing
from services.permissions import Permission
from services.reading import looks
from services.revealing import Why

blp = ApiBlueprint("revealing", __name__, url_prefix="/api/v1", description="Personal data: reading in full, on record")


@blp.get("/reveal-purposes")
@allow(Permission.PERSON_REVEAL)
@blp.response(200, PurposesOut)
def purposes() -> dict[str, Any]:
    """What one may read names, phones and numbers for."""
    return {"items": [revealing.card(one) for one in revealing.purposes(db.session(), now=now())]}


@blp.post("/persons/<id:person_id>/reveal")
@allow(Permission.PERSON_REVEAL)
@blp.arguments(RevealBody)
@blp.response(200, RevealOut)
def reveal(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Show a name, phone or number in full.  The person can read that it was shown, to whom and why."""
    shown = revealing.reveal_person(
        db.session(),
        actor=identity.actor(),
        person_id=person_id,
        fields=body["fields"],
        why=Why(body["purpose"], body.get("words")),
        vault=vault(),
        now=now(),
    )
    return {**{one.value: shown.values.get(one) for one in revealing.Field}, "id_type": shown.id_type}


@blp.get("/me/views")
@allow(Permission.ME_READ, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, LooksPage)
def views(query: dict[str, Any]) -> Response | dict[str, Any]:
    """Who looked at my data, newest first."""
    with reading() as connection:
        page = looks.mine(connection, actor=identity.actor(), vault=vault(), page=page_request(query))
    return {"items": page.items, "next": page.next}
