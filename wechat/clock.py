"""The present moment, and when WeChat's allowances start anew."""

import datetime as dt

BEIJING = dt.timezone(dt.timedelta(hours=8))


def utc_now() -> dt.datetime:
    """Return the present moment, aware."""
    return dt.datetime.now(dt.UTC)


def to_next_minute(now: dt.datetime) -> float:
    """Return the seconds until the clock's next full minute."""
    return 60 - (now.second + now.microsecond / 1_000_000)


def to_next_day(now: dt.datetime) -> float:
    """Return the seconds until midnight in Beijing, when WeChat's daily allowances start anew."""
    local = now.astimezone(BEIJING)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    return (midnight - local).total_seconds()
