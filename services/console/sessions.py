"""A browser that is signed in: a row of ``sign_in`` with the hash of its cookie.

The row is read at each request, and with it the person's hats: rights that end, end at the next click.
"""

import datetime as dt
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import DeviceKind, SignIn, SignInEnd
from services import audit, sign_in
from services.actors import Actor
from services.errors import NotSignedIn
from services.hats import Worn

TOUCHED = dt.timedelta(minutes=1)
"""The last use is written down to the minute: not every click is a write."""
SIGN_IN_FIRST = "请先登录：用手机扫一扫二维码。"
ENDED = {
    SignInEnd.SIGNED_OUT: "您已经退出了。要接着用，请再扫一次码。",
    SignInEnd.ENDED_ELSEWHERE: "您在别的设备上结束了这台电脑的登录。要接着用，请再扫一次码。",
}
IDLE = "这台电脑有一阵子没人用，为了保护居民的信息，已经自动退出。要接着用，请再扫一次码。"
EXPIRED = "登录的时间到了。要接着用，请再扫一次码。"


@dataclass(frozen=True)
class Lifetimes:
    """How long a browser stays signed in: at most, and without being used."""

    most: dt.timedelta
    idle: dt.timedelta


@dataclass(frozen=True)
class Started:
    """A new sign-in of a browser.  The token goes into its cookie; only the hash is kept."""

    actor: Actor
    token: str


@dataclass(frozen=True)
class Present:
    """Who a browser is signed in as, and whether its use should be written down."""

    actor: Actor
    is_due: bool


def start(
    session: Session,
    *,
    person_id: int,
    account_id: int | None,
    worn: Worn,
    label: str,
    lifetimes: Lifetimes,
    now: dt.datetime,
) -> Started:
    """Sign a browser in; ``worn`` is the hat to wear, ``label`` the browser's name."""
    token = secrets.token_urlsafe(32)
    membership_id, case_key_id = worn
    entry = SignIn(
        device=DeviceKind.CONSOLE,
        label=label,
        account_id=account_id,
        person_id=person_id,
        membership_id=membership_id,
        case_key_id=case_key_id,
        refresh_hash=sign_in.token_hash(token),
        rotated_at=now,
        created_at=now,
        last_seen_at=now,
        idle_until=now + lifetimes.idle,
        expires_at=now + lifetimes.most,
    )
    session.add(entry)
    session.flush()  # the actor needs the new id
    actor = sign_in.actor_of(session, entry, now=now)
    audit.note(
        session,
        actor=actor,
        now=now,
        action="console.signed_in",
        subject=("sign_in", entry.id),
        about_person_id=person_id,
    )
    return Started(actor, token)


def present(session: Session, *, token: str, now: dt.datetime) -> Present:
    """Return who a browser with this token is signed in as.

    Raises ``NotSignedIn``, which says why, for one that is not (any more).
    """
    entry = session.scalar(
        sa.select(SignIn).where(SignIn.refresh_hash == sign_in.token_hash(token), SignIn.device == DeviceKind.CONSOLE)
    )
    if entry is None:
        raise NotSignedIn(SIGN_IN_FIRST)
    if entry.ended_at is not None:
        raise NotSignedIn(ENDED.get(entry.end_reason or SignInEnd.SIGNED_OUT, SIGN_IN_FIRST), code="console_ended")
    if entry.expires_at <= now:
        raise NotSignedIn(EXPIRED, code="console_expired")
    if entry.idle_until is not None and entry.idle_until <= now:
        raise NotSignedIn(IDLE, code="console_idle")
    return Present(sign_in.actor_of(session, entry, now=now), now - entry.last_seen_at >= TOUCHED)


def touch(session: Session, *, actor: Actor, idle: dt.timedelta, now: dt.datetime) -> None:
    """Write down that a browser is being used."""
    session.execute(
        sa.update(SignIn)
        .where(SignIn.id == actor.sign_in_id, SignIn.ended_at.is_(None))
        .values(last_seen_at=now, idle_until=now + idle)
    )
