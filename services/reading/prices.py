"""The public price list for screens."""

import datetime as dt

import sqlalchemy as sa

from models import OrgUnit, PriceItem, UnitKind
from services.errors import NotFound
from services.reading.pages import Page, PageRequest, fetch
from services.terms import in_force
from services.tickets.prices import of_neighborhood


def public_list(connection: sa.Connection, *, neighborhood_id: int, page: PageRequest, now: dt.datetime) -> Page:
    """Return the prices in force in a neighborhood, its own and the general ones, newest first: for everybody to read.

    Raises ``NotFound`` for what is no neighborhood.
    """
    known = connection.scalar(
        sa.select(OrgUnit.id).where(OrgUnit.id == neighborhood_id, OrgUnit.kind == UnitKind.NEIGHBORHOOD)
    )
    if known is None:
        raise NotFound("没有找到这个小区。请从小区列表里选。", code="unit_not_found")
    statement = sa.select(
        PriceItem.id,
        PriceItem.name,
        PriceItem.unit,
        PriceItem.price_fen,
        PriceItem.note,
        PriceItem.source,
        PriceItem.starts_at,
        PriceItem.neighborhood_id.is_(None).label("is_general"),
    ).where(in_force(PriceItem.starts_at, PriceItem.ends_at, now), of_neighborhood(neighborhood_id))
    return fetch(connection, statement, PriceItem.id.expression, page)
