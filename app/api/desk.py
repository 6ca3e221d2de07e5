"""The rights desk: asking about one's own data, answering, and everything about a person in one file."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import as_json, now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.care import LookBody
from app.schemas.desk import (
    AskBody,
    DeskPage,
    DeskQuery,
    DossierOut,
    ErasurePlanOut,
    RecordedAskBody,
    RightsRequestOut,
    RightsRequestPage,
    SettleBody,
)
from app.settings import vault
from services.permissions import Permission
from services.privacy import answering, desk, desk_lists, exporting, removal
from services.privacy.answering import Corrections
from services.privacy.desk import Asking

blp = ApiBlueprint("desk", __name__, url_prefix="/api/v1", description="The rights desk")


@blp.get("/me/rights-requests")
@allow(Permission.ME_READ)
@blp.arguments(PageQuery, location="query")
@blp.response(200, RightsRequestPage)
def mine(query: dict[str, Any]) -> Response:
    """What I asked about my data, newest first, with the answers."""
    page = desk_lists.mine(db.session(), actor=identity.actor(), vault=vault(), now=now(), page=page_request(query))
    return page_json(page)


@blp.post("/me/rights-requests")
@allow(Permission.ME_WRITE)
@blp.arguments(AskBody)
@blp.response(201, RightsRequestOut)
def ask(body: dict[str, Any]) -> dict[str, Any]:
    """See, correct, delete, restrict, transfer, or have explained.  To see is answered at once."""
    made = desk.ask(db.session(), actor=identity.actor(), asking=Asking(**body), vault=vault(), now=now())
    return desk_lists.described(made, vault(), now())


@blp.post("/me/rights-requests/<id:rights_request_id>/withdraw")
@allow(Permission.ME_WRITE)
@blp.response(200, RightsRequestOut)
def withdraw(rights_request_id: int) -> dict[str, Any]:
    """I no longer ask for it."""
    made = answering.withdraw(db.session(), actor=identity.actor(), request_id=rights_request_id, now=now())
    return desk_lists.described(made, vault(), now())


@blp.get("/me/erasure-plan")
@allow(Permission.ME_READ)
@blp.response(200, ErasurePlanOut)
def my_plan() -> removal.Plan:
    """What deleting my data would do: what goes, what stays and why, what has to be ended before."""
    return removal.plan(db.session(), person_id=identity.actor().person_id, now=now())


@blp.post("/me/export")
@allow(Permission.ME_WRITE)
@blp.response(200, DossierOut)
def export() -> Response:
    """Everything about me, to keep or to take along; also in plain words."""
    file = exporting.own(db.session(), actor=identity.actor(), vault=vault(), now=now())
    return as_json({**file, "text": exporting.as_text(file)})


@blp.get("/rights-requests")
@allow(Permission.DESK_ANSWER)
@blp.arguments(DeskQuery, location="query")
@blp.response(200, DeskPage)
def below(query: dict[str, Any]) -> Response:
    """The requests of my neighborhoods: open ones, or those that were answered."""
    page = desk_lists.below(
        db.session(), actor=identity.actor(), settled=query["settled"], now=now(), page=page_request(query)
    )
    return page_json(page)


@blp.post("/persons/<id:person_id>/rights-requests")
@allow(Permission.DESK_ANSWER)
@blp.arguments(RecordedAskBody)
@blp.response(201, RightsRequestOut)
def record(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Write down what somebody asked at the window, for themselves or, with proof, for somebody."""
    how, asked_by_id = body.pop("how"), body.pop("asked_by_id", None)
    made = desk.record(
        db.session(),
        actor=identity.actor(),
        person_id=person_id,
        asking=Asking(**body),
        how=how,
        asked_by_id=asked_by_id,
        vault=vault(),
        now=now(),
    )
    return desk_lists.described(made, vault(), now())


@blp.get("/rights-requests/<id:rights_request_id>")
@allow(Permission.DESK_ANSWER)
@blp.response(200, RightsRequestOut)
def one(rights_request_id: int) -> dict[str, Any]:
    """A request with its words."""
    return desk_lists.one(db.session(), actor=identity.actor(), request_id=rights_request_id, vault=vault(), now=now())


@blp.post("/rights-requests/<id:rights_request_id>/take")
@allow(Permission.DESK_ANSWER)
@blp.response(200, RightsRequestOut)
def take(rights_request_id: int) -> dict[str, Any]:
    """I answer it."""
    made = answering.take(db.session(), actor=identity.actor(), request_id=rights_request_id, now=now())
    return desk_lists.described(made, vault(), now())


@blp.post("/rights-requests/<id:rights_request_id>/answer")
@allow(Permission.DESK_ANSWER)
@blp.arguments(SettleBody)
@blp.response(200, RightsRequestOut)
def settle(body: dict[str, Any], rights_request_id: int) -> dict[str, Any]:
    """Do what was asked, or say what not and why."""
    made = answering.settle(
        db.session(),
        actor=identity.actor(),
        request_id=rights_request_id,
        action=body["action"],
        answer=body.get("answer"),
        corrections=Corrections(body.get("name"), body.get("phone")),
        vault=vault(),
        now=now(),
    )
    return desk_lists.described(made, vault(), now())


@blp.get("/rights-requests/<id:rights_request_id>/erasure-plan")
@allow(Permission.DESK_ANSWER)
@blp.response(200, ErasurePlanOut)
def plan(rights_request_id: int) -> removal.Plan:
    """What granting a deletion would do."""
    return answering.erasure_plan(db.session(), actor=identity.actor(), request_id=rights_request_id, now=now())


@blp.post("/rights-requests/<id:rights_request_id>/export")
@allow(Permission.DESK_ANSWER)
@blp.arguments(LookBody)
@blp.response(200, DossierOut)
def export_for(body: dict[str, Any], rights_request_id: int) -> Response:
    """Everything about somebody who asked to see it at the window, to be printed for them; on record."""
    file = answering.export(
        db.session(), actor=identity.actor(), request_id=rights_request_id, vault=vault(), now=now(), **body
    )
    return as_json({**file, "text": exporting.as_text(file)})
