"""Cards whose numbers change after they were shared: how many households of a building have bound a phone.

WeChat fixes the words ("成员正在加入，当前 n/m 人", "已开始") and gives a card a day.  Cards are counted anew each
minute; a change is an outbox row of a channel of its own, and carries the numbers of the moment at which it goes out.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    CardState,
    Channel,
    Home,
    OrgUnit,
    OutboxMessage,
    OutboxState,
    Residency,
    ShareCard,
    UnitKind,
    WeChatAccount,
)
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, Rejected
from services.group_ports import CardUpdate, NewCard
from services.outbox import Claimed, enqueue
from services.terms import in_force

PAGE = "pages/home/bind"
"""What a tap on a full card opens."""
AT_ONCE = 200
ENDED = "card_ended"
"""WeChat's 47504: the card's day is over."""


@dataclass(frozen=True)
class Count:
    """How many of the households with a registered resident have a phone bound."""

    answered: int
    households: int


NOBODY = Count(0, 0)


def count(session: Session, building_id: int, *, now: dt.datetime) -> Count:
    """Count the households of a building as they are now."""
    return counts(session, [building_id], now=now)[building_id]


def counts(session: Session, building_ids: Collection[int], *, now: dt.datetime) -> dict[int, Count]:
    """Count the households of many buildings by one statement."""
    lives = in_force(Residency.starts_at, Residency.ends_at, now)
    bound = WeChatAccount.id.is_not(None)
    rows = session.execute(
        sa.select(
            Home.building_id,
            sa.func.count(sa.distinct(sa.case((bound, Home.id)))),
            sa.func.count(sa.distinct(Home.id)),
        )
        .select_from(Home)
        .join(Residency, sa.and_(Residency.home_id == Home.id, lives))
        .outerjoin(
            WeChatAccount,
            sa.and_(WeChatAccount.person_id == Residency.person_id, WeChatAccount.unbound_at.is_(None)),
        )
        .where(Home.building_id.in_(building_ids))
        .group_by(Home.building_id)
    )
    found = {building_id: Count(answered, households) for building_id, answered, households in rows}
    return {building_id: found.get(building_id, NOBODY) for building_id in building_ids}


def check(session: Session, *, actor: Actor, building_id: int, now: dt.datetime) -> Count:
    """Return what a new card of a building would show.

    Raises ``NotFound`` for a building that is not the actor's, ``Conflict`` without registered households, when all have
    answered, or while a card is open.
    """
    unit = access.unit_for(session, actor, building_id)
    found = count(session, building_id, now=now)
    if unit.kind is not UnitKind.BUILDING or not found.households:
        raise Conflict("这里还没有登记的住户，卡片没有数可报。请先登记住户。", code="nobody_to_count", state="empty")
    if found.answered == found.households:
        raise Conflict("这栋楼的住户都绑好手机了，不用再发卡片。", code="all_answered", state="full")
    is_open = sa.select(ShareCard.id).where(
        ShareCard.building_id == building_id, ShareCard.state == CardState.OPEN, ShareCard.expires_at > now
    )
    if session.scalar(is_open) is not None:
        raise Conflict("这栋楼已经有一张卡片，数字会自己变，请接着用它。", code="card_open", state="open")
    return found


def keep(session: Session, *, actor: Actor, building_id: int, new: NewCard, now: dt.datetime) -> ShareCard:
    """Keep a card that WeChat has just made; one whose day is over makes room for it."""
    found = check(session, actor=actor, building_id=building_id, now=now)
    _expire(session, now, ShareCard.building_id == building_id)
    unit = session.get_one(OrgUnit, building_id)
    card = ShareCard(
        neighborhood_id=unit.neighborhood_id,
        building_id=building_id,
        activity_id=new.activity_id,
        state=CardState.OPEN,
        answered=found.answered,
        households=found.households,
        updates=0,
        created_at=now,
        expires_at=new.expires_at,
    )
    session.add(card)
    session.flush()
    audit.note_on(session, actor, card, "card.open", now, {"building_id": building_id})
    return card


def listing(session: Session, *, actor: Actor, building_id: int) -> list[ShareCard]:
    """Return the last cards of a building, newest first."""
    access.unit_for(session, actor, building_id)
    query = sa.select(ShareCard).where(ShareCard.building_id == building_id).order_by(ShareCard.id.desc()).limit(20)
    return list(session.scalars(query))


def refresh(session: Session, *, now: dt.datetime) -> int:
    """Close cards whose day is over and ask for a change of those that show old numbers; return how many those are."""
    changed = _expire(session, now, sa.true())
    waiting = sa.exists().where(
        OutboxMessage.channel == Channel.CARD,
        OutboxMessage.subject_id == ShareCard.id,
        OutboxMessage.state.in_([OutboxState.WAITING, OutboxState.SENDING]),
    )
    query = sa.select(ShareCard).where(ShareCard.state == CardState.OPEN, ~waiting).order_by(ShareCard.id)
    cards = session.scalars(query).all()
    counted = counts(session, {card.building_id for card in cards}, now=now)
    for card in cards:
        found = counted[card.building_id]
        if found == Count(card.answered, card.households) or not found.households:
            continue
        card.updates += 1
        enqueue(
            session,
            channel=Channel.CARD,
            topic="card",
            dedupe_key=f"card:{card.id}:{card.updates}",
            subject_id=card.id,
            neighborhood_id=card.neighborhood_id,
            now=now,
        )
        changed += 1
    session.flush()
    return changed


def updates(session: Session, batch: Sequence[Claimed], *, now: dt.datetime) -> dict[int, CardUpdate]:
    """Return, by outbox id, what each card shall show now; one that is closed gets nothing."""
    ids = {message.subject_id for message in batch}
    cards = {
        card.id: card
        for card in session.scalars(
            sa.select(ShareCard).where(
                ShareCard.id.in_(ids), ShareCard.state == CardState.OPEN, ShareCard.expires_at > now
            )
        )
    }
    counted = counts(session, {card.building_id for card in cards.values()}, now=now)
    found = {}
    for message in batch:
        card = cards.get(message.subject_id or 0)
        shown = counted[card.building_id] if card else NOBODY
        if card is not None and shown.households:
            found[message.id] = CardUpdate(card.activity_id, shown.answered, shown.households, PAGE)
    return found


def settle(
    session: Session, message: Claimed, update: CardUpdate, error: Exception | None, *, now: dt.datetime
) -> None:
    """Write down what the card shows, or that it will never show anything again."""
    card = session.get_one(ShareCard, message.subject_id, populate_existing=True)
    if card.state is not CardState.OPEN:
        return
    if error is None:
        card.answered, card.households = update.answered, update.households
        if update.is_full:
            card.state, card.closed_at = CardState.FULL, now
    elif isinstance(error, Rejected):
        card.state = CardState.EXPIRED if error.reason == ENDED else CardState.LOST
        card.closed_at = now
    session.flush()


def _expire(session: Session, now: dt.datetime, which: sa.ColumnElement[bool]) -> int:
    over = session.scalars(
        sa.select(ShareCard).where(ShareCard.state == CardState.OPEN, ShareCard.expires_at <= now, which)
    )
    count = 0
    for card in over:
        card.state, card.closed_at = CardState.EXPIRED, now
        count += 1
    session.flush()
    return count
