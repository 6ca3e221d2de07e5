"""Codes that count no more: an old sheet then says what to do instead."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import CodeEnd, OrgUnit, ScanCode, Spot
from services import audit
from services.actors import Actor
from services.codes import making
from services.errors import Conflict, NotFound

CODE_MISSING = "没有找到这个码。请从码的名单里选。"
SPOT_MISSING = "没有找到这个地方。请从码的名单里选。"
ENDED = "这个码早就停用了，不用再停一次。"
WHY_NAMES: dict[CodeEnd, str] = {
    CodeEnd.LOST: "掉了、坏了、看不清",
    CodeEnd.MOVED: "贴错了地方，或者那地方没有了",
    CodeEnd.MISUSED: "有人拿去乱用",
}


def code_for(session: Session, actor: Actor | None, code_id: int, *, change: bool = False) -> ScanCode:
    """Return a code of a place below the actor's node; ``change`` locks it.  Raises ``NotFound``.

    No actor is the operator's command line, which reaches every code.
    """
    query = (
        sa.select(ScanCode, OrgUnit.path).join(OrgUnit, OrgUnit.id == ScanCode.unit_id).where(ScanCode.id == code_id)
    )
    if change:
        query = query.with_for_update(of=ScanCode).execution_options(populate_existing=True)
    row = session.execute(query).first()
    if row is None or not (actor is None or actor.stands_above(row.path)):
        raise NotFound(CODE_MISSING, code="code_not_found")
    code: ScanCode = row.ScanCode
    return code


def revoke(session: Session, *, actor: Actor | None, code_id: int, why: CodeEnd, now: dt.datetime) -> ScanCode:
    """End a code.  Raises ``Conflict`` for one that has ended."""
    code = code_for(session, actor, code_id, change=True)
    _end(session, actor, code, why, now)
    return code


def replace(session: Session, *, actor: Actor | None, code_id: int, why: CodeEnd, now: dt.datetime) -> ScanCode:
    """End a code and make another for the same place, with the same number; return the new one."""
    code = revoke(session, actor=actor, code_id=code_id, why=why, now=now)
    session.flush()  # only one code of a place may count
    fresh = making.another(session, actor=actor, code=code, now=now)
    code.replaced_by_id = fresh.id
    return fresh


def close_spot(session: Session, *, actor: Actor, spot_id: int, now: dt.datetime) -> None:
    """Close a spot that is there no more, and end its code.  Doing it twice changes nothing."""
    spot = session.get(Spot, spot_id, with_for_update=True, populate_existing=True)
    if spot is None or not actor.stands_above(session.get_one(OrgUnit, spot.unit_id).path):
        raise NotFound(SPOT_MISSING, code="spot_not_found")
    if spot.closed_at is not None:
        return
    spot.closed_at = now
    audit.note_on(session, actor, spot, "spot.closed", now, {})
    code = session.scalar(
        sa.select(ScanCode).where(ScanCode.spot_id == spot.id, ScanCode.revoked_at.is_(None)).with_for_update()
    )
    if code is not None:
        _end(session, actor, code, CodeEnd.MOVED, now)


def _end(session: Session, actor: Actor | None, code: ScanCode, why: CodeEnd, now: dt.datetime) -> None:
    if code.revoked_at is not None:
        raise Conflict(ENDED, code="code_ended")
    code.revoked_at, code.revoked_why = now, why
    code.revoked_by_id = actor.doer_id if actor else None
    audit.note_on(session, actor, code, "code.revoked", now, {"why": why.value})


def by_number(session: Session, *, neighborhood_id: int, number: int) -> ScanCode | None:
    """Return the code that counts under a number."""
    found: ScanCode | None = session.scalar(
        sa.select(ScanCode).where(
            ScanCode.neighborhood_id == neighborhood_id, ScanCode.number == number, ScanCode.revoked_at.is_(None)
        )
    )
    return found
