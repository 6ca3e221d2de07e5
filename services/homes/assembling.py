"""How the numbers of a text may be put together to an address: every way that makes sense, with what it takes for granted.

The less a reading takes for granted (its cost), the likelier it is.  Pure: no database.
"""

import re
from collections.abc import Iterator

from services.homes.address import SHORT, Address, room_key
from services.homes.scanning import Item, Kind, Role

MOST_FLOORS = 60
MOST_STAIRWELLS = 30
DEEPEST = -5
ROOM_DIGITS = (3, 4)
SPLITS = {4: ((1, 3),), 5: ((2, 3), (1, 4), (1, 1, 3)), 6: ((2, 1, 3), (1, 2, 3))}
"""How a run of digits without any dash may fall apart: 142501 is 14-2-501."""

Parts = dict[Role, Item]


def readings(items: tuple[Item, ...], highest_floor: int | None) -> Iterator[tuple[Address, int]]:
    """Yield every reading with its cost: how many liberties it takes."""
    ordered = sorted(items, key=lambda item: item.roles[0]) if all(item.only for item in items) else items
    for parts, cost in _assigned(tuple(ordered), {}, highest_floor):
        address = assembled(parts, highest_floor)
        if address is not None:
            yield address[0], cost + address[1]


def _assigned(items: tuple[Item, ...], taken: Parts, highest: int | None) -> Iterator[tuple[Parts, int]]:
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


def _cost(role: Role, item: Item, taken: Parts, rest: tuple[Item, ...]) -> int:
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


def _joined(first: Item, rest: tuple[Item, ...], taken: Parts) -> Iterator[tuple[Item, tuple[Item, ...], int]]:
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


def _split(item: Item, taken: Parts, highest: int | None) -> Iterator[tuple[Parts, int]]:
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


def assembled(parts: Parts, highest: int | None) -> tuple[Address, int] | None:
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
