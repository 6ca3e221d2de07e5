"""Dropping what the console's sign-in needs for a moment only."""

import datetime as dt

from sqlalchemy.orm import Session

from services import attempts
from services.console import codes, requests


def forget_traces(session: Session, *, now: dt.datetime) -> int:
    """Drop old requests with their network addresses, codes that are over, and counted attempts."""
    requests.forget(session, now=now)
    codes.forget(session, now=now)
    attempts.forget(session, now=now)
    return 0
