"""Sheds (仓房), garages (车库) and parking spaces (车位): written down by themselves, belonging to a home or to nobody."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Asset, AssetKind, Home, OrgUnit, UnitKind
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.homes.addressing import building_key
from services.homes.spelling import fold

KIND_NAMES: dict[AssetKind, str] = {
    AssetKind.SHED: "仓房",
    AssetKind.GARAGE: "车库",
    AssetKind.PARKING_SPACE: "车位",
}
NUMBER_MOST = 12
LEAST_AREA, MOST_AREA = 50, 30_000
"""Half a square meter, and 300: a shed is small, a garage for six cars is large."""
ASSET_MISSING = "没有找到这个仓房、车库或车位。请从列表里选。"
NUMBER_WRONG = "请填编号，比如 3 或 A12。不用写“仓房”“车位”这样的字。"


def create(
    session: Session,
    *,
    actor: Actor,
    neighborhood_id: int,
    kind: AssetKind,
    number: str,
    building_id: int | None,
    home_id: int | None,
    area_centi: int | None,
    now: dt.datetime,
) -> Asset:
    """Write down a shed, garage or parking space.  Raises ``Conflict`` for a code that is there."""
    place = access.neighborhood_for(session, actor, neighborhood_id)
    building = access.unit_for(session, actor, building_id) if building_id is not None else None
    if building is None and not actor.stands_above(place.path):
        raise InvalidInput(
            "您只管其中几栋楼，请选是哪一栋的。", code="building_missing", errors={"building_id": ["请选是哪一栋的。"]}
        )
    if building is not None and (building.kind is not UnitKind.BUILDING or building.neighborhood_id != place.id):
        raise InvalidInput(
            "请选本小区的一栋楼。", code="not_a_building", errors={"building_id": ["请选本小区的一栋楼。"]}
        )
    home = _home(session, actor, place.id, home_id)
    code = code_of(kind, number, building)
    same = sa.select(Asset.id).where(Asset.neighborhood_id == place.id, Asset.code == code, Asset.ends_at.is_(None))
    if session.scalar(same) is not None:
        raise Conflict(f"“{code}”已经登记过了。请核对编号。", code="asset_exists")
    asset = Asset(
        neighborhood_id=place.id,
        building_id=building.id if building else None,
        home_id=home.id if home else None,
        kind=kind,
        code=code,
        area_centi=_area(area_centi),
        created_at=now,
    )
    session.add(asset)
    session.flush()
    audit.note_on(session, actor, asset, "asset.made", now, {"code": code, "home_id": asset.home_id})
    return asset


def change(
    session: Session,
    *,
    actor: Actor,
    asset_id: int,
    home_id: int | None,
    area_centi: int | None,
    now: dt.datetime,
) -> Asset:
    """Write to which home it belongs (none: to nobody) and how large it is."""
    asset = _asset(session, actor, asset_id)
    home = _home(session, actor, asset.neighborhood_id, home_id)
    before = (asset.home_id, asset.area_centi)
    asset.home_id, asset.area_centi = home.id if home else None, _area(area_centi)
    session.flush()
    detail = {"home_id": [before[0], asset.home_id], "area_centi": [before[1], asset.area_centi]}
    audit.note_on(session, actor, asset, "asset.changed", now, detail)
    return asset


def end(session: Session, *, actor: Actor, asset_id: int, why: str, now: dt.datetime) -> None:
    """Write that it is gone; its code may be given anew."""
    asset = _asset(session, actor, asset_id)
    asset.ends_at = max(now, asset.created_at)
    session.flush()
    audit.note_on(session, actor, asset, "asset.ended", now, {"code": asset.code}, why)


def code_of(kind: AssetKind, number: str, building: OrgUnit | None) -> str:
    """Return the code: 14-仓房3, 车位A12.  Raises ``InvalidInput`` for a number that is none."""
    plain = fold(number).replace(" ", "").removeprefix(KIND_NAMES[kind]).removesuffix("号").lstrip("0")
    if not plain or len(plain) > NUMBER_MOST or not any(char.isdigit() for char in plain):
        raise InvalidInput(NUMBER_WRONG, code="asset_number_invalid", errors={"number": [NUMBER_WRONG]})
    own = f"{KIND_NAMES[kind]}{plain}"
    return f"{building_key(building.name)}-{own}" if building else own


def _asset(session: Session, actor: Actor, asset_id: int) -> Asset:
    asset = session.get(Asset, asset_id, with_for_update=True)
    if asset is None or asset.ends_at is not None or actor.is_resident:
        raise NotFound(ASSET_MISSING, code="asset_not_found")
    unit = session.get_one(OrgUnit, asset.building_id or asset.neighborhood_id)
    if not actor.stands_above(unit.path):
        raise NotFound(ASSET_MISSING, code="asset_not_found")
    return asset


def _home(session: Session, actor: Actor, neighborhood_id: int, home_id: int | None) -> Home | None:
    if home_id is None:
        return None
    home = access.home_for(session, actor, home_id)
    if home.neighborhood_id != neighborhood_id:
        raise NotFound(access.HOME_MISSING, code="home_not_found")
    return home


def _area(area_centi: int | None) -> int | None:
    if area_centi is not None and not LEAST_AREA <= area_centi <= MOST_AREA:
        said = "面积要在0.5到300平方米之间。请核对一下，是不是小数点错了位。"
        raise InvalidInput(said, code="area_impossible", errors={"area_centi": [said]})
    return area_centi
