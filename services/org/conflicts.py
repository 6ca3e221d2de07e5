"""Conflicts of interest: which two things one person should not be at once (rows), and who is.

They never forbid an appointment: in a small neighborhood there may be nobody else.  They ask for a reason, which stays.
"""

import datetime as dt
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    ConflictAcceptance,
    ConflictRule,
    Home,
    Membership,
    OrgUnit,
    Person,
    Residency,
    Role,
    UnitKind,
)
from services import access
from services.actors import Actor
from services.clocks import SHANGHAI
from services.permissions import ROLE_NAMES
from services.terms import in_force

RESIDENT = Role.RESIDENT.value


class Fact(NamedTuple):
    """Something that a person is somewhere: a role, or ``resident``."""

    what: str
    neighborhood_id: int | None
    building_id: int | None


def flags(session: Session, *, person_id: int, fact: Fact, now: dt.datetime) -> list[ConflictRule]:
    """Return the rules that would speak against a person's becoming something more: two statements."""
    rules = session.scalars(
        _rules(now).where(sa.or_(ConflictRule.first == fact.what, ConflictRule.second == fact.what))
    )
    facts = _facts(now).subquery()
    rows = session.execute(
        sa.select(facts.c.what, facts.c.neighborhood_id, facts.c.building_id).where(facts.c.person_id == person_id)
    )
    held = [Fact(*row) for row in rows]
    return [rule for rule in rules if any(_clashes(rule, fact, other) for other in held)]


def accept(
    session: Session,
    *,
    membership_id: int,
    rules: list[ConflictRule],
    reason: str,
    accepted_by_id: int | None,
    now: dt.datetime,
) -> None:
    """Keep the reason for which somebody was appointed all the same."""
    session.add_all(
        ConflictAcceptance(
            membership_id=membership_id, rule_id=rule.id, reason=reason, accepted_by_id=accepted_by_id, accepted_at=now
        )
        for rule in rules
    )


def report(session: Session, *, actor: Actor | None, unit_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return everybody below a unit who is two things at once that a rule keeps apart, with the reason if one is kept.

    Two statements, whatever the size.
    """
    unit = access.unit_for(session, actor, unit_id)
    one, other = _facts(now).cte("one"), _facts(now).cte("other")
    rule = sa.select(ConflictRule).where(*_in_force(now)).subquery()
    together = sa.or_(
        sa.and_(rule.c.within == "neighborhood", one.c.neighborhood_id == other.c.neighborhood_id),
        sa.and_(rule.c.within == "building", one.c.building_id == other.c.building_id),
    )
    rows = session.execute(
        sa.select(
            Person.id.label("person_id"),
            sa.func.coalesce(Person.known_as, Person.name_masked).label("name"),
            rule.c.code,
            one.c.what.label("first"),
            other.c.what.label("second"),
            one.c.neighborhood_id,
            rule.c.why,
            rule.c.source,
            sa.func.max(ConflictAcceptance.reason).label("reason"),
        )
        .select_from(one)
        .join(other, other.c.person_id == one.c.person_id)
        .join(rule, sa.and_(rule.c.first == one.c.what, rule.c.second == other.c.what, together))
        .join(Person, Person.id == one.c.person_id)
        .outerjoin(
            ConflictAcceptance,
            sa.and_(
                ConflictAcceptance.rule_id == rule.c.id,
                ConflictAcceptance.membership_id.in_((one.c.membership_id, other.c.membership_id)),
            ),
        )
        .where(one.c.path.startswith(unit.path, autoescape=True))
        .group_by(
            Person.id, Person.known_as, Person.name_masked, rule.c.code, one.c.what, other.c.what, one.c.neighborhood_id,
            rule.c.why, rule.c.source,
        )
        .order_by(one.c.neighborhood_id, Person.id, rule.c.code)
    ).mappings()  # fmt: skip
    return [
        dict(row) | {"first_name": ROLE_NAMES[Role(row["first"])], "second_name": ROLE_NAMES[Role(row["second"])]}
        for row in rows
    ]


def fact_of(role: Role, unit: OrgUnit) -> Fact:
    """Return what holding a role at a unit makes of a person."""
    building = {UnitKind.BUILDING: unit.id, UnitKind.STAIRWELL: unit.parent_id}.get(unit.kind)
    return Fact(role.value, unit.neighborhood_id, building)


def _clashes(rule: ConflictRule, one: Fact, other: Fact) -> bool:
    if {rule.first, rule.second} != {one.what, other.what} and (rule.first, rule.second) != (one.what, other.what):
        return False
    if rule.within == "building":
        return one.building_id is not None and one.building_id == other.building_id
    return one.neighborhood_id is not None and one.neighborhood_id == other.neighborhood_id


def _rules(now: dt.datetime) -> sa.Select[ConflictRule]:
    return sa.select(ConflictRule).where(*_in_force(now)).order_by(ConflictRule.id)


def _in_force(now: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    today = now.astimezone(SHANGHAI).date()
    return ConflictRule.since <= today, sa.or_(ConflictRule.until.is_(None), ConflictRule.until > today)


def _facts(now: dt.datetime) -> sa.CompoundSelect[Any]:
    """Everything that anybody is anywhere now."""
    building = sa.case(
        (OrgUnit.kind == UnitKind.BUILDING, OrgUnit.id), (OrgUnit.kind == UnitKind.STAIRWELL, OrgUnit.parent_id)
    )
    held = (
        sa.select(
            Membership.person_id.label("person_id"),
            sa.cast(Membership.role, sa.String(32)).label("what"),
            OrgUnit.neighborhood_id.label("neighborhood_id"),
            building.label("building_id"),
            OrgUnit.path.label("path"),
            Membership.id.label("membership_id"),
        )
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(in_force(Membership.starts_at, Membership.ends_at, now))
    )
    lives = (
        sa.select(
            Residency.person_id,
            sa.literal(RESIDENT, sa.String(32)),
            Residency.neighborhood_id,
            Home.building_id,
            OrgUnit.path,
            sa.null(),
        )
        .join(Home, Home.id == Residency.home_id)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .where(in_force(Residency.starts_at, Residency.ends_at, now))
    )
    return sa.union_all(held, lives)
