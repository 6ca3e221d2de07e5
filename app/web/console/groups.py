"""The groups of a neighborhood: how each does, what waits, what to do; registering a robot, switching off and on."""

from typing import Any

from app import identity
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.groups import AddGroupBody, SwitchOffBody, SwitchOnBody
from app.settings import vault
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from app.web.console.forms import form
from services.groups import robots
from services.permissions import Permission

LIST = "console_groups.listed"
blp = ConsoleBlueprint("groups", __name__, entries=(Entry("群", LIST, Permission.GROUP_READ),))


@blp.get("/groups")
@allow(Permission.GROUP_READ)
def listed(neighborhood_id: int | None = None) -> str:
    """Show how each group does."""
    place = neighborhood_id or asked.neighborhood()
    found = robots.listing(db.session(), actor=identity.actor(), neighborhood_id=place)
    return pages.page("groups.html", found=found, place=place)


@blp.get("/groups/<id:group_id>")
@allow(Permission.GROUP_MANAGE)
def one(group_id: int) -> str:
    """Show one group with what can be done."""
    group = robots.of(db.session(), identity.actor(), group_id)
    found = robots.listing(db.session(), actor=identity.actor(), neighborhood_id=group.neighborhood_id)
    return pages.page("group.html", one=next(state for state in found if state.id == group_id))


@blp.post("/neighborhoods/<id:neighborhood_id>/groups")
@allow(Permission.GROUP_MANAGE)
@form(AddGroupBody, again=listed)
def add(body: dict[str, Any], neighborhood_id: int) -> Any:
    """Register a group by its robot."""
    made = robots.add(
        db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, vault=vault(), now=now(), **body
    )
    return pages.go(LIST, f"“{made.name}”登记好了。", neighborhood=neighborhood_id)


@blp.post("/groups/<id:group_id>/switch-off")
@allow(Permission.GROUP_MANAGE)
@form(SwitchOffBody, again=one)
def switch_off(body: dict[str, Any], group_id: int) -> Any:
    """Stop speaking in a group."""
    done = robots.switch_off(db.session(), actor=identity.actor(), group_id=group_id, now=now(), **body)
    return pages.go(LIST, f"“{done.name}”停用了，群里不再收到消息。", neighborhood=done.neighborhood_id)


@blp.post("/groups/<id:group_id>/switch-on")
@allow(Permission.GROUP_MANAGE)
@form(SwitchOnBody, again=one)
def switch_on(body: dict[str, Any], group_id: int) -> Any:
    """Speak in a group again."""
    done = robots.switch_on(
        db.session(), actor=identity.actor(), group_id=group_id, address=body.get("address"), vault=vault(), now=now()
    )
    return pages.go(LIST, f"“{done.name}”打开了。", neighborhood=done.neighborhood_id)
