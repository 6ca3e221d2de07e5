"""A change of hands (交接单): a list of real open things, ticked by who leaves, confirmed by who comes.

It is drawn up when a right has ended and never holds that end back.  What stays open stays visible.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    EndReason,
    Handover,
    HandoverItem,
    Membership,
    OrgUnit,
    Person,
    Role,
    table_of,
)
from services import audit, inbox
from services.actors import Actor
from services.errors import Conflict, NotFound
from services.org import handover_items
from services.org.handover_items import Item
from services.org.persons import Who, name_of, person_for
from services.permissions import ROLE_NAMES, Permission
from services.terms import in_force
from services.vault import Vault

CANNOT_TICK = frozenset({EndReason.DECEASED, EndReason.DISMISSED, EndReason.MOVED_AWAY})
"""Who left like this may not come to tick: the one who comes confirms alone."""
MISSING = "没有找到这张交接单。请从“我的交接”里点开。"


def draw_up(
    session: Session,
    *,
    membership: Membership,
    unit: OrgUnit,
    reason: EndReason,
    to_person: Person | None,
    now: dt.datetime,
    further: Sequence[Item] = (),
) -> Handover | None:
    """Write the list for a membership that has just ended; nothing to hand over makes no list.

    ``further`` are items of the caller: kind and id of a row, and what it is in words.
    """
    items = [*further, *handover_items.open_items(session, membership, unit, now)]
    if not items:
        return None
    handover = Handover(
        neighborhood_id=unit.neighborhood_id,
        unit_id=unit.id,
        membership_id=membership.id,
        from_person_id=membership.person_id,
        to_person_id=to_person.id if to_person else None,
        reason=reason,
        created_at=now,
    )
    session.add(handover)
    session.flush()
    session.execute(
        sa.insert(table_of(HandoverItem)),
        [
            {
                "handover_id": handover.id,
                "place": place,
                "subject_kind": kind,
                "subject_id": subject,
                "text": text[:128],
            }
            for place, (kind, subject, text) in enumerate(items)
        ],
    )
    if to_person is not None:
        _tell_successor(session, handover, unit, len(items), now)
    if membership.role is Role.REPAIRER:
        _tell_station(session, handover, jobs=sum(kind == "ticket" for kind, *_ in items), now=now)
    return handover


def tick(
    session: Session, *, actor: Actor, handover_id: int, item_id: int, now: dt.datetime, note: str | None = None
) -> HandoverItem:
    """The one who leaves says that a thing is passed on; who stands above may say it for them."""
    handover, item = _item(session, actor, handover_id, item_id)
    if actor.person_id != handover.from_person_id and not _stands_above(session, actor, handover):
        raise Conflict("这一项要由离任的人来勾。", code="not_the_one_who_leaves")
    if item.ticked_at is None:
        item.ticked_at, item.ticked_by_id = now, actor.person_id
    if note is not None:
        item.note = note
    return item


def confirm(session: Session, *, actor: Actor, handover_id: int, item_id: int, now: dt.datetime) -> HandoverItem:
    """The one who comes says that they have it; while nobody is named, who stands above says it."""
    handover, item = _item(session, actor, handover_id, item_id)
    if actor.person_id == handover.from_person_id:
        raise Conflict("交出去的人不能自己确认。请接任的人来确认。", code="own_handover")
    if item.ticked_at is None and handover.reason not in CANNOT_TICK:
        raise Conflict("离任的人还没有勾这一项。请先当面交清，再来确认。", code="not_ticked")
    if item.confirmed_at is None:
        item.confirmed_at, item.confirmed_by_id = now, actor.person_id
        session.flush()
        if not session.scalar(_open_items(handover.id)):
            handover.finished_at = now
            audit.note_on(
                session, actor, handover, "handover.finished", now, {}, about_person_id=handover.from_person_id
            )
    return item


def name_successor(
    session: Session, *, actor: Actor, handover_id: int, who: Who, vault: Vault, now: dt.datetime
) -> Handover:
    """Say who comes, when that was not known at the end.  Only who may appoint there says it."""
    handover = handover_for(session, actor, handover_id, change=True)
    if not _stands_above(session, actor, handover):
        raise NotFound(MISSING, code="handover_not_found")
    person = person_for(session, actor=actor, who=who, vault=vault, now=now)
    if person.id == handover.from_person_id:
        raise Conflict("接任的人不能就是离任的人。请另选一位。", code="successor_same")
    handover.to_person_id = person.id
    unit = session.get_one(OrgUnit, handover.unit_id)
    _tell_successor(session, handover, unit, session.scalar(_open_items(handover.id)) or 0, now)
    audit.note_on(session, actor, handover, "handover.passed_to", now, {}, about_person_id=person.id)
    return handover


def handover_for(session: Session, actor: Actor, handover_id: int, *, change: bool = False) -> Handover:
    """Return a handover that is the actor's own, or of a unit below their node.  Raises ``NotFound``."""
    query = sa.select(Handover).where(Handover.id == handover_id)
    handover = session.scalar(query.with_for_update() if change else query)
    own = handover is not None and actor.person_id in {handover.from_person_id, handover.to_person_id}
    if handover is None or not (own or _stands_above(session, actor, handover)):
        raise NotFound(MISSING, code="handover_not_found")
    return handover


def with_items(session: Session, *, actor: Actor, handover_id: int) -> dict[str, Any]:
    """Return a handover with its items in order: what a screen shows."""
    handover = handover_for(session, actor, handover_id)
    items = session.scalars(
        sa.select(HandoverItem).where(HandoverItem.handover_id == handover.id).order_by(HandoverItem.place)
    ).all()
    unit = session.get_one(OrgUnit, handover.unit_id)
    membership = session.get_one(Membership, handover.membership_id)
    return {
        "id": handover.id,
        "unit_id": unit.id,
        "unit_name": unit.name,
        "role": membership.role,
        "role_name": ROLE_NAMES[membership.role],
        "from_person_id": handover.from_person_id,
        "to_person_id": handover.to_person_id,
        "reason": handover.reason,
        "created_at": handover.created_at,
        "finished_at": handover.finished_at,
        "open_items": sum(item.confirmed_at is None for item in items),
        "items": items,
    }


def _item(session: Session, actor: Actor, handover_id: int, item_id: int) -> tuple[Handover, HandoverItem]:
    handover = handover_for(session, actor, handover_id, change=True)
    item = session.scalar(
        sa.select(HandoverItem).where(HandoverItem.id == item_id, HandoverItem.handover_id == handover.id)
    )
    if item is None:
        raise NotFound("没有找到这一项。请刷新交接单再看。", code="handover_item_not_found")
    return handover, item


def _stands_above(session: Session, actor: Actor, handover: Handover) -> bool:
    allowed = actor.may(Permission.MEMBER_APPOINT)
    return allowed and actor.stands_above(session.get_one(OrgUnit, handover.unit_id).path)


def _open_items(handover_id: int) -> sa.Select[int]:
    return (
        sa.select(sa.func.count())
        .select_from(HandoverItem)
        .where(HandoverItem.handover_id == handover_id, HandoverItem.confirmed_at.is_(None))
    )


def _tell_successor(session: Session, handover: Handover, unit: OrgUnit, count: int, now: dt.datetime) -> None:
    if handover.to_person_id is None:
        return
    inbox.put(
        session,
        person_id=handover.to_person_id,
        neighborhood_id=handover.neighborhood_id,
        title="请接手",
        body=f"您接手{unit.name}的工作，交接单上有{count}件事。请和离任的人当面交清，再在“我的交接”里一件一件确认。",
        dedupe_key=f"handover:{handover.id}:{handover.to_person_id}",
        now=now,
        page="/handovers",
    )


def _tell_station(session: Session, handover: Handover, *, jobs: int, now: dt.datetime) -> None:
    """Tell the station's managers that jobs wait for another repairer: nobody works on them until they are sent again."""
    if not jobs or handover.neighborhood_id is None:
        return
    left = session.get_one(Person, handover.from_person_id)
    managers = session.scalars(
        sa.select(Membership.person_id).where(
            Membership.unit_id == handover.neighborhood_id,
            Membership.role == Role.STATION_MANAGER,
            in_force(Membership.starts_at, Membership.ends_at, now),
        )
    )
    for person_id in managers:
        inbox.put(
            session,
            person_id=person_id,
            neighborhood_id=handover.neighborhood_id,
            title="请改派",
            body=f"{name_of(left)}不在这里干了，手上还有{jobs}张单子没办完。请在单子列表里改派给别的师傅。",
            dedupe_key=f"handover:{handover.id}:jobs:{person_id}",
            now=now,
            page="/tickets",
        )
