"""Codes and labels of homes, made from where they are; they follow when a building or a stairwell is renamed."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import AliasSource, Home, HomeAlias, OrgUnit, UnitKind, table_of
from services.errors import Conflict
from services.homes.address import Address, spoken_room
from services.homes.addressing import building_key, stairwell_key

CODE_MOST = 32


class Named(NamedTuple):
    """A home's code and label."""

    code: str
    label: str


def name_of(building: str, stairwell: str | None, room: str) -> Named:
    """Return the code and label of a home, from the names of its units and its canonical room."""
    code = Address(building_key(building), stairwell_key(stairwell) if stairwell else None, None, room).code or ""
    return Named(code, f"{building}{stairwell or ''}{spoken_room(room)}")


def floor_of(room: str) -> int | None:
    """Return the floor that a canonical room number begins with."""
    found = re.fullmatch(r"(负)?(\d{1,2})\d{2}(?:\D.*)?", room)
    if found is None:
        return None
    return -int(found[2]) if found[1] else int(found[2])


def carry(session: Session, unit: OrgUnit, before: str, now: dt.datetime) -> None:
    """Let the homes of a building or stairwell that was just renamed follow; their old codes stay as aliases.

    Raises ``Conflict`` when another building already goes by the new number: two homes would be one.
    """
    if unit.kind not in {UnitKind.BUILDING, UnitKind.STAIRWELL}:
        return
    changed: list[dict[str, Any]] = []
    for home, building, stairwell in _homes_of(session, unit):
        old = _beginning(*((before, None) if unit.kind is UnitKind.BUILDING else (building, before)))
        new = _beginning(*((unit.name, None) if unit.kind is UnitKind.BUILDING else (building, stairwell)))
        # A label or code that does not begin with the name was given by somebody, and stays.
        code = new.code + home.code[len(old.code) :] if home.code.startswith(old.code) else home.code
        label = new.label + home.label[len(old.label) :] if home.label.startswith(old.label) else home.label
        if (code, label) != (home.code, home.label):
            changed.append({"home_id": home.id, "new_code": code, "new_label": label, "old_code": home.code})
    if not changed:
        return
    moved = [row for row in changed if row["new_code"] != row["old_code"]]
    _refuse_taken(session, unit, moved)
    session.execute(
        sa.update(table_of(Home))
        .where(table_of(Home).c.id == sa.bindparam("home_id"))
        .values(code=sa.bindparam("new_code"), label=sa.bindparam("new_label")),
        changed,
    )
    _keep_old_codes(session, unit, moved, now)
    session.expire_all()


def _homes_of(session: Session, unit: OrgUnit) -> list[tuple[Home, str, str | None]]:
    """Return the homes of a unit with the names of their building and stairwell."""
    building, stairwell = aliased(OrgUnit), aliased(OrgUnit)
    column = Home.building_id if unit.kind is UnitKind.BUILDING else Home.stairwell_id
    rows = session.execute(
        sa.select(Home, building.name, stairwell.name)
        .join(building, building.id == Home.building_id)
        .outerjoin(stairwell, stairwell.id == Home.stairwell_id)
        .where(column == unit.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _beginning(building: str, stairwell: str | None) -> Named:
    """Return how codes and labels of a building or stairwell begin."""
    keys = [building_key(building), *([stairwell_key(stairwell)] if stairwell else [])]
    return Named("-".join([*keys, ""]), f"{building}{stairwell or ''}")


def _refuse_taken(session: Session, unit: OrgUnit, moved: Sequence[dict[str, Any]]) -> None:
    ids = [row["home_id"] for row in moved]
    taken = sa.select(Home.code).where(
        Home.neighborhood_id == unit.neighborhood_id,
        Home.code.in_([row["new_code"] for row in moved]),
        Home.id.not_in(ids),
    )
    code = session.scalar(taken.limit(1))
    if code is not None:
        raise Conflict(
            f"改成“{unit.name}”以后，会和别的楼的“{code}”重号。请换一个名称，或者先改那栋楼。", code="home_code_taken"
        )


def _keep_old_codes(session: Session, unit: OrgUnit, moved: Sequence[dict[str, Any]], now: dt.datetime) -> None:
    """Old codes become aliases, unless another home has the name by now; a code that comes back is no alias any more."""
    if not moved:
        return
    live = sa.and_(HomeAlias.neighborhood_id == unit.neighborhood_id, HomeAlias.ends_at.is_(None))
    codes = [row["new_code"] for row in moved]
    session.execute(
        sa.update(HomeAlias)
        .where(live, HomeAlias.key.in_(codes), HomeAlias.home_id.in_([row["home_id"] for row in moved]))
        .values(ends_at=now)
        .execution_options(synchronize_session=False)
    )
    old = [row["old_code"] for row in moved]
    taken = set(session.scalars(sa.select(HomeAlias.key).where(live, HomeAlias.key.in_(old))))
    taken |= set(
        session.scalars(sa.select(Home.code).where(Home.neighborhood_id == unit.neighborhood_id, Home.code.in_(old)))
    )
    rows = [
        {
            "neighborhood_id": unit.neighborhood_id,
            "home_id": row["home_id"],
            "key": row["old_code"],
            "raw": row["old_code"],
            "source": AliasSource.RENAMED,
            "created_at": now,
        }
        for row in moved
        if row["old_code"] not in taken
    ]
    if rows:
        session.execute(sa.insert(table_of(HomeAlias)), rows)
