"""Access tokens: a signed statement of who acts in which hat, so that a request reads no row to know it.

They live ten minutes, or until the person's rights are changed (``app.freshness``).  The refresh token, which lives long,
is a row that can be ended (``services.sign_in``).
"""

import datetime as dt
import functools
from typing import Any, cast

import orjson
from flask import Flask, current_app, g, request
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from app.freshness import Freshness
from models import Role
from services.actors import Actor, CaseScope, Dwelling, Hat
from services.errors import NotSignedIn
from services.permissions import Permission

KEY = "wuyou_token_key"
OPENED = "wuyou_opened_tokens"
FRESHNESS = "wuyou_freshness"
HEADER = {"alg": "HS256"}
SIGN_IN_FIRST = "请先登录。如果是在小程序里，请关掉再打开一次。"
CHANGED = "您的身份刚有变化，请重新登录一次。"
EXPIRED = "登录时间到了，请重新登录一次。"


def configure(app: Flask, token_key: str) -> None:
    """Prepare the key that signs tokens."""
    key = OctKey.import_key(token_key)
    app.extensions[KEY] = key
    app.extensions[FRESHNESS] = Freshness()
    # A phone shows the same token many times in its ten minutes: what it says is worth remembering, never that it is valid.
    app.extensions[OPENED] = functools.lru_cache(maxsize=4096)(functools.partial(_open, key))


def issue(actor: Actor, *, now: dt.datetime, lifetime: dt.timedelta) -> str:
    """Return an access token for an actor."""
    hat, case = actor.hat, actor.hat.case
    claims = {
        "sub": actor.person_id,
        "acc": actor.account_id,
        "sid": actor.sign_in_id,
        "hat": [hat.role, hat.membership_id, hat.unit_id, hat.unit_path, hat.neighborhood_id],
        "may": None if hat.permissions is None else sorted(hat.permissions),
        "case": [case.key_id, case.subject_kind, case.subject_id] if case else None,
        "gen": actor.generation,
        "agt": None if actor.agent_id is None else [actor.agent_id, actor.mandate_id, actor.agent_generation],
        "homes": [[home.home_id, home.building_id, home.neighborhood_id] for home in actor.dwellings],
        # A term or a key ends on its day, not when the token that was made before does.
        "exp": int(min(now + lifetime, hat.ends_at or now + lifetime).timestamp()),
    }
    return jws.serialize_compact(HEADER, orjson.dumps(claims), current_app.extensions[KEY])


def read(token: str, *, now: dt.datetime) -> Actor:
    """Return the actor of a token.  Raises ``NotSignedIn`` for a forged, broken or expired one."""
    try:
        present, expires = cast(tuple[Actor, float], current_app.extensions[OPENED](token))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise NotSignedIn(SIGN_IN_FIRST, code="token_invalid") from error
    if expires <= now.timestamp():
        raise NotSignedIn(EXPIRED, code="token_expired")
    return present


def _open(key: OctKey, token: str) -> tuple[Actor, float]:
    """Return who a token names and when it ends.  Raises on a forged or broken one."""
    claims: dict[str, Any] = orjson.loads(jws.deserialize_compact(token, key, algorithms=["HS256"]).payload)
    role, membership_id, unit_id, unit_path, neighborhood_id = claims["hat"]
    permissions, case = _permissions(claims["may"]), _case(claims["case"])
    agent_id, mandate_id, agent_generation = claims["agt"] or (None, None, 0)
    actor = Actor(
        person_id=claims["sub"],
        account_id=claims["acc"],
        sign_in_id=claims["sid"],
        hat=Hat(Role(role), membership_id, unit_id, unit_path, neighborhood_id, permissions, case),
        dwellings=tuple(Dwelling(*home) for home in claims["homes"]),
        generation=claims["gen"],
        agent_id=agent_id,
        mandate_id=mandate_id,
        agent_generation=agent_generation,
    )
    return actor, claims["exp"]


def _permissions(claim: list[str] | None) -> frozenset[Permission] | None:
    return None if claim is None else frozenset(map(Permission, claim))


def _case(claim: list[Any] | None) -> CaseScope | None:
    return None if claim is None else CaseScope(*claim)


def actor() -> Actor:
    """Return who makes the present request.  Raises ``NotSignedIn``."""
    if "actor" not in g:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise NotSignedIn(SIGN_IN_FIRST)
        now = dt.datetime.now(dt.UTC)
        found = read(token, now=now)
        stale = current_app.extensions[FRESHNESS].is_stale
        if stale(found.person_id, found.generation, now=now) or (
            found.agent_id is not None and stale(found.agent_id, found.agent_generation, now=now)
        ):
            raise NotSignedIn(CHANGED, code="token_stale")
        g.actor = found
    present: Actor = g.actor
    return present
