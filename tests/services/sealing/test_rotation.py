"""Changing keys: what is sealed comes under the new key, row by row, and nothing that others write is lost."""

import datetime as dt

import pytest
import sqlalchemy as sa

from app.settings import DATA_KEYS
from models import AuditEntry, DataKey, IdempotencyKey, Person
from services import people
from services.errors import Conflict, NotFound
from services.sealing import keyring, usage
from services.sealing.columns import HASHED, SEALED
from services.sealing.rotation import rehash, reseal
from services.vault import Vault, key_id_of
from tests.world import NOW

NAME = next(one for one in SEALED if one.where == "person.name_sealed")
PHONE = next(one for one in HASHED if one.where == "person.phone_hash")
MASTERS = {"dev": "development-only-key-never-for-production"}
LATER = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)


@pytest.fixture
def new_key(app, session, vault):
    """Make a data key that is in use at once."""

    def make():
        key = keyring.make(session, masters=vault.masters, now=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2))
        session.commit()
        app.extensions[DATA_KEYS].forget()
        return key.id

    return make


def through(session, one, vault, change=reseal, limit=5):
    """All batches of one pass; returns how many rows were changed, and the primary keys of broken ones."""
    after, changed, broken = None, 0, []
    while True:
        step = change(session, one, vault=vault, after=after, limit=limit)
        changed, broken = changed + step.changed, broken + list(step.broken)
        if step.last is None:
            session.commit()
            return changed, broken
        after = step.last


def everybody(session, vault):
    session.expire_all()
    return {one.id: vault.open(one.name_sealed, "person.name") for one in session.scalars(sa.select(Person))}


def test_a_new_key_waits_until_every_process_knows_it(app, session, vault):
    key = keyring.make(session, masters=vault.masters, now=dt.datetime.now(dt.UTC))
    session.commit()
    app.extensions[DATA_KEYS].forget()
    assert vault.current_id == "dev"
    assert key.id in vault.key_ids
    read = keyring.read(session.connection(), vault.masters, now=key.active_at)
    assert read.current == key.id == "~1"


def test_values_of_before_open_beside_those_of_the_new_key(world, vault, new_key):
    before = everybody(world.session, vault)
    key_id = new_key()
    people.set_name(world.resident, "王桂芝", vault)
    world.session.commit()
    assert key_id_of(world.resident.name_sealed) == key_id
    assert everybody(world.session, vault) == before | {world.resident.id: "王桂芝"}


def test_rotation_brings_every_value_under_the_new_key(world, vault, new_key):
    before = everybody(world.session, vault)
    key_id = new_key()
    assert through(world.session, NAME, vault) == (len(before), [])
    assert everybody(world.session, vault) == before
    assert usage.usage(world.session)["person.name_sealed"] == {key_id: len(before)}
    assert through(world.session, NAME, vault) == (0, [])


def test_a_broken_off_run_goes_on_where_it_was(world, vault, new_key):
    total = len(everybody(world.session, vault))
    new_key()
    assert reseal(world.session, NAME, vault=vault, after=None, limit=3).changed == 3
    assert through(world.session, NAME, vault)[0] == total - 3


def test_tables_with_keys_of_two_columns_are_gone_through_too(world, vault, new_key):
    answers = next(one for one in SEALED if one.where == "idempotency_key.answer_sealed")
    for person in (world.resident, world.clerk):
        for name in ("a", "b", "c"):
            kept = {"key": name, "request_hash": "h", "status": 200, "created_at": NOW}
            sealed = vault.seal(name, answers.label)
            world.session.add(IdempotencyKey(person_id=person.id, answer_sealed=sealed, **kept))
    world.session.commit()
    new_key()
    assert through(world.session, answers, vault, limit=2) == (6, [])
    world.session.expire_all()
    kept = world.session.execute(sa.select(IdempotencyKey.key, IdempotencyKey.answer_sealed)).all()
    assert all(vault.open(sealed, answers.label) == key for key, sealed in kept)


def test_what_somebody_changed_in_between_stays_as_they_wrote_it(world, vault, new_key, monkeypatch):
    """The batch has read the old bytes; the new ones are there before it writes."""
    new_key()
    open_first = vault.open

    def opened(sealed, label):
        text = open_first(sealed, label)
        if text == "王桂兰":
            theirs = vault.seal("王桂芝", "person.name")
            world.session.execute(sa.update(Person).where(Person.id == world.resident.id).values(name_sealed=theirs))
        return text

    monkeypatch.setattr(vault, "open", opened)
    step = reseal(world.session, NAME, vault=vault, after=None)
    monkeypatch.undo()
    assert step.left == 1
    assert everybody(world.session, vault)[world.resident.id] == "王桂芝"


def test_what_does_not_open_is_told_and_left_alone(world, vault, new_key):
    total = len(everybody(world.session, vault))
    forged, gone = world.resident, world.neighbor
    forged.name_sealed = forged.name_sealed[:-1] + bytes([forged.name_sealed[-1] ^ 1])
    gone.name_sealed = Vault({"lost": "k"}, "l").seal("赵永福", "person.name")
    world.session.commit()
    kept = forged.name_sealed, gone.name_sealed
    new_key()
    changed, broken = through(world.session, NAME, vault)
    assert (changed, sorted(broken)) == (total - 2, sorted([(forged.id,), (gone.id,)]))
    world.session.expire_all()
    assert (forged.name_sealed, gone.name_sealed) == kept
    assert usage.usage(world.session)["person.name_sealed"]["lost"] == 1


def test_a_data_key_is_removed_only_when_nothing_needs_it(world, vault, new_key):
    first = new_key()
    for one in SEALED:
        through(world.session, one, vault)
    with pytest.raises(Conflict) as refused:
        keyring.remove(world.session, key_id=first, now=LATER)
    assert refused.value.reason == "data_key_in_use"
    new_key()
    with pytest.raises(Conflict) as refused:
        keyring.remove(world.session, key_id=first, now=LATER)
    assert refused.value.reason == "data_key_needed"
    assert "person.name_sealed" in refused.value.detail
    for one in SEALED:
        through(world.session, one, vault)
    keyring.remove(world.session, key_id=first, now=LATER)
    assert world.session.scalars(sa.select(DataKey.id)).all() == ["~2"]
    with pytest.raises(NotFound):
        keyring.remove(world.session, key_id=first, now=LATER)
    done = world.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert done == ["data_key.made", "data_key.made", "data_key.removed"]


def test_a_key_that_was_just_replaced_is_not_removed_yet(world, vault, new_key):
    """A process that hangs for a while may still write what it sealed with it."""
    first = new_key()
    young = keyring.make(world.session, masters=vault.masters, now=dt.datetime.now(dt.UTC))
    soon = young.active_at + keyring.STILL_IN_HAND - dt.timedelta(seconds=1)
    with pytest.raises(Conflict) as refused:
        keyring.remove(world.session, key_id=first, now=soon)
    assert refused.value.reason == "data_key_in_use"


def test_a_new_master_key_wraps_the_data_keys_and_touches_no_value(world, vault, new_key):
    new_key()
    sealed = vault.seal("王桂兰", "person.name")
    both = Vault({"2027": "another master key", **MASTERS}, "lookup")
    assert keyring.rewrap(world.session, masters=both.masters, now=NOW) == 1
    assert keyring.rewrap(world.session, masters=both.masters, now=NOW) == 0
    only_new = Vault({"2027": "another master key"}, "lookup")
    keys = keyring.read(world.session.connection(), only_new.masters, now=LATER)

    class Source:
        def keys(self):
            return keys

        look_again = keys

    assert Vault({"2027": "another master key"}, "lookup", source=Source()).open(sealed, "person.name") == "王桂兰"


def test_hashes_come_under_a_new_lookup_key_and_are_found_meanwhile(world, vault):
    old, phone = world.resident.phone_hash, vault.open(world.resident.phone_sealed, "person.phone")
    during = Vault(MASTERS, "a new lookup key", old_lookup_keys=["development-only-key-never-for-production"])

    def found():
        query = sa.select(Person.id).where(Person.phone_hash.in_(during.fingerprints(phone, "person.phone")))
        return world.session.scalars(query).all()

    assert found() == [world.resident.id]
    total = len(everybody(world.session, vault))
    assert through(world.session, PHONE, during, rehash) == (total, [])
    assert through(world.session, PHONE, during, rehash) == (0, [])
    world.session.expire_all()
    assert world.resident.phone_hash != old
    assert found() == [world.resident.id]
    after = Vault(MASTERS, "a new lookup key")
    assert world.resident.phone_hash == after.fingerprint(phone, "person.phone")


def test_no_table_of_sealed_values_refuses_changes(session):
    """Triggers that keep a history as it was would keep its old keys for ever."""
    if session.get_bind().dialect.name == "sqlite":
        query = "select distinct tbl_name from sqlite_master where type = 'trigger' and sql like '%before update on%'"
    else:
        # Without the triggers on named columns: they keep these columns only ("before update of" on SQLite).
        query = (
            "select distinct event_object_table from information_schema.triggers t where event_manipulation = 'UPDATE' "
            "and not exists (select 1 from information_schema.triggered_update_columns c "
            "where (c.trigger_schema, c.trigger_name) = (t.trigger_schema, t.trigger_name))"
        )
    kept = set(session.scalars(sa.text(query)))
    assert kept
    assert kept & {one.table.name for one in SEALED} == set()
