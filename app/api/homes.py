"""Homes: one with all that is known of it, what the station writes down, and finding people by what is said."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.homes import (
    AliasBody,
    AreaBody,
    AssetBody,
    AssetChangeBody,
    AssetEndBody,
    AssetOut,
    AssetPage,
    AssetsQuery,
    FoundPersonPage,
    HomeDetailOut,
    HomesOfBuilding,
    MoveHomeBody,
    NewHomeBody,
    PersonSearchBody,
    StatusBody,
    UseBody,
)
from app.settings import vault
from app.transaction import transaction
from models import Asset
from services.homes import aliases, assets, making, records
from services.permissions import Permission
from services.reading import homes, persons

blp = ApiBlueprint("homes", __name__, url_prefix="/api/v1", description="Homes: records, areas, other names, search")


@blp.get("/homes/<id:home_id>")
@allow(Permission.HOME_OWN)
@blp.response(200, HomeDetailOut)
def one(home_id: int) -> dict[str, Any]:
    """A home: where, how large since when and by what paper, what for, its other names, what goes with it."""
    return _seen(home_id)


@blp.get("/buildings/<id:building_id>/homes")
@allow(Permission.HOME_LIST)
@blp.arguments(PageQuery, location="query")
@blp.response(200, HomesOfBuilding)
def of_building(query: dict[str, Any], building_id: int) -> Response:
    """The homes of a building."""
    page = page_request(query)
    return page_json(homes.of_building(db.session(), actor=identity.actor(), building_id=building_id, page=page))


@blp.post("/buildings/<id:building_id>/homes")
@allow(Permission.HOME_WRITE)
@blp.arguments(NewHomeBody)
@blp.response(201, HomeDetailOut)
def create(body: dict[str, Any], building_id: int) -> dict[str, Any]:
    """Make a home that is not in the books yet."""
    body = {"stairwell_id": None, "floor": None} | body
    made = making.create(db.session(), actor=identity.actor(), building_id=building_id, now=now(), **body)
    return _seen(made.id)


@blp.post("/homes/<id:home_id>/move")
@allow(Permission.HOME_WRITE)
@blp.arguments(MoveHomeBody)
@blp.response(200, HomeDetailOut)
def move(body: dict[str, Any], home_id: int) -> dict[str, Any]:
    """Put right the stairwell, floor or room; the former code still finds the home."""
    body = {"stairwell_id": None, "floor": None} | body
    making.move(db.session(), actor=identity.actor(), home_id=home_id, now=now(), **body)
    return _seen(home_id)


@blp.post("/homes/<id:home_id>/area")
@allow(Permission.HOME_WRITE)
@blp.arguments(AreaBody)
@blp.response(200, HomeDetailOut)
def set_area(body: dict[str, Any], home_id: int) -> dict[str, Any]:
    """Write the area with what it rests on; what counted before stays for the days before."""
    records.set_area(
        db.session(),
        actor=identity.actor(),
        home_id=home_id,
        area_centi=body["area_centi"],
        basis=body["basis"],
        document=records.Document(body.get("document_kind"), body.get("document_number"), body.get("document_date")),
        since=body.get("since"),
        now=now(),
    )
    return _seen(home_id)


@blp.post("/homes/<id:home_id>/use")
@allow(Permission.HOME_WRITE)
@blp.arguments(UseBody)
@blp.response(200, HomeDetailOut)
def set_use(body: dict[str, Any], home_id: int) -> dict[str, Any]:
    """Write what it is used for, from a day on."""
    body = {"since": None} | body
    records.set_use(db.session(), actor=identity.actor(), home_id=home_id, now=now(), **body)
    return _seen(home_id)


@blp.post("/homes/<id:home_id>/status")
@allow(Permission.HOME_WRITE)
@blp.arguments(StatusBody)
@blp.response(200, HomeDetailOut)
def set_status(body: dict[str, Any], home_id: int) -> dict[str, Any]:
    """Write that it went into another home, was torn down, or is there after all."""
    body = {"merged_into_id": None} | body
    records.set_status(db.session(), actor=identity.actor(), home_id=home_id, now=now(), **body)
    return _seen(home_id)


@blp.post("/homes/<id:home_id>/aliases")
@allow(Permission.HOME_WRITE)
@blp.arguments(AliasBody)
@blp.response(201, HomeDetailOut)
def add_alias(body: dict[str, Any], home_id: int) -> dict[str, Any]:
    """Write down another name by which people know it."""
    aliases.add(db.session(), actor=identity.actor(), home_id=home_id, now=now(), **body)
    return _seen(home_id)


@blp.post("/homes/<id:home_id>/aliases/<id:alias_id>/end")
@allow(Permission.HOME_WRITE)
@blp.response(200, HomeDetailOut)
def end_alias(home_id: int, alias_id: int) -> dict[str, Any]:
    """Take a name away; it may be given to another home then."""
    aliases.end(db.session(), actor=identity.actor(), home_id=home_id, alias_id=alias_id, now=now())
    return _seen(home_id)


@blp.get("/neighborhoods/<id:neighborhood_id>/assets")
@allow(Permission.HOME_LIST)
@blp.arguments(AssetsQuery, location="query")
@blp.response(200, AssetPage)
def list_assets(query: dict[str, Any], neighborhood_id: int) -> Response:
    """Sheds, garages and parking spaces."""
    page = homes.assets(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        free=query["free"],
        page=page_request(query),
    )
    return page_json(page)


@blp.post("/neighborhoods/<id:neighborhood_id>/assets")
@allow(Permission.HOME_WRITE)
@blp.arguments(AssetBody)
@blp.response(201, AssetOut)
def create_asset(body: dict[str, Any], neighborhood_id: int) -> Asset:
    """Write down a shed, garage or parking space."""
    body = {"building_id": None, "home_id": None, "area_centi": None} | body
    return assets.create(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now(), **body)


@blp.post("/assets/<id:asset_id>/change")
@allow(Permission.HOME_WRITE)
@blp.arguments(AssetChangeBody)
@blp.response(200, AssetOut)
def change_asset(body: dict[str, Any], asset_id: int) -> Asset:
    """Write to which home it belongs now (none: to nobody), and how large it is."""
    body = {"home_id": None, "area_centi": None} | body
    return assets.change(db.session(), actor=identity.actor(), asset_id=asset_id, now=now(), **body)


@blp.post("/assets/<id:asset_id>/end")
@allow(Permission.HOME_WRITE)
@blp.arguments(AssetEndBody)
@blp.response(204)
def end_asset(body: dict[str, Any], asset_id: int) -> None:
    """Write that it is gone."""
    assets.end(db.session(), actor=identity.actor(), asset_id=asset_id, now=now(), **body)


@blp.post("/neighborhoods/<id:neighborhood_id>/persons/search")
@allow(Permission.HOME_LIST, own_transactions=True)
@blp.arguments(PersonSearchBody)
@blp.response(200, FoundPersonPage)
def search_persons(body: dict[str, Any], neighborhood_id: int) -> Response:
    """People by initials (wgl), by name, by surname and building (14号楼老王), or by the last four digits of a phone.

    A POST, though it changes nothing: names and phones do not belong into addresses, which every log keeps.
    """
    with transaction(read_only=True) as session:
        found = persons.search(
            session,
            actor=identity.actor(),
            vault=vault(),
            neighborhood_id=neighborhood_id,
            text=body["text"],
            now=now(),
            page=page_request(body),
        )
    return page_json(found)


def _seen(home_id: int) -> dict[str, Any]:
    return homes.detail(db.session(), actor=identity.actor(), home_id=home_id)
