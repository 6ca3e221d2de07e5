"""Groups that hear of a neighborhood's tickets through their robot."""

from typing import Any

from app import identity
from app.api.answers import now
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.groups import AddGroupBody, GroupOut, GroupsOut, SwitchOffBody, SwitchOnBody
from app.settings import vault
from services.groups import robots
from services.groups.robots import GroupState
from services.permissions import Permission

blp = ApiBlueprint("groups", __name__, url_prefix="/api/v1", description="Groups with a robot")


@blp.get("/neighborhoods/<id:neighborhood_id>/groups")
@allow(Permission.GROUP_READ)
@blp.response(200, GroupsOut)
def listed(neighborhood_id: int) -> dict[str, Any]:
    """How each group of a neighborhood does, and what to do."""
    return {"items": robots.listing(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id)}


@blp.post("/neighborhoods/<id:neighborhood_id>/groups")
@allow(Permission.GROUP_MANAGE)
@blp.arguments(AddGroupBody)
@blp.response(201, GroupOut)
def add(body: dict[str, Any], neighborhood_id: int) -> GroupState:
    """Register a group by its robot."""
    made = robots.add(
        db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, vault=vault(), now=now(), **body
    )
    return robots.state_of(made, 0)


@blp.post("/groups/<id:group_id>/switch-off")
@allow(Permission.GROUP_MANAGE)
@blp.arguments(SwitchOffBody)
@blp.response(200, GroupOut)
def switch_off(body: dict[str, Any], group_id: int) -> GroupState:
    """Stop speaking in a group.  What waits for it is not sent later."""
    done = robots.switch_off(db.session(), actor=identity.actor(), group_id=group_id, now=now(), **body)
    return robots.state_of(done, 0)


@blp.post("/groups/<id:group_id>/switch-on")
@allow(Permission.GROUP_MANAGE)
@blp.arguments(SwitchOnBody)
@blp.response(200, GroupOut)
def switch_on(body: dict[str, Any], group_id: int) -> GroupState:
    """Speak in a group again, through another robot if the old one is gone."""
    done = robots.switch_on(
        db.session(), actor=identity.actor(), group_id=group_id, address=body.get("address"), vault=vault(), now=now()
    )
    return robots.state_of(done, 0)
