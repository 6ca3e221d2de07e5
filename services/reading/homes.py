"""Homes for screens: found from what is said on the phone, one with all that is known of it, those of a building."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Asset, Home, HomeAlias, HomeArea, HomeUsePeriod, OrgUnit, UnitKind
from services import access
from services.actors import Actor
from services.errors import NotFound
from services.homes import offers
from services.homes.address import Address
from services.homes.addressing import Reading, read
from services.homes.records import BASIS_NAMES, STATUS_NAMES, USE_NAMES
from services.permissions import Permission
from services.reading.pages import Page, PageRequest, fetch

MOST_READINGS = 6
ORDER = Home.id + 0
"""Orders like the key, but not by its index: otherwise a database may walk all homes of the town to find the newest ten."""
COLUMNS: tuple[Any, ...] = (
    Home.id,
    Home.code,
    Home.label,
    Home.building_id,
    Home.floor,
    Home.area_centi,
    Home.use,
    Home.status,
)


class Found(NamedTuple):
    """A page of homes, and what was understood (empty: the words were looked for as they are)."""

    page: Page
    understood: str | None


def search(session: Session, *, actor: Actor, neighborhood_id: int, text: str | None, page: PageRequest) -> Found:
    """Return homes of a neighborhood by whatever is said of them: code, alias, half an address, part of a label.

    Ways are tried from the surest on; the first that finds something counts.
    """
    place = access.neighborhood_for(session, actor, neighborhood_id)
    everything = (
        sa.select(*COLUMNS)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .where(
            Home.neighborhood_id == neighborhood_id,
            OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True),
        )
    )
    if not text or not text.strip():
        return Found(fetch(session.connection(), everything, ORDER, page), None)
    reading = _read(session, place, text)
    for condition, address in _ways(neighborhood_id, text, reading):
        statement = everything.where(condition)
        if page.cursor and session.execute(statement.limit(1)).first() is None:
            continue  # on a later page the surest way may look empty, only because it was never the one
        found = fetch(session.connection(), statement, ORDER, page)
        if found.items or page.cursor:
            return Found(found, _understood(address))
    return Found(Page([], None), _understood(reading.candidates[0] if reading.candidates else None))


def in_words(neighborhood_id: int, text: str, reading: Reading) -> sa.ColumnElement[bool] | None:
    """Return the condition that a home lies where a text says; nothing when it says no place."""
    conditions = [condition for address in reading.candidates if (condition := _partial(address)) is not None]
    conditions += [_exact(neighborhood_id, text, reading)] if reading.all else []
    return sa.or_(*conditions) if conditions else None


def detail(session: Session, *, actor: Actor, home_id: int) -> dict[str, Any]:
    """Return a home with its areas, uses, other names and what goes with it.

    Residents see their own; of those who work here, whoever may see the list of homes.
    """
    home = access.home_for(session, actor, home_id)
    if not actor.is_resident and not actor.may(Permission.HOME_LIST):
        raise NotFound(access.HOME_MISSING, code="home_not_found")
    areas = session.scalars(
        sa.select(HomeArea)
        .where(HomeArea.home_id == home.id, HomeArea.voided_at.is_(None))
        .order_by(HomeArea.starts_on.desc())
    ).all()
    uses = session.scalars(
        sa.select(HomeUsePeriod)
        .where(HomeUsePeriod.home_id == home.id, HomeUsePeriod.voided_at.is_(None))
        .order_by(HomeUsePeriod.starts_on.desc())
    ).all()
    aliases = session.execute(
        sa.select(HomeAlias.id, HomeAlias.raw.label("text"), HomeAlias.source)
        .where(HomeAlias.home_id == home.id, HomeAlias.ends_at.is_(None))
        .order_by(HomeAlias.id)
    ).mappings()
    assets = session.execute(
        sa.select(Asset.id, Asset.kind, Asset.code, Asset.area_centi, Asset.home_id)
        .where(Asset.home_id == home.id, Asset.ends_at.is_(None))
        .order_by(Asset.id)
    ).mappings()
    return {
        "home": home,
        "use_name": USE_NAMES[home.use],
        "status_name": STATUS_NAMES[home.status],
        "areas": [{"row": area, "basis_name": BASIS_NAMES[area.basis]} for area in areas],
        "uses": [{"row": period, "use_name": USE_NAMES[period.use]} for period in uses],
        "aliases": [dict(row) for row in aliases],
        "assets": [dict(row) for row in assets],
        "actions": offers.offered(home.status, actor),
    }


def of_building(session: Session, *, actor: Actor, building_id: int, page: PageRequest) -> Page:
    """Return the homes of a building."""
    building = access.unit_for(session, actor, building_id)
    statement = sa.select(*COLUMNS).where(Home.building_id == building.id)
    return fetch(session.connection(), statement, Home.id.expression, page)


def assets(session: Session, *, actor: Actor, neighborhood_id: int, free: bool, page: PageRequest) -> Page:
    """Return sheds, garages and parking spaces of a neighborhood; ``free``: only those that belong to no home."""
    place = access.neighborhood_for(session, actor, neighborhood_id)
    statement = (
        sa.select(Asset.id, Asset.kind, Asset.code, Asset.area_centi, Asset.home_id, Home.label.label("home_label"))
        .join(OrgUnit, OrgUnit.id == sa.func.coalesce(Asset.building_id, Asset.neighborhood_id))
        .outerjoin(Home, Home.id == Asset.home_id)
        .where(
            Asset.neighborhood_id == place.id,
            Asset.ends_at.is_(None),
            OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True),
        )
    )
    if free:
        statement = statement.where(Asset.home_id.is_(None))
    return fetch(session.connection(), statement, Asset.id.expression, page)


def _read(session: Session, place: OrgUnit, text: str) -> Reading:
    names = [place.name, *([place.code] if place.code else [])]
    reading = read(text, names=names)
    if reading.words:  # perhaps a building with a name instead of a number
        named = session.scalars(
            sa.select(OrgUnit.name).where(OrgUnit.neighborhood_id == place.id, OrgUnit.kind == UnitKind.BUILDING)
        )
        reading = read(text, names=names, buildings=tuple(named))
    return reading


def _ways(neighborhood_id: int, text: str, reading: Reading) -> Iterator[tuple[sa.ColumnElement[bool], Address | None]]:
    """Yield conditions, the surest first, each with the address that it understood."""
    first = reading.candidates[0] if reading.candidates else None
    yield _exact(neighborhood_id, text, reading), first
    for addresses in (reading.candidates, reading.further):
        partial = [condition for one in addresses[:MOST_READINGS] if (condition := _partial(one)) is not None]
        if partial:
            yield sa.or_(*partial), addresses[0]
    words = text.strip()
    named = sa.select(HomeAlias.home_id).where(
        HomeAlias.neighborhood_id == neighborhood_id,
        HomeAlias.ends_at.is_(None),
        sa.or_(HomeAlias.raw.contains(words, autoescape=True), HomeAlias.key.contains(reading.folded, autoescape=True)),
    )
    yield (
        sa.or_(
            Home.label.contains(words, autoescape=True),
            Home.code.contains(words, autoescape=True),
            Home.id.in_(named),
        ),
        None,
    )


def _exact(neighborhood_id: int, text: str, reading: Reading) -> sa.ColumnElement[bool]:
    codes = [address.code for address in reading.all[:MOST_READINGS] if address.code]
    names: Sequence[str] = list(dict.fromkeys([text.strip(), reading.folded, *codes]))
    aliased = sa.select(HomeAlias.home_id).where(
        HomeAlias.neighborhood_id == neighborhood_id, HomeAlias.key.in_(names), HomeAlias.ends_at.is_(None)
    )
    return sa.or_(Home.code.in_(names), Home.id.in_(aliased))


def _partial(address: Address) -> sa.ColumnElement[bool] | None:
    """Return the condition for what is known of an address: codes fall apart at their dashes, see ``addressing``."""
    building = _escaped(address.building) if address.building else "%"
    conditions: list[sa.ColumnElement[bool]] = []
    if address.room:
        room = _escaped(address.room)
        patterns = [f"{building}-{_escaped(address.stairwell)}-{room}"] if address.stairwell else []
        patterns = patterns or [f"{building}-{room}", f"{building}-%-{room}"]
        conditions.append(sa.or_(*(Home.code.like(pattern, escape="/") for pattern in patterns)))
    elif address.stairwell:
        conditions.append(Home.code.like(f"{building}-{_escaped(address.stairwell)}-%", escape="/"))
    elif address.building:
        conditions.append(Home.code.like(f"{building}-%", escape="/"))
    if address.floor is not None and not address.room:
        conditions.append(Home.floor == address.floor)
    return sa.and_(*conditions) if conditions else None


def _escaped(part: str) -> str:
    return part.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _understood(address: Address | None) -> str | None:
    if address is None or not address.spoken:
        return None
    side = f"{address.side}边" if address.side else ""
    return f"{address.spoken}{side}"
