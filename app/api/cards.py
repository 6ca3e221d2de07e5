"""Cards that people share into their WeChat group and whose numbers change there."""

from typing import Any

from app import cards as making
from app import identity
from app.api.answers import now
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.cards import CardsOut, NewCardOut
from services.groups import cards
from services.permissions import Permission

blp = ApiBlueprint("cards", __name__, url_prefix="/api/v1", description="Cards in WeChat groups")


@blp.post("/buildings/<id:building_id>/cards")
@allow(Permission.HOME_INVITE, own_transactions=True)
@blp.response(201, NewCardOut)
def make(building_id: int) -> dict[str, Any]:
    """Make a card for a building: so many of so many households have bound a phone.  I share it myself."""
    card, new = making.opened(actor=identity.actor(), building_id=building_id, now=now())
    shown = {"member_count": card.answered, "room_limit": card.households}
    return {
        "id": card.id,
        "state": card.state,
        "answered": card.answered,
        "households": card.households,
        "expires_at": card.expires_at,
        "activity_id": card.activity_id,
        "template_id": new.template_id,
        "parameters": [{"name": name, "value": str(value)} for name, value in shown.items()],
    }


@blp.get("/buildings/<id:building_id>/cards")
@allow(Permission.HOME_INVITE)
@blp.response(200, CardsOut)
def listed(building_id: int) -> dict[str, Any]:
    """The last cards of a building and what they show."""
    return {"items": cards.listing(db.session(), actor=identity.actor(), building_id=building_id)}
