"""The answers to a request: neighbors vouch, owners know their tenants, the station decides."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Evidence, Home, RequestState, Residency, ResidencyKind, ResidencyRequest, ResidencyVouch, Role
from services import audit, rights
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import Conflict, InvalidInput
from services.residencies import history, leaving, reaching, routing, settling, telling
from services.residencies.moves import Step
from services.residencies.settling import Settler
from services.residencies.shares import Share

IN_PERSON = "这件事要本人说，不能代办。请本人登录再点。"


def vouch(session: Session, *, actor: Actor, request_id: int, words: str, now: dt.datetime) -> ResidencyRequest:
    """Put in a word for a neighbor; enough of them send the request on to the station.

    Raises ``Conflict`` for one's own household, one's own tenant's request, and a second word of the same person.
    """
    if actor.agent_id is not None:
        raise Conflict(IN_PERSON, code="in_person_only")
    request = reaching.take(session, actor=actor, request_id=request_id, step=Step.VOUCH, now=now)
    if actor.person_id in {request.person_id, request.filed_by_id}:
        raise Conflict("自己不能给自己担保。请请邻居来点。", code="own_request")
    said = session.scalar(
        sa.select(ResidencyVouch.id).where(
            ResidencyVouch.request_id == request.id, ResidencyVouch.voucher_id == actor.person_id
        )
    )
    if said is not None:
        raise Conflict("您已经担保过了，不用再点。", code="vouched_already")
    home_id = None if actor.role is Role.GRID_LEADER else _home_of(session, actor, request, now)
    if _share_a_home(session, actor.person_id, request.person_id, request.home_id):
        raise Conflict("一家人不能互相担保。请请别家的邻居来点。", code="own_household")
    session.add(
        ResidencyVouch(
            neighborhood_id=request.neighborhood_id,
            request_id=request.id,
            voucher_id=actor.person_id,
            home_id=home_id,
            words=words,
            at=now,
        )
    )
    session.flush()  # it counts
    stop = routing.next_stop(session, request, now=now)
    if stop.state is not request.state:
        request.state, request.due_at, request.state_since = stop.state, stop.due_at, now
        request.version += 1
        telling.moved(session, request, now=now)
    history.of_request(session, request, Step.VOUCH, actor=actor, now=now, words=words)
    audit.note_on(session, actor, request, "residency.vouched", now, {}, about_person_id=request.person_id)
    return request


def confirm(
    session: Session, *, actor: Actor, request_id: int, now: dt.datetime, version: int | None = None
) -> ResidencyRequest:
    """The owner says: yes, they live there."""
    request = reaching.take(session, actor=actor, request_id=request_id, step=Step.CONFIRM, now=now, version=version)
    _require_two(actor, request)
    _settle(session, actor, request, step=Step.CONFIRM, reason=None, now=now)
    return request


def decline(
    session: Session, *, actor: Actor, request_id: int, words: str, now: dt.datetime, version: int | None = None
) -> ResidencyRequest:
    """The owner says no, and why.  Handed in again, the request goes to the station, which hears both."""
    request = reaching.take(session, actor=actor, request_id=request_id, step=Step.DECLINE, now=now, version=version)
    _require_two(actor, request)
    _send_back(session, actor, request, step=Step.DECLINE, words=words, now=now)
    return request


def approve(
    session: Session,
    *,
    actor: Actor,
    request_id: int,
    now: dt.datetime,
    version: int | None = None,
    words: str | None = None,
    replaces_owner: bool = False,
) -> ResidencyRequest:
    """The station approves.

    ``replaces_owner``: the home was sold, so the old owners' residencies end with the day of the new deed.  Raises
    ``Conflict`` for who may not decide this one, for an owner who was not asked (``words`` say what they said on the
    phone), for a second first owner and for shares that do not fit.
    """
    request = reaching.take(session, actor=actor, request_id=request_id, step=Step.APPROVE, now=now, version=version)
    reaching.require_uninvolved(session, actor, home_id=request.home_id, request=request)
    if request.state is RequestState.WAITING_OWNER and not words:
        said = "房主还没有回音。请先打电话问房主，再写下房主是怎么说的。"
        raise Conflict(said, code="owner_not_asked", state=request.state.value)
    if replaces_owner and request.kind is not ResidencyKind.OWNER:
        said = "只有登记新房主的时候，才结束原来房主的登记。"
        raise InvalidInput(said, code="replaces_nobody", errors={"replaces_owner": [said]})
    if replaces_owner:
        settling.locked(session, request.home_id)
        leaving.sell(
            session, home_id=request.home_id, buyer_id=request.person_id, sold_at=_began(request), actor=actor, now=now
        )
    _settle(session, actor, request, step=Step.APPROVE, reason=words, now=now)
    return request


def send_back(
    session: Session, *, actor: Actor, request_id: int, words: str, now: dt.datetime, version: int | None = None
) -> ResidencyRequest:
    """The station returns a request with the reason, so that it can be mended."""
    request = reaching.take(session, actor=actor, request_id=request_id, step=Step.RETURN, now=now, version=version)
    reaching.require_uninvolved(session, actor, home_id=request.home_id, request=request)
    _send_back(session, actor, request, step=Step.RETURN, words=words, now=now)
    return request


def refer(session: Session, *, now: dt.datetime, at_most: int = 200) -> int:
    """Pass requests on to the station whose owner did not answer in time.  For the clock; returns how many."""
    waiting = session.scalars(
        sa.select(ResidencyRequest)
        .where(ResidencyRequest.state == RequestState.WAITING_OWNER, ResidencyRequest.due_at <= now)
        .order_by(ResidencyRequest.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    passed = 0
    for request in waiting:
        stop = routing.at_station(session, routing.rule_for(session, request.neighborhood_id, now), now=now)
        request.state, request.due_at, request.state_since = stop.state, stop.due_at, now
        request.version += 1
        history.of_request(session, request, Step.REFER, actor=None, now=now)
        telling.moved(session, request, now=now)
        passed += 1
    return passed


def _settle(
    session: Session, actor: Actor, request: ResidencyRequest, *, step: Step, reason: str | None, now: dt.datetime
) -> None:
    """Make the request true: the residency, its rights, the history, and who must hear of it."""
    share: Share | None = None
    if request.share_numerator and request.share_denominator:
        share = request.share_numerator, request.share_denominator
    settler = Settler(
        person_id=request.person_id,
        kind=request.kind,
        evidence=Evidence.OWNER_WORD if step is Step.CONFIRM else request.evidence,
        starts_at=_began(request),
        share=share,
        pays_fee=request.pays_fee,
        request_id=request.id,
    )
    residency = settling.settle(session, home_id=request.home_id, settler=settler, actor=actor, now=now)
    request.state, request.due_at, request.state_since = RequestState.APPROVED, None, now
    request.version += 1
    request.reason, request.decided_by_id, request.residency_id = reason, actor.person_id, residency.id
    rights.changed(session, person_ids=[request.person_id], now=now)  # their phone fetches a token with the new home
    history.of_request(session, request, step, actor=actor, now=now, words=reason)
    _audit(session, actor, request, "residency.approved", now=now)
    telling.moved(session, request, now=now)
    telling.arrived(session, residency, now=now)


def _send_back(
    session: Session, actor: Actor, request: ResidencyRequest, *, step: Step, words: str, now: dt.datetime
) -> None:
    request.state, request.due_at, request.state_since = RequestState.RETURNED, None, now
    request.version += 1
    request.reason, request.decided_by_id = words, actor.person_id
    history.of_request(session, request, step, actor=actor, now=now, words=words)
    _audit(session, actor, request, "residency.returned", now=now)
    telling.moved(session, request, now=now, by_owner=step is Step.DECLINE)


def _began(request: ResidencyRequest) -> dt.datetime:
    """Return the first moment of the day since when it is so."""
    return dt.datetime.combine(request.since, dt.time(), SHANGHAI)


def _require_two(actor: Actor, request: ResidencyRequest) -> None:
    """An owner's word is a second person's word: the applicant must not say it in the owner's name."""
    if actor.agent_id is not None and actor.agent_id in {request.person_id, request.filed_by_id}:
        raise Conflict("申请是您交的，不能再替房主点。请房主本人点，或者请服务站打电话问。", code="own_request")


def _home_of(session: Session, actor: Actor, request: ResidencyRequest, now: dt.datetime) -> int:
    """Return the home by which somebody is a neighbor: not the one that it is about."""
    building_id = session.scalars(sa.select(Home.building_id).where(Home.id == request.home_id)).one()
    homes = reaching.homes_in_building(session, actor.person_id, building_id, now)
    others = [home_id for home_id in homes if home_id != request.home_id]
    if len(others) < len(homes):
        raise Conflict("一家人不能互相担保。请请别家的邻居来点。", code="own_household")
    return others[0]


def _share_a_home(session: Session, one_id: int, other_id: int, home_id: int) -> bool:
    """Whether two persons live under one roof somewhere, or one of them in the home in question."""
    theirs = sa.select(Residency.home_id).where(Residency.person_id == other_id, Residency.ends_at.is_(None))
    query = sa.select(Residency.id).where(
        Residency.person_id == one_id,
        Residency.ends_at.is_(None),
        sa.or_(Residency.home_id.in_(theirs), Residency.home_id == home_id),
    )
    return session.scalar(query.limit(1)) is not None


def _audit(session: Session, actor: Actor, request: ResidencyRequest, action: str, *, now: dt.datetime) -> None:
    audit.note_on(
        session,
        actor,
        request,
        action,
        now,
        {"kind": request.kind, "evidence": request.evidence},
        about_person_id=request.person_id,
    )
