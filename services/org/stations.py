"""Stations (物业服务站): where they are, when they are open, which phone answers."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import OrgUnit, Station
from services import access
from services.actors import Actor
from services.errors import Conflict, NotFound
from services.org import records

STATION_MISSING = "没有找到这个服务站。请从列表里选。"


def put(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int,
    now: dt.datetime,
    station_id: int | None = None,
    **what: str | None,
) -> Station:
    """Write a station's record: name, phone, hours, place.  With an id it is changed, without one it is new."""
    unit = records.neighborhood_for(session, actor, neighborhood_id)
    station = _station(session, unit, station_id) if station_id else None
    name = records.read_name(what.pop("name", None) or (station.name if station else ""))
    same = sa.select(Station.id).where(
        Station.neighborhood_id == unit.id,
        Station.name == name,
        Station.ends_at.is_(None),
        Station.id != (station_id or 0),
    )
    if session.scalar(same) is not None:
        raise Conflict(f"本小区已经有“{name}”了。请换一个名称。", code="name_taken")
    if station is None:
        station = Station(neighborhood_id=unit.id, name=name, starts_at=now)
        session.add(station)
    station.name = name
    for field, value in what.items():
        setattr(station, field, value)
    session.flush()
    records.note(session, actor, unit, "station.written", ("station", station.id), now)
    return station


def close(session: Session, *, actor: Actor | None, station_id: int, now: dt.datetime) -> None:
    """Close a station; it is no longer shown to residents."""
    found = session.get(Station, station_id)
    if found is None:
        raise NotFound(STATION_MISSING, code="station_not_found")
    unit = access.unit_for(session, actor, found.neighborhood_id, change=True)
    station = _station(session, unit, station_id)
    station.ends_at = max(now, station.starts_at + dt.timedelta(microseconds=1))
    records.note(session, actor, unit, "station.closed", ("station", station.id), now)


def listed(session: Session, *, actor: Actor, neighborhood_id: int) -> list[Station]:
    """Return the stations of a neighborhood that are open."""
    access.neighborhood_for(session, actor, neighborhood_id)
    return list(
        session.scalars(
            sa.select(Station)
            .where(Station.neighborhood_id == neighborhood_id, Station.ends_at.is_(None))
            .order_by(Station.id)
        )
    )


def _station(session: Session, unit: OrgUnit, station_id: int) -> Station:
    station = session.scalar(
        sa.select(Station).where(
            Station.id == station_id, Station.neighborhood_id == unit.id, Station.ends_at.is_(None)
        )
    )
    if station is None:
        raise NotFound(STATION_MISSING, code="station_not_found")
    return station
