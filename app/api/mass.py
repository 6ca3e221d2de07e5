"""Mass messages to customer groups of WeCom: written here, confirmed in WeCom by who wrote them."""

from typing import Any

from app import identity
from app.api.answers import now
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.mass import MassBody, MassListOut, MassOut
from app.settings import gateways
from services.groups import mass
from services.groups.mass import MassShown
from services.permissions import Permission

blp = ApiBlueprint("mass", __name__, url_prefix="/api/v1", description="Mass messages of WeCom")


@blp.get("/neighborhoods/<id:neighborhood_id>/mass-messages")
@allow(Permission.GROUP_READ)
@blp.response(200, MassListOut)
def listed(neighborhood_id: int) -> dict[str, Any]:
    """The last messages, and what became of each."""
    return {"items": mass.listing(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id)}


@blp.post("/neighborhoods/<id:neighborhood_id>/mass-messages")
@allow(Permission.GROUP_MANAGE)
@blp.arguments(MassBody)
@blp.response(201, MassOut)
def write(body: dict[str, Any], neighborhood_id: int) -> MassShown:
    """Write a message.  It is sent when I confirm it in WeCom."""
    mass.check_set_up(gateways().mass)
    return mass.write(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now(), **body)


@blp.post("/mass-messages/<id:mass_message_id>/remind")
@allow(Permission.GROUP_MANAGE)
@blp.response(200, MassOut)
def remind(mass_message_id: int) -> MassShown:
    """Have WeCom remind who has to confirm; three times at most."""
    mass.check_set_up(gateways().mass)
    return mass.remind(db.session(), actor=identity.actor(), message_id=mass_message_id, now=now())
