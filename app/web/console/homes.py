"""Finding homes and people by whatever is said on the phone, and a home with who lives there."""

from typing import Any

from app import identity
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.base import BaseSchema, words
from app.schemas.sign_in import InvitationBody
from app.settings import vault
from app.transaction import transaction
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from app.web.console.forms import form
from services.errors import InvalidInput
from services.permissions import Permission
from services.reading import homes, persons
from services.reading.pages import Page, PageRequest
from services.residencies import invitations, lists
from services.residencies.words import RIGHT_NAMES

START = "console_homes.start"
blp = ConsoleBlueprint("homes", __name__, entries=(Entry("找人找房", START, Permission.HOME_LIST),))
NOBODY = Page([], None)


class SearchForm(BaseSchema):
    """What was said, and which further page of homes or people is wanted.  Sent, not in the address: it names people."""

    text = words(32)
    homes_after = words(64, required=False)
    people_after = words(64, required=False)


class InviteForm(InvitationBody):
    """A code for somebody registered in the home of the address."""

    class Meta:
        """What the address says."""

        exclude = ("home_id",)


@blp.get("/homes")
@allow(Permission.HOME_LIST)
def start() -> str:
    """Ask what was said."""
    return pages.page("homes.html", neighborhood_id=asked.neighborhood())


@blp.post("/homes")
@allow(Permission.HOME_LIST, own_transactions=True)
@form(SearchForm, again=start)
def search(body: dict[str, Any]) -> str:
    """Show the homes and the people that fit what was said."""
    where: dict[str, Any] = {"actor": identity.actor(), "neighborhood_id": asked.neighborhood(), "text": body["text"]}
    with transaction(read_only=True) as session:
        page = PageRequest(cursor=body.get("homes_after"))
        found = homes.search(session, page=page, **where)
        page = PageRequest(cursor=body.get("people_after"))
        try:
            people = persons.search(session, page=page, vault=vault(), now=now(), **where)
        except InvalidInput:
            people = NOBODY  # what was said is the name of a place
    return pages.page(
        "homes.html", neighborhood_id=where["neighborhood_id"], said=body["text"], found=found, people=people
    )


@blp.get("/homes/<id:home_id>")
@allow(Permission.HOME_LIST)
def one(home_id: int) -> str:
    """Show a home with who is registered there, masked."""
    return _page(home_id)


@blp.post("/homes/<id:home_id>/invite")
@allow(Permission.HOME_INVITE)
@form(InviteForm, again=one)
def invite(body: dict[str, Any], home_id: int) -> str:
    """Make a code by which a registered resident binds their phone; shown in this answer only."""
    made = invitations.invite(
        db.session(),
        actor=identity.actor(),
        home_id=home_id,
        kind=body["kind"],
        person_id=body.get("person_id"),
        now=now(),
    )
    return _page(home_id, {"code": made.code, "expires_at": made.invitation.expires_at})


def _page(home_id: int, invited: dict[str, Any] | None = None) -> str:
    session, actor = db.session(), identity.actor()
    found = homes.detail(session, actor=actor, home_id=home_id)
    people = lists.residents(session, actor=actor, home_id=home_id, now=now())
    return pages.page("home.html", one=found, people=people, RIGHTS=RIGHT_NAMES, invited=invited)
