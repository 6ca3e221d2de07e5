"""Which role is held where, who may give it, and what an appointment must not be: tables first, then the checks."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, OrgUnit, Position, Role, UnitKind
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound, WrongHat
from services.org.tree import KIND_NAMES
from services.permissions import ROLE_NAMES

K, R = UnitKind, Role
HELD_AT: dict[Role, frozenset[UnitKind]] = {
    R.REPAIRER: frozenset({K.COMMUNITY, K.NEIGHBORHOOD}),
    R.BUILDING_LEADER: frozenset({K.BUILDING, K.STAIRWELL}),
    R.MEDIATOR: frozenset({K.SUBDISTRICT, K.COMMUNITY, K.NEIGHBORHOOD, K.GRID, K.BUILDING}),
    R.TREASURER: frozenset({K.NEIGHBORHOOD}),
    R.COMMITTEE_MEMBER: frozenset({K.NEIGHBORHOOD}),
    R.COUNCIL_MEMBER: frozenset({K.SUBDISTRICT, K.COMMUNITY, K.NEIGHBORHOOD}),
    R.STATION_CLERK: frozenset({K.NEIGHBORHOOD}),
    R.STATION_MANAGER: frozenset({K.NEIGHBORHOOD}),
    R.GRID_LEADER: frozenset({K.NEIGHBORHOOD, K.GRID}),
    R.PARTY_OFFICER: frozenset({K.SUBDISTRICT, K.COMMUNITY, K.NEIGHBORHOOD, K.GRID, K.BUILDING}),
    R.COMMUNITY_OFFICER: frozenset({K.COMMUNITY}),
    R.SUBDISTRICT_OFFICER: frozenset({K.SUBDISTRICT}),
    R.DISTRICT_OFFICER: frozenset({K.DISTRICT, K.CITY}),
}
"""At which kinds of units a role is held."""
WITH_A_SEAT = frozenset({R.COMMITTEE_MEMBER, R.COUNCIL_MEMBER})
"""Come with a seat in a committee's term or a council, and end with it."""
_LOCAL = frozenset(HELD_AT) - WITH_A_SEAT - {R.COMMUNITY_OFFICER, R.SUBDISTRICT_OFFICER, R.DISTRICT_OFFICER}
APPOINTS: dict[Role, frozenset[Role]] = {
    R.STATION_MANAGER: frozenset({R.REPAIRER, R.STATION_CLERK, R.BUILDING_LEADER}),
    R.COMMUNITY_OFFICER: _LOCAL,
    R.SUBDISTRICT_OFFICER: _LOCAL | {R.COMMUNITY_OFFICER},
    R.DISTRICT_OFFICER: _LOCAL | {R.COMMUNITY_OFFICER, R.SUBDISTRICT_OFFICER},
}
"""Which roles a hat with ``member:appoint`` may give: nobody makes their own equal.  The operator gives any."""


@dataclass(frozen=True)
class Post:
    """What somebody is appointed to: a role or a position at a unit, and its dates (empty: from now, without an end)."""

    unit_id: int
    role: Role | None = None
    position_id: int | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None


def check_place(role: Role, unit: OrgUnit) -> None:
    """Raise ``InvalidInput`` unless a role is held at this kind of unit."""
    if unit.kind not in HELD_AT[role]:
        able = "、".join(KIND_NAMES[kind] for kind in UnitKind if kind in HELD_AT[role])
        raise InvalidInput(
            f"{ROLE_NAMES[role]}要设在{able}，不能设在{KIND_NAMES[unit.kind]}。请另选单位。",
            code="role_misplaced",
            errors={"unit_id": [f"要设在{able}。"]},
        )


def role_of(session: Session, unit: OrgUnit, post: Post) -> Role:
    """Return the role of a post.  Raises ``InvalidInput`` and, for a position that is not offered here, ``NotFound``."""
    if post.position_id is None:
        if post.role is None or post.role not in HELD_AT:
            raise InvalidInput("请选一个岗位或角色。", code="role_missing", errors={"role": ["请选一个。"]})
        return post.role
    position = session.get(Position, post.position_id)
    here = position is not None and position.neighborhood_id in {None, unit.neighborhood_id}
    if position is None or not here or position.ends_at is not None:
        raise NotFound("没有找到这个岗位，或者它已经停用。请从岗位列表里选。", code="position_not_found")
    if post.role not in {None, position.base_role}:
        raise InvalidInput("岗位和角色对不上。只选岗位就行。", code="role_mismatch")
    return position.base_role


def check_giver(actor: Actor | None, role: Role) -> None:
    """Raise ``WrongHat``, naming who may, unless a role is the actor's to give and to end."""
    if actor is not None and role not in APPOINTS.get(actor.role, frozenset()):
        able = [one for one in Role if role in APPOINTS.get(one, frozenset())]
        names = "、".join(ROLE_NAMES[one] for one in able) or "系统管理员"
        raise WrongHat(
            f"“{ROLE_NAMES[role]}”要由{names}来任免。请联系他们。",
            code="not_yours_to_give",
            needed=[one.value for one in able],
        )


def check_dates(starts_at: dt.datetime, ends_at: dt.datetime | None, now: dt.datetime) -> None:
    """Raise ``InvalidInput`` unless an end lies after the start and ahead."""
    if ends_at is not None and ends_at <= max(starts_at, now):
        said = "结束的时间要晚于开始，也要晚于现在。"
        raise InvalidInput(said, code="dates_invalid", errors={"ends_at": [said]})


def check_free(
    session: Session, person_id: int, unit: OrgUnit, role: Role, starts_at: dt.datetime, ends_at: dt.datetime | None
) -> None:
    """Raise ``Conflict`` when the person holds, or will hold, the same role at the unit during these dates."""
    overlapping = sa.select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.unit_id == unit.id,
        Membership.role == role,
        sa.or_(Membership.ends_at.is_(None), Membership.ends_at > starts_at),
        *([Membership.starts_at < ends_at] if ends_at is not None else []),
    )
    if session.scalar(overlapping.limit(1)) is not None:
        raise Conflict(
            f"这个人在{unit.name}已经是{ROLE_NAMES[role]}了，不用再任命。要改日期，请用“延长”。", code="already_holds"
        )
