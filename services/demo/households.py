"""Homes and who lives in them: about 3.2 people to a home, owners of the older generation first."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

from models import Evidence, Home, Residency, ResidencyKind
from services.demo.bulk import BulkWriter
from services.demo.names import person_name
from services.demo.people import People
from services.demo.plan import Door
from services.demo.tree import Node

RENTED = 0.12  # share of homes with tenants
CO_OWNED_RENTED, CO_OWNED = 0.4, 0.65
TENANTS = ((1, 2, 3), (3, 4, 3))  # how many, and how often
FAMILY = ((0, 1, 2, 3, 4), (20, 30, 32, 13, 5))
SHARES_SURNAME = 0.6  # of the family with the owner
HAS_PHONE = {  # old owners and small children often have none
    ResidencyKind.OWNER: 0.88,
    ResidencyKind.CO_OWNER: 0.85,
    ResidencyKind.FAMILY: 0.7,
    ResidencyKind.TENANT: 0.97,
}
DAYS_LIVED = {  # fewest and most days since the residency began
    ResidencyKind.OWNER: (1500, 4500),
    ResidencyKind.CO_OWNER: (1500, 4500),
    ResidencyKind.FAMILY: (200, 4500),
    ResidencyKind.TENANT: (10, 900),
}


@dataclass(frozen=True)
class Landing:
    """A stairwell as its homes need it: the nodes, and the numbers of building and stairwell."""

    building: Node
    stairwell: Node
    building_number: int
    stairwell_number: int

    def code_of(self, door: Door) -> str:
        """Return a home's code within the neighborhood: ``14-2-501``."""
        return f"{self.building_number}-{self.stairwell_number}-{door.room}"

    def label_of(self, door: Door) -> str:
        """Return a home's place as people say it: 14号楼2单元501室."""
        return f"{self.building_number}号楼{self.stairwell_number}单元{door.room}室"


@dataclass(frozen=True)
class Dweller:
    """Somebody who shall live in a home or own it."""

    kind: ResidencyKind
    name: str


class Households:
    """Writes homes and residencies."""

    def __init__(self, writer: BulkWriter, people: People, rng: random.Random, now: dt.datetime) -> None:
        self._writer = writer
        self._people = people
        self._rng = rng
        self._now = now

    def add_home(self, landing: Landing, door: Door) -> int:
        """Write a home and return the id."""
        home_id = self._writer.new_id(Home)
        self._writer.add(
            Home,
            id=home_id,
            neighborhood_id=landing.building.neighborhood_id,
            building_id=landing.building.id,
            stairwell_id=landing.stairwell.id,
            floor=door.floor,
            room=door.room,
            code=landing.code_of(door),
            label=landing.label_of(door),
            area_centi=door.area_centi,
        )
        return home_id

    def fill(self, landing: Landing, home_id: int) -> None:
        """Write the people of a home."""
        for dweller in self._household():
            phone = self._people.new_phone() if self._rng.random() < HAS_PHONE[dweller.kind] else None
            self.move_in(landing, home_id, self._people.add(dweller.name, phone), dweller.kind)

    def move_in(self, landing: Landing, home_id: int, person_id: int, kind: ResidencyKind) -> None:
        """Write that a person lives in a home or owns it."""
        self._writer.add(
            Residency,
            id=self._writer.new_id(Residency),
            neighborhood_id=landing.building.neighborhood_id,
            home_id=home_id,
            person_id=person_id,
            kind=kind,
            evidence=Evidence.REGISTRATION,
            starts_at=self._now - dt.timedelta(days=self._rng.randint(*DAYS_LIVED[kind])),
            ends_at=None,
        )

    def _household(self) -> Iterator[Dweller]:
        rng = self._rng
        owner = person_name(rng, elder=True)
        yield Dweller(ResidencyKind.OWNER, owner)
        rented = rng.random() < RENTED
        if rng.random() < (CO_OWNED_RENTED if rented else CO_OWNED):
            yield Dweller(ResidencyKind.CO_OWNER, person_name(rng, elder=True))
        kind, (counts, weights) = (ResidencyKind.TENANT, TENANTS) if rented else (ResidencyKind.FAMILY, FAMILY)
        for _ in range(rng.choices(counts, weights)[0]):
            related = not rented and rng.random() < SHARES_SURNAME
            yield Dweller(kind, person_name(rng, elder=False, family=owner[0] if related else None))
