"""Councils of any type (议事会): their types are rows, who sits for whom, which seats are empty."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Council, CouncilSeat, CouncilType, CouncilTypeSeat, EndReason, Membership, OrgUnit, Person, Role
from services import access
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.org import ending, hats, offices, records
from services.org.offices import Post
from services.org.persons import Who, person_for
from services.terms import in_force
from services.vault import Vault

COUNCIL_MISSING = "没有找到这个议事会，或者它不归您管。请从列表里选。"


def define_type(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int | None,
    name: str,
    purpose: str,
    seats: Sequence[tuple[str, int]],
    now: dt.datetime,
) -> CouncilType:
    """Make a type of council with its seats by organization; only the operator makes one for all neighborhoods."""
    if neighborhood_id is None and actor is not None:
        said = "全市通用的议事会类型由系统管理员设置。请选一个小区。"
        raise InvalidInput(said, code="neighborhood_missing", errors={"neighborhood_id": [said]})
    unit = access.unit_for(session, actor, neighborhood_id, change=True) if neighborhood_id else None
    name = records.read_name(name)
    names = [organization.strip() for organization, _ in seats]
    if not names or len(set(names)) < len(names) or not all(names) or any(count < 1 for _, count in seats):
        said = "请写清每个单位有几个席位，每个单位只写一次。"
        raise InvalidInput(said, code="seats_invalid", errors={"seats": [said]})
    same = CouncilType.neighborhood_id == unit.id if unit else CouncilType.neighborhood_id.is_(None)
    taken = sa.select(CouncilType.id).where(same, CouncilType.name == name, CouncilType.ends_at.is_(None))
    if session.scalar(taken) is not None:
        raise Conflict(f"已经有“{name}”这种议事会了。请换一个名称。", code="name_taken")
    made = CouncilType(neighborhood_id=unit.id if unit else None, name=name, purpose=purpose.strip(), starts_at=now)
    session.add(made)
    session.flush()
    session.add_all(
        CouncilTypeSeat(type_id=made.id, organization=organization, seats=count, place=place)
        for place, (organization, (_, count)) in enumerate(zip(names, seats, strict=True))
    )
    records.note(session, actor, unit, "council_type.defined", ("council_type", made.id), now)
    return made


def types(session: Session, *, actor: Actor, neighborhood_id: int) -> list[dict[str, Any]]:
    """Return the types of councils that can be set up in a neighborhood: one statement after the check."""
    access.neighborhood_for(session, actor, neighborhood_id)
    rows = session.execute(
        sa.select(CouncilType, CouncilTypeSeat.organization, CouncilTypeSeat.seats)
        .join(CouncilTypeSeat, CouncilTypeSeat.type_id == CouncilType.id)
        .where(
            CouncilType.ends_at.is_(None),
            sa.or_(CouncilType.neighborhood_id.is_(None), CouncilType.neighborhood_id == neighborhood_id),
        )
        .order_by(CouncilType.id, CouncilTypeSeat.place)
    )
    found: dict[int, dict[str, Any]] = {}
    for kind, organization, seats in rows:
        item = found.setdefault(kind.id, {"id": kind.id, "name": kind.name, "purpose": kind.purpose, "seats": []})
        item["seats"].append({"organization": organization, "seats": seats})
    return list(found.values())


def set_up(
    session: Session, *, actor: Actor | None, unit_id: int, type_id: int, now: dt.datetime, name: str | None = None
) -> Council:
    """Set up a council of a type at a unit.  Raises ``Conflict`` when there is one of this type already."""
    unit = access.unit_for(session, actor, unit_id, change=True)
    kind = session.get(CouncilType, type_id)
    if kind is None or kind.ends_at is not None or kind.neighborhood_id not in {None, unit.neighborhood_id}:
        raise NotFound("没有这种议事会。请从列表里选。", code="council_type_not_found")
    if unit.kind not in offices.HELD_AT[Role.COUNCIL_MEMBER]:
        raise InvalidInput("议事会要设在街道、社区或小区。请另选单位。", code="council_misplaced")
    taken = sa.select(Council.id).where(
        Council.unit_id == unit.id, Council.type_id == kind.id, Council.ends_at.is_(None)
    )
    if session.scalar(taken) is not None:
        raise Conflict(f"{unit.name}已经有{kind.name}了。", code="council_there")
    council = Council(
        neighborhood_id=unit.neighborhood_id,
        unit_id=unit.id,
        type_id=kind.id,
        name=records.read_name(name or f"{unit.name}{kind.name}"),
        starts_at=now,
    )
    session.add(council)
    session.flush()
    records.note(session, actor, unit, "council.set_up", ("council", council.id), now)
    return council


def close(session: Session, *, actor: Actor | None, council_id: int, now: dt.datetime) -> Council:
    """Close a council.  Raises ``Conflict`` while somebody sits in it."""
    council, unit = _council(session, actor, council_id)
    seated = session.scalar(
        sa.select(sa.func.count()).where(CouncilSeat.council_id == council.id, CouncilSeat.ends_at.is_(None))
    )
    if seated:
        raise Conflict(f"议事会里还有{seated}位成员。请先结束他们的席位。", code="council_in_use")
    council.ends_at = max(now, council.starts_at + dt.timedelta(microseconds=1))
    records.note(session, actor, unit, "council.closed", ("council", council.id), now)
    return council


def seat(
    session: Session,
    *,
    actor: Actor | None,
    council_id: int,
    organization: str,
    who: Who,
    vault: Vault,
    now: dt.datetime,
    conflict_reason: str | None = None,
) -> CouncilSeat:
    """Give a person a seat for an organization; the hat of a council member comes with it.

    Raises ``InvalidInput`` for an organization without seats and ``Conflict`` when its seats are taken.
    """
    council, unit = _council(session, actor, council_id)
    seats = session.get(CouncilTypeSeat, (council.type_id, organization))
    if seats is None:
        said = "这种议事会没有这个单位的席位。请从席位列表里选。"
        raise InvalidInput(said, code="organization_unknown", errors={"organization": [said]})
    sitting = session.scalars(
        sa.select(CouncilSeat).where(CouncilSeat.council_id == council.id, CouncilSeat.ends_at.is_(None))
    ).all()
    if sum(one.organization == organization for one in sitting) >= seats.seats:
        raise Conflict(f"{organization}的{seats.seats}个席位都有人了。请先结束一个。", code="seats_taken")
    person = person_for(session, actor=actor, who=who, vault=vault, now=now)
    if any(one.person_id == person.id for one in sitting):
        raise Conflict("这个人已经在这个议事会里了。一个人只占一个席位。", code="already_seated")
    membership = _hat(session, person.id, unit, now) or hats.hold(
        session,
        actor=actor,
        person=person,
        unit=unit,
        role=Role.COUNCIL_MEMBER,
        post=Post(unit.id),
        now=now,
        why=conflict_reason,
    )
    made = CouncilSeat(
        council_id=council.id,
        organization=organization,
        person_id=person.id,
        membership_id=membership.id,
        starts_at=now,
    )
    session.add(made)
    session.flush()
    return made


def leave_seat(
    session: Session, *, actor: Actor | None, seat_id: int, reason: EndReason, now: dt.datetime
) -> CouncilSeat:
    """End a seat.  The hat ends with the person's last seat at the unit."""
    left = session.scalar(sa.select(CouncilSeat).where(CouncilSeat.id == seat_id).with_for_update())
    if left is None:
        raise NotFound(COUNCIL_MISSING, code="council_not_found")
    _, unit = _council(session, actor, left.council_id)
    if left.ends_at is not None:
        raise Conflict("这个席位已经结束了。", code="seat_over")
    left.ends_at = max(now, left.starts_at + dt.timedelta(microseconds=1))
    session.flush()
    others = sa.select(CouncilSeat.id).where(
        CouncilSeat.membership_id == left.membership_id, CouncilSeat.ends_at.is_(None)
    )
    if session.scalar(others.limit(1)) is None:
        membership = session.get_one(Membership, left.membership_id)
        ending.release(session, actor=actor, membership=membership, unit=unit, reason=reason, now=now)
    return left


def listed(session: Session, *, actor: Actor, unit_id: int) -> list[dict[str, Any]]:
    """Return the councils at a unit with who sits for whom and how many seats are empty: two statements."""
    unit = access.unit_for(session, actor, unit_id)
    kinds = session.execute(
        sa.select(Council, CouncilType.name, CouncilTypeSeat.organization, CouncilTypeSeat.seats)
        .join(CouncilType, CouncilType.id == Council.type_id)
        .join(CouncilTypeSeat, CouncilTypeSeat.type_id == CouncilType.id)
        .where(Council.unit_id == unit.id, Council.ends_at.is_(None))
        .order_by(Council.id, CouncilTypeSeat.place)
    ).all()
    people = session.execute(
        sa.select(
            CouncilSeat.id,
            CouncilSeat.council_id,
            CouncilSeat.organization,
            CouncilSeat.person_id,
            CouncilSeat.starts_at,
            sa.func.coalesce(Person.known_as, Person.name_masked).label("name"),
        )
        .join(Person, Person.id == CouncilSeat.person_id)
        .join(Council, Council.id == CouncilSeat.council_id)
        .where(Council.unit_id == unit.id, Council.ends_at.is_(None), CouncilSeat.ends_at.is_(None))
        .order_by(CouncilSeat.id)
    ).mappings()
    sitting = [dict(row) for row in people]
    found: dict[int, dict[str, Any]] = {}
    for council, type_name, organization, seats in kinds:
        item = found.setdefault(
            council.id, {"id": council.id, "name": council.name, "type_name": type_name, "seats": []}
        )
        there = [one for one in sitting if (one["council_id"], one["organization"]) == (council.id, organization)]
        empty = max(0, seats - len(there))
        item["seats"].append({"organization": organization, "seats": seats, "empty": empty, "people": there})
    return list(found.values())


def _hat(session: Session, person_id: int, unit: OrgUnit, now: dt.datetime) -> Membership | None:
    """The council member's hat that the person wears at the unit for another seat."""
    return session.scalar(
        sa.select(Membership).where(
            Membership.person_id == person_id,
            Membership.unit_id == unit.id,
            Membership.role == Role.COUNCIL_MEMBER,
            in_force(Membership.starts_at, Membership.ends_at, now),
        )
    )


def _council(session: Session, actor: Actor | None, council_id: int) -> tuple[Council, OrgUnit]:
    council = session.scalar(sa.select(Council).where(Council.id == council_id).with_for_update())
    unit = session.get(OrgUnit, council.unit_id) if council else None
    if council is None or unit is None or not (actor is None or actor.stands_above(unit.path)):
        raise NotFound(COUNCIL_MISSING, code="council_not_found")
    if council.ends_at is not None:
        raise Conflict("这个议事会已经撤销了。", code="council_closed")
    return council, unit
