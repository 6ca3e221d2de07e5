"""From claimed rows to calls of a port and back: prepare (in a transaction), send (in none), settle (in a transaction).

Robots have turns instead: ``services.groups``.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from models import Channel, OutboxState
from services import channels, deliveries, grants, notices, outbox
from services.codes import ways
from services.codes.ways import Errand, Made
from services.content import checking
from services.content.checking import Question
from services.errors import GatewayError, PersonRefused, QuotaExceeded, Rejected
from services.files import Removal
from services.group_ports import CardUpdate, MassDraft, MassLook, MassReminder, MassTaken
from services.groups import cards, mass_sending
from services.outbox import Claimed, Outcome
from services.payment_ports import ShippingInfo
from services.payments import shipping
from services.ports import Gateways, SubscribeMessage, Verdict

Content = SubscribeMessage | Question | Removal | Errand | CardUpdate | ShippingInfo | mass_sending.Errand
"""What a port needs."""
Answer = Verdict | Made | str | MassTaken | mass_sending.Fates | None
"""What a content check was answered, what was made for a code, what WeCom knows of a mass message."""
QUOTA_WAITS_MOST = 3600.0
"""Seconds: an allowance that returns later than this is the day's, and the message stays in the inbox instead."""
GONE = "recipient_gone"
"""Code of ``Rejected``: what a message was about is no longer so; no port was called."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Parcel:
    """A claimed message with what its port needs; empty content means there is nobody left to send it to."""

    message: Claimed
    content: Content | None


@dataclass(frozen=True)
class Result:
    """What became of a parcel; no error means it was sent."""

    parcel: Parcel
    error: Exception | None = None
    answer: Answer = None


def prepare(
    session: Session, *, channel: Channel, now: dt.datetime, limit: int, link: Callable[[str], str]
) -> list[Parcel]:
    """Claim up to ``limit`` messages of a sending channel and collect what each needs.

    ``link`` makes the address at which a photo can be fetched from outside.
    """
    batch = outbox.claim(session, channel=channel, now=now, limit=limit)
    if not batch:
        return []
    found = _contents(session, channel, batch, now, link)
    return [Parcel(message, found.get(message.id)) for message in batch]


def _contents(
    session: Session, channel: Channel, batch: Sequence[Claimed], now: dt.datetime, link: Callable[[str], str]
) -> Mapping[int, Content]:
    """Return what each row's port needs, by the row's id."""
    if channel is Channel.SUBSCRIBE:
        general = [message for message in batch if message.topic == notices.NOTICE]
        about_tickets = [message for message in batch if message.topic != notices.NOTICE]
        messages = deliveries.subscribe_messages(session, about_tickets) if about_tickets else {}
        return messages | (notices.subscribe_messages(session, general) if general else {})
    collect: Mapping[Channel, Callable[[], Mapping[int, Content]]] = {
        Channel.CARD: lambda: cards.updates(session, batch, now=now),
        Channel.CHECK: lambda: checking.questions(session, batch, link),
        Channel.CODE: lambda: ways.errands(session, batch, now=now),
        Channel.FILE: lambda: {message.id: Removal(message.payload["key"]) for message in batch},
        Channel.MASS: lambda: mass_sending.errands(session, batch),
        Channel.SHIPPING: lambda: shipping.uploads(session, batch, now=now),
    }
    return collect[channel]()


def in_turn(parcels: Sequence[Parcel]) -> list[list[Parcel]]:
    """Group parcels that must go one after the other: WeChat takes no two messages to one person at once (43108)."""
    turns: dict[tuple[Channel, int | None], list[Parcel]] = {}
    for parcel in parcels:
        message = parcel.message
        alone = message.channel is not Channel.SUBSCRIBE or message.subject_id is None
        key = (message.channel, -message.id if alone else message.subject_id)
        turns.setdefault(key, []).append(parcel)
    return list(turns.values())


def send_in_turn(parcels: Sequence[Parcel], gateways: Gateways) -> list[Result]:
    """Call the port for each, one after the other."""
    return [send(parcel, gateways) for parcel in parcels]


def send(parcel: Parcel, gateways: Gateways) -> Result:
    """Call the port.  Never raises: one message that breaks must not take others with it."""
    answer: Answer = None
    try:
        if isinstance(parcel.content, SubscribeMessage):
            gateways.messages.send(parcel.content)
        elif isinstance(parcel.content, Question):
            answer = checking.ask(gateways.content, parcel.content)
        elif isinstance(parcel.content, CardUpdate):
            gateways.cards.update(parcel.content)
        elif isinstance(parcel.content, ShippingInfo):
            gateways.shipping.upload(parcel.content)
        elif isinstance(parcel.content, Removal):
            gateways.files.remove(parcel.content.storage_key)
        elif isinstance(parcel.content, Errand):
            answer = ways.run(parcel.content, gateways.codes, gateways.files)
        elif isinstance(parcel.content, (MassDraft, MassReminder, MassLook)):
            answer = mass_sending.run(parcel.content, gateways.mass)
        else:
            return Result(parcel, Rejected("收件人已经不在了。", code=GONE))
    except GatewayError as error:
        return Result(parcel, error)
    except Exception as error:
        log.exception("send.broken", outbox_id=parcel.message.id)
        return Result(parcel, error)
    return Result(parcel, answer=answer)


def settle(session: Session, results: Sequence[Result], *, now: dt.datetime) -> None:
    """Write down how a batch ended: rows, grants, checks."""
    outbox.settle(session, [outcome(result, now) for result in results], now=now)
    subscribe = [result for result in results if result.parcel.message.channel is Channel.SUBSCRIBE]
    grants.settle(
        session,
        spent=[_grant(result) for result in subscribe if result.error is None],
        refused=[_grant(result) for result in subscribe if isinstance(result.error, PersonRefused)],
        now=now,
    )
    if results:
        went_out = [result.error for result in results if result.parcel.content is not None]
        channels.note(session, results[0].parcel.message.channel, went_out, now=now)
    for result in results:
        _settle_check(session, result, now)
        if isinstance(result.answer, Made):
            ways.settle(session, result.parcel.message, result.answer, now=now)
        if isinstance(result.parcel.content, CardUpdate):
            cards.settle(session, result.parcel.message, result.parcel.content, result.error, now=now)
        if isinstance(result.parcel.content, ShippingInfo) and outcome(result, now).state is OutboxState.FAILED:
            shipping.gave_up(session, result.parcel.message, now=now)
        if isinstance(result.parcel.content, (MassDraft, MassLook)):
            _settle_mass(session, result, now)


def _settle_mass(session: Session, result: Result, now: dt.datetime) -> None:
    answer = result.answer if isinstance(result.answer, (MassTaken, dict)) else None
    given_up = result.error is not None and outcome(result, now).retry_at is None
    mass_sending.settle(session, result.parcel.message, answer, result.error, given_up=given_up, now=now)


def _settle_check(session: Session, result: Result, now: dt.datetime) -> None:
    """Write down what a content check was answered; what will never be answered goes to people."""
    message = result.parcel.message
    if message.channel is not Channel.CHECK or message.subject_id is None or result.parcel.content is None:
        return
    if isinstance(result.answer, (Verdict, str)):
        checking.answered(session, message.subject_id, result.answer, now=now)
    elif result.error is not None and outcome(result, now).retry_at is None:
        checking.gave_up(session, message.subject_id, result.error, now=now)


def outcome(result: Result, now: dt.datetime) -> Outcome:
    """Translate a result: sent, refused by the person, hopeless, or to be tried again."""
    message, error = result.parcel.message, result.error
    if error is None:
        return Outcome(message, OutboxState.SENT)
    reason = error.reason if isinstance(error, GatewayError) else type(error).__name__
    if _is_nobodys_fault(message, error):
        log.info("send.refused", outbox_id=message.id, reason=reason)
        return Outcome(message, OutboxState.REFUSED, reason)
    if isinstance(error, Rejected):
        log.error("send.rejected", outbox_id=message.id, reason=reason)
        return Outcome(message, OutboxState.FAILED, reason)
    retry_at = outbox.next_try(message.attempts, now, getattr(error, "retry_after", None))
    if retry_at is None and message.channel is Channel.FILE:
        retry_at = now + outbox.BACK_OFF[-1]  # what law says must go is never given up
    if retry_at is None:
        log.error("send.given_up", outbox_id=message.id, reason=reason, attempts=message.attempts)
        return Outcome(message, OutboxState.FAILED, reason)
    return Outcome(message, OutboxState.WAITING, reason, retry_at)


def _is_nobodys_fault(message: Claimed, error: Exception) -> bool:
    """Whether a message ends here without anybody having to look: it stands in the inbox, or people look anyway."""
    if isinstance(error, PersonRefused):
        return True
    if isinstance(error, Rejected):
        gone = message.channel is Channel.SHIPPING and error.reason == GONE
        return gone or message.channel in {Channel.CHECK, Channel.CARD, Channel.MASS}
    # The day's allowance is used up: tomorrow the message would be stale.
    if not isinstance(error, QuotaExceeded) or message.channel is not Channel.SUBSCRIBE:
        return False
    return error.retry_after is None or error.retry_after > QUOTA_WAITS_MOST


def _grant(result: Result) -> tuple[int, str]:
    message = result.parcel.message
    return message.subject_id or 0, message.topic
