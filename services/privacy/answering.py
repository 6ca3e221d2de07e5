"""Answering a request at the rights desk: take it, do what is asked or say why not."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Person, RightsKind, RightsRequest, RightsState
from services import access, people
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound, WrongHat
from services.privacy import desk, exporting, removal
from services.privacy.desk_moves import MOVES, NEXT_STEP, STATE_NAMES, DeskAction
from services.vault import Vault, normal_phone

MISSING = "没有找到这个申请。请从列表里点开。"
ANSWER_MISSING = "请写明答复：做了什么，没做什么，为什么。"
ANSWER_LEAST = 4
USUAL: dict[RightsKind, str] = {
    RightsKind.SEE: "您的资料已经打印好，请来服务站取，带上证件。",
    RightsKind.TRANSFER: "您的资料已经准备好，请来服务站取，带上证件。",
    RightsKind.CORRECT: "已经按您说的改好了。",
    RightsKind.DELETE: desk.ERASED,
    RightsKind.RESTRICT: "从现在起，您的资料只存着，不再用。要恢复请告诉服务站。",
}
"""What is answered when everything was done and the desk adds nothing."""


@dataclass(frozen=True)
class Corrections:
    """What is put right in the person's own data."""

    name: str | None = None
    phone: str | None = None


def take(session: Session, *, actor: Actor, request_id: int, now: dt.datetime) -> RightsRequest:
    """Take a request in hand.  Raises ``WrongHat`` for one's own: somebody else has to answer it."""
    request = request_for(session, actor, request_id, change=True)
    _require(request, DeskAction.TAKE)
    request.state, request.handled_by_id = RightsState.IN_HAND, actor.person_id
    desk.note(session, actor, request, "taken", now)
    return request


def settle(
    session: Session,
    *,
    actor: Actor,
    request_id: int,
    action: DeskAction,
    answer: str | None,
    vault: Vault,
    now: dt.datetime,
    corrections: Corrections | None = None,
) -> RightsRequest:
    """Answer a request.  Granting does what was asked; a deletion that must keep something is answered as done in part.

    Raises ``InvalidInput`` for a missing answer or correction, ``Conflict`` in the wrong state, or when an erasure is
    blocked by an office or an open ticket.
    """
    request = request_for(session, actor, request_id, change=True)
    _require(request, action)
    words = (answer or "").strip()
    if action is DeskAction.GRANT:
        said = DO[request.kind](session, request, actor, corrections or Corrections(), vault, now)
        words = "".join(part for part in (words or USUAL.get(request.kind, ""), said) if part)
    if len(words) < ANSWER_LEAST:
        raise InvalidInput(ANSWER_MISSING, code="answer_missing", errors={"answer": [ANSWER_MISSING]})
    kept = action is DeskAction.GRANT and request.outcome.get("keeps_name")
    request.state = MOVES[DeskAction.PARTLY if kept else action].target
    request.answer_sealed = vault.seal(words, desk.ANSWER_LABEL)
    request.settled_at, request.handled_by_id = now, actor.person_id
    session.flush()
    desk.note(session, actor, request, request.state.value, now)
    desk.tell_person(session, request, now)
    return request


def withdraw(session: Session, *, actor: Actor, request_id: int, now: dt.datetime) -> RightsRequest:
    """Take one's own request back."""
    request = session.scalar(
        sa.select(RightsRequest)
        .where(RightsRequest.id == request_id, RightsRequest.person_id == actor.person_id)
        .with_for_update()
    )
    if request is None:
        raise NotFound(MISSING, code="request_not_found")
    _require(request, DeskAction.WITHDRAW)
    request.state, request.settled_at = RightsState.WITHDRAWN, now
    session.flush()
    desk.note(session, actor, request, "withdrawn", now)
    return request


def request_for(session: Session, actor: Actor, request_id: int, *, change: bool = False) -> RightsRequest:
    """Return a request of a neighborhood at or below the actor's node.

    Raises ``NotFound`` out of scope and ``WrongHat`` for a change to one's own.
    """
    request = access.row_below(session, actor, RightsRequest, request_id, change=change)
    if request is None:
        raise NotFound(MISSING, code="request_not_found")
    if change and request.person_id == actor.person_id:
        raise WrongHat("自己的申请要由别人来办。请找社区工作人员。", code="own_request")
    return request


def erasure_plan(session: Session, *, actor: Actor, request_id: int, now: dt.datetime) -> removal.Plan:
    """Return what granting a deletion would do."""
    return removal.plan(session, person_id=request_for(session, actor, request_id).person_id, now=now)


def export(
    session: Session, *, actor: Actor, request_id: int, purpose: str, vault: Vault, now: dt.datetime
) -> dict[str, Any]:
    """Return everything about the person of a request that is in the actor's hand.

    Raises ``Conflict`` when the request asks for something else, or is not in hand.
    """
    request = request_for(session, actor, request_id, change=True)
    if request.kind not in desk.SELF_SERVED or request.state is not RightsState.IN_HAND:
        raise Conflict(
            "只有正在办的“看我的资料”“转给别处”申请才能打印。请先接手。",
            code="not_to_export",
            state=request.state.value,
        )
    return exporting.of_person(session, actor=actor, person_id=request.person_id, purpose=purpose, vault=vault, now=now)


def _require(request: RightsRequest, action: DeskAction) -> None:
    move = MOVES[action]
    if request.state not in move.sources:
        name = STATE_NAMES[request.state]
        raise Conflict(
            f"这个申请现在是“{name}”，不能{move.verb}。{NEXT_STEP[request.state]}", state=request.state.value
        )


def _nothing(
    _session: Session, _request: RightsRequest, _actor: Actor, _more: Corrections, _vault: Vault, _now: dt.datetime
) -> str:
    return ""


def _correct(
    session: Session, request: RightsRequest, _actor: Actor, more: Corrections, vault: Vault, _now: dt.datetime
) -> str:
    """Put name and phone right.  What is wrong elsewhere was put right there; then the answer says so."""
    person = session.get_one(Person, request.person_id)
    changed = []
    if more.name is not None:
        name = more.name.strip()
        if not name or len(name) > people.NAME_MOST:
            said = f"请填真实姓名，最多{people.NAME_MOST}个字。"
            raise InvalidInput(said, code="name_invalid", errors={"name": [said]})
        people.set_name(person, name, vault)
        changed.append("name")
    if more.phone is not None:
        phone = normal_phone(more.phone)
        if phone is None:
            raise InvalidInput(people.PHONE_WRONG, code="phone_invalid", errors={"phone": [people.PHONE_WRONG]})
        people.set_phone(person, phone, vault)
        changed.append("phone")
    request.outcome = {"corrected": changed}
    return ""


def _delete(
    session: Session, request: RightsRequest, actor: Actor, _more: Corrections, _vault: Vault, now: dt.datetime
) -> str:
    done = removal.erase(session, person_id=request.person_id, actor=actor, now=now)
    request.outcome = done.outcome
    stays = [f"{part.name}（{part.rows}条）：{part.why}" for part in done.stays if part.why]
    if done.keeps_name:
        stays.insert(0, f"姓名：{removal.OWNER_WHY}")
    return "下面这些依法要留着：" + "".join(stays) if stays else ""


def _restrict(
    session: Session, request: RightsRequest, _actor: Actor, _more: Corrections, _vault: Vault, now: dt.datetime
) -> str:
    session.get_one(Person, request.person_id).restricted_at = now
    request.outcome = {"restricted": True}
    return ""


DO: dict[RightsKind, Callable[[Session, RightsRequest, Actor, Corrections, Vault, dt.datetime], str]] = {
    RightsKind.SEE: _nothing,
    RightsKind.CORRECT: _correct,
    RightsKind.DELETE: _delete,
    RightsKind.RESTRICT: _restrict,
    RightsKind.TRANSFER: _nothing,
    RightsKind.EXPLAIN: _nothing,
}
"""What granting a request does; it returns what the answer has to add."""
