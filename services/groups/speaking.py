"""A robot's turn carried out: the posts one after the other, and what each answer means for the messages and the group."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from models import Channel, GroupBinding, OutboxState
from services import channels, outbox
from services.errors import GatewayError, QuotaExceeded, Rejected
from services.group_ports import Markdown
from services.groups import pacing, switching
from services.groups.pacing import Post, Turn
from services.groups.switching import ROBOT_GONE
from services.outbox import Outcome
from services.ports import Gateways

WAITS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 2, 5, 10))
"""A robot whose first message does not get through stays silent for so long, the last wait again and again."""
MOST_TRIES = 40
"""More than six hours.  It ends one message, not the queue: behind it the next one gets as many."""
MOST_TRIES_OF_OURS = 3
"""Where our own code breaks on a message, waiting helps little, and the others behind it are waiting too."""
log = structlog.get_logger(__name__)


@dataclass
class Spoken:
    """How a turn went: the posts that were tried, each with its error or none; the others were not."""

    turn: Turn
    tried: list[tuple[Post, Exception | None]] = field(default_factory=list)

    @property
    def untried(self) -> Sequence[Post]:
        """The posts it did not come to."""
        return self.turn.posts[len(self.tried) :]


def speak(turn: Turn, gateways: Gateways) -> Spoken:
    """Post one text after the other, and stop where the robot cannot go on.  Never raises."""
    spoken = Spoken(turn)
    for post in turn.posts:
        error: Exception | None = None
        try:
            gateways.groups.send(turn.robot_key, Markdown(post.markdown))
        except GatewayError as refusal:
            error = refusal
        except Exception as trouble:
            log.exception("group.broken", group_id=turn.group_id)
            error = trouble
        spoken.tried.append((post, error))
        if error is not None and not _ends_here(post, error):
            break
    return spoken


def settle(session: Session, spoken: Spoken, *, now: dt.datetime) -> None:
    """Write down how a turn went.  Order is kept: what comes after a message that is tried again waits for it."""
    turn = spoken.turn
    outcomes = [Outcome(message, OutboxState.FAILED, "recipient_gone") for message in turn.gone]
    for post, error in spoken.tried:
        outcomes += _outcomes(post, error, now)
    outbox.settle(session, outcomes, now=now)
    pacing.give_back(session, [post for post, _ in spoken.tried], called=True, now=now)
    pacing.give_back(session, spoken.untried, called=False, now=now)
    pacing.put_back(session, [message for post in spoken.untried for message in post.messages], now=now)
    errors = [error for _, error in spoken.tried]
    channels.note(session, Channel.ROBOT, errors, now=now)
    _note(session, turn.group_id, errors, [outcome.retry_at for outcome in outcomes if outcome.retry_at], now)
    if any(_is_gone(error) for error in errors):
        switching.robot_is_gone(session, turn.group_id, now=now)


def _note(
    session: Session, group_id: int, errors: Sequence[Exception | None], waits: Sequence[dt.datetime], now: dt.datetime
) -> None:
    """Write down how the group does, and until when its robot stays silent."""
    if not errors:
        return
    values: dict[str, object] = {"next_turn_at": max(waits)} if waits else {}
    if None in errors:
        values |= {"last_ok_at": now, "failing_since": None, "last_error": None}
    if errors[-1] is not None and (not isinstance(errors[-1], Rejected) or _is_gone(errors[-1])):
        since = now if None in errors else sa.func.coalesce(GroupBinding.failing_since, now)
        values |= {"failing_since": since, "last_error": _reason(errors[-1])}
    if values:
        change = sa.update(GroupBinding).where(GroupBinding.id == group_id).values(values)
        session.execute(change.execution_options(synchronize_session=False))


def _outcomes(post: Post, error: Exception | None, now: dt.datetime) -> list[Outcome]:
    """Return what becomes of each message of a post."""
    if error is None:
        return [Outcome(message, OutboxState.SENT) for message in post.messages]
    reason = _reason(error)
    if _is_gone(error):
        return [Outcome(message, OutboxState.REFUSED, reason) for message in post.messages]
    if isinstance(error, Rejected) and len(post.messages) > 1:
        # One of them is at fault.  Tried before, they go out alone from now on, and it will be seen which.
        return [Outcome(message, OutboxState.WAITING, reason, now) for message in post.messages]
    attempts = post.messages[0].attempts
    retry_at = None if isinstance(error, Rejected) else next_try(error, attempts, now)
    if retry_at is None:
        log.error("group.given_up", outbox_ids=[message.id for message in post.messages], reason=reason)
        return [Outcome(message, OutboxState.FAILED, reason) for message in post.messages]
    return [Outcome(message, OutboxState.WAITING, reason, retry_at) for message in post.messages]


def next_try(error: Exception, attempts: int, now: dt.datetime) -> dt.datetime | None:
    """Return when a robot may try again after so many attempts, or nothing when this message is given up."""
    if isinstance(error, QuotaExceeded):
        return now + dt.timedelta(seconds=error.retry_after or pacing.WINDOW.total_seconds())
    if attempts >= (MOST_TRIES if isinstance(error, GatewayError) else MOST_TRIES_OF_OURS):
        return None
    return now + WAITS[min(attempts, len(WAITS)) - 1]


def _ends_here(post: Post, error: Exception) -> bool:
    """Whether an error ends a single message and says nothing about those behind it."""
    return isinstance(error, Rejected) and not _is_gone(error) and len(post.messages) == 1


def _is_gone(error: Exception | None) -> bool:
    return isinstance(error, Rejected) and error.reason == ROBOT_GONE


def _reason(error: Exception | None) -> str:
    return error.reason if isinstance(error, GatewayError) else type(error).__name__
