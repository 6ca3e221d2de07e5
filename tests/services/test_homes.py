"""Invitations: a code read out over the phone binds an account to a registered person or to a home."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import Residency, ResidencyKind, WeChatAccount
from services import sign_in
from services.errors import Conflict, InvalidInput, NotFound
from services.ports import WeChatIdentity
from services.residencies import invitations, lists
from tests.world import NOW

DAY = dt.timedelta(days=1)


@pytest.fixture
def newcomer(world):
    """Somebody who has just opened the mini-program for the first time."""
    identity = WeChatIdentity("o-newcomer", None, "k" * 22 + "==")
    return sign_in.sign_in(
        world.session, identity=identity, appid="wx-test", vault=world.vault, now=NOW, lifetime=DAY
    ).actor


def invite(world, person=None, home=None, kind=ResidencyKind.OWNER):
    return invitations.invite(
        world.session,
        actor=world.actor(world.manager),
        home_id=(home or world.place.home).id,
        kind=kind,
        person_id=person.id if person else None,
        now=NOW,
    ).code


def redeem(world, actor, code, now=NOW):
    invitations.redeem(world.session, actor=actor, code=code, now=now)
    return sign_in.actor_again(world.session, actor, now=now)


def test_a_code_makes_the_account_a_registered_person(world, newcomer):
    actor = redeem(world, newcomer, invite(world, world.resident))
    assert actor.person_id == world.resident.id
    assert [home.home_id for home in actor.dwellings] == [world.place.home.id]


def test_a_code_to_a_home_makes_somebody_new_live_there(world, newcomer):
    actor = redeem(world, newcomer, invite(world, kind=ResidencyKind.TENANT))
    assert actor.person_id == newcomer.person_id
    kind = world.session.scalar(sa.select(Residency.kind).where(Residency.person_id == newcomer.person_id))
    assert kind is ResidencyKind.TENANT


def test_a_code_to_a_home_one_lives_in_changes_nothing(world):
    actor = world.actor(world.resident)
    redeem(world, actor, invite(world))
    query = sa.select(sa.func.count()).select_from(Residency).where(Residency.person_id == world.resident.id)
    assert world.session.scalar(query) == 1


@pytest.mark.parametrize(
    "spoken", [str.lower, lambda code: f" {code[:4]} {code[4:]} ", lambda code: f"{code[:4]}-{code[4:]}"]
)
def test_spaces_dashes_and_small_letters_are_forgiven(world, newcomer, spoken):
    assert redeem(world, newcomer, spoken(invite(world))).dwellings


def test_a_code_has_no_letters_that_look_alike(world):
    code = invite(world)
    assert len(code) == 8
    assert not set(code) & set("01OIL")


def test_a_code_works_once(world, newcomer):
    code = invite(world)
    redeem(world, newcomer, code)
    with pytest.raises(Conflict) as refused:
        redeem(world, world.actor(world.stranger), code)
    assert refused.value.reason == "invitation_used"


def test_a_code_ends_after_fourteen_days(world, newcomer):
    code = invite(world)
    with pytest.raises(NotFound) as refused:
        redeem(world, newcomer, code, NOW + 14 * DAY)
    assert refused.value.reason == "invitation_unknown"
    assert redeem(world, newcomer, code, NOW + 14 * DAY - dt.timedelta(seconds=1)).dwellings


def test_a_wrong_code_looks_like_an_expired_one(world, newcomer):
    with pytest.raises(NotFound) as refused:
        redeem(world, newcomer, "ABCD2345")
    assert refused.value.reason == "invitation_unknown"


@pytest.mark.parametrize("name", ["neighbor", "manager"])
def test_an_account_with_a_history_is_not_given_to_somebody_else(world, name):
    code = invite(world, world.resident)
    actor = world.actor(getattr(world, name))
    with pytest.raises(Conflict) as refused:
        redeem(world, actor, code)
    assert refused.value.reason == "account_bound"
    assert world.session.get_one(WeChatAccount, actor.account_id).person_id == actor.person_id


def test_an_old_token_does_not_give_the_account_away_again(world, newcomer):
    redeem(world, newcomer, invite(world, world.resident))
    with pytest.raises(Conflict) as refused:
        redeem(world, newcomer, invite(world, world.far_neighbor, world.place.other_home))
    assert refused.value.reason == "account_bound"
    assert world.session.get_one(WeChatAccount, newcomer.account_id).person_id == world.resident.id


def test_an_old_token_moves_the_new_person_in(world, newcomer):
    redeem(world, newcomer, invite(world, world.resident))
    actor = redeem(world, newcomer, invite(world, home=world.place.other_home))
    assert actor.person_id == world.resident.id
    assert len(actor.dwellings) == 2


def test_only_residents_of_a_home_are_invited_by_person(world):
    with pytest.raises(InvalidInput) as refused:
        invite(world, world.far_neighbor)
    assert refused.value.reason == "not_a_resident"


def test_homes_elsewhere_are_not_invited_to(world):
    with pytest.raises(NotFound):
        invite(world, home=world.elsewhere.home)


def test_ones_own_homes_are_listed(world):
    own = lists.my_homes(world.session, actor=world.actor(world.neighbor), now=NOW)
    assert [(home["label"], home["kind"]) for home in own] == [("1号楼1单元201室", ResidencyKind.FAMILY)]


@pytest.mark.parametrize("name", ["manager", "grid_leader", "community_officer"])
def test_whoever_holds_a_role_is_invited_by_their_phone(world, newcomer, name):
    person = getattr(world, name)
    phone = world.vault.open(person.phone_sealed, "person.phone")
    made = invitations.invite_worker(world.session, phone=phone, vault=world.vault, now=NOW)
    assert redeem(world, newcomer, made.code).person_id == person.id


def test_somebody_without_a_role_is_not_invited_as_a_worker(world):
    phone = world.vault.open(world.resident.phone_sealed, "person.phone")
    with pytest.raises(NotFound):
        invitations.invite_worker(world.session, phone=phone, vault=world.vault, now=NOW)
