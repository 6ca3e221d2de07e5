"""Requests to be registered in a home: reading them, approving, giving them back."""

from typing import Any

from flask import request
from marshmallow import fields

from app import identity, links
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.residencies import ApproveResidencyBody, ResidencyWordsBody
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from app.web.console.forms import form
from models import RequestState
from services.permissions import Permission
from services.residencies import answering, lists
from services.residencies.moves import MOVES, Step
from services.residencies.words import STATE_NAMES

LIST = "console_residencies.listed"
blp = ConsoleBlueprint("residencies", __name__, entries=(Entry("住户登记", LIST, Permission.RESIDENCY_REVIEW),))
STEP_NAMES: dict[Step, str] = {Step.ASK: "申请"} | {step: move.verb for step, move in MOVES.items()}
STATES = {"": None} | {state.value: state for state in RequestState}


class ApproveForm(ApproveResidencyBody):
    """An approval of what was seen."""

    version = fields.Integer(required=True, strict=True)


class ReturnForm(ResidencyWordsBody):
    """A return of what was seen, with the reason."""

    version = fields.Integer(required=True, strict=True)


@blp.get("/residency-requests")
@allow(Permission.RESIDENCY_REVIEW)
def listed() -> str:
    """Show the requests that wait, or those of one state."""
    state = STATES.get(request.args.get("state", ""))
    found = lists.for_station(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=asked.neighborhood(),
        state=state,
        page=asked.further_page(),
    )
    return pages.page("residency_requests.html", found=found, chosen=state, states=STATE_NAMES)


@blp.get("/residency-requests/<id:request_id>")
@allow(Permission.RESIDENCY_REVIEW)
def one(request_id: int) -> str:
    """Show a request with its evidence."""
    found = lists.detail(db.session(), actor=identity.actor(), request_id=request_id)
    for photo in found["photos"]:
        photo["url"] = links.photo(photo["id"], now=now())
    return pages.page("residency_request.html", one=found, STEPS=STEP_NAMES)


@blp.post("/residency-requests/<id:request_id>/approve")
@allow(Permission.RESIDENCY_REVIEW)
@form(ApproveForm, again=one)
def approve(body: dict[str, Any], request_id: int) -> Any:
    """Approve: the residency and its rights begin."""
    done = answering.approve(db.session(), actor=identity.actor(), request_id=request_id, now=now(), **body)
    return pages.go(LIST, "通过了，本人会收到消息。", neighborhood=done.neighborhood_id)


@blp.post("/residency-requests/<id:request_id>/return")
@allow(Permission.RESIDENCY_REVIEW)
@form(ReturnForm, again=one)
def give_back(body: dict[str, Any], request_id: int) -> Any:
    """Give a request back with the reason."""
    done = answering.send_back(db.session(), actor=identity.actor(), request_id=request_id, now=now(), **body)
    return pages.go(LIST, "退回了，本人会看到原因，改好了可以再交。", neighborhood=done.neighborhood_id)
