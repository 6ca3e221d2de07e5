"""Provider tokens in the database: the port ``TokenStore`` for all processes."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.transaction import transaction
from models import JobLease, ProviderToken, table_of
from services.outbox import insert_once
from services.ports import StoredToken
from services.vault import Vault

LABEL = "provider.token"


class DatabaseTokenStore:
    """Keeps tokens sealed in a table.  Opens its own transaction: it is called while no other one is open."""

    def __init__(self, app: Flask, vault: Vault) -> None:
        self._app = app
        self._vault = vault

    def get(self, name: str) -> StoredToken | None:
        """Return the token that is kept under the name, expired or not."""
        with self._app.app_context(), transaction() as session:
            row = session.scalar(sa.select(ProviderToken).where(ProviderToken.name == name))
            return StoredToken(self._vault.open(row.value_sealed, LABEL), row.expires_at) if row else None

    def put(self, name: str, token: StoredToken) -> None:
        """Keep a token, replacing an older one."""
        sealed = self._vault.seal(token.value, LABEL)
        with self._app.app_context(), transaction() as session:
            session.merge(ProviderToken(name=name, value_sealed=sealed, expires_at=token.expires_at))

    def claim(self, name: str, holder: str, seconds: float) -> bool:
        """Take the right to renew a token: a lease beside those of jobs."""
        now = dt.datetime.now(dt.UTC)
        with self._app.app_context(), transaction() as session:
            session.execute(insert_once(session, table_of(JobLease)).values(job=name, holder="", leased_until=now))
            taken: Any = session.execute(
                sa.update(JobLease)
                .where(JobLease.job == name, sa.or_(JobLease.leased_until <= now, JobLease.holder == holder))
                .values(holder=holder, leased_until=now + dt.timedelta(seconds=seconds))
            )
            return bool(taken.rowcount)

    def release(self, name: str, holder: str) -> None:
        """Give the right back."""
        now = dt.datetime.now(dt.UTC)
        with self._app.app_context(), transaction() as session:
            session.execute(
                sa.update(JobLease).where(JobLease.job == name, JobLease.holder == holder).values(leased_until=now)
            )
