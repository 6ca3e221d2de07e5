"""An address as people write or say it becomes building, stairwell, floor and room.  Pure: no database.

``read`` never guesses silently.  It returns every reading that makes sense, the likeliest first.  ``Reading.sure`` is the
one that can be acted on without asking; it is empty when two are equally likely, when words were left over, or when it is
only half an address.

The canonical code of a home is ``building-stairwell-room`` (``14-2-501``), or ``building-room`` where there is no
stairwell.  It splits at its dashes into exactly these parts: a dash inside a building's own name is written 之
(``14之1-2-501``), a door number below 100 carries its 号 (``14-2-5号``), a shop its word (``14-门市3``).

For bulk work: ``read`` for a column that holds a whole address, ``read_columns`` where building, stairwell and room have
columns of their own; ``services.homes.matching.Book`` compares readings with the homes that are there.  A row takes about
0.1 ms; names of buildings and stairwells are remembered.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from services.homes.scanning import Item, Kind, Role, scan
from services.homes.spelling import fold

MOST_FLOORS = 60
MOST_STAIRWELLS = 30
DEEPEST = -5
SHORT = 2  # digits of a door number that does not begin with its floor
ROOM_DIGITS = (3, 4)
SPLITS = {4: ((1, 3),), 5: ((2, 3), (1, 4), (1, 1, 3)), 6: ((2, 1, 3), (1, 2, 3))}
"""How a run of digits without any dash may fall apart: 142501 is 14-2-501."""
ASSETS = frozenset({"仓房", "车库", "车位"})


@dataclass(frozen=True, slots=True)
class Address:
    """What a text says about a place.  What it does not say is empty."""

    building: str | None = None
    """``14``, ``甲3``, ``14之1``, ``3排``, ``B``."""
    stairwell: str | None = None
    floor: int | None = None
    room: str | None = None
    """``501``, ``5号``, ``501A``, ``门市3``, ``仓房12``."""
    side: str | None = None
    """Which door of the landing was said: 左, 右, 东, 西, 中."""

    @property
    def code(self) -> str | None:
        """The canonical code; empty unless building and room are known."""
        if self.building is None or self.room is None:
            return None
        return "-".join(part for part in (self.building, self.stairwell, self.room) if part)

    @property
    def is_asset(self) -> bool:
        """Whether it is a shed, a garage or a parking space, which are not homes."""
        return self.room is not None and any(self.room.startswith(word) for word in ASSETS)

    @property
    def spoken(self) -> str:
        """As it is read out: 14号楼2单元5层."""
        building = self.building and (self.building if self.building.endswith("排") else f"{self.building}号楼")
        parts = [building, self.stairwell and f"{self.stairwell}单元"]
        if self.room:
            parts.append(spoken_room(self.room))
        elif self.floor is not None:
            parts.append(f"{self.floor}层" if self.floor > 0 else f"地下{-self.floor}层")
        return "".join(part for part in parts if part)


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
    for address, cost in _readings(scanned.numbers, highest_floor):
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
    bare = re.fullmatch(r"(\d+[A-Z]?)(?:号|室|号房|号室|房|户)?", fold(room))
    if bare:
        parts = {Role.BUILDING: key, Role.STAIRWELL: well, Role.FLOOR: floor and str(floor), Role.ROOM: bare[1]}
        one = _address({role: Item(str(value), (role,), Kind.MARKED) for role, value in parts.items() if value}, None)
        return Reading(folded, (one[0],) if one else ())
    inner = read(room, names=names)
    known = Address(key, well, floor)
    found = [_filled(said, known) for said in inner.all if said.room and _agree(said, known)]
    if inner.folded and "-" not in inner.folded and not inner.candidates:  # a name, such as 东屋
        found = [Address(key, well, floor, f"{floor}层{inner.folded}" if floor else inner.folded)]
    return Reading(folded, tuple(found[:1]), tuple(dict.fromkeys(found[1:])))


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


def room_key(number: str, floor: int | None = None) -> str:
    """Return a room's canonical form: 0501 is ``501``, door 1 on floor 5 is ``501``, a door without a floor ``5号``."""
    found = re.fullmatch(r"(\d+)(.*)", number)
    if found is None:
        return number
    plain, rest = found[1].lstrip("0") or "0", found[2]
    if len(plain) > SHORT:
        return plain + rest
    if floor is None:
        return f"{plain}{rest}号"
    return f"{floor}{int(plain):02d}{rest}" if floor > 0 else f"负{-floor}{int(plain):02d}{rest}"


def spoken_room(room: str) -> str:
    """Return a room as labels show it: 501室, 5号, 门市3."""
    return f"{room}室" if room[:1].isdigit() and not room.endswith("号") else room


def _readings(items: tuple[Item, ...], highest_floor: int | None) -> Iterator[tuple[Address, int]]:
    """Yield every reading with its cost: how many liberties it takes."""
    ordered = sorted(items, key=lambda item: item.roles[0]) if all(item.only for item in items) else items
    for parts, cost in _assigned(tuple(ordered), {}, highest_floor):
        address = _address(parts, highest_floor)
        if address is not None:
            yield address[0], cost + address[1]


_Parts = dict[Role, Item]


def _assigned(items: tuple[Item, ...], taken: _Parts, highest: int | None) -> Iterator[tuple[_Parts, int]]:
    if not items:
        if taken:
            yield taken, 0
        return
    first, rest = items[0], items[1:]
    last = max(taken, default=None)
    for role in Role:
        if role not in first.roles or (last is not None and role <= last):
            continue
        for after, cost in _assigned(rest, {**taken, role: first}, highest):
            yield after, cost + _cost(role, first, taken, rest)
    for joined, remaining, liberty in _joined(first, rest, taken):
        for after, cost in _assigned(remaining, {**taken, joined.roles[0]: joined}, highest):
            yield after, cost + liberty
    if len(items) == 1 and last in {None, Role.BUILDING}:
        yield from _split(first, taken, highest)


def _cost(role: Role, item: Item, taken: _Parts, rest: tuple[Item, ...]) -> int:
    """Return how unlikely it is that a number without a mark of its own plays this part."""
    if item.only:
        return 0
    if item.kind is Kind.MARKED:  # 1#101 is building 1, 14#2#501 has a stairwell
        return 2 if role is Role.STAIRWELL and Role.BUILDING not in taken else 0
    length = len(item.value)
    if role is Role.BUILDING:
        return 0 if length <= SHORT or not item.value.isdigit() else 3 * (length - SHORT)
    if role is Role.STAIRWELL:
        return 0 if Role.BUILDING in taken else 2
    if role is Role.FLOOR:
        agreed = bool(rest) and (len(rest[0].value) <= SHORT or rest[0].value.startswith(item.value))
        return (0 if Role.STAIRWELL in taken else 1) + (0 if Role.BUILDING in taken else 1) + (0 if agreed else 1)
    return 0 if length > SHORT or Role.FLOOR in taken else 1


def _joined(first: Item, rest: tuple[Item, ...], taken: _Parts) -> Iterator[tuple[Item, tuple[Item, ...], int]]:
    """Yield what two numbers with a dash between them may be together: building 14-1, or room 501-1."""
    if not rest or not first.dashed or first.kind is not Kind.PLAIN:
        return
    second = rest[0]
    both = first.value.isdigit() and second.value.isdigit() and len(second.value) <= SHORT
    if both and not taken and Role.BUILDING in second.roles and len(first.value) <= SHORT:
        liberty = 2 if second.kind is Kind.PLAIN else 1 if second.roles == (Role.BUILDING, Role.ROOM) else 0
        value = f"{int(first.value)}之{int(second.value)}"
        yield Item(value, (Role.BUILDING,), Kind.MARKED), rest[1:], liberty
    if both and len(rest) == 1 and len(first.value) in ROOM_DIGITS and Role.ROOM in second.roles:
        yield Item(f"{first.value}之{int(second.value)}", (Role.ROOM,), Kind.MARKED), (), 1


def _split(item: Item, taken: _Parts, highest: int | None) -> Iterator[tuple[_Parts, int]]:
    """Yield how a run of digits may fall apart into what is still missing."""
    if Role.ROOM not in item.roles or not item.value.isdigit():
        return
    for lengths in SPLITS.get(len(item.value), ()):
        at, numbers = 0, []
        for length in lengths:
            numbers.append(item.value[at : at + length])
            at += length
        roles = [role for role in (Role.BUILDING, Role.STAIRWELL, Role.ROOM) if role not in taken]
        if len(numbers) < len(roles):
            roles.remove(Role.STAIRWELL)
        if len(numbers) != len(roles) or any(number.startswith("0") for number in numbers):
            continue
        parts = {role: Item(number, (role,), Kind.MARKED) for role, number in zip(roles, numbers, strict=True)}
        known = highest is not None and int(item.value[:-2]) <= highest
        yield {**taken, **parts}, 1 if known else 0


def _address(parts: _Parts, highest: int | None) -> tuple[Address, int] | None:
    """Put the parts together; nothing when they contradict each other or no such house can be."""
    values = {role: item.value for role, item in parts.items()}
    building, stairwell = _plain(values.get(Role.BUILDING)), _plain(values.get(Role.STAIRWELL))
    floor, room = _floor(values.get(Role.FLOOR)), values.get(Role.ROOM)
    number = re.fullmatch(r"(\d+)(\D.*)?", room) if room else None
    cost = 0
    if number:
        plain = number[1].lstrip("0")
        room = room_key(number[0], floor)
        if len(plain) > SHORT:
            own = int(plain[:-2])
            if own > (MOST_FLOORS if highest is None else highest) or floor not in {None, own}:
                return None
            floor, cost = own, 2 if plain.endswith("00") else 0
    too_many = stairwell is not None and stairwell.isdigit() and int(stairwell) > MOST_STAIRWELLS
    nothing = "0" in {building, stairwell, number and _plain(number[1])} or floor == 0
    deep_or_high = floor is not None and not DEEPEST <= floor <= MOST_FLOORS
    if too_many or nothing or deep_or_high:
        return None
    return Address(building, stairwell, floor, room), cost


def _plain(value: str | None) -> str | None:
    return str(int(value)) if value is not None and value.isdigit() else value


def _floor(value: str | None) -> int | None:
    if value is None:
        return None
    return -int(value[1:]) if value.startswith("负") else int(value)
