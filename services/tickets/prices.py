"""The public price list of paid work inside homes: dated rows, general or of a neighborhood, for everybody to read."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import PriceItem
from services import access
from services.actors import Actor
from services.errors import Conflict, NotFound
from services.terms import in_force

PRICE_MISSING = "价目表里没有这一项，或者它不是您小区的。请从价目表里选。"


def add(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    neighborhood_id: int,
    name: str,
    unit: str,
    price_fen: int,
    source: str,
    note: str | None = None,
) -> PriceItem:
    """Put a line on the neighborhood's list from now on.  A line of the same name and unit ends: a price is a row.

    Raises ``NotFound`` out of scope, ``Conflict`` (``price_set_meanwhile``) if somebody else did it at the same time.
    """
    access.neighborhood_for(session, actor, neighborhood_id)
    about = {"neighborhood_id": neighborhood_id, "name": name, "unit": unit}
    before = session.scalar(
        sa.select(PriceItem).filter_by(**about).where(PriceItem.ends_at.is_(None)).with_for_update()
    )
    if before is not None:
        before.ends_at = now
        session.flush()
    item = PriceItem(**about, price_fen=price_fen, note=note, source=source, starts_at=now, set_by_id=actor.person_id)
    try:
        with session.begin_nested():
            session.add(item)
    except IntegrityError as error:
        raise Conflict("刚才有人改了同一项。请刷新价目表，看一看再改。", code="price_set_meanwhile") from error
    return item


def end(session: Session, *, actor: Actor, now: dt.datetime, item_id: int) -> None:
    """Take a line off the neighborhood's list.  Quotes that were made by it stay as they were."""
    item = access.row_below(session, actor, PriceItem, item_id, change=True)
    if item is None:
        raise NotFound(PRICE_MISSING, code="price_not_found")
    if item.ends_at is not None:
        raise Conflict("这一项已经不用了。请刷新价目表。", code="price_ended")
    item.ends_at = now


def in_list(session: Session, *, neighborhood_id: int, ids: set[int], now: dt.datetime) -> dict[int, PriceItem]:
    """Return lines of the list in force, by their ids."""
    items = session.scalars(
        sa.select(PriceItem).where(
            PriceItem.id.in_(ids),
            in_force(PriceItem.starts_at, PriceItem.ends_at, now),
            of_neighborhood(neighborhood_id),
        )
    )
    return {item.id: item for item in items}


def of_neighborhood(neighborhood_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that a line counts in a neighborhood: its own, or a general one."""
    return sa.or_(PriceItem.neighborhood_id == neighborhood_id, PriceItem.neighborhood_id.is_(None))
