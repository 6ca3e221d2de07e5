"""How moments are written on the console's pages."""

import datetime as dt
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(at: dt.datetime | None) -> str:
    """Return a moment as people say it: the day is left out today, the year unless it is another one."""
    if at is None:
        return ""
    there, today = at.astimezone(SHANGHAI), dt.datetime.now(SHANGHAI)
    clock = f"{there:%H:%M}"
    if there.date() == today.date():
        return f"今天 {clock}"
    day = f"{there.month}月{there.day}日"
    return f"{day} {clock}" if there.year == today.year else f"{there.year}年{day} {clock}"


def since(at: dt.datetime) -> str:
    """Return the day of a moment as people write it."""
    return day(at.astimezone(SHANGHAI).date())


def phone(number: str) -> str:
    """Return a phone as it is dialed here."""
    return number.removeprefix("+86")


def area(centi: int) -> str:
    """Return an area in square meters, as papers have it: 52.3."""
    return f"{centi / 100:.2f}".rstrip("0").rstrip(".")


def day(on: dt.date | None) -> str:
    """Return a day as people write it."""
    return f"{on.year}年{on.month}月{on.day}日" if on else ""
