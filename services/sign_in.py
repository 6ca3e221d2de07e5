"""Signing in: a WeChat identity becomes a person with hats, and a device that may stay signed in.

A sign-in is a row with the hash of a refresh token, which changes at each use.  The token before the last one is still
accepted for a minute, because on a bad line the answer with the new token may never have arrived; later it means that
somebody copied it, and the sign-in ends.
"""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import (
    DeviceKind,
    Home,
    HomeRight,
    Mandate,
    Person,
    Right,
    SignIn,
    SignInEnd,
    WeChatAccount,
)
from services import acting, rights
from services.actors import RESIDENT_HAT, Actor, Dwelling
from services.errors import NotSignedIn
from services.hats import check_own, hats_of, which
from services.ports import WeChatIdentity
from services.terms import in_force
from services.vault import Vault

GRACE = dt.timedelta(minutes=1)
SIGN_IN_AGAIN = "登录已过期，请关掉小程序再打开一次。"


@dataclass(frozen=True)
class SignedIn:
    """What a device gets: who it acts as, and the token by which it stays signed in (shown once, kept as a hash)."""

    actor: Actor
    refresh_token: str


def sign_in(
    session: Session, *, identity: WeChatIdentity, appid: str, vault: Vault, now: dt.datetime, lifetime: dt.timedelta
) -> SignedIn:
    """Start a sign-in for a WeChat identity; a newcomer becomes a person without a name."""
    account = _account(session, identity, appid=appid, now=now)
    account.session_key_sealed = vault.seal(identity.session_key, "wechat.session_key")
    account.unionid = identity.unionid
    account.last_seen_at = now
    membership_id, case_key_id = which(hats_of(session, account.person_id, now)[0])
    token = secrets.token_urlsafe(32)
    entry = SignIn(
        account_id=account.id,
        person_id=account.person_id,
        membership_id=membership_id,
        case_key_id=case_key_id,
        refresh_hash=token_hash(token),
        rotated_at=now,
        created_at=now,
        last_seen_at=now,
        expires_at=now + lifetime,
    )
    session.add(entry)
    session.flush()  # the token needs the new id
    return SignedIn(actor_of(session, entry, now=now), token)


def refresh(session: Session, *, token: str, now: dt.datetime) -> SignedIn | None:
    """Exchange a refresh token for a new one and a fresh look at the person's hats.

    Returns nothing when the token is not good (any more); the caller must still commit, because a copied token ends the
    sign-in it belonged to.
    """
    hashed = token_hash(token)
    entry = session.scalar(
        sa.select(SignIn)
        .where(
            sa.or_(SignIn.refresh_hash == hashed, SignIn.previous_hash == hashed),
            SignIn.device == DeviceKind.PHONE,  # a browser's cookie is good for the console only
        )
        .with_for_update()
    )
    if entry is None or entry.ended_at is not None or entry.expires_at <= now:
        return None
    if entry.refresh_hash != hashed and now - entry.rotated_at > GRACE:
        entry.ended_at, entry.end_reason = now, SignInEnd.COPIED
        rights.changed(session, person_ids=[entry.person_id], now=now)
        return None
    fresh = secrets.token_urlsafe(32)
    if entry.refresh_hash == hashed:
        entry.rotated_at = now  # the old token's minute is never prolonged by using it
    entry.previous_hash, entry.refresh_hash = hashed, token_hash(fresh)
    entry.last_seen_at = now
    return SignedIn(actor_of(session, entry, now=now), fresh)


def sign_out(session: Session, *, actor: Actor, now: dt.datetime) -> None:
    """End the actor's sign-in: its tokens are worthless from now on.  The person's other devices fetch new ones."""
    session.execute(
        sa.update(SignIn)
        .where(SignIn.id == actor.sign_in_id, SignIn.ended_at.is_(None))
        .values(ended_at=now, end_reason=SignInEnd.SIGNED_OUT)
    )
    rights.changed(session, person_ids=[actor.doer_id], now=now)


def change_hat(
    session: Session, *, actor: Actor, membership_id: int | None, now: dt.datetime, case_key_id: int | None = None
) -> Actor:
    """Put on another hat of the same person: of a membership, or of a key; neither means the resident's.

    Raises ``WrongHat`` when the person does not have it (any more).
    """
    entry = open_entry(session, actor)
    check_own(session, person_id=entry.person_id, worn=(membership_id, case_key_id), now=now)
    entry.membership_id, entry.case_key_id, entry.mandate_id = membership_id, case_key_id, None
    return actor_of(session, entry, now=now)


def open_entry(session: Session, actor: Actor) -> SignIn:
    """Return the sign-in of an actor.  Raises ``NotSignedIn`` when it was ended."""
    entry = session.get_one(SignIn, actor.sign_in_id)
    if entry.ended_at is not None:
        raise NotSignedIn(SIGN_IN_AGAIN, code="token_ended")
    return entry


def actor_again(session: Session, actor: Actor, *, now: dt.datetime, anew: bool = False) -> Actor:
    """Look again at who an actor is and what they have: an invitation may just have changed both.

    ``anew`` puts on the hat with which they would sign in: somebody invited to work wants to work.
    Raises ``NotSignedIn`` when the sign-in has ended: its token must not be exchanged for another.
    """
    session.flush()  # or what the invitation has just changed would be forgotten
    session.expire_all()
    entry = open_entry(session, actor)
    if anew:
        entry.membership_id, entry.case_key_id = which(hats_of(session, entry.person_id, now)[0])
    return actor_of(session, entry, now=now)


def actor_of(session: Session, entry: SignIn, *, now: dt.datetime) -> Actor:
    """Return who a sign-in stands for: its person, or the one they are acting for as long as that mandate counts."""
    mandate = session.get(Mandate, entry.mandate_id) if entry.mandate_id is not None else None
    if mandate is None:
        return actor_of_person(session, entry, now=now)
    generation = rights.generation_of(session, mandate.principal_id)
    agent_generation = rights.generation_of(session, entry.person_id)
    found = acting.acting_by(session, mandate_id=mandate.id, agent_id=entry.person_id, now=now)
    if found is None:
        return actor_of_person(session, entry, now=now)
    return Actor(
        person_id=found.principal_id,
        account_id=entry.account_id,
        sign_in_id=entry.id,
        hat=found.hat,
        dwellings=_dwellings(session, found.principal_id, now, found.neighborhood_id),
        generation=generation,
        agent_id=entry.person_id,
        mandate_id=found.mandate_id,
        agent_generation=agent_generation,
    )


def actor_of_person(session: Session, entry: SignIn, *, now: dt.datetime) -> Actor:
    """Return the person of a sign-in with the hat that is on; a hat that has ended falls back to the resident's."""
    generation = rights.generation_of(session, entry.person_id)
    worn = (entry.membership_id, entry.case_key_id)
    hat = next((hat for hat in hats_of(session, entry.person_id, now) if which(hat) == worn), RESIDENT_HAT)
    return Actor(
        person_id=entry.person_id,
        account_id=entry.account_id,
        sign_in_id=entry.id,
        hat=hat,
        dwellings=_dwellings(session, entry.person_id, now),
        generation=generation,
    )


def _dwellings(
    session: Session, person_id: int, now: dt.datetime, neighborhood_id: int | None = None
) -> tuple[Dwelling, ...]:
    """Return the homes of a person, or those in one neighborhood."""
    query = (
        sa.select(Home.id, Home.building_id, Home.neighborhood_id)
        .join(HomeRight, HomeRight.home_id == Home.id)
        .where(
            HomeRight.person_id == person_id,
            HomeRight.right == Right.TICKET,
            in_force(HomeRight.starts_at, HomeRight.ends_at, now),
        )
        .order_by(Home.id)
    )
    if neighborhood_id is not None:
        query = query.where(Home.neighborhood_id == neighborhood_id)
    return tuple(Dwelling(*row) for row in session.execute(query))


def _account(session: Session, identity: WeChatIdentity, *, appid: str, now: dt.datetime) -> WeChatAccount:
    query = sa.select(WeChatAccount).where(WeChatAccount.appid == appid, WeChatAccount.openid == identity.openid)
    account = session.scalar(query)
    if account is not None:
        return account
    try:
        with session.begin_nested():
            person = Person(created_at=now)
            session.add(person)
            session.flush()  # the account needs the person's id
            account = WeChatAccount(
                person_id=person.id, appid=appid, openid=identity.openid, created_at=now, last_seen_at=now
            )
            session.add(account)
            session.flush()  # the sign-in needs the account's id
            return account
    except IntegrityError:  # the same newcomer tapped twice, and the other request was first
        return session.scalars(query).one()


def token_hash(token: str) -> str:
    """Return what is kept of a token that a device shows."""
    # The token has 256 random bits, so a plain hash cannot be turned back.
    return hashlib.sha256(token.encode()).hexdigest()
