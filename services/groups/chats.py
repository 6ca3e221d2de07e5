"""Ordinary WeChat groups bound to a node of the tree, and how often people come in from them.

Nobody can be listed and nothing can be posted there: a group is known only because somebody opened the mini-program from a
card in it.  What is kept of such an opening is that there was one.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ChatBinding, ChatReach, OrgUnit, table_of
from services import access, audit
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import Conflict, InvalidInput, NotFound
from services.outbox import insert_for

CHAT_MISSING = "没有找到这个微信群，或者它不归您管。请从群的名单里选。"
NO_NEIGHBORHOOD = "微信群要绑在小区里：整个小区、一个网格或者一栋楼。请换一个单位。"
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class ChatState:
    """A bound group, and how often people came in from it."""

    id: int
    name: str
    unit_id: int
    unit_name: str
    bound_at: dt.datetime
    ended_at: dt.datetime | None
    end_reason: str | None
    openings_week: int
    openings: int


def node_for(
    session: Session, *, actor: Actor | None, neighborhood_id: int, unit_id: int, change: bool = False
) -> OrgUnit:
    """Return the node of a neighborhood to which a group can be bound.

    No actor is the operator's command line.  Raises ``NotFound`` for a neighborhood or a node that is not the actor's,
    ``InvalidInput`` for a node elsewhere.
    """
    if actor is not None:
        access.neighborhood_for(session, actor, neighborhood_id)
    unit = access.unit_for(session, actor, unit_id, change=change)
    if unit.neighborhood_id != neighborhood_id:
        raise InvalidInput(NO_NEIGHBORHOOD, code="unit_not_in_neighborhood", errors={"unit_id": [NO_NEIGHBORHOOD]})
    return unit


def bind(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int,
    opengid: str,
    unit_id: int,
    name: str,
    now: dt.datetime,
) -> ChatBinding:
    """Bind a group to a node of a neighborhood.  No actor is the operator's command line.

    Raises as ``node_for`` does, and ``Conflict`` while the group is bound already.
    """
    unit = node_for(session, actor=actor, neighborhood_id=neighborhood_id, unit_id=unit_id, change=True)
    if _bound(session, opengid) is not None:
        # Not said to whom: it may be another neighborhood's.
        raise Conflict("这个微信群已经绑过了。要换地方，先解绑再绑。", code="chat_bound", state="bound")
    chat = ChatBinding(neighborhood_id=neighborhood_id, unit_id=unit.id, opengid=opengid, name=name, bound_at=now)
    session.add(chat)
    session.flush()
    audit.note_on(session, actor, chat, "chat.bind", now, {"unit_id": unit.id})
    return chat


def unbind(session: Session, *, actor: Actor, chat_id: int, reason: str, now: dt.datetime) -> ChatState:
    """End a binding.  Raises ``Conflict`` when it has ended."""
    chat = session.get(ChatBinding, chat_id, with_for_update=True)
    unit = session.get(OrgUnit, chat.unit_id) if chat else None
    if chat is None or unit is None or not actor.stands_above(unit.path):
        raise NotFound(CHAT_MISSING, code="chat_not_found")
    if chat.ended_at is not None:
        raise Conflict("这个微信群已经解绑了。", code="chat_ended", state="ended")
    chat.ended_at, chat.end_reason = now, reason
    session.flush()
    audit.note_on(session, actor, chat, "chat.unbind", now, {}, reason)
    return _states(session, ChatBinding.id == chat_id, now)[0]


def listing(session: Session, *, actor: Actor, neighborhood_id: int, now: dt.datetime) -> list[ChatState]:
    """Return the groups of a neighborhood that are or were bound at or below the actor's node, newest first."""
    access.neighborhood_for(session, actor, neighborhood_id)
    below = OrgUnit.path.startswith(actor.hat.unit_path or "?", autoescape=True)
    return _states(session, sa.and_(ChatBinding.neighborhood_id == neighborhood_id, below), now)


def state_of(session: Session, chat_id: int, *, now: dt.datetime) -> ChatState:
    """Return one group as it stands."""
    return _states(session, ChatBinding.id == chat_id, now)[0]


def opened(session: Session, *, opengid: str, now: dt.datetime) -> str | None:
    """Count an opening from a group; return the name of the node it is bound to, or nothing for a group nobody bound."""
    chat = _bound(session, opengid)
    if chat is None:
        return None
    table = table_of(ChatReach)
    counted = insert_for(session, table).values(chat_id=chat.id, day=now.astimezone(SHANGHAI).date(), openings=1)
    session.execute(
        counted.on_conflict_do_update(
            index_elements=["chat_id", "day"], set_={"openings": table.c.openings + counted.excluded.openings}
        )
    )
    return session.get_one(OrgUnit, chat.unit_id).name


def _bound(session: Session, opengid: str) -> ChatBinding | None:
    return session.scalar(sa.select(ChatBinding).where(ChatBinding.opengid == opengid, ChatBinding.ended_at.is_(None)))


def _states(session: Session, which: sa.ColumnElement[bool], now: dt.datetime) -> list[ChatState]:
    since = (now - WEEK).astimezone(SHANGHAI).date()
    week = sa.func.sum(sa.case((ChatReach.day > since, ChatReach.openings), else_=0))
    rows = session.execute(
        sa.select(
            ChatBinding.id,
            ChatBinding.name,
            ChatBinding.unit_id,
            OrgUnit.name,
            ChatBinding.bound_at,
            ChatBinding.ended_at,
            ChatBinding.end_reason,
            sa.func.coalesce(week, 0),
            sa.func.coalesce(sa.func.sum(ChatReach.openings), 0),
        )
        .join(OrgUnit, OrgUnit.id == ChatBinding.unit_id)
        .outerjoin(ChatReach, ChatReach.chat_id == ChatBinding.id)
        .where(which)
        .group_by(ChatBinding.id, OrgUnit.id)
        .order_by(ChatBinding.id.desc())
    )
    return [ChatState(*row) for row in rows]
