"""How large a made-up town can be, and how its homes are spread."""

import random

import pytest

from services.demo.names import ordinal
from services.demo.plan import DOORS, FLOORS, Plan, parts, runs, shop_rooms, stairwells_per_building
from services.errors import InvalidInput


@pytest.mark.parametrize(
    ("neighborhoods", "homes", "option"),
    [(0, 600, "--neighborhoods"), (201, 20_000, "--neighborhoods"), (2, 119, "--homes"), (1, 10_001, "--homes")],
)
def test_refuses_sizes_that_cannot_be_built(neighborhoods: int, homes: int, option: str) -> None:
    with pytest.raises(InvalidInput, match=option):
        Plan(neighborhoods, homes)


@pytest.mark.parametrize("homes", [60, 61, 71, 72, 73, 600, 1575, 10_000])
def test_shops_make_the_count_come_out_exactly(homes: int) -> None:
    shops = shop_rooms(homes)
    assert len(shops) * FLOORS * DOORS - sum(shops) == homes
    assert all(0 <= count <= DOORS for count in shops)
    buildings = stairwells_per_building(homes, random.Random(1))
    assert sum(buildings) == len(shops)
    assert max(buildings) - min(buildings) <= 1


def test_parts_are_even_and_grids_counted_as_people_count() -> None:
    assert parts("abcdefgh", 3) == ["abc", "def", "gh"]
    assert runs(range(14), 5) == [range(5), range(5, 10), range(10, 14)]
    found = [ordinal(number) for number in (1, 10, 11, 20, 23, 99)]
    assert found == ["第一", "第十", "第十一", "第二十", "第二十三", "第九十九"]
