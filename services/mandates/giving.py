"""Giving a mandate with one's own phone: to somebody from a list, or by a code that is read out or sent.

The principal offers, the agent accepts.  Nobody can be made an agent without having said yes.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    ActingArea,
    AgentRelation,
    Mandate,
    MandateArea,
    MandateConsent,
    MandateSide,
    MandateState,
    Membership,
    OrgUnit,
    Person,
    Residency,
    Role,
)
from services import audit
from services.actors import Actor
from services.clocks import DAY
from services.errors import Conflict, InvalidInput, NotFound
from services.mandates import rules, telling
from services.mandates.states import MOVES, Move, locked, require_state, take
from services.permissions import ROLE_NAMES
from services.residencies.invitations import code_hash, new_code
from services.terms import in_force

HELPERS = (Role.STATION_MANAGER, Role.STATION_CLERK, Role.BUILDING_LEADER, Role.GRID_LEADER)
"""Who of those that work here may be chosen from the list."""
CODE_UNKNOWN = "代办码不对，或者已经过期。请跟委托您的人核对一遍，不行就请对方重新发一个。"
NOBODY = "名单里没有这个人。请从名单里选，或者不选人，用代办码。"


@dataclass(frozen=True)
class Terms:
    """What a principal agrees to."""

    relation: AgentRelation
    areas: frozenset[ActingArea]
    until: dt.date | None = None
    """The last day; empty: the usual time."""


@dataclass(frozen=True)
class Offer:
    """A mandate that waits for its agent, and its code, which is shown only now: the database keeps a hash."""

    mandate: Mandate
    code: str | None


def offer(
    session: Session,
    *,
    actor: Actor,
    terms: Terms,
    now: dt.datetime,
    agent_id: int | None = None,
    neighborhood_id: int | None = None,
) -> Offer:
    """Offer a mandate to somebody from the list, or (without one) to whoever enters the code.

    Raises ``NotFound`` for somebody who is not on the list, ``InvalidInput`` for terms that cannot be, ``Conflict`` when
    there is such a mandate already.
    """
    place = _neighborhood(actor, neighborhood_id)
    if agent_id is not None and agent_id not in {one["person_id"] for one in candidates(session, actor=actor, now=now)}:
        raise NotFound(NOBODY, code="agent_not_found")
    rule = rules.rule_for(session, place, now)
    rules.check_areas(session, rule, terms.areas, MandateConsent.IN_APP, actor.person_id, now)
    code = None if agent_id is not None else new_code()
    mandate = Mandate(
        neighborhood_id=place,
        principal_id=actor.person_id,
        agent_id=agent_id,
        relation=terms.relation,
        consent=MandateConsent.IN_APP,
        text_id=rules.texts(session, now)[MandateConsent.IN_APP].id,
        state=MandateState.OFFERED,
        code_hash=code_hash(code) if code else None,
        offered_until=now + rule.offer_days * DAY,
        consented_at=now,
        starts_at=now,
        ends_at=rules.period(rule, terms.until, now),
        created_at=now,
    )
    if agent_id is not None:
        check_pair(session, rule, mandate, agent_id, terms.areas, now)
    write(session, mandate, terms.areas)
    note(session, actor, mandate, "mandate.offered", now, {"areas": sorted(terms.areas)})
    if agent_id is not None:
        telling.offered(session, mandate, now)
    return Offer(mandate, code)


def redeem(session: Session, *, actor: Actor, code: str, now: dt.datetime) -> Mandate:
    """Accept the offer whose code somebody was told.

    Raises ``NotFound`` for a wrong or expired code and ``Conflict`` for a used one, or for an agent without a name.
    """
    mandate = locked(session, Mandate.code_hash == code_hash(code))
    if mandate is None or mandate.offered_until is None or mandate.offered_until <= now:
        raise NotFound(CODE_UNKNOWN, code="mandate_code_unknown")
    if mandate.agent_id is not None:
        raise Conflict("这个代办码已经用过了。请委托您的人重新发一个。", code="mandate_code_used")
    require_state(mandate, Move.ACCEPT)
    if actor.person_id == mandate.principal_id:
        raise Conflict("这是您自己发的代办码，请告诉替您办事的人，让对方来输入。", code="own_mandate")
    return _accept(session, actor, mandate, now)


def accept(session: Session, *, actor: Actor, mandate_id: int, now: dt.datetime) -> Mandate:
    """Say yes to an offer that was made to the actor."""
    mandate = take(session, actor=actor, mandate_id=mandate_id, move=Move.ACCEPT)
    if mandate.offered_until is not None and mandate.offered_until <= now:
        raise Conflict(
            "这份委托等得太久，已经过期了。请对方重新委托一次。", code="offer_over", state=mandate.state.value
        )
    return _accept(session, actor, mandate, now)


def decline(session: Session, *, actor: Actor, mandate_id: int, now: dt.datetime) -> Mandate:
    """Say no to an offer that was made to the actor."""
    mandate = take(session, actor=actor, mandate_id=mandate_id, move=Move.DECLINE)
    mandate.state = MOVES[Move.DECLINE].target
    mandate.ended_at, mandate.ended_side, mandate.ended_by_id = now, MandateSide.AGENT, actor.person_id
    note(session, actor, mandate, "mandate.declined", now)
    telling.declined(session, mandate, now)
    return mandate


def candidates(session: Session, *, actor: Actor, now: dt.datetime) -> list[dict[str, Any]]:
    """Return whom the actor may choose from a list: who lives with them, and who works for their building."""
    homes = sorted({dwelling.home_id for dwelling in actor.dwellings})
    family = session.execute(
        sa.select(Person.id, sa.func.coalesce(Person.known_as, Person.name_masked).label("name"))
        .join(Residency, Residency.person_id == Person.id)
        .where(
            Residency.home_id.in_(homes),
            in_force(Residency.starts_at, Residency.ends_at, now),
            Person.id != actor.person_id,
            Person.name_masked.is_not(None),
        )
        .distinct()
        .order_by(Person.id)
    )
    found = {row.id: {"person_id": row.id, "name": row.name, "what": "和您同住"} for row in family}
    for row in _helpers(session, actor, now):
        found.setdefault(row.id, {"person_id": row.id, "name": row.name, "what": ROLE_NAMES[row.role]})
    return list(found.values())


def check_pair(
    session: Session,
    rule: Any,
    mandate: Mandate,
    agent_id: int,
    areas: Collection[ActingArea],
    now: dt.datetime,
) -> None:
    """Raise ``InvalidInput`` for oneself and ``Conflict`` for a second mandate between two, or a voter too many."""
    if agent_id == mandate.principal_id:
        said = "不能委托自己。请另选一个人。"
        raise InvalidInput(said, code="own_mandate", errors={"agent_id": [said]})
    alive = sa.select(Mandate.id).where(
        Mandate.neighborhood_id == mandate.neighborhood_id,
        Mandate.principal_id == mandate.principal_id,
        Mandate.agent_id == agent_id,
        Mandate.state.in_([MandateState.OFFERED, MandateState.IN_FORCE]),
        Mandate.id != (mandate.id or 0),
    )
    if session.scalar(alive) is not None:
        raise Conflict("这两个人之间已经有一份委托了。要改事项或者日期，请先停掉再重新委托。", code="has_mandate")
    rules.check_votes(session, rule, agent_id=agent_id, principal_id=mandate.principal_id, areas=areas, now=now)


def write(session: Session, mandate: Mandate, areas: Collection[ActingArea]) -> None:
    """Write a new mandate with its areas."""
    session.add(mandate)
    session.flush()  # the areas need the id
    session.add_all(MandateArea(mandate_id=mandate.id, area=area) for area in areas)
    session.flush()  # what is told next reads them


def note(
    session: Session,
    actor: Actor | None,
    mandate: Mandate,
    action: str,
    now: dt.datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write down an act on a mandate; the principal can read it."""
    audit.note_on(
        session,
        actor,
        mandate,
        action,
        now,
        {"agent_id": mandate.agent_id, **(detail or {})},
        about_person_id=mandate.principal_id,
    )


def _accept(session: Session, actor: Actor, mandate: Mandate, now: dt.datetime) -> Mandate:
    agent = session.get_one(Person, actor.person_id)
    if agent.name_masked is None:
        raise Conflict("请先在“我的”里填上您的姓名，委托您的人才知道是谁在办，再来答应。", code="name_missing")
    rule = rules.rule_for(session, mandate.neighborhood_id, now)
    check_pair(session, rule, mandate, agent.id, telling.areas_of(session, mandate.id), now)
    mandate.agent_id = agent.id
    mandate.state = MOVES[Move.ACCEPT].target
    session.flush()  # the database has the last word on who already acts for whom
    note(session, actor, mandate, "mandate.accepted", now)
    telling.accepted(session, mandate, now)
    return mandate


def _neighborhood(actor: Actor, neighborhood_id: int | None) -> int:
    own = actor.neighborhood_ids
    if neighborhood_id is None and len(own) == 1:
        return next(iter(own))
    if neighborhood_id in own:
        return neighborhood_id
    if not own:
        raise Conflict("您还没有绑定房屋，暂时不能委托。请先用服务站给的邀请码绑定房屋。", code="no_home")
    said = "您在几个小区有房子，请选是哪个小区的事。"
    raise InvalidInput(said, code="neighborhood_missing", errors={"neighborhood_id": [said]})


def _helpers(session: Session, actor: Actor, now: dt.datetime) -> Any:
    """Return who works at the actor's buildings or above them, up to the neighborhood."""
    building = sa.orm.aliased(OrgUnit)
    return session.execute(
        sa.select(Person.id, sa.func.coalesce(Person.known_as, Person.name_masked).label("name"), Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .join(building, building.path.startswith(OrgUnit.path))
        .where(
            building.id.in_(sorted(actor.building_ids)),
            OrgUnit.neighborhood_id.in_(sorted(actor.neighborhood_ids)),
            Membership.role.in_(HELPERS),
            in_force(Membership.starts_at, Membership.ends_at, now),
            Person.id != actor.person_id,
        )
        .distinct()
        .order_by(Person.id, Membership.role)
    )
