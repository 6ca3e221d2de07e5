"""Making a home, and putting right where it is."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AliasSource, Home, HomeAlias, HomeUse, OrgUnit, UnitKind
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, InvalidInput
from services.homes.addressing import read_columns
from services.homes.naming import CODE_MOST, floor_of, name_of

ROOM_WRONG = "请填房号，比如 501，或者“门市3”。只填房号，不用写楼号和单元。"
STAIRWELL_WRONG = "请从这栋楼的单元里选。没有单元的楼不用选。"


def create(
    session: Session,
    *,
    actor: Actor,
    building_id: int,
    stairwell_id: int | None,
    room: str,
    floor: int | None,
    use: HomeUse,
    now: dt.datetime,
) -> Home:
    """Make a home in a building.  Its area is written afterwards (``records.set_area``).

    Raises ``InvalidInput`` for a room or stairwell that cannot be and ``Conflict`` for a home that is there.
    """
    building = _building(session, actor, building_id)
    stairwell = _stairwell(session, building, stairwell_id)
    room, floor = read_room(building.name, stairwell, room, floor)
    named = _free_name(session, building, stairwell, room, None)
    home = Home(
        neighborhood_id=building.neighborhood_id,
        building_id=building.id,
        stairwell_id=stairwell_id,
        floor=floor,
        room=room,
        code=named[0],
        label=named[1],
        use=use,
    )
    session.add(home)
    session.flush()
    session.refresh(home)
    audit.note_on(session, actor, home, "home.made", now, {"code": home.code})
    return home


def move(
    session: Session,
    *,
    actor: Actor,
    home_id: int,
    stairwell_id: int | None,
    room: str,
    floor: int | None,
    now: dt.datetime,
) -> Home:
    """Put right the stairwell, floor or room of a home; the code it had stays as an alias."""
    home = access.home_for(session, actor, home_id, change=True)
    building = _building(session, actor, home.building_id)
    stairwell = _stairwell(session, building, stairwell_id)
    room, floor = read_room(building.name, stairwell, room, floor)
    code, label = _free_name(session, building, stairwell, room, home.id)
    before = home.code
    home.stairwell_id, home.room, home.floor, home.code, home.label = stairwell_id, room, floor, code, label
    session.flush()
    if before != code:
        _keep_alias(session, actor, home, before, now)
        audit.note_on(session, actor, home, "home.moved", now, {"code": [before, code]})
    return home


def read_room(building: str, stairwell: OrgUnit | None, room: str, floor: int | None) -> tuple[str, int | None]:
    """Return the canonical room and its floor."""
    said = read_columns(building=building, stairwell=stairwell.name if stairwell else None, room=room, floor=floor).sure
    if said is None or said.room is None or said.is_asset or "%" in room:
        raise InvalidInput(ROOM_WRONG, code="room_invalid", errors={"room": [ROOM_WRONG]})
    return said.room, said.floor if said.floor is not None else floor_of(said.room)


def _building(session: Session, actor: Actor, building_id: int) -> OrgUnit:
    building = access.unit_for(session, actor, building_id, change=True)
    if building.kind is not UnitKind.BUILDING or building.neighborhood_id is None:
        raise InvalidInput("请选一栋楼。", code="not_a_building", errors={"building_id": ["请选一栋楼。"]})
    return building


def _stairwell(session: Session, building: OrgUnit, stairwell_id: int | None) -> OrgUnit | None:
    if stairwell_id is None:
        return None
    found = session.get(OrgUnit, stairwell_id)
    right = found is not None and found.kind is UnitKind.STAIRWELL and found.closed_at is None
    if found is None or not right or found.parent_id != building.id:
        raise InvalidInput(STAIRWELL_WRONG, code="stairwell_wrong", errors={"stairwell_id": [STAIRWELL_WRONG]})
    return found


def _free_name(
    session: Session, building: OrgUnit, stairwell: OrgUnit | None, room: str, own_id: int | None
) -> tuple[str, str]:
    code, label = name_of(building.name, stairwell.name if stairwell else None, room)
    if len(code) > CODE_MOST:
        raise InvalidInput(ROOM_WRONG, code="room_invalid", errors={"room": [ROOM_WRONG]})
    here = Home.neighborhood_id == building.neighborhood_id
    taken: Any = sa.select(Home.label).where(here, Home.code == code, Home.id != (own_id or 0))
    alias: Any = (
        sa.select(Home.label)
        .join(HomeAlias, HomeAlias.home_id == Home.id)
        .where(here, HomeAlias.key == code, HomeAlias.ends_at.is_(None), Home.id != (own_id or 0))
    )
    other = session.scalar(taken.union_all(alias).limit(1))
    if other is not None:
        raise Conflict(f"“{label}”已经登记过了，就是{other}。请核对房号，或者直接打开那一套。", code="home_exists")
    return code, label


def _keep_alias(session: Session, actor: Actor, home: Home, before: str, now: dt.datetime) -> None:
    """The former code becomes an alias; a former alias that is the code now ends."""
    session.execute(
        sa.update(HomeAlias)
        .where(HomeAlias.home_id == home.id, HomeAlias.key == home.code, HomeAlias.ends_at.is_(None))
        .values(ends_at=now)
    )
    session.add(
        HomeAlias(
            neighborhood_id=home.neighborhood_id,
            home_id=home.id,
            key=before,
            raw=before,
            source=AliasSource.RENAMED,
            created_at=now,
            created_by_id=actor.person_id,
        )
    )
    session.flush()
