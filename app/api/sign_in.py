"""Signing in, hats, one's own person, and invitations."""

import datetime as dt
from typing import Any

from app import errors, identity
from app.api.answers import now
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow, public
from app.hats import described
from app.schemas.mandates import ActingBody
from app.schemas.sign_in import (
    HatBody,
    InvitationBody,
    InvitationOut,
    MeBody,
    MeOut,
    RedeemBody,
    RefreshBody,
    SignInBody,
    TokenOut,
)
from app.settings import gateways, settings, vault
from app.transaction import transaction
from models import Person
from services import acting, people, sign_in
from services.actors import Actor
from services.errors import NotSignedIn
from services.hats import hats_of
from services.mandates import using
from services.permissions import Permission
from services.residencies import invitations

blp = ApiBlueprint("sign_in", __name__, url_prefix="/api/v1", description="Signing in and oneself")


@blp.post("/sign-in")
@public(own_transactions=True)
@blp.doc(security=[])
@blp.arguments(SignInBody)
@blp.response(200, TokenOut)
def start(body: dict[str, Any]) -> dict[str, Any]:
    """Exchange the code of `wx.login` for tokens.  WeChat is asked first, the database only then."""
    known = gateways().login.exchange(body["code"])
    with transaction() as session:
        signed_in = sign_in.sign_in(
            session,
            identity=known,
            appid=settings().wechat.appid,
            vault=vault(),
            now=now(),
            lifetime=dt.timedelta(days=settings().refresh_days),
        )
    return _tokens(signed_in.actor, signed_in.refresh_token)


@blp.post("/sign-in/refresh")
@public()
@blp.doc(security=[])
@blp.arguments(RefreshBody)
@blp.response(200, TokenOut)
def refresh(body: dict[str, Any]) -> Any:
    """Exchange a refresh token for fresh tokens; the old one is worthless after a minute."""
    signed_in = sign_in.refresh(db.session(), token=body["refresh_token"], now=now())
    if signed_in is None:
        # Answered, not raised: a copied token has just ended its sign-in, and that must be kept.
        return errors.answer(NotSignedIn(sign_in.SIGN_IN_AGAIN, code="token_ended"))
    return _tokens(signed_in.actor, signed_in.refresh_token)


@blp.post("/sign-out")
@allow(Permission.SIGN_OUT)
@blp.response(204)
def end() -> None:
    """End this sign-in."""
    sign_in.sign_out(db.session(), actor=identity.actor(), now=now())


@blp.get("/me")
@allow(Permission.ME_READ)
@blp.response(200, MeOut)
def me() -> dict[str, Any]:
    """Who I am, and which hats I have."""
    return as_me(people.me(db.session(), actor=identity.actor()))


@blp.patch("/me")
@allow(Permission.ME_WRITE)
@blp.arguments(MeBody)
@blp.response(200, MeOut)
def change_me(body: dict[str, Any]) -> dict[str, Any]:
    """Set my name or phone."""
    person = people.change_me(
        db.session(), actor=identity.actor(), vault=vault(), name=body.get("name"), phone=body.get("phone")
    )
    return as_me(person)


@blp.post("/me/hat")
@allow(Permission.ME_WRITE)
@blp.arguments(HatBody)
@blp.response(200, TokenOut)
def put_on(body: dict[str, Any]) -> dict[str, Any]:
    """Put on another of my hats; use the new access token from now on."""
    actor = sign_in.change_hat(db.session(), actor=identity.actor(), now=now(), **body)
    return _tokens(actor, None)


@blp.post("/me/acting")
@allow(Permission.MANDATE_ACT)
@blp.arguments(ActingBody)
@blp.response(200, TokenOut)
def act_for(body: dict[str, Any]) -> dict[str, Any]:
    """Act for somebody by a mandate of mine, or (null) be myself again; use the new access token from now on."""
    return _tokens(using.act_for(db.session(), actor=identity.actor(), now=now(), **body), None)


@blp.post("/invitations")
@allow(Permission.HOME_INVITE)
@blp.arguments(InvitationBody)
@blp.response(201, InvitationOut)
def invite(body: dict[str, Any]) -> dict[str, Any]:
    """Make a code that binds a phone to a home."""
    made = invitations.invite(
        db.session(),
        actor=identity.actor(),
        home_id=body["home_id"],
        kind=body["kind"],
        person_id=body.get("person_id"),
        now=now(),
    )
    return {"code": made.code, "expires_at": made.invitation.expires_at}


@blp.post("/invitations/redeem")
@allow(Permission.INVITATION_REDEEM)
@blp.arguments(RedeemBody)
@blp.response(200, TokenOut)
def redeem(body: dict[str, Any]) -> dict[str, Any]:
    """Enter a code from the station; use the new access token from now on."""
    session = db.session()
    used = invitations.redeem(session, actor=identity.actor(), code=body["code"], now=now())
    to_work = used.home_id is None
    return _tokens(sign_in.actor_again(session, identity.actor(), now=now(), anew=to_work), None)


def _tokens(actor: Actor, refresh_token: str | None) -> dict[str, Any]:
    lifetime = dt.timedelta(minutes=settings().access_minutes)
    return {
        "access_token": identity.issue(actor, now=now(), lifetime=lifetime),
        "refresh_token": refresh_token,
        "expires_in": int(lifetime.total_seconds()),
        "person_id": actor.person_id,
        "hat": described(actor.hat),
        "acting": _acting(actor),
    }


def _acting(actor: Actor) -> dict[str, Any] | None:
    """Return for whom an actor acts.  Only tokens made within a transaction can be for somebody else."""
    if actor.mandate_id is None or actor.agent_id is None:
        return None
    found = acting.acting_by(db.session(), mandate_id=actor.mandate_id, agent_id=actor.agent_id, now=now())
    return acting.card(found) if found else None


def as_me(person: Person) -> dict[str, Any]:
    """Return a person as they see themselves."""
    actor = identity.actor()
    hats = hats_of(db.session(), person.id, now())
    return {
        "person_id": person.id,
        "name": person.name_masked,
        "known_as": person.known_as,
        "phone": person.phone_masked,
        "hat": described(next((hat for hat in hats if hat == actor.hat), actor.hat)),
        "hats": [described(hat) for hat in hats],
        "sandbox": settings().wechat.is_sandbox,
    }
