"""What is missing: buildings without a leader or a party group, domains that nobody answers for.

Counted in the tree as it stood at the moment that is asked for.  Each number opens the list behind it, and both come from
the same statement.
"""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import (
    DutyAssignment,
    Membership,
    OrgUnit,
    PartyLevel,
    PartyLink,
    PartyOrg,
    Role,
    ServiceDomain,
    UnitKind,
)
from services import access
from services.actors import Actor
from services.org.duties import used_in
from services.org.history import name_at, placed_at
from services.reading.pages import Page, PageRequest, fetch
from services.terms import in_force

LEADERS = (Role.BUILDING_LEADER, Role.GRID_LEADER)
"""Who covers a building: its own leader, or the leader of a grid (or neighborhood) above it."""


DOMAINS_MOST = 1_000_000
"""More domains than there can be: makes one key of a neighborhood and a domain."""


class Gap(enum.StrEnum):
    """What may be missing."""

    LEADER = "leader"
    PARTY_GROUP = "party_group"
    DOMAIN = "domain"


class _At:
    """The tree at a moment, and the part of it that was asked for.

    The tree is taken from the neighborhood down even when only a grid was asked for: who leads it may stand above.
    """

    def __init__(self, unit: OrgUnit, when: dt.datetime) -> None:
        self.when = when
        self.placed = placed_at(when, unit.neighborhood_id or unit.id)
        self.inside = self.placed.c.path.contains(f"/{unit.id}/", autoescape=True)


def report(session: Session, *, actor: Actor | None, unit_id: int, when: dt.datetime) -> dict[str, Any]:
    """Return what is missing in each neighborhood below a unit, and altogether: three statements, whatever the size.

    Raises ``NotFound`` out of scope.
    """
    unit = access.unit_for(session, actor, unit_id)
    at = _At(unit, when)
    rows = {
        row["neighborhood_id"]: dict(row)
        | {"buildings": 0, "without_leader": 0, "without_party_group": 0, "domains": 0, "without_person": 0}
        for row in session.execute(_neighborhoods(at)).mappings()
    }
    for row in session.execute(_building_counts(at)).mappings():
        rows.setdefault(row["neighborhood_id"], _inside(unit, row["neighborhood_id"])).update(row)
    for row in session.execute(_domain_counts(at)).mappings():
        rows[row["neighborhood_id"]].update(row)
    names = ("buildings", "without_leader", "without_party_group", "domains", "without_person")
    return {
        "unit_id": unit.id,
        "unit_name": unit.name,
        "when": when,
        "total": {name: sum(row[name] for row in rows.values()) for name in names},
        "items": list(rows.values()),
    }


def gaps(session: Session, *, actor: Actor, unit_id: int, gap: Gap, when: dt.datetime, page: PageRequest) -> Page:
    """Return the list behind a number: buildings, or pairs of neighborhood and domain, that lack something."""
    unit = access.unit_for(session, actor, unit_id)
    at = _At(unit, when)
    if gap is Gap.DOMAIN:
        # One key for the pair, so that the list can be turned page by page.
        key = OrgUnit.id.expression * DOMAINS_MOST + ServiceDomain.id.expression
        answered = _answered(when)
        columns = (key.label("id"), OrgUnit.id.label("unit_id"), name_at(when).label("unit_name"), ServiceDomain.name)
        statement = _domains(at, answered, *columns).where(answered.c.domain_id.is_(None))
        return fetch(session.connection(), statement, key, page)
    covered = _led(at) if gap is Gap.LEADER else _grouped(when)
    statement = _buildings(at, OrgUnit.id, OrgUnit.id.label("unit_id"), name_at(when).label("unit_name")).where(
        OrgUnit.id.not_in(covered)
    )
    return fetch(session.connection(), statement.add_columns(sa.null().label("name")), OrgUnit.id.expression, page)


def _inside(unit: OrgUnit, neighborhood_id: int) -> dict[str, Any]:
    """The row of a neighborhood of which only a part was asked for."""
    return {"neighborhood_id": neighborhood_id, "name": unit.name, "domains": 0, "without_person": 0}


def _neighborhoods(at: _At) -> sa.Select[Any]:
    columns: list[Any] = [OrgUnit.id.label("neighborhood_id"), name_at(at.when).label("name")]
    return (
        sa.select(*columns)
        .join(at.placed, at.placed.c.id == OrgUnit.id)
        .where(OrgUnit.kind == UnitKind.NEIGHBORHOOD, at.inside)
        .order_by(OrgUnit.id)
    )


def _buildings(at: _At, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(OrgUnit)
        .join(at.placed, at.placed.c.id == OrgUnit.id)
        .where(OrgUnit.kind == UnitKind.BUILDING, at.inside)
    )


def _domains(at: _At, answered: sa.Subquery, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(OrgUnit)
        .join(at.placed, at.placed.c.id == OrgUnit.id)
        .join(ServiceDomain, used_in(OrgUnit.id))
        .outerjoin(
            answered,
            sa.and_(answered.c.neighborhood_id == OrgUnit.id, answered.c.domain_id == ServiceDomain.id),
        )
        .where(OrgUnit.kind == UnitKind.NEIGHBORHOOD, at.inside)
    )


def _building_counts(at: _At) -> sa.Select[Any]:
    count = sa.func.count()
    return _buildings(
        at,
        OrgUnit.neighborhood_id,
        count.label("buildings"),
        count.filter(OrgUnit.id.not_in(_led(at))).label("without_leader"),
        count.filter(OrgUnit.id.not_in(_grouped(at.when))).label("without_party_group"),
    ).group_by(OrgUnit.neighborhood_id)


def _domain_counts(at: _At) -> sa.Select[Any]:
    answered = _answered(at.when)
    return _domains(
        at,
        answered,
        OrgUnit.id.label("neighborhood_id"),
        sa.func.count().label("domains"),
        sa.func.count().filter(answered.c.domain_id.is_(None)).label("without_person"),
    ).group_by(OrgUnit.id)


def _led(at: _At) -> sa.Select[int]:
    """The units that somebody leads, or that stand in a grid or neighborhood that somebody leads."""
    above, own = at.placed.alias("above"), at.placed.alias("own")
    led, leading = aliased(OrgUnit), aliased(OrgUnit)
    return (
        sa.select(own.c.id)
        .join(led, led.id == own.c.id)
        .join(leading, leading.neighborhood_id == led.neighborhood_id)  # or each leader would be tried on each building
        .join(above, above.c.id == leading.id)
        .join(Membership, Membership.unit_id == leading.id)
        .where(
            led.kind == UnitKind.BUILDING,
            own.c.path.startswith(above.c.path),
            Membership.role.in_(LEADERS),
            in_force(Membership.starts_at, Membership.ends_at, at.when),
        )
    )


def _grouped(when: dt.datetime) -> sa.Select[int]:
    """The units in which a party group works."""
    statement: sa.Select[int] = sa.select(PartyLink.unit_id)
    return (
        statement.join(PartyOrg, PartyOrg.id == PartyLink.party_org_id)
        .join(PartyLevel, PartyLevel.id == PartyOrg.level_id)
        .where(
            PartyLink.unit_id.is_not(None),
            PartyLevel.covers_buildings,
            in_force(PartyLink.starts_at, PartyLink.ends_at, when),
        )
    )


def _answered(when: dt.datetime) -> sa.Subquery:
    """The pairs of neighborhood and domain that somebody answers for."""
    return (
        sa.select(DutyAssignment.neighborhood_id, DutyAssignment.domain_id)
        .where(in_force(DutyAssignment.starts_at, DutyAssignment.ends_at, when))
        .distinct()
        .subquery()
    )
