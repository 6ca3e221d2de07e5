"""Key households: opened, known, visited, and seen by the household itself."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.care import (
    CareBody,
    CareIdOut,
    CareKindsOut,
    CareNumberPage,
    CareOut,
    CarePage,
    CloseCareBody,
    KnowerBody,
    KnowerIdOut,
    LookBody,
    OwnCaresOut,
    ProlongBody,
    VisitBody,
    VisitIdOut,
)
from app.settings import vault
from models import CareEntry, CareKnower, CareVisit
from services.permissions import Permission
from services.privacy import care, care_knowers, care_lists
from services.privacy.care import Case

blp = ApiBlueprint("care", __name__, url_prefix="/api/v1", description="Key households")


@blp.get("/care-kinds")
@allow(Permission.CARE_READ)
@blp.response(200, CareKindsOut)
def kinds() -> dict[str, Any]:
    """Why a household may be looked after."""
    return {"items": care_lists.kinds(db.session())}


@blp.get("/care")
@allow(Permission.CARE_READ)
@blp.arguments(PageQuery, location="query")
@blp.response(200, CarePage)
def mine(query: dict[str, Any]) -> dict[str, Any]:
    """The entries of which I may know."""
    page = care_lists.mine(db.session(), actor=identity.actor(), now=now(), page=page_request(query))
    return {"items": page.items, "next": page.next}


@blp.post("/care")
@allow(Permission.CARE_MANAGE)
@blp.arguments(CareBody)
@blp.response(201, CareIdOut)
def open_entry(body: dict[str, Any]) -> CareEntry:
    """Look after somebody, with their consent, until a day."""
    return care.open_entry(db.session(), actor=identity.actor(), case=Case(**body), vault=vault(), now=now())


@blp.post("/care/<id:care_id>/look")
@allow(Permission.CARE_READ)
@blp.arguments(LookBody)
@blp.response(200, CareOut)
def look(body: dict[str, Any], care_id: int) -> dict[str, Any]:
    """See an entry, for a purpose; the household reads who looked and why."""
    return care_lists.look(db.session(), actor=identity.actor(), entry_id=care_id, vault=vault(), now=now(), **body)


@blp.post("/care/<id:care_id>/visits")
@allow(Permission.CARE_READ)
@blp.arguments(VisitBody)
@blp.response(201, VisitIdOut)
def visit(body: dict[str, Any], care_id: int) -> CareVisit:
    """I was there."""
    return care.visit(
        db.session(),
        actor=identity.actor(),
        entry_id=care_id,
        visited_at=body["visited_at"],
        purpose=body["purpose"],
        words=body.get("words"),
        vault=vault(),
        now=now(),
    )


@blp.post("/care/<id:care_id>/prolong")
@allow(Permission.CARE_MANAGE)
@blp.arguments(ProlongBody)
@blp.response(200, CareIdOut)
def prolong(body: dict[str, Any], care_id: int) -> CareEntry:
    """Let it last longer."""
    return care.prolong(db.session(), actor=identity.actor(), entry_id=care_id, now=now(), **body)


@blp.post("/care/<id:care_id>/close")
@allow(Permission.CARE_MANAGE)
@blp.arguments(CloseCareBody)
@blp.response(200, CareIdOut)
def close(body: dict[str, Any], care_id: int) -> CareEntry:
    """End it."""
    return care.close(db.session(), actor=identity.actor(), entry_id=care_id, now=now(), **body)


@blp.post("/care/<id:care_id>/knowers")
@allow(Permission.CARE_MANAGE)
@blp.arguments(KnowerBody)
@blp.response(201, KnowerIdOut)
def name_knower(body: dict[str, Any], care_id: int) -> CareKnower:
    """Let one more person know; the household is told."""
    return care_knowers.name_knower(db.session(), actor=identity.actor(), entry_id=care_id, now=now(), **body)


@blp.post("/care/<id:care_id>/knowers/<id:knower_id>/withdraw")
@allow(Permission.CARE_MANAGE)
@blp.response(200, KnowerIdOut)
def withdraw_knower(care_id: int, knower_id: int) -> CareKnower:
    """Somebody need not know any longer."""
    return care_knowers.withdraw_knower(
        db.session(), actor=identity.actor(), entry_id=care_id, knower_id=knower_id, now=now()
    )


@blp.get("/neighborhoods/<id:neighborhood_id>/care")
@allow(Permission.CARE_MANAGE)
@blp.arguments(PageQuery, location="query")
@blp.response(200, CareNumberPage)
def numbers(query: dict[str, Any], neighborhood_id: int) -> Response:
    """The entries of a neighborhood by number: who has nobody to know of it, and what runs out."""
    page = care_lists.numbers(
        db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now(), page=page_request(query)
    )
    return page_json(page)


@blp.get("/me/care")
@allow(Permission.ME_READ)
@blp.response(200, OwnCaresOut)
def own() -> dict[str, Any]:
    """My own entries: what is written, who may know, who was there, who looked."""
    return {"items": care_lists.about_me(db.session(), actor=identity.actor(), vault=vault(), now=now())}
