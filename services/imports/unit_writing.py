"""Buildings and stairwells that a workbook names and that are not there yet, written by a few statements."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, OrgUnit, UnitKind, table_of
from services.bulk_ids import new_ids
from services.errors import Conflict
from services.homes.address import Address
from services.imports import changes
from services.imports.registered import Places
from services.org import tree


@dataclass(frozen=True)
class Unit:
    """A building or stairwell."""

    id: int
    name: str
    path: str


class Units:
    """The units below one neighborhood, those that are there and those that are made."""

    def __init__(self, session: Session, batch: ImportBatch, places: Places, now: dt.datetime) -> None:
        self._session = session
        self._batch = batch
        self._places = places
        self._now = now
        self._known: dict[int, Unit] = {}
        self._root = session.get_one(OrgUnit, batch.neighborhood_id)

    def building(self, key: str) -> Unit:
        """Return a building by its key."""
        return self._unit(self._places.buildings[key])

    def stairwell(self, building: str, key: str) -> Unit:
        """Return a stairwell by its building and key."""
        return self._unit(self._places.stairwells[building, key])

    def make(self, wanted: Iterable[tuple[str, str | None]]) -> dict[str, int]:
        """Make what is not there; return how many buildings and stairwells that were."""
        pairs = dict.fromkeys(wanted)
        buildings = list(dict.fromkeys(key for key, _ in pairs if key not in self._places.buildings))
        if buildings and not self._batch.options.get("new_buildings"):
            raise Conflict("检查以后，有楼栋被撤销了。请重新检查一次，再导入。", code="import_stale")
        names = [(self._root, Address(building=key).spoken) for key in buildings]
        made = dict(zip(buildings, self._insert(UnitKind.BUILDING, names), strict=True))
        self._places.buildings |= {key: unit.id for key, unit in made.items()}
        stairwells = [pair for pair in pairs if pair[1] and pair not in self._places.stairwells]
        inner = [(self.building(building), f"{key}单元") for building, key in stairwells]
        found = self._insert(UnitKind.STAIRWELL, inner)
        for (building, key), unit in zip(stairwells, found, strict=True):
            self._places.stairwells[building, key or ""] = unit.id
        if not made and not found:
            return {}
        return {"buildings": len(made), "stairwells": len(found)}

    def _insert(self, kind: UnitKind, wanted: Sequence[tuple[Unit | OrgUnit, str]]) -> list[Unit]:
        if not wanted:
            return []
        tree.lock(self._session)
        units = [
            Unit(unit_id, name, f"{parent.path}{unit_id}/")
            for unit_id, (parent, name) in zip(new_ids(self._session, "org_unit", len(wanted)), wanted, strict=True)
        ]
        self._session.execute(
            sa.insert(table_of(OrgUnit)),
            [
                {
                    "id": unit.id,
                    "parent_id": parent.id,
                    "kind": kind,
                    "name": unit.name,
                    "path": unit.path,
                    "neighborhood_id": self._batch.neighborhood_id,
                    "starts_at": self._now,
                }
                for unit, (parent, _) in zip(units, wanted, strict=True)
            ],
        )
        self._known |= {unit.id: unit for unit in units}
        changes.made(self._session, self._batch, "org_unit", [unit.id for unit in units])
        return units

    def _unit(self, unit_id: int) -> Unit:
        if unit_id not in self._known:
            row = self._session.execute(
                sa.select(OrgUnit.id, OrgUnit.name, OrgUnit.path).where(OrgUnit.id == unit_id)
            ).one()
            self._known[unit_id] = Unit(row.id, row.name, row.path)
        return self._known[unit_id]
