"""Mass messages to customer groups of WeCom: written here, confirmed by a member of the company in WeCom, read back.

WeCom lets a customer group be reached as often a month as the month has days, and has a member confirm each message
(企业微信文档：创建企业群发).  Nothing is sent by our server alone.
"""

import calendar
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ChatBinding, MassMessage, MassState, MassTarget, TargetState
from services import access, audit
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import Conflict, InvalidInput, NotFound, TooMany
from services.group_ports import MassGateway
from services.groups import mass_sending
from services.groups.mass_sending import Topic
from services.groups.mass_telling import WORDS

MISSING = "没有找到这条群发，或者它不归您管。请从群发的名单里选。"
NOT_SET_UP = "还没有接企业微信，不能群发。请管理员设置 WUYOU_WECOM_CORPID 和 WUYOU_WECOM_SECRET，再重启。"
TEXT_MOST = 1000
"""Characters: four bytes each at most make WeCom's 4,000."""
MOST_REMINDERS = 3
"""WeCom allows three in 24 hours; we never ask for more in a message's whole life."""
SHOWN = 50


@dataclass(frozen=True)
class MassShown:
    """A message and what became of it, in words."""

    id: int
    neighborhood_id: int
    text: str
    state: MassState
    words: str
    advice: str
    groups: int
    sent: int
    reminders: int
    prepared_at: dt.datetime

    @property
    def can_remind(self) -> bool:
        """Whether somebody has to confirm it and may be reminded once more."""
        return self.state is MassState.WAITING and self.reminders < MOST_REMINDERS


def check_set_up(gateway: MassGateway) -> None:
    """Raise ``Conflict`` where the company does not use WeCom."""
    if not gateway.is_set_up:
        raise Conflict(NOT_SET_UP, code="wecom_not_set_up", state="off")


def write(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int,
    sender: str,
    text: str,
    chat_ids: Collection[int],
    page: str,
    now: dt.datetime,
) -> MassShown:
    """Write a message to bound groups of a neighborhood; the writer confirms it in WeCom as the member ``sender``.

    No actor is the operator's command line.  Raises ``InvalidInput`` for a group that is not bound there, and ``TooMany``
    when one was reached as often as the month allows.
    """
    access.unit_for(session, actor, neighborhood_id, change=True)
    chats = list(
        session.scalars(
            sa.select(ChatBinding)
            .where(
                ChatBinding.id.in_(set(chat_ids)),
                ChatBinding.neighborhood_id == neighborhood_id,
                ChatBinding.ended_at.is_(None),
            )
            .with_for_update()
        )
    )
    if not chats or len(chats) != len(set(chat_ids)):
        wrong = "有的群没有绑在这个小区里。请从群的名单里选。"
        raise InvalidInput(wrong, code="chat_not_bound", errors={"chat_ids": [wrong]})
    _check_month(session, chats, now)
    message = MassMessage(
        neighborhood_id=neighborhood_id,
        confirmer_id=actor.person_id if actor else None,
        sender=sender,
        text=text,
        page=page,
        state=MassState.PREPARED,
        reminders=0,
        prepared_at=now,
    )
    session.add(message)
    session.flush()
    session.add_all(MassTarget(message_id=message.id, chat_id=chat.id, state=TargetState.WAITING) for chat in chats)
    mass_sending.ask(session, message, Topic.PREPARE, 0, now=now)
    audit.note_on(session, actor, message, "mass.write", now, {"groups": len(chats)})
    return shown(session, message.id)


def remind(session: Session, *, actor: Actor | None, message_id: int, now: dt.datetime) -> MassShown:
    """Have WeCom remind the member.  Raises ``Conflict`` for a message that waits for nobody, ``TooMany`` after three."""
    message = session.get(MassMessage, message_id, with_for_update=True)
    if message is None:
        raise NotFound(MISSING, code="mass_message_not_found")
    if actor is not None:
        try:
            access.neighborhood_for(session, actor, message.neighborhood_id)
        except NotFound:
            raise NotFound(MISSING, code="mass_message_not_found") from None
    if message.state is not MassState.WAITING:
        said, advice = WORDS[message.state]
        raise Conflict(f"这条群发不用催：{said}。{advice}", code="mass_not_waiting", state=message.state)
    if message.reminders >= MOST_REMINDERS:
        day = dt.timedelta(days=1).total_seconds()
        raise TooMany("已经催过3次了，请打电话说一声。", code="mass_reminded_enough", retry_after=day)
    message.reminders += 1
    mass_sending.ask(session, message, Topic.REMIND, message.reminders, now=now)
    audit.note_on(session, actor, message, "mass.remind", now, {})
    session.flush()
    return shown(session, message_id)


def listing(session: Session, *, actor: Actor | None, neighborhood_id: int) -> list[MassShown]:
    """Return the last messages of a neighborhood, newest first."""
    access.unit_for(session, actor, neighborhood_id)
    return _shown(session, MassMessage.neighborhood_id == neighborhood_id)


def shown(session: Session, message_id: int) -> MassShown:
    """Return one message as it stands."""
    return _shown(session, MassMessage.id == message_id)[0]


def _check_month(session: Session, chats: Sequence[ChatBinding], now: dt.datetime) -> None:
    """Count what each group got or may still get in this month of Beijing, whatever binding it came by."""
    local = now.astimezone(SHANGHAI)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    days = calendar.monthrange(local.year, local.month)[1]
    counted = (
        sa.select(ChatBinding.opengid)
        .join(MassTarget, MassTarget.chat_id == ChatBinding.id)
        .join(MassMessage, MassMessage.id == MassTarget.message_id)
        .where(
            ChatBinding.opengid.in_([chat.opengid for chat in chats]),
            MassTarget.state != TargetState.FAILED,
            MassMessage.state != MassState.EXPIRED,
            MassMessage.prepared_at >= first.astimezone(dt.UTC),
        )
        .group_by(ChatBinding.opengid)
        .having(sa.func.count() >= days)
    )
    full = set(session.scalars(counted))
    if full:
        names = "、".join(chat.name for chat in chats if chat.opengid in full)
        next_month = first + dt.timedelta(days=days)
        raise TooMany(
            f"“{names}”这个月发满了{days}条，下个月才能再发。",
            code="mass_month_full",
            retry_after=(next_month - local).total_seconds(),
        )


def _shown(session: Session, which: sa.ColumnElement[bool]) -> list[MassShown]:
    sent = sa.func.sum(sa.case((MassTarget.state == TargetState.SENT, 1), else_=0))
    rows = session.execute(
        sa.select(MassMessage, sa.func.count(MassTarget.id), sent)
        .join(MassTarget, MassTarget.message_id == MassMessage.id)
        .where(which)
        .group_by(MassMessage.id)
        .order_by(MassMessage.id.desc())
        .limit(SHOWN)
    )
    return [
        MassShown(
            message.id,
            message.neighborhood_id,
            message.text,
            message.state,
            *WORDS[message.state],
            groups=groups,
            sent=reached,
            reminders=message.reminders,
            prepared_at=message.prepared_at,
        )
        for message, groups, reached in rows
    ]
