"""An address as people write or say it becomes building, stairwell, floor and room.  Pure: no database.

``read`` never guesses silently.  It returns every reading that makes sense, the likeliest first.  ``Reading.sure`` is the
one that can be acted on without asking; it is empty when two are equally likely, when words were left over, or when it is
only half an address.

For bulk work: ``read`` for a column that holds a whole address, ``read_columns`` where building, stairwell and room have
columns of their own; ``services.homes.matching.Book`` compares readings with the homes that are there.  A row takes about
0.1 ms; names of buildings and stairwells are remembered.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

from services.homes.address import Address
from services.homes.assembling import assembled, readings
from services.homes.scanning import Item, Kind, Role, scan
from services.homes.spelling import fold

_BARE_ROOM = re.compile(r"(\d+[A-Z]?)(?:号|室|号房|号室|房|户)?")


@dataclass(frozen=True)
class Reading:
    """Everything a text may mean.  ``folded`` is how an alias with this text is kept (``HomeAlias.key``)."""

    folded: str
    candidates: tuple[Address, ...]
    """Equally likely, and likelier than ``further``."""
    further: tuple[Address, ...] = ()
    """Possible if a home of that kind is there: ``14-2-501`` as room 501 of building ``14-2``."""
    place: str = ""
    """A neighborhood, street or neighborhood code that stood in front, unchecked."""
    words: str = ""
    """What was not understood."""

    @property
    def sure(self) -> Address | None:
        """The one reading that names a home and can be acted on without asking."""
        if self.words or len(self.candidates) != 1 or self.candidates[0].code is None:
            return None
        return self.candidates[0]

    @property
    def all(self) -> tuple[Address, ...]:
        """Every reading, the likeliest first."""
        return self.candidates + self.further


def read(
    text: str, *, names: Collection[str] = (), buildings: Collection[str] = (), highest_floor: int | None = None
) -> Reading:
    """Read an address.

    ``names`` are those of the neighborhood, to be skipped where they stand in front.  ``buildings`` are names of buildings
    without a number (综合楼).  ``highest_floor`` of the neighborhood decides what ``1栋1201`` is: floor 12, or stairwell 1.
    """
    folded = fold(text)
    scanned = scan(folded, {fold(name) for name in names}, {fold(name): building_key(name) for name in buildings})
    found: dict[Address, int] = {}
    for address, cost in readings(scanned.numbers, highest_floor):
        whole = replace(address, side=scanned.side)
        found[whole] = min(cost, found.get(whole, cost))
    ranked = sorted(found, key=lambda address: found[address])
    best = [address for address in ranked if found[address] == found[ranked[0]]]
    return Reading(folded, tuple(best), tuple(ranked[len(best) :]), scanned.place, scanned.words)


def read_columns(
    *, building: str, stairwell: str | None, room: str, floor: int | None = None, names: Collection[str] = ()
) -> Reading:
    """Read an address whose parts have columns of their own, such as 楼号, 单元, 房号.

    A room column that repeats the whole address (``14-2-501``) is read as such, if it agrees with the others.
    """
    folded = fold(f"{building} {stairwell or ''} {room}")
    key, well = _of_building(building, tuple(names))
    if stairwell and stairwell.strip():
        own = stairwell_key(stairwell)
        if well not in {None, own}:
            return Reading(folded, ())
        well = own
    bare = _BARE_ROOM.fullmatch(fold(room))
    if bare:
        one = _assembled(key, well, floor, bare[1])
        return Reading(folded, (one,) if one else ())
    inner = read(room, names=names)
    known = Address(key, well, floor)
    found = [_filled(said, known) for said in inner.all if said.room and _agree(said, known)]
    if inner.folded and "-" not in inner.folded and not inner.candidates:  # a name, such as 东屋
        found = [Address(key, well, floor, f"{floor}层{inner.folded}" if floor else inner.folded)]
    return Reading(folded, tuple(found[:1]), tuple(dict.fromkeys(found[1:])))


def _assembled(building: str, stairwell: str | None, floor: int | None, room: str) -> Address | None:
    """Put together what stood in columns of its own: the house by itself, the door behind it once for all houses."""
    house, door = _part(building, None, None, None), _part(None, stairwell, floor, room)
    return Address(house.building, door.stairwell, door.floor, door.room) if house and door else None


@lru_cache(8192)  # the same doors come again in each building
def _part(building: str | None, stairwell: str | None, floor: int | None, room: str | None) -> Address | None:
    given = {Role.BUILDING: building, Role.STAIRWELL: stairwell, Role.FLOOR: floor and str(floor), Role.ROOM: room}
    one = assembled({role: Item(str(value), (role,), Kind.MARKED) for role, value in given.items() if value}, None)
    return one[0] if one else None


def _agree(one: Address, other: Address) -> bool:
    pairs = ((one.building, other.building), (one.stairwell, other.stairwell), (one.floor, other.floor))
    return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)


def _filled(said: Address, known: Address) -> Address:
    floor = said.floor if said.floor is not None else known.floor
    return Address(said.building or known.building, said.stairwell or known.stairwell, floor, said.room)


def building_key(name: str, names: Collection[str] = ()) -> str:
    """Return what stands for a building in codes: 14号楼, 14#, 十四栋 are all ``14``, 14-1 is ``14之1``, 综合楼 stays."""
    return _of_building(name, tuple(names))[0]


@lru_cache(4096)
def stairwell_key(name: str) -> str:
    """Return what stands for a stairwell in codes: 2单元, 二门, 2 are all ``2``."""
    folded = fold(name)
    scanned = scan(folded, (), {})
    if scanned.words or len(scanned.numbers) != 1:
        return folded.replace("-", "之")
    return scanned.numbers[0].value.lstrip("0") or folded


@lru_cache(4096)
def _of_building(name: str, names: tuple[str, ...]) -> tuple[str, str | None]:
    """Return the key of a building, and of the stairwell if its column has that in it too (14号楼2单元)."""
    reading = read(name, names=names)
    plain = fold(name).replace("-", "之")
    if reading.words:
        return plain, None
    for said in reading.all:
        if said.building and (said.stairwell, said.floor, said.room) == (None, None, None):
            return said.building, None
    if len(reading.candidates) == 1 and (one := reading.candidates[0]).building and not one.room and one.floor is None:
        return one.building or plain, one.stairwell
    return plain, None
