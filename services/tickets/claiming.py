"""Times that a phone claims, for what is sent late: written down beside our own time, never instead of it.

A phone may have been without network, or have its clock wrong.  Every clock of a ticket runs by the time at which we heard
of it; what the phone says stands in the timeline as claimed, and is left out where it cannot be true.
"""

import datetime as dt
import enum

AHEAD = dt.timedelta(minutes=2)
"""By how much a phone's clock may be fast."""
LATE = dt.timedelta(days=30)
"""Nobody keeps a draft or a sheet of paper longer than this."""


class Doubt(enum.StrEnum):
    """Why a claimed time is not written down."""

    FUTURE = "future"
    TOO_LONG_AGO = "too_long_ago"
    BEFORE_REPORT = "before_report"


def claimed(
    claimed_at: dt.datetime | None, *, now: dt.datetime, reported_at: dt.datetime | None = None
) -> dict[str, str]:
    """Return what the event says of a claimed time: ``claimed_at`` in UTC, or ``claim_doubt`` where it cannot be true.

    ``reported_at``: when the ticket came in, or was itself claimed to have been written; no step comes before it.
    """
    if claimed_at is None:
        return {}
    if claimed_at > now + AHEAD:
        return {"claim_doubt": Doubt.FUTURE.value}
    if claimed_at < now - LATE:
        return {"claim_doubt": Doubt.TOO_LONG_AGO.value}
    if reported_at is not None and claimed_at < reported_at:
        return {"claim_doubt": Doubt.BEFORE_REPORT.value}
    return {"claimed_at": claimed_at.astimezone(dt.UTC).isoformat()}
