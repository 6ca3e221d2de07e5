"""What all acts on key households share: who may know an entry, the line in the record, and the word to the household."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import CareEntry, CareKnower, Home, OrgUnit
from services import access, audit, inbox
from services.actors import Actor
from services.clocks import local_day
from services.errors import NotFound

MISSING = "没有找到这条登记，或者没有写您的名字。要看的话，请找登记的人把您加上。"
PAGE = "/me/care"


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
    entry = access.row_below(session, actor, CareEntry, entry_id, change=change)
    if entry is None or entry.closed_at is not None:
        raise NotFound(MISSING, code="care_not_found")
    return entry


def note(session: Session, actor: Actor, entry: CareEntry, action: str, now: dt.datetime, **more: Any) -> None:
    """Write down what was done with an entry; never the kind, never the reason."""
    purpose = more.pop("purpose", None)
    audit.note_on(session, actor, entry, action, now, more, purpose, about_person_id=entry.person_id)


def tell(session: Session, entry: CareEntry, title: str, said: str, key: str, now: dt.datetime) -> None:
    """Put a word into the household's inbox; each message says how to end it."""
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


def said_day(day: dt.date) -> str:
    """Return a day as people say it."""
    return f"{day.year}年{day.month}月{day.day}日"
