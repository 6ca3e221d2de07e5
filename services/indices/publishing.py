"""The indices of a unit for who may see it, and the list behind each number."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import OrgUnit
from services import access
from services.actors import Actor
from services.clocks import local_day
from services.errors import InvalidInput
from services.indices import counting, listing, weights
from services.indices.counting import By, Row, Unit
from services.indices.facts import Scope
from services.indices.parts import Part
from services.indices.rates import Weights
from services.reading.pages import Page, PageRequest

AHEAD = "这个月还没到。请选这个月或者以前的月份。"
NO_MONTH = "月份写成2026-11这样。"
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Period:
    """Some months of Shanghai, one after the other."""

    months: Sequence[tuple[int, int]]

    @property
    def bounds(self) -> tuple[dt.datetime, dt.datetime]:
        """When the first begins, and when the last is over."""
        return counting.month_of(*self.months[0])[0], counting.month_of(*self.months[-1])[1]

    @property
    def last_day(self) -> dt.date:
        """The last day of the last month: the weights of that day count."""
        return local_day(self.bounds[1] - dt.timedelta(seconds=1))


@dataclass(frozen=True)
class Asked:
    """Which numbers."""

    unit_id: int
    period: Period
    category_id: int | None = None


@dataclass(frozen=True)
class Published:
    """The indices of a unit: as a whole, and by what was asked for."""

    unit: OrgUnit
    weights: Weights
    whole: Row
    rows: Sequence[Row]


def period(text: str | None, count: int, *, now: dt.datetime) -> Period:
    """Return ``count`` months that end with one written ``2026-11``, or with this month.

    Raises ``InvalidInput`` for a month that is written otherwise or has not begun.
    """
    today = local_day(now)
    written = MONTH.fullmatch(text or f"{today:%Y-%m}")
    if written is None:
        raise InvalidInput(NO_MONTH, code="no_month", errors={"month": [NO_MONTH]})
    year, month = int(written[1]), int(written[2])
    if (year, month) > (today.year, today.month):
        raise InvalidInput(AHEAD, code="month_ahead", errors={"month": [AHEAD]})
    last = year * 12 + month - 1
    return Period([_month(at) for at in range(last - count + 1, last + 1)])


def indices(session: Session, *, actor: Actor | None, asked: Asked, by: By) -> Published:
    """Return the indices of a unit.  Raises ``NotFound`` for a unit that is not at or below the actor's node."""
    unit = access.unit_for(session, actor, asked.unit_id)
    connection, scope = session.connection(), _scope(unit, asked)
    rows = {
        By.UNIT: lambda: counting.by_unit(connection, Unit(unit.id, unit.path), scope),
        By.CATEGORY: lambda: counting.by_category(connection, scope),
        By.WORKER: lambda: counting.by_worker(connection, scope),
        By.MONTH: lambda: counting.by_month(connection, scope, asked.period.months),
    }[by]()
    return Published(
        unit=unit,
        weights=weights.in_force(connection, path=unit.path, day=asked.period.last_day),
        whole=Row(str(unit.id), unit.name, counting.whole(connection, scope)),
        rows=rows,
    )


def behind(
    session: Session,
    *,
    actor: Actor | None,
    asked: Asked,
    part: Part,
    page: PageRequest,
    worker_id: int | None = None,
    own: bool = False,
) -> Page:
    """Return the tickets that a number counts.  Raises as ``indices`` does, and ``InvalidInput`` as ``listing`` does."""
    unit = access.unit_for(session, actor, asked.unit_id)
    scope = _scope(unit, asked, own=own)
    return listing.tickets(session.connection(), scope, part=part, page=page, worker_id=worker_id)


def _scope(unit: OrgUnit, asked: Asked, *, own: bool = False) -> Scope:
    return Scope(unit.path, *asked.period.bounds, category_id=asked.category_id, own=own)


def _month(number: int) -> tuple[int, int]:
    """Return year and month of a number of months since the year nought."""
    year, month = divmod(number, 12)
    return year, month + 1
