"""Deadlines: how long each step may take, and when that is on the wall clock of Asia/Shanghai.

``ELAPSED`` clocks run day and night.  ``WORKING_DAYS`` clocks run only on working days (24 hours of each): they stand
still on weekends and public holidays, and run on make-up Saturdays.
"""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import chinese_calendar
import structlog

from models import ClockMode

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = dt.timedelta(days=1)
SATURDAY = 5

log = structlog.get_logger(__name__)


def local_day(moment: dt.datetime) -> dt.date:
    """Return the date in Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def is_working_day(day: dt.date, overrides: Mapping[dt.date, bool]) -> bool:
    """Whether a day is worked: by our own rows, else the public calendar, else by the day of the week.

    The public calendar ends with the last year the State Council has published; beyond it the weekday decides, and the
    log says so.
    """
    if day in overrides:
        return overrides[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        log.warning("calendar.unknown_year", year=day.year)
        return day.weekday() < SATURDAY


def due(start: dt.datetime, minutes: int, mode: ClockMode, overrides: Mapping[dt.date, bool]) -> dt.datetime:
    """Return when ``minutes`` from ``start`` have run down, in aware UTC."""
    left = dt.timedelta(minutes=minutes)
    if mode is ClockMode.ELAPSED:
        return start + left
    now = start.astimezone(SHANGHAI)
    while True:
        midnight = dt.datetime.combine(now.date() + DAY, dt.time(), SHANGHAI)
        if is_working_day(now.date(), overrides):
            if left <= midnight - now:
                return (now + left).astimezone(dt.UTC)
            left -= midnight - now
        now = midnight
