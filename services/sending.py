"""From claimed rows to calls of a port and back: prepare (in a transaction), send (in none), settle (in a transaction)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from models import Channel, OutboxState
from services import deliveries, grants, outbox
from services.deliveries import RobotMessage
from services.errors import GatewayError, PersonRefused, Rejected
from services.outbox import Claimed, Outcome
from services.ports import Gateways, SubscribeMessage
from services.vault import Vault

ROBOT_GONE = "robot_removed"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Parcel:
    """A claimed message with what its port needs; empty content means there is nobody left to send it to."""

    message: Claimed
    content: SubscribeMessage | RobotMessage | None


@dataclass(frozen=True)
class Result:
    """What became of a parcel; no error means it was sent."""

    parcel: Parcel
    error: Exception | None = None


def prepare(session: Session, *, channel: Channel, vault: Vault, now: dt.datetime, limit: int) -> list[Parcel]:
    """Claim up to ``limit`` messages of a sending channel and collect what each needs."""
    batch = outbox.claim(session, channel=channel, now=now, limit=limit)
    if not batch:
        return []
    if channel is Channel.SUBSCRIBE:
        messages = deliveries.subscribe_messages(session, batch)
        return [Parcel(message, messages.get(message.id)) for message in batch]
    posts = deliveries.robot_messages(session, batch, vault)
    return [Parcel(message, posts.get(message.id)) for message in batch]


def send(parcel: Parcel, gateways: Gateways) -> Result:
    """Call the port.  Never raises: one message that breaks must not take others with it."""
    try:
        if isinstance(parcel.content, SubscribeMessage):
            gateways.messages.send(parcel.content)
        elif isinstance(parcel.content, RobotMessage):
            gateways.groups.send(parcel.content.robot_key, parcel.content.markdown)
        else:
            return Result(parcel, Rejected("收件人已经不在了。", code="recipient_gone"))
    except GatewayError as error:
        return Result(parcel, error)
    except Exception as error:
        log.exception("send.broken", outbox_id=parcel.message.id)
        return Result(parcel, error)
    return Result(parcel)


def settle(session: Session, results: Sequence[Result], *, now: dt.datetime) -> None:
    """Write down how a batch ended: rows, grants, groups switched off."""
    outbox.settle(session, [outcome(result, now) for result in results], now=now)
    subscribe = [result for result in results if result.parcel.message.channel is Channel.SUBSCRIBE]
    grants.settle(
        session,
        spent=[_grant(result) for result in subscribe if result.error is None],
        refused=[_grant(result) for result in subscribe if isinstance(result.error, PersonRefused)],
        now=now,
    )
    for result in results:
        gone = isinstance(result.error, Rejected) and result.error.reason == ROBOT_GONE
        if gone and result.parcel.message.subject_id is not None:
            deliveries.switch_off_group(session, result.parcel.message.subject_id, why=ROBOT_GONE, now=now)


def outcome(result: Result, now: dt.datetime) -> Outcome:
    """Translate a result: sent, refused by the person, hopeless, or to be tried again."""
    message, error = result.parcel.message, result.error
    if error is None:
        return Outcome(message, OutboxState.SENT)
    reason = error.reason if isinstance(error, GatewayError) else type(error).__name__
    if isinstance(error, PersonRefused) or (isinstance(error, Rejected) and reason == ROBOT_GONE):
        return Outcome(message, OutboxState.REFUSED, reason)
    if isinstance(error, Rejected):
        log.error("send.rejected", outbox_id=message.id, reason=reason)
        return Outcome(message, OutboxState.FAILED, reason)
    retry_at = outbox.next_try(message.attempts, now, getattr(error, "retry_after", None))
    if retry_at is None:
        log.error("send.given_up", outbox_id=message.id, reason=reason, attempts=message.attempts)
        return Outcome(message, OutboxState.FAILED, reason)
    return Outcome(message, OutboxState.WAITING, reason, retry_at)


def _grant(result: Result) -> tuple[int, str]:
    message = result.parcel.message
    return message.subject_id or 0, message.topic
