"""The organization for screens: the tree, units by name, who holds what, committees, whose handovers are open."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    CommitteeMember,
    CommitteeTerm,
    FormerUnitName,
    Handover,
    HandoverItem,
    Membership,
    OrgUnit,
    Person,
    Position,
)
from services import access
from services.actors import Actor
from services.org.committees import KIND_NAMES, POST_NAMES
from services.org.history import tree_at
from services.permissions import ROLE_NAMES
from services.reading.pages import Page, PageRequest, fetch


def tree(session: Session, *, actor: Actor, unit_id: int, when: dt.datetime, levels: int) -> list[dict[str, Any]]:
    """Return a unit and so many levels below it, as they stood at a moment."""
    unit = access.unit_for(session, actor, unit_id)
    return tree_at(session, when=when, root_id=unit.id, levels=levels)


def search(session: Session, *, actor: Actor, text: str, page: PageRequest) -> Page:
    """Return units below the actor's node by a part of their name, or of one they had before."""
    former = sa.select(FormerUnitName.unit_id).where(FormerUnitName.name.contains(text, autoescape=True))
    columns: list[Any] = [
        OrgUnit.id,
        OrgUnit.parent_id,
        OrgUnit.kind,
        OrgUnit.name,
        OrgUnit.code,
        OrgUnit.neighborhood_id,
        OrgUnit.closed_at,
    ]
    statement = sa.select(*columns).where(
        OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True),
        sa.or_(OrgUnit.name.contains(text, autoescape=True), OrgUnit.code == text.upper(), OrgUnit.id.in_(former)),
    )
    return fetch(session.connection(), statement, OrgUnit.id.expression, page)


def memberships(
    session: Session, *, actor: Actor | None, unit_id: int, ended: bool, now: dt.datetime, page: PageRequest
) -> Page:
    """Return who holds what at and below a unit, newest first; ``ended`` shows those that are over instead."""
    unit = access.unit_for(session, actor, unit_id)
    over = sa.and_(Membership.ends_at.is_not(None), Membership.ends_at <= now)
    columns: list[Any] = [
        Membership.id,
        Membership.person_id,
        sa.func.coalesce(Person.known_as, Person.name_masked).label("name"),
        Person.phone_masked.label("phone"),
        Membership.role,
        Membership.position_id,
        Position.title,
        Membership.unit_id,
        OrgUnit.name.label("unit_name"),
        Membership.starts_at,
        Membership.ends_at,
        Membership.end_reason,
    ]
    statement = (
        sa.select(*columns)
        .join(Person, Person.id == Membership.person_id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .outerjoin(Position, Position.id == Membership.position_id)
        .where(OrgUnit.path.startswith(unit.path, autoescape=True), over if ended else ~over)
    )
    found = fetch(session.connection(), statement, Membership.id.expression, page)
    for item in found.items:
        item["title"] = item["title"] or ROLE_NAMES[item["role"]]
    return found


def my_handovers(session: Session, *, actor: Actor, page: PageRequest) -> Page:
    """Return the handovers that the actor gives or takes."""
    mine = sa.or_(Handover.from_person_id == actor.person_id, Handover.to_person_id == actor.person_id)
    return _handovers(session, mine, page)


def handovers_below(session: Session, *, actor: Actor, unit_id: int, page: PageRequest) -> Page:
    """Return the handovers at and below a unit that are not finished."""
    unit = access.unit_for(session, actor, unit_id)
    open_below = sa.and_(OrgUnit.path.startswith(unit.path, autoescape=True), Handover.finished_at.is_(None))
    return _handovers(session, open_below, page)


def _handovers(session: Session, condition: sa.ColumnElement[bool], page: PageRequest) -> Page:
    count = sa.select(sa.func.count()).where(HandoverItem.handover_id == Handover.id)
    columns: list[Any] = [
        Handover.id,
        Handover.unit_id,
        OrgUnit.name.label("unit_name"),
        Membership.role,
        Handover.from_person_id,
        Handover.to_person_id,
        Handover.reason,
        Handover.created_at,
        Handover.finished_at,
        count.where(HandoverItem.confirmed_at.is_(None)).scalar_subquery().label("open_items"),
    ]
    statement = (
        sa.select(*columns)
        .join(OrgUnit, OrgUnit.id == Handover.unit_id)
        .join(Membership, Membership.id == Handover.membership_id)
        .where(condition)
    )
    found = fetch(session.connection(), statement, Handover.id.expression, page)
    for item in found.items:
        item["role_name"] = ROLE_NAMES[item["role"]]
    return found


def committee_terms(session: Session, *, actor: Actor, neighborhood_id: int) -> list[dict[str, Any]]:
    """Return the terms of a neighborhood, newest first, with members and empty seats: two statements after the check."""
    access.neighborhood_for(session, actor, neighborhood_id)
    found = session.scalars(
        sa.select(CommitteeTerm)
        .where(CommitteeTerm.neighborhood_id == neighborhood_id)
        .order_by(CommitteeTerm.starts_on.desc())
    ).all()
    rows = session.execute(
        sa.select(CommitteeMember, sa.func.coalesce(Person.known_as, Person.name_masked).label("name"))
        .join(Person, Person.id == CommitteeMember.person_id)
        .where(CommitteeMember.neighborhood_id == neighborhood_id)
        .order_by(CommitteeMember.id)
    ).all()
    return [_described(term, [row for row in rows if row[0].term_id == term.id]) for term in found]


def _described(term: CommitteeTerm, rows: list[Any]) -> dict[str, Any]:
    names = ("id", "kind", "number", "seats", "starts_on", "ends_on", "planned_ends_on", "basis", "end_note")
    sitting = sum(member.end_reason is None for member, _ in rows)
    return {
        **{name: getattr(term, name) for name in names},
        "name": f"第{term.number}届{KIND_NAMES[term.kind]}",
        "empty": max(0, term.seats - sitting),
        "members": [
            {
                **{name: getattr(member, name) for name in ("id", "person_id", "post", "starts_at", "ends_at")},
                "end_reason": member.end_reason,
                "post_name": POST_NAMES[member.post],
                "name": name,
            }
            for member, name in rows
        ],
    }
