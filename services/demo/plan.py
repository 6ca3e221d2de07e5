"""How large the demonstration is, and how its homes spread over neighborhoods, buildings and floors.

Only numbers here: nothing touches the database.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from services.demo.names import places
from services.errors import InvalidInput

FLOORS = 6
DOORS = 2  # homes per landing
STAIRWELL_HOMES = FLOORS * DOORS
STAIRWELLS_PER_BUILDING = 3.6  # 600 homes make 14 buildings
BUILDINGS_PER_GRID = 5
# Below this the shops that make a count come out even would not fit on the ground floors.
SMALLEST_NEIGHBORHOOD = 5 * STAIRWELL_HOMES
# Above this a neighborhood would have more than 99 grids.
LARGEST_NEIGHBORHOOD = 10_000
MOST_NEIGHBORHOODS = 200  # as many as there are names for, with those of communities and subdistricts
AREA_CENTI = (4500, 7000)  # exclusive area in 0.01 m²

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """How many neighborhoods and homes in all; the same seed gives the same city.

    Raises ``InvalidInput`` for sizes that cannot be built.
    """

    neighborhoods: int = 1
    homes: int = 600
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be built."""
        if not 1 <= self.neighborhoods <= MOST_NEIGHBORHOODS:
            raise InvalidInput(f"小区的个数要在 1 到 {MOST_NEIGHBORHOODS} 之间。请改一下 --neighborhoods。")
        least, most = self.neighborhoods * SMALLEST_NEIGHBORHOOD, self.neighborhoods * LARGEST_NEIGHBORHOOD
        if not least <= self.homes <= most:
            raise InvalidInput(
                f"{self.neighborhoods} 个小区的住房总数要在 {least} 到 {most} 套之间。请改一下 --homes。"
            )


@dataclass(frozen=True)
class Estate:
    """A neighborhood to be built.  ``homes`` comes out exactly."""

    name: str
    code: str
    homes: int
    first: bool
    """Whether the cast lives and works here."""


@dataclass(frozen=True)
class Door:
    """Where a home is within its stairwell.  ``area_centi`` is in 0.01 m²."""

    floor: int
    room: str
    area_centi: int


def estates(plan: Plan, rng: random.Random) -> tuple[list[Estate], Iterator[str]]:
    """Return the neighborhoods of a plan, the cast's first, and the place names that are left over."""
    names = places(rng)
    sizes = _sizes(plan, rng)
    found = [
        Estate(f"{name}小区", f"BX-{letters}", size, first=index == 0)
        for index, ((name, letters), size) in enumerate(zip(names, sizes, strict=False))
    ]
    return found, (name for name, _ in names[plan.neighborhoods :])


def _sizes(plan: Plan, rng: random.Random) -> list[int]:
    """Share the homes out unevenly, as in life, to the exact sum."""
    weights = [rng.uniform(0.6, 1.4) for _ in range(plan.neighborhoods)]
    free = plan.homes - plan.neighborhoods * SMALLEST_NEIGHBORHOOD
    total = sum(weights)
    sizes = [SMALLEST_NEIGHBORHOOD + int(free * weight / total) for weight in weights]
    for index in range(plan.homes - sum(sizes)):  # what rounding down has left
        sizes[index % len(sizes)] += 1
    return sizes


def stairwells_per_building(homes: int, rng: random.Random) -> list[int]:
    """Return for each building of a neighborhood how many stairwells it has."""
    stairwells = math.ceil(homes / STAIRWELL_HOMES)
    buildings = max(1, round(stairwells / STAIRWELLS_PER_BUILDING))
    fewest, longer = divmod(stairwells, buildings)
    larger = set(rng.sample(range(buildings), longer))
    return [fewest + (index in larger) for index in range(buildings)]


def shop_rooms(homes: int) -> list[int]:
    """Return how many ground-floor rooms of each stairwell are shops, so that the neighborhood's count is exact."""
    stairwells = math.ceil(homes / STAIRWELL_HOMES)
    shops = stairwells * STAIRWELL_HOMES - homes
    from_the_end = [min(DOORS, max(0, shops - DOORS * index)) for index in range(stairwells)]
    return from_the_end[::-1]


def doors(shops: int, rng: random.Random) -> list[Door]:
    """Return the homes of one stairwell, without the ground-floor shops.  Homes above each other are of one size."""
    areas = [rng.randint(*AREA_CENTI) for _ in range(DOORS)]
    return [
        Door(floor, f"{floor}{door:02d}", areas[door - 1])
        for floor in range(1, FLOORS + 1)
        for door in range(1, DOORS + 1)
        if floor > 1 or door <= DOORS - shops
    ]


def parts(items: Sequence[T], count: int) -> list[Sequence[T]]:
    """Cut a sequence into ``count`` runs whose lengths differ by one at most, the longer ones first."""
    size, longer = divmod(len(items), count)
    cuts = [index * size + min(index, longer) for index in range(count + 1)]
    return [items[cuts[index] : cuts[index + 1]] for index in range(count)]


def runs(items: Sequence[T], largest: int) -> list[Sequence[T]]:
    """Cut a sequence into as few even runs as keep to ``largest``."""
    return parts(items, math.ceil(len(items) / largest))
