"""Deadlines: how long each step may take, and when that is on the wall clock of Asia/Shanghai.

``ELAPSED`` clocks run day and night.  ``WORKING_DAYS`` clocks run only on working days (24 hours of each): they stand
still on weekends and public holidays, and run on make-up Saturdays.  ``WORKING_HOURS`` clocks run on the same days, and
only while the station is open.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import chinese_calendar
import structlog

from models import ClockMode

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = dt.timedelta(days=1)
SATURDAY = 5
ALWAYS_OFF = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of the public holidays that have a fixed date in every year (全国年节及纪念日放假办法)."""


@dataclass(frozen=True)
class Hours:
    """When a station is open on a working day, in minutes after midnight."""

    opens: int
    closes: int


ALL_DAY = Hours(0, 24 * 60)

log = structlog.get_logger(__name__)


def local_day(moment: dt.datetime) -> dt.date:
    """Return the date in Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def said_time(moment: dt.datetime) -> str:
    """Return a time as people say it: 11月23日 15:01."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def is_working_day(day: dt.date, overrides: Mapping[dt.date, bool]) -> bool:
    """Whether a day is worked: by our own rows, else the public calendar, else by the day of the week.

    The public calendar ends with the last year the State Council has published; beyond it the holidays with a fixed date
    are off, else the weekday decides, and the log says so.
    """
    if day in overrides:
        return overrides[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        log.warning("calendar.unknown_year", year=day.year)
        return day.weekday() < SATURDAY and (day.month, day.day) not in ALWAYS_OFF


def due(
    start: dt.datetime, minutes: int, mode: ClockMode, overrides: Mapping[dt.date, bool], hours: Hours = ALL_DAY
) -> dt.datetime:
    """Return when ``minutes`` from ``start`` have run down, in aware UTC; ``hours`` count at working hours only."""
    return run_down(start, dt.timedelta(minutes=minutes), mode, overrides, hours)


def run_down(
    start: dt.datetime, left: dt.timedelta, mode: ClockMode, overrides: Mapping[dt.date, bool], hours: Hours = ALL_DAY
) -> dt.datetime:
    """Return when the clock that has ``left`` at ``start`` has run down, in aware UTC."""
    if mode is ClockMode.ELAPSED:
        return start + left
    spans = _open_spans(start, overrides, hours if mode is ClockMode.WORKING_HOURS else ALL_DAY)
    begin, end = next(spans)
    while left > end - begin:
        left -= end - begin
        begin, end = next(spans)
    return (begin + left).astimezone(dt.UTC)


def counted(
    start: dt.datetime, end: dt.datetime, mode: ClockMode, overrides: Mapping[dt.date, bool], hours: Hours = ALL_DAY
) -> dt.timedelta:
    """Return how much of the time between two moments counts on a clock; nothing when ``end`` is not later."""
    if mode is ClockMode.ELAPSED or end <= start:
        return max(end - start, dt.timedelta())
    total = dt.timedelta()
    for begin, close in _open_spans(start, overrides, hours if mode is ClockMode.WORKING_HOURS else ALL_DAY):
        if begin >= end:
            break
        total += min(close, end) - begin
    return total


def _open_spans(
    start: dt.datetime, overrides: Mapping[dt.date, bool], hours: Hours
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Yield the spans in which a working clock runs, from ``start`` on, without end."""
    now = start.astimezone(SHANGHAI)
    day = now.date()
    while True:
        if is_working_day(day, overrides):
            midnight = dt.datetime.combine(day, dt.time(), SHANGHAI)
            opens, closes = (midnight + dt.timedelta(minutes=minute) for minute in (hours.opens, hours.closes))
            if closes > now:
                yield max(opens, now), closes
        day += DAY
