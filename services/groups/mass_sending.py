"""The errands of mass messages: have one prepared at WeCom, have its member reminded, look what became of it."""

import datetime as dt
import enum
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Channel, ChatBinding, MassMessage, MassState, MassTarget, OutboxMessage, OutboxState, TargetState
from services.errors import GatewayError
from services.group_ports import Fate, MassDraft, MassGateway, MassLook, MassReminder, MassTaken
from services.groups.mass_moves import Step, move, step_for
from services.groups.mass_telling import tell
from services.outbox import Claimed, enqueue

Errand = MassDraft | MassReminder | MassLook
Fates = dict[str, Fate]
TITLE = "打开小程序看看"
LOOK_EVERY = dt.timedelta(minutes=10)
LASTS = dt.timedelta(days=3)
"""Ours: WeCom does not say when a message that nobody confirms is over."""


class Topic(enum.StrEnum):
    """What the outbox row is about."""

    PREPARE = "mass.prepare"
    REMIND = "mass.remind"
    LOOK = "mass.look"


def ask(session: Session, message: MassMessage, topic: Topic, turn: int, *, now: dt.datetime) -> None:
    """Put an errand into the outbox; the same turn twice is one errand."""
    enqueue(
        session,
        channel=Channel.MASS,
        topic=topic.value,
        dedupe_key=f"{topic.value}:{message.id}:{turn}",
        subject_id=message.id,
        neighborhood_id=message.neighborhood_id,
        now=now,
    )


def look_after(session: Session, *, now: dt.datetime) -> int:
    """Ask what became of the messages that wait, end those whose time is over; return how many changed or were asked."""
    asked = sa.exists().where(
        OutboxMessage.channel == Channel.MASS,
        OutboxMessage.subject_id == MassMessage.id,
        OutboxMessage.state.in_([OutboxState.WAITING, OutboxState.SENDING]),
    )
    under_way = sa.select(MassMessage).where(MassMessage.state.in_([MassState.PREPARED, MassState.WAITING]), ~asked)
    changed = 0
    for message in session.scalars(under_way.order_by(MassMessage.id)):
        if message.state is MassState.PREPARED or now - message.prepared_at >= LASTS:
            step = Step.RUN_OUT if message.state is MassState.PREPARED else _step(session, message, over=True)
            _end(session, message, step or Step.RUN_OUT, now)
        elif message.looked_at is None or now - message.looked_at >= LOOK_EVERY:
            message.looked_at = now
            ask(session, message, Topic.LOOK, int(now.timestamp()), now=now)
        else:
            continue
        changed += 1
    session.flush()
    return changed


def errands(session: Session, batch: Sequence[Claimed]) -> dict[int, Errand]:
    """Return, by outbox id, what WeCom is asked; a message that is over needs nothing."""
    ids = {claimed.subject_id for claimed in batch}
    messages = {one.id: one for one in session.scalars(sa.select(MassMessage).where(MassMessage.id.in_(ids)))}
    found: dict[int, Errand] = {}
    for claimed in batch:
        message = messages.get(claimed.subject_id or 0)
        if message is None or message.sender is None:
            continue
        if claimed.topic == Topic.PREPARE and message.state is MassState.PREPARED:
            found[claimed.id] = _draft(session, message, message.sender)
        elif message.state is MassState.WAITING and message.msgid is not None:
            reminder = claimed.topic == Topic.REMIND
            found[claimed.id] = MassReminder(message.msgid) if reminder else MassLook(message.msgid, message.sender)
    return found


def run(errand: Errand, gateway: MassGateway) -> MassTaken | Fates | None:
    """Ask WeCom.  Raises the ``GatewayError`` family."""
    if isinstance(errand, MassDraft):
        return gateway.prepare(errand)
    if isinstance(errand, MassLook):
        return dict(gateway.results(errand))
    gateway.remind(errand)
    return None


def settle(
    session: Session,
    claimed: Claimed,
    answer: MassTaken | Fates | None,
    error: Exception | None,
    *,
    given_up: bool,
    now: dt.datetime,
) -> None:
    """Write down what WeCom answered.  Only a message that was never taken fails by an error."""
    message = session.get_one(MassMessage, claimed.subject_id, populate_existing=True)
    if isinstance(answer, MassTaken) and message.state is MassState.PREPARED:
        message.msgid, message.state = answer.msgid, move(message.state, Step.TAKEN)
        for target in _targets(session, message):
            target.wecom_chat_id = answer.chats.get(target.chat_id)
            if target.wecom_chat_id is None:
                target.state = TargetState.FAILED
        tell(session, message, now=now)
    elif isinstance(answer, dict) and message.state is MassState.WAITING:
        for target in _targets(session, message):
            fate = answer.get(target.wecom_chat_id or "")
            if fate is not None:
                target.state = TargetState(fate.value)
        session.flush()
        step = _step(session, message, over=False)
        if step is not None:
            _end(session, message, step, now)
    elif error is not None and given_up and message.state is MassState.PREPARED:
        message.error = error.reason if isinstance(error, GatewayError) else type(error).__name__
        _end(session, message, Step.REFUSED, now)
    session.flush()


def _draft(session: Session, message: MassMessage, sender: str) -> MassDraft:
    rows = session.execute(
        sa.select(MassTarget.chat_id, ChatBinding.opengid)
        .join(ChatBinding, ChatBinding.id == MassTarget.chat_id)
        .where(MassTarget.message_id == message.id)
    )
    opengids = [(chat_id, opengid) for chat_id, opengid in rows]
    return MassDraft(sender, message.text, TITLE, message.page, dict(opengids))


def _targets(session: Session, message: MassMessage) -> list[MassTarget]:
    return list(session.scalars(sa.select(MassTarget).where(MassTarget.message_id == message.id)))


def _step(session: Session, message: MassMessage, *, over: bool) -> Step | None:
    return step_for([target.state for target in _targets(session, message)], over=over)


def _end(session: Session, message: MassMessage, step: Step, now: dt.datetime) -> None:
    """Move a message into one of its ends, and what still waited with it."""
    message.state = move(message.state, step)
    message.ended_at, message.sender = now, None
    for target in _targets(session, message):
        if target.state is TargetState.WAITING:
            target.state = TargetState.FAILED
    tell(session, message, now=now)
