"""What an address is: building, stairwell, floor, room, and how they are written and read out.  Pure: no database.

The canonical code of a home is ``building-stairwell-room`` (``14-2-501``), or ``building-room`` where there is no
stairwell.  It splits at its dashes into exactly these parts: a dash inside a building's own name is written 之
(``14之1-2-501``), a door number below 100 carries its 号 (``14-2-5号``), a shop its word (``14-门市3``).
"""

import re
from dataclasses import dataclass

SHORT = 2  # digits of a door number that does not begin with its floor
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
