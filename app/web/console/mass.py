"""Mass messages to customer groups: written and reminded of here, confirmed by the member in WeCom, read back."""

from typing import Any

from app import identity
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.mass import MassBody
from app.settings import gateways
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from app.web.console.forms import form
from services.groups import chats, mass
from services.permissions import Permission

LIST = "console_mass.listed"
WRITTEN = "写好了。等一会儿打开企业微信，点确认发送，群里才收得到。"
blp = ConsoleBlueprint("mass", __name__, entries=(Entry("群发", LIST, Permission.GROUP_READ),))


@blp.get("/mass-messages")
@allow(Permission.GROUP_READ)
def listed(neighborhood_id: int | None = None) -> str:
    """Show the last messages and, for those who may, the form for a new one."""
    place = neighborhood_id or asked.neighborhood()
    session, actor = db.session(), identity.actor()
    return pages.page(
        "mass.html",
        place=place,
        messages=mass.listing(session, actor=actor, neighborhood_id=place),
        chats=[
            chat
            for chat in chats.listing(session, actor=actor, neighborhood_id=place, now=now())
            if chat.ended_at is None
        ],
        is_set_up=gateways().mass.is_set_up,
    )


@blp.post("/neighborhoods/<id:neighborhood_id>/mass-messages")
@allow(Permission.GROUP_MANAGE)
@form(MassBody, again=listed)
def write(body: dict[str, Any], neighborhood_id: int) -> Any:
    """Write a message; whoever wrote it confirms it in WeCom."""
    mass.check_set_up(gateways().mass)
    mass.write(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now(), **body)
    return pages.go(LIST, WRITTEN, neighborhood=neighborhood_id)


@blp.post("/mass-messages/<id:mass_message_id>/remind")
@allow(Permission.GROUP_MANAGE)
def remind(mass_message_id: int) -> Any:
    """Have WeCom remind the member."""
    mass.check_set_up(gateways().mass)
    shown = mass.remind(db.session(), actor=identity.actor(), message_id=mass_message_id, now=now())
    return pages.go(LIST, f"催过了，第{shown.reminders}次。", neighborhood=shown.neighborhood_id)
