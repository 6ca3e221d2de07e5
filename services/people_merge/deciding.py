"""Merges at the station: proposed by one with evidence, decided by another, undone by either or by the person."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import MergeState, OrgUnit, Person, PersonMerge
from services import access
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound, WrongHat
from services.people_merge import asking, carrying, conflicts
from services.people_merge.moves import MOVES, STATE_NAMES, MergeAction, require
from services.privacy import hands, recording, selves
from services.reading.pages import Page, PageRequest, fetch
from services.vault import Vault

WHY_LEAST = 4
MISSING = "没有找到这次合并。请从列表里点开。"


def propose(
    session: Session,
    *,
    actor: Actor,
    from_person_id: int,
    into_person_id: int,
    evidence: str,
    vault: Vault,
    now: dt.datetime,
) -> PersonMerge:
    """Propose to merge two persons of the actor's scope; somebody else decides.

    Raises ``NotFound`` out of scope, ``InvalidInput`` without evidence, ``Conflict`` with what is in the way.
    """
    if from_person_id == into_person_id:
        raise InvalidInput("请选两份不同的登记。", code="same_person")
    goes = recording.person_in_scope(session, actor=actor, person_id=from_person_id, vault=vault, now=now)
    stays = recording.person_in_scope(session, actor=actor, person_id=into_person_id, vault=vault, now=now)
    evidence = evidence.strip()
    if len(evidence) < WHY_LEAST:
        said = "请写明凭什么知道是同一个人，比如“本人到场，看过身份证原件”。"
        raise InvalidInput(said, code="evidence_missing", errors={"evidence": [said]})
    asking.refuse_busy(session, goes.id)
    _refuse_conflicts(session, goes.id, stays.id)
    merge = PersonMerge(
        neighborhood_id=selves.neighborhood_of(session, stays.id),
        from_person_id=goes.id,
        into_person_id=stays.id,
        state=MergeState.PROPOSED,
        asked_at=now,
        asked_by_id=actor.person_id,
        proposed_by_id=actor.person_id,
        evidence_sealed=vault.seal(evidence, asking.EVIDENCE_LABEL),
        filled={},
    )
    session.add(merge)
    session.flush()
    asking.note(session, actor, merge, "proposed", now)
    return merge


def decide(
    session: Session, *, actor: Actor, merge_id: int, approve: bool, why: str | None, vault: Vault, now: dt.datetime
) -> PersonMerge:
    """Approve or decline what somebody else proposed.  Raises ``WrongHat`` for one's own proposal or one's own person."""
    merge = merge_for(session, actor, merge_id, change=True)
    require(merge, MergeAction.APPROVE)
    if actor.person_id in {merge.proposed_by_id, merge.from_person_id, merge.into_person_id}:
        raise WrongHat("自己提的、自己的登记，要由另一个人来核对。请找同事或者社区工作人员。", code="own_proposal")
    merge.decided_by_id = actor.person_id
    if approve:
        asking.done(session, actor, merge, vault, now)
        return merge
    why = (why or "").strip()
    if len(why) < WHY_LEAST:
        said = "请写明为什么不合并。"
        raise InvalidInput(said, code="reason_missing", errors={"why": [said]})
    merge.state, merge.refused_why = MOVES[MergeAction.DECLINE].target, why
    session.flush()
    asking.note(session, actor, merge, "refused", now)
    return merge


def undo(
    session: Session, *, actor: Actor, merge_id: int, why: str, vault: Vault, now: dt.datetime, own: bool = False
) -> PersonMerge:
    """Make two of them again, while the time for it lasts.

    ``own``: by the person who was merged.  Raises ``Conflict`` when the time is over.
    """
    merge = _own(session, actor, merge_id) if own else merge_for(session, actor, merge_id, change=True)
    require(merge, MergeAction.UNDO)
    if merge.undo_until is not None and merge.undo_until <= now:
        raise Conflict("过了能拆开的时间。请找社区工作人员另外登记。", code="undo_late", state=merge.state.value)
    merge.undone_by_id, merge.undone_why = actor.person_id, why
    carrying.carry_back(session, merge=merge, vault=vault, now=now)
    asking.note(session, actor, merge, "undone", now)
    return merge


def merge_for(session: Session, actor: Actor, merge_id: int, *, change: bool = False) -> PersonMerge:
    """Return a merge of a neighborhood at or below the actor's node.  Raises ``NotFound``."""
    merge = access.row_below(session, actor, PersonMerge, merge_id, change=change)
    if merge is None:
        raise NotFound(MISSING, code="merge_not_found")
    return merge


def below(session: Session, *, actor: Actor, waiting: bool, page: PageRequest) -> Page:
    """Return the merges of the neighborhoods at or below the actor's node, newest first: those that wait, or the others."""
    state = PersonMerge.state == MergeState.PROPOSED if waiting else PersonMerge.state != MergeState.PROPOSED
    statement = (
        _rows()
        .join(OrgUnit, OrgUnit.id == PersonMerge.neighborhood_id)
        .where(OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True), state)
    )
    return _named(fetch(session.connection(), statement, PersonMerge.id.expression, page))


def mine(session: Session, *, actor: Actor, page: PageRequest) -> Page:
    """Return the merges in which the actor is one of the two, or which the actor asked for on a phone."""
    me = actor.person_id
    which = sa.or_(
        PersonMerge.from_person_id == me,
        PersonMerge.into_person_id == me,
        sa.and_(PersonMerge.asked_by_id == me, PersonMerge.proposed_by_id.is_(None)),
    )
    return _named(fetch(session.connection(), _rows().where(which), PersonMerge.id.expression, page))


def described(session: Session, merge: PersonMerge) -> dict[str, Any]:
    """Return a merge as screens show it."""
    row = session.execute(_rows().where(PersonMerge.id == merge.id)).mappings().one()
    return {**row, "state_name": STATE_NAMES[row["state"]]}


def _own(session: Session, actor: Actor, merge_id: int) -> PersonMerge:
    hands.own(actor)
    merge = session.scalar(
        sa.select(PersonMerge)
        .where(PersonMerge.id == merge_id, PersonMerge.into_person_id == actor.person_id)
        .with_for_update()
    )
    if merge is None:
        raise NotFound(MISSING, code="merge_not_found")
    return merge


def _refuse_conflicts(session: Session, from_id: int, into_id: int) -> None:
    said = conflicts.found(session, from_id=from_id, into_id=into_id)
    if said:
        raise Conflict("这两份登记还不能合并：" + "；".join(said) + "。", code="merge_conflict", blocking=said)


def _rows() -> sa.Select[*tuple[Any, ...]]:
    goes, stays = aliased(Person), aliased(Person)
    columns: tuple[Any, ...] = (
        PersonMerge.id,
        PersonMerge.state,
        PersonMerge.asked_at,
        PersonMerge.from_person_id,
        PersonMerge.into_person_id,
        sa.func.coalesce(goes.known_as, goes.name_masked).label("from_name"),
        sa.func.coalesce(stays.known_as, stays.name_masked).label("into_name"),
        PersonMerge.done_at,
        PersonMerge.undo_until,
        PersonMerge.undone_at,
        PersonMerge.refused_why,
    )
    return (
        sa.select(*columns)
        .outerjoin(goes, goes.id == PersonMerge.from_person_id)
        .join(stays, stays.id == PersonMerge.into_person_id)
    )


def _named(page: Page) -> Page:
    return Page([{**item, "state_name": STATE_NAMES[item["state"]]} for item in page.items], page.next)
