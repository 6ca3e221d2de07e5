"""Renaming a building or a stairwell carries the homes in it."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import Home, HomeAlias, UnitKind
from services.errors import Conflict
from services.homes.matching import Book
from services.homes.naming import floor_of, name_of
from services.org import tree
from tests.world import NOW, new_unit

LATER = NOW + dt.timedelta(hours=1)


def renamed(world, unit, name, now=NOW):
    tree.rename(world.session, actor=world.actor(world.community_officer), unit_id=unit.id, name=name, now=now)
    world.session.flush()
    return world.session.get_one(Home, world.place.home.id)


def test_code_and_label_follow_the_building(world):
    home = renamed(world, world.place.building, "甲3楼")
    assert (home.code, home.label) == ("甲3-1-201", "甲3楼1单元201室")
    assert world.place.other_home.code == "2-1-201"


def test_the_old_code_still_finds_the_home_and_comes_back(world):
    home = renamed(world, world.place.building, "甲3楼")
    book = Book.load(world.session, world.place.neighborhood.id)
    assert book.find("1号楼1单元201").home_id == book.find("甲三楼一单元201").home_id == home.id
    home = renamed(world, world.place.building, "1号楼", LATER)
    assert (home.code, home.label) == ("1-1-201", "1号楼1单元201室")
    live = world.session.scalars(sa.select(HomeAlias.key).where(HomeAlias.ends_at.is_(None))).all()
    assert live == ["甲3-1-201"]


def test_another_spelling_of_the_number_changes_the_label_only(world):
    home = renamed(world, world.place.building, "1#")
    assert (home.code, home.label) == ("1-1-201", "1#1单元201室")
    assert world.session.scalar(sa.select(sa.func.count()).select_from(HomeAlias)) == 0


def test_a_stairwell_is_followed_too(world):
    stairwell = new_unit(world.session, UnitKind.STAIRWELL, "1单元", world.place.building)
    world.place.home.stairwell_id = stairwell.id
    world.session.flush()
    home = renamed(world, stairwell, "东单元")
    assert (home.code, home.label) == ("1-东-201", "1号楼东单元201室")


def test_two_buildings_never_share_a_number(world):
    with pytest.raises(Conflict) as refused:
        renamed(world, world.place.building, "2栋")
    assert refused.value.reason == "home_code_taken"
    assert "2-1-201" in refused.value.detail


def test_a_label_that_somebody_gave_stays(world):
    world.place.home.label = "老锅炉房"
    world.session.flush()
    home = renamed(world, world.place.building, "甲3楼")
    assert (home.code, home.label) == ("甲3-1-201", "老锅炉房")


def test_an_old_code_is_not_kept_where_another_home_has_it(world):
    place = world.place
    renamed(world, place.building, "3号楼")
    tree.rename(
        world.session,
        actor=world.actor(world.community_officer),
        unit_id=place.other_building.id,
        name="4号楼",
        now=NOW,
    )
    keys = world.session.execute(sa.select(HomeAlias.key, HomeAlias.home_id)).all()
    assert sorted(tuple(row) for row in keys) == [("1-1-201", place.home.id), ("2-1-201", place.other_home.id)]
    renamed(world, place.building, "2号楼", LATER)  # now 2-1-201 is the code of one and the alias of the other
    book = Book.load(world.session, place.neighborhood.id)
    assert book.find("2-1-201").home_id == place.home.id


@pytest.mark.parametrize(
    ("building", "stairwell", "room", "code", "label"),
    [
        ("14号楼", "2单元", "501", "14-2-501", "14号楼2单元501室"),
        ("14#", None, "5号", "14-5号", "14#5号"),
        ("3排", None, "5号", "3排-5号", "3排5号"),
        ("综合楼", None, "门市3", "综合楼-门市3", "综合楼门市3"),
    ],
)
def test_names_are_made_of_the_units(building, stairwell, room, code, label):
    assert name_of(building, stairwell, room) == (code, label)


@pytest.mark.parametrize(("room", "floor"), [("501", 5), ("1203", 12), ("负101", -1), ("5号", None), ("门市3", None)])
def test_the_floor_is_in_the_room(room, floor):
    assert floor_of(room) == floor
