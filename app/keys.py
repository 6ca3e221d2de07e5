"""The data keys of the database, as this process knows them: read anew every few seconds, and at an id not yet known."""

import datetime as dt
import threading
import time

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.transaction import READ_ENGINE
from services.sealing import keyring
from services.vault import DataKeys, MasterKeys

EVERY = 20.0
"""Seconds between two looks.  A new key is known for two minutes before it seals anything."""
SELDOM = 1.0
"""Seconds between two looks at most: values with made-up ids must not keep the database busy."""


class DatabaseKeys:
    """Implements ``services.vault.KeySource``.  Reads beside whatever transaction is open."""

    def __init__(self, app: Flask, masters: MasterKeys) -> None:
        self._app = app
        self._masters = masters
        self._known: DataKeys | None = None
        self._looked_at = 0.0
        self._looking = threading.Lock()

    def keys(self) -> DataKeys:
        """Return the keys.  The first look is waited for; after that one thread looks, the others go by what is known."""
        known = self._known
        if known is not None and time.monotonic() < self._looked_at + EVERY:
            return known
        if not self._looking.acquire(blocking=known is None):
            return known or DataKeys()
        try:
            return self._look() if self._known is known else self._known or DataKeys()
        finally:
            self._looking.release()

    def look_again(self) -> DataKeys:
        """Return the keys as the database has them now."""
        with self._looking:
            recent = self._known is not None and time.monotonic() < self._looked_at + SELDOM
            return self._known if recent and self._known is not None else self._look()

    def forget(self) -> None:
        """Read the keys anew at the next value."""
        self._known = None

    def _look(self) -> DataKeys:
        engine: sa.Engine = self._app.extensions[READ_ENGINE]
        try:
            with engine.connect() as connection:
                self._known = keyring.read(connection, self._masters, now=dt.datetime.now(dt.UTC))
        except SQLAlchemyError:
            if self._known is None:
                raise
            # The database is away for a moment: what was known still opens what is in hand.
        self._looked_at = time.monotonic()
        return self._known
