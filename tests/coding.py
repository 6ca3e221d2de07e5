"""Codes for tests: made in the small world, carried out by the worker's own steps."""

import datetime as dt

from models import Channel, ScanCode, SpotKind
from services import sending
from services.codes import making
from services.ports import Gateways
from tests.world import NOW, World


def code_of(world: World, *, now: dt.datetime = NOW) -> ScanCode:
    """The code of the resident's building."""
    [code] = making.for_units(
        world.session,
        actor=world.actor(world.manager),
        neighborhood_id=world.place.neighborhood.id,
        unit_ids=[world.place.building.id],
        now=now,
    )
    return code


def spot_code(
    world: World, name: str = "东大门", kind: SpotKind = SpotKind.COMMON, *, in_building: bool = False
) -> ScanCode:
    """The code of a spot in the neighborhood, or in the resident's building."""
    return making.add_spot(
        world.session,
        actor=world.actor(world.manager),
        neighborhood_id=world.place.neighborhood.id,
        kind=kind,
        name=name,
        unit_id=world.place.building.id if in_building else None,
        now=NOW,
    )


def carry_out(world: World, gateways: Gateways, *, now: dt.datetime = NOW) -> int:
    """Do what the worker's loop for codes does once; return how many errands there were."""
    parcels = sending.prepare(world.session, channel=Channel.CODE, now=now, limit=100, link=lambda token: token)
    sending.settle(world.session, [sending.send(parcel, gateways) for parcel in parcels], now=now)
    world.session.expire_all()
    return len(parcels)
