"""The public price list of paid work inside homes."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow, public
from app.schemas.base import PageQuery
from app.schemas.ticket_money import PriceBody, PriceMadeOut, PricePage
from app.transaction import reading
from models import PriceItem
from services.permissions import Permission
from services.reading import prices as reading_prices
from services.tickets import prices

blp = ApiBlueprint("price_list", __name__, url_prefix="/api/v1", description="Price list")


@blp.get("/neighborhoods/<id:neighborhood_id>/price-list")
@public(own_transactions=True)
@blp.doc(security=[])
@blp.arguments(PageQuery, location="query")
@blp.response(200, PricePage)
def price_list(query: dict[str, Any], neighborhood_id: int) -> Response:
    """What paid work inside homes costs.  Everybody may read it, signed in or not."""
    with reading() as connection:
        page = reading_prices.public_list(
            connection, neighborhood_id=neighborhood_id, page=page_request(query), now=now()
        )
    return page_json(page)


@blp.post("/neighborhoods/<id:neighborhood_id>/price-list")
@allow(Permission.PRICE_MANAGE)
@blp.arguments(PriceBody)
@blp.response(201, PriceMadeOut)
def add(body: dict[str, Any], neighborhood_id: int) -> PriceItem:
    """Put a line on the list; one of the same name and unit ends."""
    return prices.add(db.session(), actor=identity.actor(), now=now(), neighborhood_id=neighborhood_id, **body)


@blp.post("/price-list/<id:price_item_id>/end")
@allow(Permission.PRICE_MANAGE)
@blp.response(204)
def end(price_item_id: int) -> None:
    """Take a line off the list."""
    prices.end(db.session(), actor=identity.actor(), now=now(), item_id=price_item_id)
