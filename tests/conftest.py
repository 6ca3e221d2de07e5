"""Real databases, migrated once; each test runs in a savepoint that is rolled back, on SQLite and on PostgreSQL."""

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Self

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import create_app, importing
from app.extensions import db
from app.freshness import Freshness
from app.identity import FRESHNESS
from app.settings import DATA_KEYS, GATEWAYS, VAULT
from app.transaction import READ_ENGINE
from services import prepared
from services.ports import Gateways
from services.tickets import callbacks
from services.vault import Vault
from tests.databases import KINDS, Databases, postgresql, settings_for
from tests.fakes import fake_gateways
from tests.world import World

NOW = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)  # a Monday, nine in the morning in Benxi


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with postgresql() as url:
        yield url


# Kept for the whole run: pytest forgets a parametrised fixture each time the parameter changes.
_databases: dict[str, Databases] = {}
_apps: dict[tuple[str, bool], Flask] = {}
_worlds: dict[str, World] = {}


@pytest.fixture(scope="session", params=KINDS)
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Fresh databases of each kind; whatever stands on this runs on both."""
    kind: str = request.param
    if kind not in _databases:
        server = request.getfixturevalue("postgresql_server") if kind == "postgresql" else None
        _databases[kind] = Databases(kind, tmp_path_factory.mktemp("databases"), server)
    return _databases[kind]


@pytest.fixture
def shared_app(request: pytest.FixtureRequest, databases: Databases) -> Flask:
    """One application on an empty database of each kind, and one where the small world has settled already."""
    settled = "world" in request.fixturenames
    key = (databases.kind, settled)
    if key not in _apps:
        app = create_app(settings_for(databases.fresh()), fake_gateways())
        app.config["PROPAGATE_EXCEPTIONS"] = False
        if settled:
            with app.app_context():
                _worlds[databases.kind] = World.settled(db.session(), app.extensions[VAULT])
                db.session.remove()
        _apps[key] = app
    return _apps[key]


@pytest.fixture
def real_app(databases: Databases) -> Iterator[Flask]:
    """An application on a database of its own, where commits are real and threads have their own connections."""
    app = create_app(settings_for(databases.fresh()), fake_gateways())
    yield app
    with app.app_context():
        db.engine.dispose()
        app.extensions[READ_ENGINE].dispose()


class SameConnection:
    """Stands in for the read engine: reads see what the test has not committed."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        yield self._connection


class AtOnce:
    """Stands in for a thread beside the test's, which has no connection of its own: does what is asked for on the spot."""

    def __init__(self, *_args: Any) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_args: object) -> None: ...

    def submit(self, work: Callable[..., Any], *args: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*args))
        return done


@pytest.fixture
def app(shared_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application whose commits and rollbacks stay inside one outer transaction."""
    monkeypatch.setattr(importing, "ThreadPoolExecutor", AtOnce)
    with shared_app.app_context():
        engine = db.engines[None]
        read_engine = shared_app.extensions[READ_ENGINE]
        connection = engine.connect()
        outer = connection.begin()
        db.engines[None] = connection  # type: ignore[assignment]
        shared_app.extensions[READ_ENGINE] = SameConnection(connection)
        shared_app.extensions[GATEWAYS] = fake_gateways()
        shared_app.extensions[DATA_KEYS].forget()
        # Nothing is known from the test before, and what a test changes counts for its next request.
        shared_app.extensions[FRESHNESS] = Freshness(every=0)
        db.session.session_factory.configure(join_transaction_mode="create_savepoint")
        yield shared_app
        db.session.remove()
        outer.rollback()
        connection.close()
        db.engines[None] = engine
        shared_app.extensions[READ_ENGINE] = read_engine


@pytest.fixture(autouse=True)
def the_lot_falls_on_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call-back is drawn by chance; a test that wants one says so."""
    monkeypatch.setattr(callbacks, "drawn", lambda: False)


@pytest.fixture
def session(app: Flask) -> Session:
    return db.session()


@pytest.fixture
def vault(app: Flask) -> Vault:
    return app.extensions["wuyou_vault"]


@pytest.fixture
def gateways(app: Flask) -> Gateways:
    return app.extensions[GATEWAYS]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def now() -> dt.datetime:
    return NOW


@pytest.fixture
def world(session: Session, vault: Vault, databases: Databases) -> World:
    """A small neighborhood with its people.  They are built once; each test has them to itself, for it is rolled back."""
    return _worlds[databases.kind].seen_by(session, vault)


@pytest.fixture
def statements(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every SQL statement sent while the test runs, but for savepoints and looks at changed rights and at data keys."""
    seen: list[str] = []
    connection: Any = db.engines[None]

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        # These are looked at once a second, or every twenty, not once a request; here that would be each time.
        if "SAVEPOINT" not in statement and not statement.startswith(("SELECT rights_change", "SELECT data_key")):
            seen.append(statement)

    sa.event.listen(connection, "before_cursor_execute", note)
    run = prepared._run

    def noted(lent: sa.Connection, ready: Any, given: Any) -> list[Any]:
        seen.append(ready.sql)
        return run(lent, ready, given)

    monkeypatch.setattr(prepared, "_run", noted)  # these go past SQLAlchemy's own events
    yield seen
    sa.event.remove(connection, "before_cursor_execute", note)
