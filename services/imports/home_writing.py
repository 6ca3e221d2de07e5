"""Writing the homes of a batch with their units, areas and uses: whole chunks by a few statements."""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import EVER, Home, HomeArea, HomeUse, HomeUsePeriod, ImportBatch, table_of
from services import bulk_rows
from services.bulk_ids import new_ids
from services.errors import Conflict
from services.homes.address import spoken_room
from services.homes.naming import floor_of
from services.imports import changes, unit_writing
from services.imports.plans import RowPlan
from services.imports.registered import IN_MOST, Places, parts
from services.vault import Vault

STALE = "检查以后，有人改过这里的房屋。请重新检查一次，再导入。"


_spoken = lru_cache(4_096)(spoken_room)  # the same doors come again in each building
_floor_of = lru_cache(4_096)(floor_of)


class Planned(Protocol):
    """A row that is to be written."""

    @property
    def plan(self) -> RowPlan: ...  # noqa: D102


class Homes:
    """Writes homes, chunk by chunk, inside one transaction."""

    def __init__(
        self,
        session: Session,
        batch: ImportBatch,
        places: Places,
        vault: Vault,
        now: dt.datetime,
        today: dt.date,
    ) -> None:
        self._session = session
        self._batch = batch
        self._places = places
        self._vault = vault
        self._now = now
        self._today = today
        self._units = unit_writing.Units(session, batch, places, now)
        self._made: set[str] = set()
        """Codes of homes that this batch made."""
        self.made: set[int] = set()
        """Ids of homes that this batch made."""

    def write(self, rows: Sequence[Planned]) -> dict[str, int]:
        """Make the homes that are not there, change those that are; return how many of each."""
        plans = [row.plan for row in rows]
        units = self._units.make(
            (plan.building, plan.stairwell) for plan in plans if plan.code not in self._places.homes
        )
        new: dict[str, RowPlan] = {}
        for plan in plans:
            there = plan.code in self._places.homes
            if there and plan.home_id is None and plan.code not in self._made:
                raise Conflict(STALE, code="import_stale")  # somebody made it since the dry run
            if plan.home_id is not None and self._places.homes.get(plan.code) != plan.home_id:
                raise Conflict(STALE, code="import_stale")
            if not there:
                first = new.setdefault(plan.code, plan)
                first.area_centi = first.area_centi or plan.area_centi
                first.use = first.use or plan.use
        self._make(list(new.values()))
        late = [plan for plan in plans if plan.code in self._made and plan.code not in new and plan.area_centi]
        self._areas_of_new(late)
        changed = self._change([plan for plan in plans if plan.home_id is not None and plan.changes])
        return {"homes": len(new), "homes_changed": changed, **units}

    def _make(self, plans: Sequence[RowPlan]) -> None:
        if not plans:
            return
        ids = new_ids(self._session, "home", len(plans))
        bulk_rows.insert(
            self._session,
            table_of(Home),
            [{"id": home_id, **self._values(plan)} for home_id, plan in zip(ids, plans, strict=True)],
        )
        for home_id, plan in zip(ids, plans, strict=True):
            self._places.homes[plan.code] = home_id
            self._made.add(plan.code)
        self.made.update(ids)
        changes.made(self._session, self._batch, "home", ids)
        self._insert_areas([(self._places.homes[plan.code], plan) for plan in plans if plan.area_centi], EVER)

    def _values(self, plan: RowPlan) -> dict[str, Any]:
        building = self._units.building(plan.building)
        stairwell = self._units.stairwell(plan.building, plan.stairwell) if plan.stairwell else None
        return {
            "neighborhood_id": self._batch.neighborhood_id,
            "building_id": building.id,
            "stairwell_id": stairwell.id if stairwell else None,
            "floor": plan.floor if plan.floor is not None else _floor_of(plan.room),
            "room": plan.room,
            "code": plan.code,
            "label": f"{building.name}{stairwell.name if stairwell else ''}{_spoken(plan.room)}",
            "area_centi": plan.area_centi,
            "use": plan.use or HomeUse.DWELLING,
        }

    def _areas_of_new(self, plans: Sequence[RowPlan]) -> None:
        """Give a home of this batch the area that only a later chunk named."""
        by_home = {self._places.homes[plan.code]: plan for plan in plans}
        for some in parts(sorted(by_home), IN_MOST):
            without = self._session.scalars(
                sa.select(Home.id).where(Home.id.in_(some), Home.area_centi.is_(None))
            ).all()
            self._update_homes([{"home_id": one, "area": by_home[one].area_centi} for one in without], "area_centi")
            self._insert_areas([(one, by_home[one]) for one in without], EVER)

    def _change(self, plans: Sequence[RowPlan]) -> int:
        by_home: dict[int, RowPlan] = {}
        for plan in plans:
            known = by_home.setdefault(plan.home_id or 0, plan)
            known.changes = {**plan.changes, **known.changes}
            known.area_centi, known.use = known.area_centi or plan.area_centi, known.use or plan.use
        for some in parts(sorted(by_home), IN_MOST):
            rows = self._session.execute(
                sa.select(Home.id, Home.area_centi, Home.use).where(Home.id.in_(some)).with_for_update()
            ).all()
            self._check_and_keep(rows, by_home)
            areas = [(row.id, by_home[row.id]) for row in rows if "area_centi" in by_home[row.id].changes]
            uses = [(row.id, by_home[row.id]) for row in rows if "use" in by_home[row.id].changes]
            self._update_homes([{"home_id": one, "area": plan.area_centi} for one, plan in areas], "area_centi")
            self._update_homes([{"home_id": one, "area": plan.use} for one, plan in uses], "use")
            starts = close_open(self._session, HomeArea, [one for one, _ in areas], now=self._now, today=self._today)
            for start in {*starts.values(), EVER}:
                rows_of_start = [(one, plan) for one, plan in areas if starts.get(one, EVER) == start]
                self._insert_areas(rows_of_start, start, is_change=True)
            self._new_uses(uses)
        return len(by_home)

    def _check_and_keep(self, rows: Sequence[Any], by_home: dict[int, RowPlan]) -> None:
        kept = []
        for row in rows:
            plan = by_home[row.id]
            there = {"area_centi": row.area_centi, "use": row.use.value}
            if any(there[field] != old for field, old in plan.changes.items()):
                raise Conflict(STALE, code="import_stale")
            new = {"area_centi": plan.area_centi, "use": plan.use.value if plan.use else None}
            kept.append((row.id, {"old": plan.changes, "new": {field: new[field] for field in plan.changes}}))
        changes.changed(self._session, self._batch, "home", kept, self._vault)

    def _update_homes(self, rows: list[dict[str, Any]], column: str) -> None:
        if rows:
            table = table_of(Home)
            statement = sa.update(table).where(table.c.id == sa.bindparam("home_id"))
            self._session.execute(statement.values({column: sa.bindparam("area", type_=table.c[column].type)}), rows)

    def _insert_areas(self, rows: Iterable[tuple[int, RowPlan]], start: dt.date, *, is_change: bool = False) -> None:
        values = [
            {
                "neighborhood_id": self._batch.neighborhood_id,
                "home_id": home_id,
                "area_centi": plan.area_centi,
                "basis": plan.basis,
                "starts_on": start,
                "recorded_at": self._now,
                "recorded_by_id": self._batch.uploaded_by_id,
            }
            for home_id, plan in rows
        ]
        self._insert_dated(HomeArea, values, is_change=is_change)

    def _new_uses(self, uses: Sequence[tuple[int, RowPlan]]) -> None:
        starts = close_open(self._session, HomeUsePeriod, [one for one, _ in uses], now=self._now, today=self._today)
        values = [
            {
                "neighborhood_id": self._batch.neighborhood_id,
                "home_id": home_id,
                "use": plan.use,
                "starts_on": starts.get(home_id, EVER),
            }
            for home_id, plan in uses
        ]
        self._insert_dated(HomeUsePeriod, values, is_change=True)

    def _insert_dated(
        self, model: type[HomeArea] | type[HomeUsePeriod], rows: list[dict[str, Any]], *, is_change: bool
    ) -> None:
        """Write areas or uses; those of homes that were there are written down as the batch's own."""
        table = table_of(model)
        if rows and is_change:
            ids = self._session.scalars(sa.insert(table).returning(table.c.id), rows).all()
            changes.made(self._session, self._batch, table.name, ids)
        elif rows:
            bulk_rows.insert(self._session, table, rows)


def close_open(
    session: Session,
    model: type[HomeArea] | type[HomeUsePeriod],
    home_ids: Sequence[int],
    *,
    now: dt.datetime,
    today: dt.date,
) -> dict[int, dt.date]:
    """End the open rows of homes today, and return from when the new ones count.

    A row that began today is marked as a slip instead: it cannot end on the day on which it began.
    """
    starts: dict[int, dt.date] = {}
    for some in parts(list(home_ids), IN_MOST):
        opened = sa.and_(model.home_id.in_(some), model.ends_on.is_(None), model.voided_at.is_(None))
        rows = session.execute(sa.select(model.home_id, model.starts_on).where(opened)).all()
        starts |= {row.home_id: max(row.starts_on, today) for row in rows}
        for condition, values in (
            (model.starts_on >= today, {"voided_at": now}),
            (model.starts_on < today, {"ends_on": today}),
        ):
            session.execute(
                sa.update(model).where(opened, condition).values(values).execution_options(synchronize_session=False)
            )
    return starts
