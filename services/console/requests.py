"""Signing in at the console by scanning: the browser asks, the phone says yes, the browser fetches its sign-in.

The code in the QR code says nothing and is good for two minutes.  Only the browser that asked can fetch the sign-in: it
keeps a secret from which the code is derived and which is not in the QR code.  Only the person who scanned can say yes.
"""

import datetime as dt
import enum
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ConsoleRequest
from models import ConsoleRequestState as State
from services import audit, sign_in
from services.actors import Actor, Hat
from services.console.sessions import Lifetimes, Started, start
from services.errors import Conflict, NotFound, WrongHat
from services.hats import check_own, hats_of
from services.residencies.invitations import ALPHABET, CODE_LENGTH, code_hash

VALID_FOR = dt.timedelta(minutes=2)
FETCH_WITHIN = dt.timedelta(minutes=1)
"""Further time for the browser, when the yes comes in the last second."""
KEPT = dt.timedelta(days=1)
CODE_UNKNOWN = "这个码不对，或者已经过期了（两分钟内有效）。请看电脑上现在显示的码，再扫一次。"
OWN_HANDS = "电脑上的登录要本人用自己的手机确认，不能代办。"


class Action(enum.StrEnum):
    """What may happen to a request."""

    LOOK = "look"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    FETCH = "fetch"


MOVES: Mapping[tuple[State, Action], State] = {
    (State.WAITING, Action.LOOK): State.SEEN,
    (State.SEEN, Action.LOOK): State.SEEN,
    (State.SEEN, Action.CONFIRM): State.CONFIRMED,
    (State.SEEN, Action.REFUSE): State.REFUSED,
    (State.CONFIRMED, Action.FETCH): State.USED,
}
FORBIDS: Mapping[State, str] = {
    State.WAITING: "请先用手机扫电脑上的码。",
    State.SEEN: "手机上还没有确认。请在手机上点“确认登录”。",
    State.CONFIRMED: "这个码已经确认过了。请看电脑，那边就要进去了。",
    State.REFUSED: "这次登录在手机上没有同意。要登录，请在电脑上换一个码再扫。",
    State.USED: "这个码已经用过了。要再登录，请在电脑上换一个码再扫。",
}


@dataclass(frozen=True)
class Asked:
    """A new request: the browser's secret for its cookie, and the code for the QR code."""

    secret: str
    code: str


@dataclass(frozen=True)
class Standing:
    """Where a browser's request stands."""

    state: State
    code: str


@dataclass(frozen=True)
class Question:
    """What the phone shows before its owner says yes: who asks, from where, since when, and the hats to choose from."""

    browser: str
    address: str
    asked_at: dt.datetime
    expires_at: dt.datetime
    hats: list[Hat]


def ask(session: Session, *, browser: str, address: str, now: dt.datetime) -> Asked:
    """Let a browser ask to be let in."""
    secret = secrets.token_urlsafe(32)
    code = code_of(secret)
    request = ConsoleRequest(
        code_hash=code_hash(code),
        browser_hash=sign_in.token_hash(secret),
        browser=browser,
        address=address,
        state=State.WAITING,
        created_at=now,
        expires_at=now + VALID_FOR,
    )
    session.add(request)
    return Asked(secret, code)


def code_of(secret: str) -> str:
    """Return the code of a request: eight characters that can be read out, from which nobody gets back to the secret."""
    digest = int.from_bytes(hmac.digest(secret.encode(), b"console code", hashlib.sha256))
    letters = []
    for _ in range(CODE_LENGTH):
        digest, place = divmod(digest, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def standing(session: Session, *, secret: str, now: dt.datetime) -> Standing | None:
    """Return where the request of a browser stands; nothing when there is none, or its time is over."""
    request = session.scalar(_of_browser(secret))
    if request is None or _is_over(request, now):
        return None
    return Standing(request.state, code_of(secret))


def look(session: Session, *, actor: Actor, code: str, now: dt.datetime) -> Question:
    """Scan a code: from now on only this person can answer.

    Raises ``NotFound``, and ``Conflict`` for a code that somebody else has scanned or that is used.
    """
    request = _scanned(session, actor, code, now)
    request.state = _moved(request, Action.LOOK)
    request.person_id, request.account_id = actor.person_id, actor.account_id
    hats = hats_of(session, actor.person_id, now)
    return Question(request.browser, request.address, request.created_at, request.expires_at, hats)


def confirm(
    session: Session,
    *,
    actor: Actor,
    code: str,
    membership_id: int | None,
    case_key_id: int | None,
    now: dt.datetime,
) -> None:
    """Say yes, in one of the person's hats.  Raises ``WrongHat`` for a hat that is not theirs."""
    request = _scanned(session, actor, code, now)
    check_own(session, person_id=actor.person_id, worn=(membership_id, case_key_id), now=now)
    request.state = _moved(request, Action.CONFIRM)
    request.membership_id, request.case_key_id = membership_id, case_key_id
    request.answered_at = now


def refuse(session: Session, *, actor: Actor, code: str, now: dt.datetime) -> None:
    """Say no; what asked is written down, because somebody may have tried to trick this person."""
    request = _scanned(session, actor, code, now)
    request.state = _moved(request, Action.REFUSE)
    request.answered_at = now
    audit.note(
        session,
        actor=actor,
        now=now,
        action="console.refused",
        subject=("console_request", request.id),
        about_person_id=actor.person_id,
    )


def fetch(session: Session, *, secret: str, lifetimes: Lifetimes, now: dt.datetime) -> Started:
    """Give the browser that asked its sign-in, once.  Raises ``NotFound`` and ``Conflict``."""
    request = session.scalar(_of_browser(secret).with_for_update())
    if request is None or _is_over(request, now) or request.person_id is None:
        raise NotFound(CODE_UNKNOWN, code="console_code_unknown")
    moved = _moved(request, Action.FETCH)
    started = start(
        session,
        person_id=request.person_id,
        account_id=request.account_id,
        worn=(request.membership_id, request.case_key_id),
        label=request.browser,
        lifetimes=lifetimes,
        now=now,
    )
    request.state, request.sign_in_id = moved, started.actor.sign_in_id
    return started


def _of_browser(secret: str) -> sa.Select[ConsoleRequest]:
    return sa.select(ConsoleRequest).where(ConsoleRequest.browser_hash == sign_in.token_hash(secret))


def _is_over(request: ConsoleRequest, now: dt.datetime) -> bool:
    until = request.expires_at + (FETCH_WITHIN if request.state is State.CONFIRMED else dt.timedelta())
    return until <= now


def _scanned(session: Session, actor: Actor, code: str, now: dt.datetime) -> ConsoleRequest:
    """Return the request of a code that a phone has read."""
    if actor.agent_id is not None:
        raise WrongHat(OWN_HANDS, code="own_hands_only")
    if actor.account_id is None:
        raise Conflict("请用手机上的五有小程序扫码。", code="needs_wechat")
    request = session.scalar(
        sa.select(ConsoleRequest).where(ConsoleRequest.code_hash == code_hash(code_in(code))).with_for_update()
    )
    if request is None or request.expires_at <= now:
        raise NotFound(CODE_UNKNOWN, code="console_code_unknown")
    if request.person_id not in {None, actor.person_id}:
        raise Conflict("这个码别人已经扫过了。请在电脑上换一个码再扫。", code="console_code_taken")
    return request


def code_in(text: str) -> str:
    """Return the code in what was scanned or typed: the address in the QR code, or the eight characters below it."""
    return text.strip().rstrip("/").rsplit("/", 1)[-1]


def _moved(request: ConsoleRequest, action: Action) -> State:
    """Return the state that an action leads to, or raise ``Conflict``."""
    moved = MOVES.get((request.state, action))
    if moved is None:
        raise Conflict(FORBIDS[request.state], code="state_forbids", state=request.state.value)
    return moved


def forget(session: Session, *, now: dt.datetime) -> None:
    """Drop requests after a day: network addresses are nobody's business any more."""
    session.execute(sa.delete(ConsoleRequest).where(ConsoleRequest.created_at < now - KEPT))
