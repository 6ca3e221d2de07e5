"""Counts of tickets: of a unit as a whole, and by its units, categories, workers or months."""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from models import OrgUnit, Person, TicketCategory
from services.clocks import SHANGHAI
from services.indices import facts
from services.indices.facts import Scope
from services.indices.parts import BY_WORKER, PARTS, Part
from services.indices.rates import Rates, rates

Counts = Mapping[Part, int]
NOTHING: Counts = dict.fromkeys(Part, 0)


class By(enum.StrEnum):
    """What the rows of an answer are."""

    UNIT = "unit"
    CATEGORY = "category"
    WORKER = "worker"
    MONTH = "month"


@dataclass(frozen=True)
class Row:
    """One line: of which unit, category, worker or month, the counts, and the rates of them."""

    key: str
    name: str
    counts: Counts

    @property
    def rates(self) -> Rates:
        """The rates of these counts."""
        return rates(self.counts)


@dataclass(frozen=True)
class Unit:
    """The node whose index it is."""

    id: int
    path: str


def month_of(year: int, month: int) -> tuple[dt.datetime, dt.datetime]:
    """Return when a month of Shanghai begins and when the next one does."""
    first = dt.datetime(year, month, 1, tzinfo=SHANGHAI)
    after = dt.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=SHANGHAI)
    return first.astimezone(dt.UTC), after.astimezone(dt.UTC)


def whole(connection: sa.Connection, scope: Scope) -> Counts:
    """Return the counts of all tickets of a scope."""
    found = facts.of(scope)
    return _counts(connection.execute(sa.select(*_numbers(found))).mappings().one())


def by_unit(connection: sa.Connection, unit: Unit, scope: Scope) -> list[Row]:
    """Return a row for each unit right below, and one for what belongs to the node itself."""
    found = facts.of(scope)
    grouped = _grouped(connection, found, found.c.unit_path)
    below = connection.execute(
        sa.select(OrgUnit.id, OrgUnit.name, OrgUnit.path)
        .where(OrgUnit.parent_id == unit.id)
        .order_by(OrgUnit.name, OrgUnit.id)
    ).all()
    sums: dict[str, Counts] = {}
    for path, counts in grouped.items():
        # "/1/8/14/" below "/1/8/" belongs to 14; the node itself has no further step.
        step = str(path).removeprefix(unit.path).partition("/")[0]
        sums[step] = _added(sums.get(step, NOTHING), counts)
    rows = [Row(str(child.id), child.name, sums[str(child.id)]) for child in below if str(child.id) in sums]
    return [*rows, Row("", "本级", sums[""])] if "" in sums else rows


def by_category(connection: sa.Connection, scope: Scope) -> list[Row]:
    """Return a row for each category of which there was a ticket."""
    found = facts.of(scope)
    grouped = _grouped(connection, found, found.c.category_id)
    names = connection.execute(
        sa.select(TicketCategory.id, TicketCategory.name)
        .where(TicketCategory.id.in_(list(grouped)))
        .order_by(TicketCategory.id)
    )
    return [Row(str(one.id), one.name, grouped[one.id]) for one in names]


def by_worker(connection: sa.Connection, scope: Scope) -> list[Row]:
    """Return a row for each worker whose work was done, spoken of or rated; answering is the station's and left out."""
    found = facts.of(scope)
    sums: dict[int, dict[Part, int]] = {}
    for column in dict.fromkeys(BY_WORKER.values()):
        theirs = [part for part, whose in BY_WORKER.items() if whose == column]
        for worker_id, counts in _grouped(connection, found, found.c[column]).items():
            if worker_id is not None:
                mine = sums.setdefault(worker_id, dict(NOTHING))
                mine.update({part: counts[part] for part in theirs})
    people = connection.execute(
        sa.select(Person.id, sa.func.coalesce(Person.known_as, Person.name_masked, "").label("name"))
        .where(Person.id.in_(list(sums)))
        .order_by(Person.id)
    )
    return [Row(str(one.id), one.name, sums[one.id]) for one in people]


def by_month(connection: sa.Connection, scope: Scope, months: Sequence[tuple[int, int]]) -> list[Row]:
    """Return a row for each of some months (year, month)."""
    found = facts.of(scope)
    bounds = {f"{year}-{month:02}": month_of(year, month)[1] for year, month in months}
    month = sa.case(*((found.c.submitted_at < after, name) for name, after in bounds.items()))
    grouped = _grouped(connection, found, month)
    return [Row(name, f"{int(name[:4])}年{int(name[5:])}月", grouped.get(name, NOTHING)) for name in bounds]


def _numbers(found: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    return [sa.func.count(sa.case((holds(found.c), 1))).label(part.value) for part, holds in PARTS.items()]


def _grouped(connection: sa.Connection, found: sa.FromClause, key: sa.ColumnElement[Any]) -> dict[Any, Counts]:
    rows = connection.execute(sa.select(key.label("key"), *_numbers(found)).group_by(key)).mappings()
    return {row["key"]: _counts(row) for row in rows}


def _counts(row: Mapping[Any, Any]) -> Counts:
    return {part: row[part.value] for part in Part}


def _added(one: Counts, other: Counts) -> Counts:
    return {part: one[part] + other[part] for part in Part}
