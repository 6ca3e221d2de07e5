"""Consents: the texts, one's own answers, answers written down for others, and children."""

from typing import Any

from app import identity, links
from app.api.answers import now
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow, public
from app.schemas.consents import (
    ChildBody,
    ChildConsentBody,
    ChildOut,
    ConsentBody,
    ConsentIdOut,
    ConsentsOut,
    DeclareChildBody,
    NoticeOut,
    PaperOut,
    RecordedChildBody,
    RecordedConsentBody,
    WithdrawConsentBody,
)
from app.settings import vault
from models import Consent, Person
from services.permissions import Permission
from services.privacy import consents, minors, recording, withdrawing
from services.privacy.minors import Child
from services.privacy.recording import Proof

blp = ApiBlueprint("consents", __name__, url_prefix="/api/v1", description="Consents and the privacy notice")


@blp.get("/privacy-notice")
@public()
@blp.doc(security=[])
@blp.response(200, NoticeOut)
def notice() -> dict[str, Any]:
    """The privacy notice and all texts of consents in force."""
    return {"items": consents.texts(db.session(), now=now())}


@blp.get("/me/consents")
@allow(Permission.ME_READ)
@blp.response(200, ConsentsOut)
def mine() -> dict[str, Any]:
    """What I agreed to.  At the first start show those with `ask` and `asked_at_start`."""
    return {"items": consents.standing(db.session(), person_id=identity.actor().person_id, now=now())}


@blp.post("/me/consents")
@allow(Permission.ME_WRITE)
@blp.arguments(ConsentBody)
@blp.response(201, ConsentIdOut)
def answer(body: dict[str, Any]) -> Consent:
    """My yes or no to the text that I was shown."""
    return consents.answer(db.session(), actor=identity.actor(), now=now(), **body)


@blp.post("/me/consents/withdraw")
@allow(Permission.ME_WRITE)
@blp.arguments(WithdrawConsentBody)
@blp.response(200, ConsentIdOut)
def withdraw(body: dict[str, Any]) -> Consent:
    """I take my consent back; whatever rests on it ends now."""
    actor = identity.actor()
    return withdrawing.withdraw(db.session(), actor=actor, about_person_id=actor.person_id, now=now(), **body)


@blp.post("/me/children")
@allow(Permission.ME_WRITE)
@blp.arguments(ChildBody)
@blp.response(201, ChildOut)
def add_child(body: dict[str, Any]) -> Person:
    """A child of my household, and my consent as its guardian."""
    text_id = body.pop("text_id")
    return minors.register(
        db.session(), actor=identity.actor(), child=Child(**body), text_id=text_id, vault=vault(), now=now()
    )


@blp.post("/me/children/declare")
@allow(Permission.ME_WRITE)
@blp.arguments(DeclareChildBody)
@blp.response(200, ChildOut)
def declare_child(body: dict[str, Any]) -> Person:
    """Somebody who is written down in my household is a child; my consent as its guardian."""
    return minors.declare(db.session(), actor=identity.actor(), now=now(), **body)


@blp.post("/me/children/forget")
@allow(Permission.ME_WRITE)
@blp.arguments(ChildConsentBody)
@blp.response(200, ConsentIdOut)
def forget_child(body: dict[str, Any]) -> Consent:
    """I take my consent for a child back: its data are erased now."""
    return withdrawing.for_child(db.session(), actor=identity.actor(), now=now(), **body)


@blp.get("/persons/<id:person_id>/consents")
@allow(Permission.CONSENT_RECORD)
@blp.response(200, ConsentsOut)
def of_person(person_id: int) -> dict[str, Any]:
    """What somebody agreed to."""
    rows = recording.of_person(db.session(), actor=identity.actor(), person_id=person_id, vault=vault(), now=now())
    return {"items": rows}


@blp.post("/persons/<id:person_id>/consents")
@allow(Permission.CONSENT_RECORD)
@blp.arguments(RecordedConsentBody)
@blp.response(201, ConsentIdOut)
def record(body: dict[str, Any], person_id: int) -> Consent:
    """Write down what somebody said: on paper, or spoken before a witness."""
    text_id, given = body.pop("text_id"), body.pop("given")
    return recording.record(
        db.session(),
        actor=identity.actor(),
        person_id=person_id,
        text_id=text_id,
        given=given,
        proof=Proof(**body),
        vault=vault(),
        now=now(),
    )


@blp.post("/persons/<id:person_id>/consents/<id:consent_id>/paper")
@allow(Permission.CONSENT_RECORD)
@blp.response(200, PaperOut)
def open_paper(person_id: int, consent_id: int) -> dict[str, str]:
    """See the photo of a signed paper; the person reads who looked."""
    token = recording.open_paper(
        db.session(), actor=identity.actor(), person_id=person_id, consent_id=consent_id, vault=vault(), now=now()
    )
    return {"photo": links.photo(token, now=now())}


@blp.post("/persons/<id:person_id>/children")
@allow(Permission.CONSENT_RECORD)
@blp.arguments(RecordedChildBody)
@blp.response(201, ChildOut)
def add_child_for(body: dict[str, Any], person_id: int) -> Person:
    """A child of somebody's household, and that person's consent as its guardian: on paper, or spoken."""
    child = Child(**{name: body.pop(name) for name in ("home_id", "name", "born")})
    text_id = body.pop("text_id")
    return minors.register_for(
        db.session(),
        actor=identity.actor(),
        guardian_id=person_id,
        child=child,
        text_id=text_id,
        proof=Proof(**body),
        vault=vault(),
        now=now(),
    )


@blp.post("/persons/<id:person_id>/consents/withdraw")
@allow(Permission.CONSENT_RECORD)
@blp.arguments(WithdrawConsentBody)
@blp.response(200, ConsentIdOut)
def withdraw_for(body: dict[str, Any], person_id: int) -> Consent:
    """Take a consent back for somebody who called or came."""
    return recording.withdraw(
        db.session(), actor=identity.actor(), person_id=person_id, vault=vault(), now=now(), **body
    )
