"""Two phones say that they are one person."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import MergeState, ResidencyKind, Role, WeChatAccount
from services import people, sign_in
from services.errors import InvalidInput, NotFound
from services.people_merge import asking
from tests.services.people_merge.merging import by_phones, decide
from tests.world import NOW, hire, move_in


def test_two_phones_become_one_person(world, second):
    device = world.actor(second)
    merge = by_phones(world, world.resident, second)
    assert (merge.state, merge.from_person_id, merge.into_person_id) == (
        MergeState.DONE, second.id, world.resident.id,
    )  # fmt: skip
    accounts = world.session.scalars(sa.select(WeChatAccount.person_id).where(WeChatAccount.id == device.account_id))
    assert accounts.one() == world.resident.id
    again = sign_in.actor_again(world.session, device, now=NOW)
    assert again.person_id == world.resident.id
    assert again.dwellings


def test_whoever_asks_the_one_with_the_home_stays(world, second):
    merge = by_phones(world, second, world.resident)
    assert (merge.from_person_id, merge.into_person_id) == (second.id, world.resident.id)


def test_a_wrong_or_old_code_does_nothing(world, second):
    asked = asking.ask(world.session, actor=world.actor(world.resident), now=NOW)
    for code, now in (("22222222", NOW), (asked.code, NOW + dt.timedelta(minutes=15))):
        with pytest.raises(NotFound):
            asking.join(world.session, actor=world.actor(second), code=code, now=now)


def test_a_new_code_makes_the_old_one_worthless(world, second):
    first = asking.ask(world.session, actor=world.actor(world.resident), now=NOW)
    asking.ask(world.session, actor=world.actor(world.resident), now=NOW)
    with pytest.raises(NotFound):
        asking.join(world.session, actor=world.actor(second), code=first.code, now=NOW)


def test_the_same_phone_is_no_second_one(world):
    asked = asking.ask(world.session, actor=world.actor(world.resident), now=NOW)
    with pytest.raises(InvalidInput):
        asking.join(world.session, actor=world.actor(world.resident), code=asked.code, now=NOW)


def test_entering_the_code_is_not_enough(world, second):
    asked = asking.ask(world.session, actor=world.actor(world.resident), now=NOW)
    asking.join(world.session, actor=world.actor(second), code=asked.code, now=NOW)
    assert world.session.get_one(WeChatAccount, world.actor(second).account_id).person_id == second.id
    with pytest.raises(NotFound):
        asking.confirm(
            world.session, actor=world.actor(second), merge_id=asked.merge.id, yes=True, vault=world.vault, now=NOW
        )


def test_a_no_ends_it(world, second):
    assert by_phones(world, world.resident, second, yes=False).state is MergeState.REFUSED


@pytest.mark.parametrize("why", ["another name", "an office", "two homes"])
def test_where_more_hangs_on_it_the_station_looks_too(world, second, why):
    if why == "another name":
        people.set_name(second, "别人", world.vault)
    if why == "an office":
        hire(world.session, second, world.place.grid, Role.GRID_LEADER)
    if why == "two homes":
        move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    world.session.flush()
    merge = by_phones(world, world.resident, second)
    assert merge.state is MergeState.PROPOSED
    assert decide(world, merge).state is MergeState.DONE
