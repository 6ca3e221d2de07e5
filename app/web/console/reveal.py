"""Reading a name, a phone or an ID number in full, for a stated purpose."""

from typing import Any

from app import identity
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.revealing import RevealBody
from app.settings import vault
from app.web.console import pages
from app.web.console.blueprint import ConsoleBlueprint
from app.web.console.forms import form
from services import access, revealing
from services.permissions import Permission
from services.revealing import FIELD_NAMES, Revealed, Why

blp = ConsoleBlueprint("reveal", __name__)


@blp.get("/persons/<id:person_id>/reveal")
@allow(Permission.PERSON_REVEAL)
def ask(person_id: int) -> str:
    """Ask what is to be shown, and what for."""
    return _page(person_id, None)


@blp.post("/persons/<id:person_id>/reveal")
@allow(Permission.PERSON_REVEAL)
@form(RevealBody, again=ask)
def show(body: dict[str, Any], person_id: int) -> str:
    """Show it, on record.  In this answer only: nothing of it is in an address or kept by the browser."""
    shown = revealing.reveal_person(
        db.session(),
        actor=identity.actor(),
        person_id=person_id,
        fields=body["fields"],
        why=Why(body["purpose"], body.get("words")),
        vault=vault(),
        now=now(),
    )
    return _page(person_id, shown)


def _page(person_id: int, shown: Revealed | None) -> str:
    session, when = db.session(), now()
    person, neighborhood_id = access.person_for(session, identity.actor(), person_id, now=when)
    cards = [revealing.card(one) for one in revealing.purposes(session, now=when)]
    choices = [("", "请选一个"), *((one["code"], one["name"]) for one in cards)]
    return pages.page(
        "reveal.html", person=person, neighborhood_id=neighborhood_id, choices=choices, names=FIELD_NAMES, shown=shown
    )
