"""Requests and residencies in an actor's scope.  Loading is the check; "not yours" looks like "not there"."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Home, OrgUnit, Residency, ResidencyRequest, ResidencyVouch, Role
from services.actors import Actor
from services.errors import Conflict, NotFound, StaleVersion
from services.permissions import Permission
from services.residencies import settling
from services.residencies.moves import MOVES, Step, Whose
from services.residencies.words import NEXT_STEP, STATE_NAMES
from services.terms import in_force

REQUEST_MISSING = "没有找到这份申请。请从“我的房屋”或者待办列表里点开。"
RESIDENCY_MISSING = "没有找到这条登记。请从住户名单里点开。"


def take(
    session: Session, *, actor: Actor, request_id: int, step: Step, now: dt.datetime, version: int | None = None
) -> ResidencyRequest:
    """Return a request, locked, if the actor may do this to it now.

    Raises ``NotFound`` out of scope, ``StaleVersion`` when ``version`` is not the newest, ``Conflict`` when the state
    forbids it.
    """
    request = session.scalar(
        sa.select(ResidencyRequest)
        .where(ResidencyRequest.id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    move = MOVES[step]
    allowed = move.permission is not None and actor.may(move.permission)
    if request is None or not allowed or not _reaches(session, actor, request, move.whose, now):
        raise NotFound(REQUEST_MISSING, code="request_not_found")
    if version is not None and version != request.version:
        raise StaleVersion("这份申请刚被更新过。请重新打开，看过再办。", version=request.version)
    if request.state not in move.sources:
        name = STATE_NAMES[request.state]
        raise Conflict(
            f"这份申请现在是“{name}”，不能{move.verb}。{NEXT_STEP[request.state]}", state=request.state.value
        )
    return request


def request_for(session: Session, actor: Actor, request_id: int) -> ResidencyRequest:
    """Return a request to read: one's own, or for staff one below their node."""
    request = session.get(ResidencyRequest, request_id)
    if request is not None and _is_own(actor, request) and actor.may(Permission.RESIDENCY_ASK):
        return request
    reviews = actor.may(Permission.RESIDENCY_REVIEW)
    if request is None or not reviews or not stands_above(session, actor, request.home_id):
        raise NotFound(REQUEST_MISSING, code="request_not_found")
    return request


def residency_for(session: Session, actor: Actor, residency_id: int) -> Residency:
    """Return a residency that has not ended, in a home below the actor's node, locked."""
    residency = _residency(session, residency_id)
    if residency is None or not stands_above(session, actor, residency.home_id):
        raise NotFound(RESIDENCY_MISSING, code="residency_not_found")
    return residency


def residency_under(session: Session, actor: Actor, residency_id: int) -> Residency:
    """Return a residency that has not ended, of somebody else, in a home that the actor owns, locked."""
    residency = _residency(session, residency_id)
    if residency is None or residency.person_id == actor.person_id or not owns(session, actor, residency.home_id):
        raise NotFound(RESIDENCY_MISSING, code="residency_not_found")
    return residency


def owns(session: Session, actor: Actor, home_id: int) -> bool:
    """Whether the actor is an owner of a home now."""
    return actor.is_resident and any(
        one.person_id == actor.person_id and actor.acts_in(one.neighborhood_id)
        for one in settling.owners(session, home_id)
    )


def stands_above(session: Session, actor: Actor, home_id: int) -> bool:
    """Whether a home is below the node of the actor's hat."""
    path = session.scalar(sa.select(OrgUnit.path).join(Home, Home.building_id == OrgUnit.id).where(Home.id == home_id))
    return path is not None and actor.stands_above(path)


def homes_in_building(session: Session, person_id: int, building_id: int, now: dt.datetime) -> list[int]:
    """Return the homes of a person in a building now."""
    return list(
        session.scalars(
            sa.select(Residency.home_id)
            .join(Home, Home.id == Residency.home_id)
            .where(
                Residency.person_id == person_id,
                Home.building_id == building_id,
                in_force(Residency.starts_at, Residency.ends_at, now),
            )
            .order_by(Residency.home_id)
        )
    )


def require_uninvolved(
    session: Session, actor: Actor, *, home_id: int, request: ResidencyRequest | None = None
) -> None:
    """Raise ``Conflict`` when who decides is concerned: the applicant, their helper, a voucher, or the same household."""
    hands = {actor.person_id, actor.agent_id} - {None}
    if request is not None and hands & {request.person_id, request.filed_by_id}:
        raise Conflict("这是您自己交的申请，不能自己审。请站里另一位同事来审。", code="own_request")
    if request is not None and session.scalar(
        sa.select(ResidencyVouch.id)
        .where(ResidencyVouch.request_id == request.id, ResidencyVouch.voucher_id.in_(hands))
        .limit(1)
    ):
        raise Conflict("这份申请是您担保的，担保的人不能审。请站里另一位同事来审。", code="vouched_for")
    lives_there = sa.select(Residency.id).where(
        Residency.home_id == home_id, Residency.person_id.in_(hands), Residency.ends_at.is_(None)
    )
    if session.scalar(lives_there.limit(1)):
        raise Conflict("这是您自己家的房子，不能自己办。请站里另一位同事来办。", code="own_household")


def _is_own(actor: Actor, request: ResidencyRequest) -> bool:
    return request.person_id == actor.person_id and actor.acts_in(request.neighborhood_id)


def _residency(session: Session, residency_id: int) -> Residency | None:
    return session.scalar(
        sa.select(Residency)
        .where(Residency.id == residency_id, Residency.ends_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _reaches(session: Session, actor: Actor, request: ResidencyRequest, whose: Whose, now: dt.datetime) -> bool:
    if whose is Whose.APPLICANT:
        return _is_own(actor, request)
    if whose is Whose.OWNER:
        return request.person_id != actor.person_id and owns(session, actor, request.home_id)
    if whose is Whose.NEIGHBOR and actor.is_resident:
        building_id = session.scalars(sa.select(Home.building_id).where(Home.id == request.home_id)).one()
        return bool(homes_in_building(session, actor.person_id, building_id, now))
    if whose is Whose.NEIGHBOR and actor.role is not Role.GRID_LEADER:
        return False
    return stands_above(session, actor, request.home_id)
