"""Key households: opened for a person with their consent, known to named persons only, each look on record, never for ever.

A role alone opens nothing.  Who manages the list sees numbers and dates; to see more, they have to be named like everybody,
and the household is told.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import CareEntry, CareKind, CareKnower, CareVisit, Home, Membership, OrgUnit, Person, Residency
from services import audit, inbox
from services.actors import Actor
from services.clocks import local_day
from services.errors import Conflict, InvalidInput, NotFound
from services.privacy import consents, rules
from services.terms import in_force
from services.vault import Vault

REASON_LABEL = "care.reason"
NOTE_LABEL = "care.note"
MISSING = "没有找到这条登记，或者没有写您的名字。要看的话，请找登记的人把您加上。"
PURPOSE_LEAST = 2
PAGE = "/me/care"


@dataclass(frozen=True)
class Case:
    """Who is looked after, where, why, and for how long."""

    person_id: int
    home_id: int
    kind: str
    reason: str
    expires_on: dt.date


def open_entry(session: Session, *, actor: Actor, case: Case, vault: Vault, now: dt.datetime) -> CareEntry:
    """Open an entry; the one who opens it is the first who may know.

    Raises ``NotFound`` for a home or person out of scope, ``Conflict`` without the consent that the kind needs or when
    there is one already, ``InvalidInput`` for a wrong kind or day.
    """
    home = _home(session, actor, case)
    kind = session.get(CareKind, case.kind)
    if kind is None or kind.ends_at is not None:
        raise InvalidInput("请从列表里选一种情况。", code="kind_invalid", errors={"kind": ["请从列表里选。"]})
    today = local_day(now)
    _check_day(session, case.expires_on, today, home.neighborhood_id)
    reason = case.reason.strip()
    if len(reason) < PURPOSE_LEAST:
        said = "请写明要注意什么，比如“腿脚不便，按门铃等一会儿”。"
        raise InvalidInput(said, code="reason_missing", errors={"reason": [said]})
    consent = consents.counting(session, person_id=case.person_id, kind=consents.CARE, now=now)
    if kind.needs_consent and consent is None:
        raise Conflict("要本人先同意才能登记。请当面说清楚，把同意记下来再登记。", code="consent_missing")
    _refuse_second(session, case)
    entry = CareEntry(
        neighborhood_id=home.neighborhood_id,
        home_id=home.id,
        person_id=case.person_id,
        kind_code=kind.code,
        reason_sealed=vault.seal(reason, REASON_LABEL),
        consent_id=consent.id if consent and kind.needs_consent else None,
        opened_by_id=actor.person_id,
        opened_on=today,
        expires_on=case.expires_on,
    )
    session.add(entry)
    session.flush()
    session.add(_knower(entry, actor.person_id, actor, "登记的人", today, case.expires_on))
    session.flush()
    note(session, actor, entry, "care.opened", now)
    _tell(session, entry, "您的关怀登记办好了", f"记下了您的情况，到{_said(case.expires_on)}为止", "opened", now)
    return entry


def prolong(session: Session, *, actor: Actor, entry_id: int, expires_on: dt.date, now: dt.datetime) -> CareEntry:
    """Let an entry last longer, after it was looked at anew.  The consent must still hold."""
    entry = known(session, actor, entry_id, now=now, change=True, also_expired=True)
    today = local_day(now)
    _check_day(session, expires_on, today, entry.neighborhood_id)
    if entry.consent_id is not None and not consents.holds(
        session, person_id=entry.person_id, kind=consents.CARE, now=now
    ):
        raise Conflict("本人的同意已经不算数了。请重新问过本人，再登记一次。", code="consent_missing")
    entry.expires_on = expires_on
    session.execute(
        sa.update(CareKnower)
        .where(
            CareKnower.entry_id == entry.id,
            CareKnower.person_id == actor.person_id,
            CareKnower.withdrawn_at.is_(None),
        )
        .values(ends_on=expires_on)
    )
    note(session, actor, entry, "care.prolonged", now, until=expires_on.isoformat())
    _tell(session, entry, "您的关怀登记延长了", f"延长到{_said(expires_on)}", f"until:{expires_on}", now)
    return entry


def close(session: Session, *, actor: Actor, entry_id: int, why: str, now: dt.datetime) -> CareEntry:
    """End an entry: from now on nobody sees it."""
    entry = known(session, actor, entry_id, now=now, change=True, also_expired=True)
    entry.closed_at, entry.closed_by_id, entry.closed_why = now, actor.person_id, why
    note(session, actor, entry, "care.closed", now)
    return entry


def end_all(session: Session, *, person_ids: Collection[int], why: str, by_id: int | None, now: dt.datetime) -> int:
    """End every entry of persons at once: a consent was withdrawn."""
    done: Any = session.execute(
        sa.update(CareEntry)
        .where(CareEntry.person_id.in_(person_ids), CareEntry.closed_at.is_(None), CareEntry.consent_id.is_not(None))
        .values(closed_at=now, closed_by_id=by_id, closed_why=why)
    )
    return int(done.rowcount)


def name_knower(
    session: Session, *, actor: Actor, entry_id: int, person_id: int, why: str, ends_on: dt.date, now: dt.datetime
) -> CareKnower:
    """Let one more person know, until a day.  The household is told who.

    Raises ``InvalidInput`` for somebody who holds no office above the home, or beyond the entry's own end.
    """
    entry = managed(session, actor, entry_id, change=True)
    today = local_day(now)
    if not today < ends_on <= entry.expires_on:
        said = f"请写到哪一天为止，不能晚于{_said(entry.expires_on)}。"
        raise InvalidInput(said, code="dates_invalid", errors={"ends_on": [said]})
    if not _in_office(session, person_id, entry.home_id, now):
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
    knower = _knower(entry, person_id, actor, why, today, ends_on)
    session.add(knower)
    session.flush()
    note(session, actor, entry, "care.knower_named", now, person_id=person_id, until=ends_on.isoformat())
    name = session.get_one(Person, person_id)
    shown = name.known_as or name.name_masked or "一位工作人员"
    said = f"从今天起，{shown}也能看到您的关怀登记，到{_said(ends_on)}为止。原因：{why}"
    _tell(session, entry, "多了一个人能看您的关怀登记", said, f"knower:{knower.id}", now)
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


def visit(
    session: Session,
    *,
    actor: Actor,
    entry_id: int,
    visited_at: dt.datetime,
    purpose: str,
    words: str | None,
    vault: Vault,
    now: dt.datetime,
) -> CareVisit:
    """Write down that the actor went there, and what for."""
    entry = known(session, actor, entry_id, now=now)
    if visited_at > now:
        said = "走访时间不能晚于现在。"
        raise InvalidInput(said, code="dates_invalid", errors={"visited_at": [said]})
    made = CareVisit(
        entry_id=entry.id,
        visitor_id=actor.person_id,
        visited_at=visited_at,
        purpose=purpose.strip(),
        note_sealed=vault.seal(words.strip(), NOTE_LABEL) if words and words.strip() else None,
        written_at=now,
    )
    session.add(made)
    session.flush()
    note(session, actor, entry, "care.visited", now, visit_id=made.id)
    return made


def known(
    session: Session,
    actor: Actor,
    entry_id: int,
    *,
    now: dt.datetime,
    change: bool = False,
    also_expired: bool = False,
) -> CareEntry:
    """Return an entry of which the actor may know today.  Raises ``NotFound`` for all others, whatever the role."""
    today = local_day(now)
    query = (
        sa.select(CareEntry, OrgUnit.path)
        .join(Home, Home.id == CareEntry.home_id)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .join(CareKnower, CareKnower.entry_id == CareEntry.id)
        .where(
            CareEntry.id == entry_id,
            CareEntry.closed_at.is_(None),
            CareKnower.person_id == actor.person_id,
            CareKnower.withdrawn_at.is_(None),
        )
    )
    if not also_expired:
        query = query.where(CareEntry.expires_on > today, CareKnower.ends_on > today)
    row = session.execute(query.with_for_update(of=CareEntry) if change else query).first()
    if row is None or not actor.stands_above(row.path):
        raise NotFound(MISSING, code="care_not_found")
    entry: CareEntry = row.CareEntry
    return entry


def managed(session: Session, actor: Actor, entry_id: int, *, change: bool = False) -> CareEntry:
    """Return an open entry at or below the actor's node, without saying anything of it.  Raises ``NotFound``."""
    query = (
        sa.select(CareEntry, OrgUnit.path)
        .join(OrgUnit, OrgUnit.id == CareEntry.neighborhood_id)
        .where(CareEntry.id == entry_id, CareEntry.closed_at.is_(None))
    )
    row = session.execute(query.with_for_update(of=CareEntry) if change else query).one_or_none()
    if row is None or not actor.stands_above(row.path):
        raise NotFound(MISSING, code="care_not_found")
    entry: CareEntry = row.CareEntry
    return entry


def note(session: Session, actor: Actor, entry: CareEntry, action: str, now: dt.datetime, **more: Any) -> None:
    """Write down what was done with an entry; never the kind, never the reason."""
    purpose = more.pop("purpose", None)
    audit.note(
        session,
        actor=actor,
        now=now,
        action=action,
        subject=("care_entry", entry.id),
        neighborhood_id=entry.neighborhood_id,
        about_person_id=entry.person_id,
        purpose=purpose,
        detail=more,
    )


def _home(session: Session, actor: Actor, case: Case) -> Home:
    """Return the home, if it is in the actor's scope and the person lives there now."""
    row = session.execute(
        sa.select(Home, OrgUnit.path)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .join(Residency, Residency.home_id == Home.id)
        .where(Home.id == case.home_id, Residency.person_id == case.person_id, Residency.ends_at.is_(None))
    ).first()
    if row is None or not actor.stands_above(row.path):
        raise NotFound("这个人没有登记在这套房子里，或者房子不归您管。请核对住户名单。", code="person_not_found")
    home: Home = row.Home
    return home


def _check_day(session: Session, expires_on: dt.date, today: dt.date, neighborhood_id: int) -> None:
    most = rules.value(session, rules.CARE_MOST_DAYS, day=today, neighborhood_id=neighborhood_id)
    if not today < expires_on <= today + dt.timedelta(days=most):
        said = f"请写到哪一天为止，最长{most}天，到期再问一次本人。"
        raise InvalidInput(said, code="dates_invalid", errors={"expires_on": [said]})


def _refuse_second(session: Session, case: Case) -> None:
    found = session.scalar(
        sa.select(CareEntry.id).where(
            CareEntry.person_id == case.person_id, CareEntry.kind_code == case.kind, CareEntry.closed_at.is_(None)
        )
    )
    if found is not None:
        # Whoever may know finds it in their own list; nobody else learns here whether there is one.
        raise Conflict("现在不能登记。请问问社区工作人员。", code="cannot_open")


def _in_office(session: Session, person_id: int, home_id: int, now: dt.datetime) -> bool:
    path = session.scalars(
        sa.select(OrgUnit.path).join(Home, Home.building_id == OrgUnit.id).where(Home.id == home_id)
    ).one()
    above = [int(part) for part in path.strip("/").split("/")]
    query = sa.exists().where(
        Membership.person_id == person_id,
        Membership.unit_id.in_(above),
        in_force(Membership.starts_at, Membership.ends_at, now),
    )
    return bool(session.scalar(sa.select(query)))


def _knower(
    entry: CareEntry, person_id: int, actor: Actor, why: str, starts_on: dt.date, ends_on: dt.date
) -> CareKnower:
    return CareKnower(
        entry_id=entry.id,
        person_id=person_id,
        given_by_id=actor.person_id,
        why=why,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _tell(session: Session, entry: CareEntry, title: str, said: str, key: str, now: dt.datetime) -> None:
    inbox.put(
        session,
        person_id=entry.person_id,
        neighborhood_id=entry.neighborhood_id,
        title=title,
        body=f"{said}。不想要了，随时可以在“我的—我的资料”里收回同意，或者告诉服务站。",
        page=PAGE,
        dedupe_key=f"care:{entry.id}:{key}",
        now=now,
    )


def _said(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
