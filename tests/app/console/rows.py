"""A row of the first neighborhood for each parameter of the console's addresses, and forms that are in order."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from models import ReadBack
from services.mandates import read_back
from tests.importing import uploaded, workbook
from tests.proxies import acting, mandate, report_for, without_phone
from tests.services.residencies.claims import asked, newcomer
from tests.world import World

FIRST = dt.datetime(2026, 12, 1, 0, 30, tzinfo=dt.UTC)


def _read_back(world: World) -> int:
    report_for(world, acting(world, mandate(world, world.far_neighbor, principal=world.neighbor)))
    without_phone(world, world.neighbor)
    read_back.read_back(world.session, now=FIRST)
    return world.session.scalars(sa.select(ReadBack.id)).one()


ROWS: Mapping[str, Callable[[World], int]] = {
    "batch_id": lambda world: uploaded(world, workbook("1号楼,1单元,101,60,王桂兰,")).id,
    "home_id": lambda world: world.place.home.id,
    "neighborhood_id": lambda world: world.place.neighborhood.id,
    "person_id": lambda world: world.resident.id,
    "read_back_id": _read_back,
    "request_id": lambda world: asked(world, newcomer(world), home=world.place.home).id,
    "ticket_id": lambda world: world.file().id,
}

FORMS: Mapping[str, Mapping[str, Any]] = {
    "console_calls.answer": {"answer": "agreed"},
    "console_homes.search": {"text": "王"},
    "console_residencies.approve": {"version": "1"},
    "console_residencies.give_back": {"version": "1", "words": "照片看不清"},
    "console_reveal.show": {"fields": "phone", "purpose": "before_visit"},
}
