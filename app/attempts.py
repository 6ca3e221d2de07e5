"""Counting what strangers and guessers may try, before it is tried."""

import datetime as dt

from flask import request

from app.settings import vault
from app.transaction import transaction
from services import attempts
from services.attempts import Limit

LABEL = "attempt.subject"


def take(limit: Limit, *, person_id: int | None = None) -> None:
    """Count a try of a person, or of the network address that asks.  Raises ``TooMany``.

    Committed at once, so that a try that fails counts all the same: call it with no transaction open.
    """
    subject = f"address:{address()}" if person_id is None else f"person:{person_id}"
    with transaction() as session:
        attempts.take(session, limit, subject=vault().fingerprint(subject, LABEL), now=dt.datetime.now(dt.UTC))


def address() -> str:
    """Return the network address that asks."""
    return request.remote_addr or "?"
