"""Buildings, homes, residents and the duty list of a neighborhood."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import as_json, now, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.places import BuildingsOut, DutyListOut, HomesQuery, PlacesPage
from services.permissions import Permission
from services.reading import homes as reading_homes
from services.reading import places

blp = ApiBlueprint("places", __name__, url_prefix="/api/v1", description="Places and people of a neighborhood")


@blp.get("/neighborhoods/<id:neighborhood_id>/buildings")
@allow(Permission.UNIT_LIST)
@blp.response(200, BuildingsOut)
def buildings(neighborhood_id: int) -> dict[str, Any]:
    """The buildings, to say where the trouble is."""
    return {"items": places.buildings(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id)}


@blp.get("/neighborhoods/<id:neighborhood_id>/homes")
@allow(Permission.HOME_LIST)
@blp.arguments(HomesQuery, location="query")
@blp.response(200, PlacesPage)
def homes(query: dict[str, Any], neighborhood_id: int) -> Response:
    """Homes, from whatever is said on the phone: 14号楼二单元五楼左手, 一栋一零一, an alias, a part of the label."""
    found = reading_homes.search(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        text=query.get("text"),
        page=page_request(query),
    )
    return as_json({"items": found.page.items, "next": found.page.next, "understood": found.understood})


@blp.get("/neighborhoods/<id:neighborhood_id>/duty")
@allow(Permission.STATION_READ)
@blp.response(200, DutyListOut)
def duty(neighborhood_id: int) -> dict[str, Any]:
    """The people of the station, and how much each repairer has to do."""
    rows = places.duty(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now())
    return {"items": rows}
