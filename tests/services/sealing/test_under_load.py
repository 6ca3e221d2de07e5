"""Keys are changed by the commands while people go on changing their names and phones: real commits, several threads."""

import datetime as dt
import random
import threading

import pytest
import sqlalchemy as sa

from app import create_app
from app.extensions import db
from app.settings import VAULT
from app.transaction import READ_ENGINE, transaction
from models import Person
from services import people
from services.sealing import keyring, usage
from tests.databases import settings_for
from tests.fakes import fake_gateways
from tests.world import NOW

PEOPLE = 60
WRITERS = 2


@pytest.fixture
def real_app(databases, monkeypatch):
    app = create_app(settings_for(databases.fresh()), fake_gateways())
    monkeypatch.setattr(keyring, "KNOWN_BEFORE_USE", dt.timedelta(0))
    monkeypatch.setattr(keyring, "STILL_IN_HAND", dt.timedelta(0))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
        app.extensions[READ_ENGINE].dispose()


def flask(app, *words):
    done = app.test_cli_runner().invoke(args=["privacy", *words])
    assert done.exit_code == 0, done.output
    return done.output


class Writer(threading.Thread):
    """Changes the names and phones of its own people as fast as it goes; keeps what was committed last."""

    def __init__(self, app, own, seed, stop):
        super().__init__()
        self._app, self._own, self._seed, self._stop_at = app, own, seed, stop
        self.truth, self.trouble = {}, None

    def run(self):
        rng = random.Random(self._seed)
        with self._app.app_context():
            try:
                while not self._stop_at.wait(0.005):
                    few = rng.sample(self._own, 3)  # in any order: this is how deadlocks come about
                    said = {one: (f"名{rng.randrange(10**6)}", f"+86154{rng.randrange(10**8):08}") for one in few}
                    self._write(said)
                    self.truth.update(said)
            except Exception as error:  # noqa: BLE001 - the test looks at it
                self.trouble = error
            finally:
                db.session.remove()

    def _write(self, said):
        vault = self._app.extensions[VAULT]
        with transaction() as session:
            for one, (name, phone) in said.items():
                person = session.get_one(Person, one)
                people.set_name(person, name, vault)
                people.set_phone(person, phone, vault)
                session.flush()


def check(vault, truth):
    """Everybody has the name and the phone that was committed last, and can be found by it."""
    with transaction() as session:
        for person in session.scalars(sa.select(Person)):
            name, phone = truth[person.id]
            assert vault.open(person.name_sealed, "person.name") == name
            assert vault.open(person.phone_sealed, "person.phone") == phone
            assert person.phone_hash == vault.fingerprint(phone, "person.phone")
        assert usage.used_in(session, "~1") == usage.used_in(session, "dev") == {}


@pytest.mark.slow
def test_nothing_is_lost_when_keys_change_under_load(real_app):
    vault, stop = real_app.extensions[VAULT], threading.Event()
    with transaction() as session:
        truth = dict(add(session, vault, number) for number in range(PEOPLE))
    ids = list(truth)
    flask(real_app, "new-key")
    writers = [Writer(real_app, ids[number::WRITERS], number, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        flask(real_app, "rotate", "--batch", "20")
        flask(real_app, "new-key")
        flask(real_app, "rotate", "--batch", "20")
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert [writer.trouble for writer in writers] == [None] * WRITERS
    assert all(writer.truth for writer in writers)
    check(vault, truth | {one: said for writer in writers for one, said in writer.truth.items()})
    assert "删掉了" in flask(real_app, "remove-key", "~1", "--yes")
    told = flask(real_app, "keys")
    assert "~1" not in told
    assert f"封着 {2 * PEOPLE} 条" in told


def add(session, vault, number):
    person, said = Person(created_at=NOW), (f"原名{number}", f"+86155{number:08}")
    people.set_name(person, said[0], vault)
    people.set_phone(person, said[1], vault)
    session.add(person)
    session.flush()
    return person.id, said
