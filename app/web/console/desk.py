"""The rights desk: what people asked about their own data, by when it is to be answered, and the answer."""

from typing import Any

from flask import request

from app import identity
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.care import LookBody
from app.schemas.desk import RecordedAskBody, SettleBody
from app.settings import vault
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from app.web.console.forms import form
from models import RightsKind, RightsState, Standing
from services import access
from services.permissions import Permission
from services.privacy import answering, desk, desk_lists, exporting
from services.privacy.answering import Corrections
from services.privacy.desk import Asking
from services.privacy.desk_moves import KIND_NAMES

LIST = "console_desk.listed"
ONE = "console_desk.one"
blp = ConsoleBlueprint("desk", __name__, entries=(Entry("个人信息申请", LIST, Permission.DESK_ANSWER),))
STANDING_NAMES = {
    Standing.SELF: "本人", Standing.GUARDIAN: "监护人", Standing.HEIR: "去世的人的家属", Standing.AGENT: "本人托付的人",
}  # fmt: skip
WHAT_TO_DO = {
    RightsKind.SEE: "先打印出来，当面交给本人，再点“照办”。",
    RightsKind.TRANSFER: "先打印出来，当面交给本人，再点“照办”。",
    RightsKind.CORRECT: "姓名、电话写在下面，点“照办”就改好了。别处写错的，先到那里改好，再在答复里写明。",
    RightsKind.DELETE: "请看清下面会删掉什么、留下什么。点“照办”就删，删了找不回来。",
    RightsKind.RESTRICT: "点“照办”以后，他的资料只存着，不再用。",
    RightsKind.EXPLAIN: "请用大白话写明：用了他哪些资料、为了什么、谁看得到。",
}


@blp.get("/desk")
@allow(Permission.DESK_ANSWER)
def listed() -> str:
    """Show the requests that wait, or those that were answered."""
    settled = request.args.get("settled") == "1"
    page = asked.further_page()
    found = desk_lists.below(db.session(), actor=identity.actor(), settled=settled, now=now(), page=page)
    return pages.page("desk.html", found=found, settled=settled)


@blp.get("/desk/<id:rights_request_id>")
@allow(Permission.DESK_ANSWER)
def one(rights_request_id: int) -> str:
    """Show a request, and what granting it would do."""
    return _page(rights_request_id)


@blp.post("/desk/<id:rights_request_id>/take")
@allow(Permission.DESK_ANSWER)
def take(rights_request_id: int) -> Any:
    """Take it in hand."""
    answering.take(db.session(), actor=identity.actor(), request_id=rights_request_id, now=now())
    return pages.go(ONE, "您接手了。请在期限以前答复。", rights_request_id=rights_request_id)


@blp.post("/desk/<id:rights_request_id>/answer")
@allow(Permission.DESK_ANSWER)
@form(SettleBody, again=one)
def answer(body: dict[str, Any], rights_request_id: int) -> Any:
    """Do what was asked, or say what not and why."""
    answering.settle(
        db.session(),
        actor=identity.actor(),
        request_id=rights_request_id,
        action=body["action"],
        answer=body.get("answer"),
        corrections=Corrections(body.get("name"), body.get("phone")),
        vault=vault(),
        now=now(),
    )
    return pages.go(LIST, "答复了，本人会收到消息。")


@blp.post("/desk/<id:rights_request_id>/print")
@allow(Permission.DESK_ANSWER)
@form(LookBody, again=one)
def to_print(body: dict[str, Any], rights_request_id: int) -> str:
    """Show everything about the person, on record and in this answer only, to be printed and handed over."""
    file = answering.export(
        db.session(), actor=identity.actor(), request_id=rights_request_id, vault=vault(), now=now(), **body
    )
    return _page(rights_request_id, printed=exporting.as_text(file))


@blp.get("/persons/<id:person_id>/rights-requests")
@allow(Permission.DESK_ANSWER)
def window(person_id: int) -> str:
    """Ask what somebody at the window wants."""
    person, _ = access.person_for(db.session(), identity.actor(), person_id, now=now())
    kinds = [(kind.value, name) for kind, name in KIND_NAMES.items()]
    standings = [(standing.value, name) for standing, name in STANDING_NAMES.items()]
    return pages.page("desk_window.html", person=person, kinds=kinds, standings=standings)


@blp.post("/persons/<id:person_id>/rights-requests")
@allow(Permission.DESK_ANSWER)
@form(RecordedAskBody, again=window)
def record(body: dict[str, Any], person_id: int) -> Any:
    """Write down what somebody asked at the window."""
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
    return pages.go(ONE, "记下了。", rights_request_id=made.id)


def _page(rights_request_id: int, printed: str | None = None) -> str:
    session, actor = db.session(), identity.actor()
    found = desk_lists.one(session, actor=actor, request_id=rights_request_id, vault=vault(), now=now())
    is_open = found["settled_at"] is None
    plan = None
    if is_open and found["kind"] is RightsKind.DELETE:
        plan = answering.erasure_plan(session, actor=actor, request_id=rights_request_id, now=now())
    return pages.page(
        "rights_request.html",
        one=found,
        plan=plan,
        printed=printed,
        own=found["person_id"] == actor.person_id,
        in_hand=found["state"] is RightsState.IN_HAND,
        self_served=found["kind"] in desk.SELF_SERVED,
        what_to_do=WHAT_TO_DO[found["kind"]],
        standing=STANDING_NAMES[found["standing"]],
    )
