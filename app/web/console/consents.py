"""Consents of people without a phone: what they agreed to, a signed paper or a spoken word written down, taking back."""

from typing import Any

from flask import redirect

from app import identity, links
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.consents import RecordedConsentBody, WithdrawConsentBody
from app.settings import vault
from app.web.console import pages
from app.web.console.blueprint import ConsoleBlueprint
from app.web.console.forms import form
from services import access
from services.permissions import Permission
from services.privacy import consents, recording
from services.privacy.recording import Proof
from services.reading import places

LIST = "console_consents.listed"
blp = ConsoleBlueprint("consents", __name__)


@blp.get("/persons/<id:person_id>/consents")
@allow(Permission.CONSENT_RECORD)
def listed(person_id: int) -> str:
    """Show what somebody agreed to, and ask what they say now."""
    session, actor, when = db.session(), identity.actor(), now()
    person, neighborhood_id = access.person_for(session, actor, person_id, now=when)
    found = recording.of_person(session, actor=actor, person_id=person_id, vault=vault(), now=when)
    heard = places.duty(session, actor=actor, neighborhood_id=neighborhood_id, now=when)
    witnesses = {
        one["id"]: one["name"] or "没有登记姓名" for one in heard if one["id"] not in {actor.person_id, person_id}
    }
    texts = [(one["text_id"], one["name"]) for one in found if one["can_decline"] and one["kind"] != consents.CHILD]
    return pages.page(
        "consents.html",
        person=person,
        found=found,
        texts=texts,
        witnesses=[("", "写在纸上的不用选"), *witnesses.items()],
    )


@blp.post("/persons/<id:person_id>/consents")
@allow(Permission.CONSENT_RECORD)
@form(RecordedConsentBody, again=listed)
def record(body: dict[str, Any], person_id: int) -> Any:
    """Write down what somebody said."""
    text_id, given = body.pop("text_id"), body.pop("given")
    recording.record(
        db.session(),
        actor=identity.actor(),
        person_id=person_id,
        text_id=text_id,
        given=given,
        proof=Proof(**body),
        vault=vault(),
        now=now(),
    )
    return pages.go(LIST, "记下了，本人会收到消息。", person_id=person_id)


@blp.post("/persons/<id:person_id>/consents/withdraw")
@allow(Permission.CONSENT_RECORD)
@form(WithdrawConsentBody, again=listed)
def withdraw(body: dict[str, Any], person_id: int) -> Any:
    """Take a consent back for somebody who called or came."""
    recording.withdraw(db.session(), actor=identity.actor(), person_id=person_id, vault=vault(), now=now(), **body)
    return pages.go(LIST, "收回了，马上不再用。", person_id=person_id)


@blp.post("/persons/<id:person_id>/consents/<id:consent_id>/paper")
@allow(Permission.CONSENT_RECORD)
def paper(person_id: int, consent_id: int) -> Any:
    """Show the photo of a signed paper; the person reads who looked."""
    token = recording.open_paper(
        db.session(), actor=identity.actor(), person_id=person_id, consent_id=consent_id, vault=vault(), now=now()
    )
    return redirect(links.photo(token, now=now()), 303)
