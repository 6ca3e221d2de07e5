"""New homes, and homes that were written down in the wrong place."""

import pytest

from models import HomeUse, UnitKind
from services.errors import Conflict, InvalidInput, NotFound
from services.homes import aliases, making
from tests.refusals import raises_refusal
from tests.world import NOW, new_unit


def create(world, room, *, person=None, role=None, building=None, stairwell=None, floor=None):
    return making.create(
        world.session,
        actor=world.actor(person or world.manager, role),
        building_id=(building or world.place.building).id,
        stairwell_id=stairwell and stairwell.id,
        room=room,
        floor=floor,
        use=HomeUse.DWELLING,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("room", "floor", "code", "label", "on"),
    [
        ("0501室", None, "1-2-501", "1号楼2单元501室", 5),
        ("五零二", None, "1-2-502", "1号楼2单元502室", 5),
        ("1", 3, "1-2-301", "1号楼2单元301室", 3),
        ("5号", None, "1-2-5号", "1号楼2单元5号", None),
        ("门市3", None, "1-2-门市3", "1号楼2单元门市3", None),
    ],
)
def test_a_home_is_made_under_its_canonical_code(world, room, floor, code, label, on):
    stairwell = new_unit(world.session, UnitKind.STAIRWELL, "2单元", world.place.building)
    home = create(world, room, stairwell=stairwell, floor=floor)
    assert (home.code, home.label, home.floor) == (code, label, on)


@pytest.mark.parametrize("room", ["", "0", "仓房3", "2-501-3-4", "%"])
def test_a_room_that_is_none_is_refused(world, room):
    with raises_refusal(InvalidInput, "room_invalid"):
        create(world, room)


def test_a_home_is_made_once_and_only_below_ones_node(world):
    create(world, "301")
    with raises_refusal(Conflict, "home_exists"):
        create(world, "三零一室")
    with raises_refusal(NotFound, "unit_not_found"):
        create(world, "302", person=world.foreign_manager)
    elsewhere = new_unit(world.session, UnitKind.STAIRWELL, "1单元", world.place.other_building)
    with raises_refusal(InvalidInput, "stairwell_wrong"):
        create(world, "302", stairwell=elsewhere)
    with raises_refusal(InvalidInput, "not_a_building"):
        create(world, "302", building=world.place.grid)


def test_a_home_that_was_in_the_wrong_place_is_found_under_both_codes(world):
    home = create(world, "301")
    making.move(
        world.session,
        actor=world.actor(world.clerk),
        home_id=home.id,
        stairwell_id=None,
        room="302",
        floor=None,
        now=NOW,
    )
    assert (home.code, home.label) == ("1-302", "1号楼302室")
    assert [alias.key for alias in aliases.of_home(world.session, home.id)] == ["1-301"]
    with raises_refusal(Conflict, "home_exists"):  # the old number still means the first one
        create(world, "301")
