"""Which of the homes that are there is meant."""

import pytest

from models import AliasSource, Home, HomeAlias
from services.homes.matching import Book
from tests.world import LONG_AGO


@pytest.fixture
def book(world):
    """Building 1 has homes in two stairwells, building 14-1 one that could be taken for building 14."""
    place = world.place
    for code, floor in (("1-2-201", 2), ("1-2-601", 6), ("14之1-501", 5), ("14-1-501", 5), ("2-门市3", None)):
        add(world, place, code, floor)
    home = add(world, place, "1-2-501", 5)
    for key, raw in (("3-301", "3栋301"), ("老锅炉房", "老锅炉房")):
        world.session.add(
            HomeAlias(
                neighborhood_id=place.neighborhood.id,
                home_id=home.id,
                key=key,
                raw=raw,
                source=AliasSource.STATION,
                created_at=LONG_AGO,
            )
        )
    world.session.flush()
    return Book.load(world.session, place.neighborhood.id)


def add(world, place, code, floor=None):
    home = Home(
        neighborhood_id=place.neighborhood.id,
        building_id=place.building.id,
        room=code.rpartition("-")[2],
        floor=floor,
        code=code,
        label=code,
    )
    world.session.add(home)
    world.session.flush()
    return home


def codes(world, match):
    return [world.session.get_one(Home, home_id).code for home_id in match.home_ids]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1号楼2单元201室", "1-2-201"),
        ("1楼二单元六楼1号", "1-2-601"),
        ("1-601", "1-2-601"),  # only one stairwell has it
        ("一栋六零一", "1-2-601"),
        ("12601", "1-2-601"),
        ("彩进小区1-2-201", "1-2-201"),
        ("三栋三零一", "1-2-501"),  # an alias
        ("老锅炉房", "1-2-501"),
        ("2号楼3号门市", "2-门市3"),
        ("14-1号楼501", "14之1-501"),
    ],
)
def test_the_one_home_that_is_meant(world, book, text, code):
    match = book.find(text)
    assert match.home_id is not None
    assert codes(world, match) == [code]


def test_when_two_homes_may_be_meant_nobody_decides(world, book):
    match = book.find("1-201")
    assert (match.home_id, match.new) == (None, None)
    assert set(codes(world, match)) == {"1-1-201", "1-2-201"}
    assert book.find("14-1-501").home_id == book.find("14号楼1单元501").home_id  # the code itself is beyond doubt
    assert len(book.find("14-1-501室").home_ids) == 2


def test_where_no_home_is_one_can_be_made(book):
    match = book.find("9号楼1单元101")
    assert match.home_ids == ()
    assert match.new is not None
    assert match.new.code == "9-1-101"


def test_a_home_that_was_made_meanwhile_is_found(book):
    book.add(77, "9-1-101")
    assert book.find("9号楼101").home_id == 77


def test_words_and_other_neighborhoods_are_never_sure(book):
    assert book.find("1号楼2单元201室王大爷").home_id is None
    assert book.find("新立小区1-2-201").home_id is None
    assert book.find("新立小区9-2-201").new is None


def test_columns_are_matched_in_the_same_way(world, book):
    assert codes(world, book.find_columns(building="1#", stairwell="2", room="201")) == ["1-2-201"]
    assert codes(world, book.find_columns(building="1号楼", stairwell=None, room="601")) == ["1-2-601"]
    assert book.find_columns(building="9", stairwell="1", room="101").new.code == "9-1-101"


def test_the_highest_floor_is_known_from_the_homes(book):
    assert book.highest_floor == 6
    assert book.find("9栋1201").new.code == "9-1-201"


def test_a_book_holds_one_neighborhood(world, book):
    add(world, world.elsewhere, "7-7-701")
    assert Book.load(world.session, world.place.neighborhood.id).find("7-7-701").home_ids == ()
