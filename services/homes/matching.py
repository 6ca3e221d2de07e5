"""Which home is meant: readings of a text against all the homes of a neighborhood, held in memory.  For bulk work.

Load a ``Book`` once, then ask it row by row; nothing is queried any more.  A home that is made meanwhile is told with
``add``, so that a later row finds it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Home, HomeAlias, OrgUnit, UnitKind
from services.homes.address import Address
from services.homes.addressing import Reading, read, read_columns


@dataclass(frozen=True)
class Match:
    """What a text means here."""

    reading: Reading
    home_ids: tuple[int, ...] = ()
    """Homes that are there and may be meant, the likeliest first."""
    exact: bool = False
    """The text is a code or an alias as it stands."""
    elsewhere: bool = False
    """It begins with the name of another neighborhood."""

    @property
    def home_id(self) -> int | None:
        """The one home that is meant beyond doubt."""
        sure = len(self.home_ids) == 1 and (self.exact or not (self.reading.words or self.elsewhere))
        return self.home_ids[0] if sure else None

    @property
    def new(self) -> Address | None:
        """Where a home would have to be made: a whole address, understood without doubt, that nothing here answers to."""
        return None if self.home_ids or self.elsewhere else self.reading.sure


@dataclass
class Book:
    """Every name of every home of one neighborhood."""

    names: tuple[str, ...] = ()
    """Of the neighborhood: its name and its code."""
    buildings: tuple[str, ...] = ()
    highest_floor: int | None = None
    _by_name: dict[str, int] = field(default_factory=dict)
    _by_door: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def load(cls, session: Session, neighborhood_id: int) -> "Book":
        """Read the homes and aliases of a neighborhood: four statements, about 2 µs a home."""
        place = session.get_one(OrgUnit, neighborhood_id)
        names = session.scalars(
            sa.select(OrgUnit.name).where(
                OrgUnit.neighborhood_id == neighborhood_id,
                OrgUnit.kind == UnitKind.BUILDING,
                OrgUnit.closed_at.is_(None),
            )
        )
        book = cls((place.name, *([place.code] if place.code else [])), tuple(names))
        aliases = session.execute(
            sa.select(HomeAlias.key, HomeAlias.home_id).where(
                HomeAlias.neighborhood_id == neighborhood_id, HomeAlias.ends_at.is_(None)
            )
        )
        book._by_name = {row.key: row.home_id for row in aliases}
        homes = session.execute(
            sa.select(Home.id, Home.code, Home.floor).where(Home.neighborhood_id == neighborhood_id)
        )
        for home_id, code, floor in homes:
            book.add(home_id, code)
            if floor is not None and floor > (book.highest_floor or 0):
                book.highest_floor = floor
        return book

    def add(self, home_id: int, code: str) -> None:
        """Tell of a home that was made."""
        self._by_name[code] = home_id
        building, _, rest = code.partition("-")
        if "-" in rest:
            self._by_door[building, rest.rpartition("-")[2]].append(home_id)

    def find(self, text: str) -> Match:
        """Return what a whole address means."""
        reading = read(text, names=self.names, buildings=self.buildings, highest_floor=self.highest_floor)
        known = self._by_name.get(reading.folded)
        if known is not None:
            return Match(reading, (known,), exact=True)
        elsewhere = reading.place.endswith("小区") and not any(name in reading.place for name in self.names)
        return Match(reading, self._homes(reading.all), elsewhere=elsewhere)

    def find_columns(self, *, building: str, stairwell: str | None, room: str, floor: int | None = None) -> Match:
        """Return what an address in columns means."""
        reading = read_columns(building=building, stairwell=stairwell, room=room, floor=floor, names=self.names)
        return Match(reading, self._homes(reading.all))

    def _homes(self, readings: Iterable[Address]) -> tuple[int, ...]:
        named = [(address, code) for address in readings if (code := address.code)]
        found = [self._by_name[code] for _, code in named if code in self._by_name]
        if not found:  # the stairwell was left out
            for address, _ in named:
                if address.stairwell is None:
                    found += self._by_door.get((address.building or "", address.room or ""), [])
        return tuple(dict.fromkeys(found))
