"""Who may know of a key household: named one by one, never longer than the entry lasts, and the household is told."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import CareEntry, CareKnower, Home, Membership, OrgUnit, Person
from services.actors import Actor
from services.clocks import local_day
from services.errors import Conflict, InvalidInput, NotFound
from services.permissions import ROLE_NAMES
from services.privacy.care_shared import managed, note, said_day, tell
from services.terms import in_force


def name_knower(
    session: Session, *, actor: Actor, entry_id: int, person_id: int, why: str, ends_on: dt.date, now: dt.datetime
) -> CareKnower:
    """Let one more person know, until a day.  The household is told who.

    Raises ``InvalidInput`` for somebody who holds no office above the home, or beyond the entry's own end.
    """
    entry = managed(session, actor, entry_id, change=True)
    today = local_day(now)
    if not today < ends_on <= entry.expires_on:
        said = f"请写到哪一天为止，不能晚于{said_day(entry.expires_on)}。"
        raise InvalidInput(said, code="dates_invalid", errors={"ends_on": [said]})
    if not in_office(session, person_id, entry.home_id, now):
        said = "只能写在这栋楼任职的人，比如楼长、网格长、站长。"
        raise InvalidInput(said, code="not_in_office", errors={"person_id": [said]})
    former = session.scalar(
        sa.select(CareKnower).where(
            CareKnower.entry_id == entry.id, CareKnower.person_id == person_id, CareKnower.withdrawn_at.is_(None)
        )
    )
    if former is not None and former.ends_on > today:
        raise Conflict("这个人已经能看了。要改日期，请先撤下再加。", code="knows_already")
    if former is not None:
        former.withdrawn_at = now
        session.flush()
    knower = new_knower(entry, person_id, actor, why, today, ends_on)
    session.add(knower)
    session.flush()
    note(session, actor, entry, "care.knower_named", now, person_id=person_id, until=ends_on.isoformat())
    name = session.get_one(Person, person_id)
    shown = name.known_as or name.name_masked or "一位工作人员"
    said = f"从今天起，{shown}也能看到您的关怀登记，到{said_day(ends_on)}为止。原因：{why}"
    tell(session, entry, "多了一个人能看您的关怀登记", said, f"knower:{knower.id}", now)
    return knower


def withdraw_knower(session: Session, *, actor: Actor, entry_id: int, knower_id: int, now: dt.datetime) -> CareKnower:
    """Take it back at once."""
    entry = managed(session, actor, entry_id, change=True)
    knower = session.scalar(
        sa.select(CareKnower).where(CareKnower.id == knower_id, CareKnower.entry_id == entry.id).with_for_update()
    )
    if knower is None:
        raise NotFound("没有找到这个人。请从名单里选。", code="knower_not_found")
    if knower.withdrawn_at is not None:
        raise Conflict("这个人已经撤下了。", code="knower_withdrawn")
    knower.withdrawn_at, knower.withdrawn_by_id = now, actor.person_id
    note(session, actor, entry, "care.knower_withdrawn", now, person_id=knower.person_id)
    return knower


def new_knower(
    entry: CareEntry, person_id: int, actor: Actor, why: str, starts_on: dt.date, ends_on: dt.date
) -> CareKnower:
    """Return the row by which somebody may know."""
    return CareKnower(
        entry_id=entry.id,
        person_id=person_id,
        given_by_id=actor.person_id,
        why=why,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def naming(session: Session, *, actor: Actor, entry_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return who may know of an entry today, in which office, and until when; nothing of the case."""
    offices = {one["person_id"]: one["title"] for one in candidates(session, actor=actor, entry_id=entry_id, now=now)}
    rows = session.execute(
        sa.select(
            CareKnower.id,
            CareKnower.person_id,
            sa.func.coalesce(Person.known_as, Person.name_masked).label("name"),
            CareKnower.ends_on,
        )
        .join(Person, Person.id == CareKnower.person_id)
        .where(CareKnower.entry_id == entry_id, CareKnower.withdrawn_at.is_(None), CareKnower.ends_on > local_day(now))
        .order_by(CareKnower.id)
    ).mappings()
    return [{**row, "title": offices.get(row["person_id"])} for row in rows]


def candidates(session: Session, *, actor: Actor, entry_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return who could be named for an entry: everybody who holds an office at the building or above it."""
    entry = managed(session, actor, entry_id)
    rows = session.execute(
        sa.select(
            Membership.person_id,
            sa.func.coalesce(Person.known_as, Person.name_masked).label("name"),
            Membership.role,
            OrgUnit.name.label("unit"),
        )
        .join(Person, Person.id == Membership.person_id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(
            Membership.unit_id.in_(_above(session, entry.home_id)),
            in_force(Membership.starts_at, Membership.ends_at, now),
        )
        .order_by(Membership.id)
    )
    titles = {row.person_id: (row.name, f"{row.unit}{ROLE_NAMES[row.role]}") for row in rows}
    return [{"person_id": one, "name": name or "没有登记姓名", "title": title} for one, (name, title) in titles.items()]


def in_office(session: Session, person_id: int, home_id: int, now: dt.datetime) -> bool:
    """Whether a person holds an office at the building of a home or above it now."""
    query = sa.exists().where(
        Membership.person_id == person_id,
        Membership.unit_id.in_(_above(session, home_id)),
        in_force(Membership.starts_at, Membership.ends_at, now),
    )
    return bool(session.scalar(sa.select(query)))


def _above(session: Session, home_id: int) -> list[int]:
    """Return the ids of the building of a home and of the units above it."""
    path = session.scalars(
        sa.select(OrgUnit.path).join(Home, Home.building_id == OrgUnit.id).where(Home.id == home_id)
    ).one()
    return [int(part) for part in path.strip("/").split("/")]
