"""Service domains (五有) of a neighborhood, and who answers for each."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import DutyAssignment, NeighborhoodDomain, OrgUnit, Person, ServiceDomain
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.org import records, telling
from services.org.persons import Who, person_for
from services.terms import in_force
from services.vault import Vault

NAME_MOST = 20
DOMAIN_MISSING = "没有这项服务，或者本小区没有选它。请从列表里选。"


def used_in(neighborhood_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a neighborhood uses a domain (of the statement around): its choice, else the usual."""
    chosen = (
        sa.select(NeighborhoodDomain.is_used)
        .where(NeighborhoodDomain.domain_id == ServiceDomain.id, NeighborhoodDomain.neighborhood_id == neighborhood_id)
        .scalar_subquery()
    )
    usual = sa.or_(
        sa.and_(ServiceDomain.neighborhood_id.is_(None), ServiceDomain.is_usual),
        ServiceDomain.neighborhood_id == neighborhood_id,
    )
    return sa.func.coalesce(chosen, usual)


def listed(session: Session, *, actor: Actor, neighborhood_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the domains that a neighborhood knows, which of them it uses, and who answers for each: one statement."""
    access.neighborhood_for(session, actor, neighborhood_id)
    rows = session.execute(
        sa.select(
            ServiceDomain.id,
            ServiceDomain.code,
            ServiceDomain.name,
            used_in(neighborhood_id).label("is_used"),
            DutyAssignment.id.label("assignment_id"),
            DutyAssignment.starts_at,
            Person.id.label("person_id"),
            sa.func.coalesce(Person.known_as, Person.name_masked).label("person_name"),
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
        .where(sa.or_(ServiceDomain.neighborhood_id.is_(None), ServiceDomain.neighborhood_id == neighborhood_id))
        .order_by(ServiceDomain.place, ServiceDomain.id, DutyAssignment.id)
    ).mappings()
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        domain = found.setdefault(
            row["id"],
            {**{name: row[name] for name in ("id", "code", "name")}, "is_used": bool(row["is_used"]), "people": []},
        )
        if row["person_id"] is not None:
            person = {name: row[name] for name in ("assignment_id", "person_id", "starts_at")}
            domain["people"].append(person | {"name": row["person_name"]})
    return list(found.values())


def choose(
    session: Session, *, actor: Actor | None, neighborhood_id: int, domain_id: int, is_used: bool, now: dt.datetime
) -> None:
    """Say whether a neighborhood has a domain, against what is usual."""
    unit = records.neighborhood_for(session, actor, neighborhood_id)
    _domain(session, unit, domain_id)
    choice = session.get(NeighborhoodDomain, (unit.id, domain_id))
    if choice is None:
        session.add(NeighborhoodDomain(neighborhood_id=unit.id, domain_id=domain_id, is_used=is_used))
    else:
        choice.is_used = is_used
    session.flush()
    audit.note(
        session,
        actor=actor,
        now=now,
        action="service_domain.chosen",
        subject=("service_domain", domain_id),
        neighborhood_id=unit.id,
        detail={"domain_id": domain_id, "is_used": is_used},
    )


def add_domain(
    session: Session, *, actor: Actor | None, neighborhood_id: int, name: str, now: dt.datetime
) -> ServiceDomain:
    """Give a neighborhood a domain of its own: heating, lifts, whatever it has."""
    unit = records.neighborhood_for(session, actor, neighborhood_id)
    name = name.strip()
    if not name or len(name) > NAME_MOST:
        said = f"请写服务的名称，最多{NAME_MOST}个字。"
        raise InvalidInput(said, code="name_invalid", errors={"name": [said]})
    known = sa.or_(ServiceDomain.neighborhood_id.is_(None), ServiceDomain.neighborhood_id == unit.id)
    if session.scalar(sa.select(ServiceDomain.id).where(known, ServiceDomain.name == name)) is not None:
        raise Conflict(f"已经有“{name}”这项服务了。请直接选用。", code="name_taken")
    own = session.scalar(
        sa.select(sa.func.count()).select_from(ServiceDomain).where(ServiceDomain.neighborhood_id == unit.id)
    )
    domain = ServiceDomain(
        neighborhood_id=unit.id, code=f"n{unit.id}-{(own or 0) + 1}", name=name, place=100 + (own or 0), is_usual=False
    )
    session.add(domain)
    session.flush()
    audit.note_on(session, actor, domain, "service_domain.added", now, {})
    return domain


def assign(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int,
    domain_id: int,
    who: Who,
    vault: Vault,
    now: dt.datetime,
) -> DutyAssignment:
    """Let a person answer for a domain from now on.  Raises ``Conflict`` when they do already."""
    unit = records.neighborhood_for(session, actor, neighborhood_id)
    domain = _domain(session, unit, domain_id)
    person = person_for(session, actor=actor, who=who, vault=vault, now=now)
    current = sa.select(DutyAssignment.id).where(
        DutyAssignment.neighborhood_id == unit.id,
        DutyAssignment.domain_id == domain.id,
        DutyAssignment.person_id == person.id,
        DutyAssignment.ends_at.is_(None),
    )
    if session.scalar(current) is not None:
        raise Conflict("这个人已经负责这项服务了，不用再定。", code="already_assigned")
    duty = DutyAssignment(
        neighborhood_id=unit.id,
        domain_id=domain.id,
        person_id=person.id,
        assigned_by_id=actor.person_id if actor else None,
        starts_at=now,
    )
    session.add(duty)
    session.flush()
    audit.note_on(session, actor, duty, "duty.assigned", now, {"domain_id": domain.id}, about_person_id=person.id)
    telling.tell(
        session,
        person_id=person.id,
        unit=unit,
        title="请您负责一项服务",
        body=f"从今天起，{unit.name}的“{domain.name}”由您负责，居民能看到。如果有误，请联系社区。",
        key=f"duty:{duty.id}",
        now=now,
    )
    return duty


def end(session: Session, *, actor: Actor | None, assignment_id: int, now: dt.datetime) -> DutyAssignment:
    """Let a person no longer answer for a domain.  Raises ``NotFound`` when it is not theirs (any more)."""
    duty = session.scalar(sa.select(DutyAssignment).where(DutyAssignment.id == assignment_id).with_for_update())
    if duty is None or duty.ends_at is not None:
        raise NotFound("没有找到这条分工，或者它已经结束了。请刷新再看。", code="duty_not_found")
    records.neighborhood_for(session, actor, duty.neighborhood_id)
    duty.ends_at = max(now, duty.starts_at + dt.timedelta(microseconds=1))
    detail = {"domain_id": duty.domain_id}
    audit.note_on(session, actor, duty, "duty.ended", now, detail, about_person_id=duty.person_id)
    return duty


def _domain(session: Session, unit: OrgUnit, domain_id: int) -> ServiceDomain:
    domain = session.get(ServiceDomain, domain_id)
    if domain is None or domain.neighborhood_id not in {None, unit.id}:
        raise NotFound(DOMAIN_MISSING, code="domain_not_found")
    return domain
