"""Key households for screens: numbers for who manages, the case for who may know, all of it for the household."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AuditEntry, CareEntry, CareKind, CareKnower, CareVisit, Home, OrgUnit, Person, Role
from services import access, inbox
from services.actors import Actor
from services.clocks import local_day
from services.errors import InvalidInput
from services.privacy import care, care_shared, rules, selves
from services.reading.pages import Page, PageRequest, fetch
from services.vault import Vault

AT_ONCE = 200
_NAME = sa.func.coalesce(Person.known_as, Person.name_masked)


def kinds(session: Session) -> list[CareKind]:
    """Return the kinds that can be chosen."""
    return list(session.scalars(sa.select(CareKind).where(CareKind.ends_at.is_(None)).order_by(CareKind.place)))


def mine(session: Session, *, actor: Actor, now: dt.datetime, page: PageRequest) -> Page:
    """Return the entries of which the actor may know today: where roughly and until when, nothing more."""
    today = local_day(now)
    statement = (
        sa.select(CareEntry.id, OrgUnit.name.label("building"), CareEntry.expires_on, CareKnower.ends_on)
        .join(CareKnower, CareKnower.entry_id == CareEntry.id)
        .join(Home, Home.id == CareEntry.home_id)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .where(
            CareKnower.person_id == actor.person_id,
            CareKnower.withdrawn_at.is_(None),
            CareKnower.ends_on > today,
            CareEntry.closed_at.is_(None),
            CareEntry.expires_on > today,
            OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True) if actor.hat.unit_path else sa.false(),
        )
    )
    return fetch(session.connection(), statement, CareEntry.id.expression, page)


def numbers(session: Session, *, actor: Actor, neighborhood_id: int, now: dt.datetime, page: PageRequest) -> Page:
    """Return the open entries of a neighborhood by number: whether somebody still may know, and whether they run out."""
    unit = access.neighborhood_for(session, actor, neighborhood_id)
    today = local_day(now)
    knowers = (
        sa.select(sa.func.count())
        .where(CareKnower.entry_id == CareEntry.id, CareKnower.withdrawn_at.is_(None), CareKnower.ends_on > today)
        .scalar_subquery()
    )
    statement = sa.select(CareEntry.id, CareEntry.opened_on, CareEntry.expires_on, knowers.label("knowers")).where(
        CareEntry.neighborhood_id == unit.id, CareEntry.closed_at.is_(None)
    )
    found = fetch(session.connection(), statement, CareEntry.id.expression, page)
    return Page([{**item, "is_expired": item["expires_on"] <= today} for item in found.items], found.next)


def look(
    session: Session, *, actor: Actor, entry_id: int, purpose: str, vault: Vault, now: dt.datetime
) -> dict[str, Any]:
    """Show an entry to somebody who may know, for a purpose, on record: the household reads who looked and why."""
    purpose = purpose.strip()
    if len(purpose) < care.PURPOSE_LEAST:
        said = "请写明为什么要看。"
        raise InvalidInput(said, code="purpose_missing", errors={"purpose": [said]})
    entry = care_shared.known(session, actor, entry_id, now=now)
    care_shared.note(session, actor, entry, "care.looked", now, purpose=purpose)
    person = session.get_one(Person, entry.person_id)
    return {
        **_described(session, entry, vault),
        "person_id": person.id,
        "name": person.name_masked,
        "knowers": _knowers(session, entry.id, now),
        "visits": _visits(session, entry.id, vault),
    }


def about_me(session: Session, *, actor: Actor, vault: Vault, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the actor's own entries: what is written, who may know, who went there, who looked."""
    entries = session.scalars(
        sa.select(CareEntry).where(CareEntry.person_id == actor.person_id).order_by(CareEntry.id.desc()).limit(20)
    ).all()
    return [
        {
            **_described(session, entry, vault),
            "closed_at": entry.closed_at,
            "knowers": _knowers(session, entry.id, now),
            "visits": _visits(session, entry.id, vault),
            "looks": _looks(session, entry.id),
        }
        for entry in entries
    ]


def remind(session: Session, *, now: dt.datetime) -> int:
    """Tell who opened an entry, or the community, that it runs out; close what ran out a month ago."""
    today = local_day(now)
    days = dt.timedelta(days=rules.value(session, rules.CARE_REMIND_DAYS, day=today))
    closed = session.scalars(
        sa.select(CareEntry)
        .where(CareEntry.closed_at.is_(None), CareEntry.expires_on <= today - days)
        .order_by(CareEntry.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for entry in closed:
        entry.closed_at, entry.closed_why = now, "到期没有延长"
    near = session.scalars(
        sa.select(CareEntry).where(
            CareEntry.closed_at.is_(None), CareEntry.expires_on > today, CareEntry.expires_on <= today + days
        )
    ).all()
    for entry in near:
        _remind(session, entry, now)
    session.flush()
    return len(closed)


def _remind(session: Session, entry: CareEntry, now: dt.datetime) -> None:
    officers = selves.holders(session, entry.neighborhood_id, Role.COMMUNITY_OFFICER, now=now)
    for person_id in {entry.opened_by_id, *officers}:
        inbox.put(
            session,
            person_id=person_id,
            neighborhood_id=entry.neighborhood_id,
            title="有一条关怀登记快到期了",
            body=(
                f"第{entry.id}号关怀登记到{entry.expires_on.month}月{entry.expires_on.day}日为止。"
                "请去看看本人，问过还愿不愿意，再延长或者结束。"
            ),
            page=f"/care/{entry.id}",
            dedupe_key=f"care:{entry.id}:near:{entry.expires_on}",
            now=now,
        )


def _described(session: Session, entry: CareEntry, vault: Vault) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind_code,
        "kind_name": session.get_one(CareKind, entry.kind_code).name,
        "place": session.get_one(Home, entry.home_id).label,
        "reason": vault.open(entry.reason_sealed, care.REASON_LABEL),
        "opened_on": entry.opened_on,
        "expires_on": entry.expires_on,
    }


def _knowers(session: Session, entry_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    rows = session.execute(
        sa.select(CareKnower.id, _NAME.label("name"), CareKnower.why, CareKnower.starts_on, CareKnower.ends_on)
        .join(Person, Person.id == CareKnower.person_id)
        .where(
            CareKnower.entry_id == entry_id,
            CareKnower.withdrawn_at.is_(None),
            CareKnower.ends_on > local_day(now),
        )
        .order_by(CareKnower.id)
    ).mappings()
    return [dict(row) for row in rows]


def _visits(session: Session, entry_id: int, vault: Vault) -> list[dict[str, Any]]:
    rows = session.execute(
        sa.select(CareVisit.id, _NAME.label("name"), CareVisit.visited_at, CareVisit.purpose, CareVisit.note_sealed)
        .join(Person, Person.id == CareVisit.visitor_id)
        .where(CareVisit.entry_id == entry_id)
        .order_by(CareVisit.id.desc())
        .limit(50)
    ).mappings()
    found = []
    for row in rows:
        item = dict(row)
        sealed = item.pop("note_sealed")
        found.append(item | {"words": vault.open(sealed, care.NOTE_LABEL) if sealed else None})
    return found


def _looks(session: Session, entry_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        sa.select(AuditEntry.at, _NAME.label("name"), AuditEntry.purpose)
        .join(Person, Person.id == AuditEntry.actor_id)
        .where(
            AuditEntry.subject_kind == "care_entry",
            AuditEntry.subject_id == entry_id,
            AuditEntry.action == "care.looked",
        )
        .order_by(AuditEntry.id.desc())
        .limit(50)
    ).mappings()
    return [dict(row) for row in rows]
