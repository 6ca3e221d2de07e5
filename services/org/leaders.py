"""谁管我们楼: who leads a building, where the station is, who answers for each service.  For everybody who lives there."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import DutyAssignment, Membership, OrgUnit, Person, Position, Role, ServiceDomain, Station, UnitKind
from services import access
from services.actors import Actor
from services.errors import NotFound
from services.org.duties import used_in
from services.permissions import ROLE_NAMES
from services.terms import in_force

SHOWN = (Role.BUILDING_LEADER, Role.GRID_LEADER, Role.STATION_MANAGER)
BUILDING_MISSING = "没有找到这栋楼，或者它不在您的小区。请从楼栋列表里选。"


def of_building(session: Session, *, actor: Actor, building_id: int, now: dt.datetime) -> dict[str, Any]:
    """Return the people and the station of a building: names that may be shown, and the office's phone, never their own.

    Residents see the buildings of their neighborhoods, staff those below their node.  Five statements.
    """
    unit = session.get(OrgUnit, building_id)
    if unit is None or unit.kind is not UnitKind.BUILDING or unit.closed_at is not None or unit.neighborhood_id is None:
        raise NotFound(BUILDING_MISSING, code="building_not_found")
    access.neighborhood_for(session, actor, unit.neighborhood_id)
    stations = session.scalars(
        sa.select(Station)
        .where(Station.neighborhood_id == unit.neighborhood_id, Station.ends_at.is_(None))
        .order_by(Station.id)
    ).all()
    return {
        "building_id": unit.id,
        "building": unit.name,
        "leaders": _leaders(session, unit, now),
        "stations": stations,
        "services": _services(session, unit.neighborhood_id, now),
    }


def _leaders(session: Session, unit: OrgUnit, now: dt.datetime) -> list[dict[str, Any]]:
    """Return who leads the building or a part of the tree above it, nearest first."""
    above = [int(one) for one in unit.path.strip("/").split("/")]
    rows = session.execute(
        sa.select(
            Membership.role,
            Position.title,
            OrgUnit.name.label("unit"),
            sa.func.coalesce(Person.known_as, Person.name_masked).label("name"),
        )
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Position, Position.id == Membership.position_id)
        .where(
            Membership.unit_id.in_(above),
            Membership.role.in_(SHOWN),
            in_force(Membership.starts_at, Membership.ends_at, now),
        )
        .order_by(sa.func.length(OrgUnit.path).desc(), Membership.id)
    )
    return [
        {"role": row.role, "title": row.title or ROLE_NAMES[row.role], "unit": row.unit, "name": row.name}
        for row in rows
    ]


def _services(session: Session, neighborhood_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return each domain that the neighborhood uses, with who answers for it."""
    rows = session.execute(
        sa.select(
            ServiceDomain.code,
            ServiceDomain.name,
            sa.func.coalesce(Person.known_as, Person.name_masked).label("person"),
        )
        .outerjoin(
            DutyAssignment,
            sa.and_(
                DutyAssignment.domain_id == ServiceDomain.id,
                DutyAssignment.neighborhood_id == neighborhood_id,
                in_force(DutyAssignment.starts_at, DutyAssignment.ends_at, now),
            ),
        )
        .outerjoin(Person, Person.id == DutyAssignment.person_id)
        .where(used_in(neighborhood_id))
        .order_by(ServiceDomain.place, ServiceDomain.id, DutyAssignment.id)
    )
    found: dict[str, dict[str, Any]] = {}
    for code, name, person in rows:
        item = found.setdefault(code, {"code": code, "name": name, "people": []})
        if person is not None:
            item["people"].append(person)
    return list(found.values())
