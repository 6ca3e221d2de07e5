"""One-time codes from the command line, and the limit on trying."""

import datetime as dt

import pytest
import sqlalchemy as sa

from config.settings import DEVELOPMENT_KEY
from models import InboxItem, Role
from services import attempts, people
from services.attempts import Limit
from services.console import codes, sessions
from services.errors import Conflict, NotFound, TooMany
from services.vault import Vault
from tests.world import NOW, hire

LIFETIMES = sessions.Lifetimes(dt.timedelta(hours=10), dt.timedelta(minutes=30))


def phone_of(world, person):
    return world.vault.open(person.phone_sealed, "person.phone")


def give(world, phone, person_id=None, now=NOW):
    return codes.give(world.session, phone=phone, person_id=person_id, vault=world.vault, now=now)


def redeem(world, code, now=NOW):
    return codes.redeem(world.session, code=code, label="Windows 电脑上的 Edge", lifetimes=LIFETIMES, now=now)


def test_a_code_lets_in_once_and_its_person_is_told(world):
    given = give(world, phone_of(world, world.manager))
    assert (given.person_id, given.name) == (world.manager.id, "张*")
    started = redeem(world, f"{given.code[:4]}-{given.code[4:]}".lower())
    assert (started.actor.person_id, started.actor.role) == (world.manager.id, Role.STATION_MANAGER)
    assert started.actor.account_id is None
    told = world.session.scalars(sa.select(InboxItem.body).where(InboxItem.person_id == world.manager.id)).one()
    assert "不是您本人" in told
    with pytest.raises(NotFound, match="已经用过"):
        redeem(world, given.code)


def test_a_code_ends_after_ten_minutes_or_with_the_next_one(world):
    phone = phone_of(world, world.manager)
    first = give(world, phone)
    with pytest.raises(NotFound):
        redeem(world, first.code, NOW + codes.VALID_FOR)
    second = give(world, phone, now=NOW + dt.timedelta(minutes=1))
    with pytest.raises(NotFound):
        redeem(world, first.code, NOW + dt.timedelta(minutes=2))
    assert redeem(world, second.code, NOW + dt.timedelta(minutes=2)).actor.person_id == world.manager.id


def test_residents_and_strangers_get_no_code(world):
    for phone in (phone_of(world, world.resident), "15499999999", "no phone"):
        with pytest.raises(NotFound, match="没有找到"):
            give(world, phone)


def test_two_people_with_one_phone_are_told_apart(world):
    world.clerk.phone_hash = world.manager.phone_hash
    hire(world.session, world.manager, world.place.grid, Role.GRID_LEADER)
    world.session.flush()
    phone = phone_of(world, world.manager)
    with pytest.raises(Conflict) as refused:
        give(world, phone)
    assert f"{world.manager.id}：张*（彩进小区服务站站长）" in refused.value.detail
    assert give(world, phone, world.clerk.id).person_id == world.clerk.id
    with pytest.raises(NotFound):
        give(world, phone, world.repairer.id)


def test_phones_are_found_while_the_lookup_key_changes(world):
    changing = Vault(world.vault.masters, "k" * 40, old_lookup_keys=[DEVELOPMENT_KEY])
    people.set_phone(world.clerk, phone_of(world, world.clerk), changing)
    world.session.flush()
    for person in (world.manager, world.clerk):  # under the old key, and under the new one
        given = codes.give(world.session, phone=phone_of(world, person), person_id=None, vault=changing, now=NOW)
        assert given.person_id == person.id


FEW = Limit("test", 3, "试的次数太多了，请过十分钟再试。")


def test_tries_are_counted_for_each_and_forgiven_after_ten_minutes(world):
    now = NOW + dt.timedelta(minutes=3)
    for _ in range(3):
        attempts.take(world.session, FEW, subject="one", now=now)
    with pytest.raises(TooMany) as refused:
        attempts.take(world.session, FEW, subject="one", now=now)
    assert refused.value.retry_after == 7 * 60
    attempts.take(world.session, FEW, subject="another", now=now)
    attempts.take(world.session, FEW, subject="one", now=now + dt.timedelta(minutes=7))


def test_who_tries_is_not_written_down(vault: Vault):
    assert "10.0.0.7" not in vault.fingerprint("address:10.0.0.7", "attempt.subject")
