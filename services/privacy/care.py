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

from models import CareEntry, CareKind, CareKnower, CareVisit, Home, OrgUnit, Residency
from services.actors import Actor
from services.clocks import local_day
from services.errors import Conflict, InvalidInput, NotFound
from services.privacy import consents, rules
from services.privacy.care_knowers import new_knower
from services.privacy.care_shared import known, note, said_day, tell
from services.vault import Vault

REASON_LABEL = "care.reason"
NOTE_LABEL = "care.note"
PURPOSE_LEAST = 2


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
    session.add(new_knower(entry, actor.person_id, actor, "登记的人", today, case.expires_on))
    session.flush()
    note(session, actor, entry, "care.opened", now)
    tell(session, entry, "您的关怀登记办好了", f"记下了您的情况，到{said_day(case.expires_on)}为止", "opened", now)
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
    tell(session, entry, "您的关怀登记延长了", f"延长到{said_day(expires_on)}", f"until:{expires_on}", now)
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
