"""Staying signed in: tokens that change at each use, hats, and what a copied token does."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import Membership, Role, SignIn
from services import sign_in
from services.errors import NotSignedIn, WrongHat
from services.hats import hats_of
from services.ports import WeChatIdentity
from tests.world import NOW, account_of, hire

SECOND = dt.timedelta(seconds=1)
IDENTITY = WeChatIdentity(openid="o-new", unionid="u-1", session_key="k" * 22 + "==")


def start(world, identity=IDENTITY, now=NOW):
    return sign_in.sign_in(
        world.session, identity=identity, appid="wx-test", vault=world.vault, now=now, lifetime=dt.timedelta(days=30)
    )


def refresh(world, token, after=dt.timedelta()):
    return sign_in.refresh(world.session, token=token, now=NOW + after)


def entry(world, signed_in):
    world.session.flush()
    return world.session.get_one(SignIn, signed_in.actor.sign_in_id, populate_existing=True)


def test_a_newcomer_becomes_a_person_without_a_name(world):
    actor = start(world).actor
    assert (actor.role, actor.dwellings) == (Role.RESIDENT, ())


def test_the_same_wechat_is_the_same_person(world):
    assert start(world).actor.person_id == start(world).actor.person_id


def test_the_session_key_is_sealed(world):
    start(world)
    sealed = world.session.connection().exec_driver_sql(
        "select session_key_sealed from wechat_account where openid = 'o-new'"
    )
    assert b"kkkk" not in bytes(sealed.scalar_one())


def test_no_token_is_kept_in_clear(world):
    signed_in = start(world)
    kept = entry(world, signed_in)
    assert signed_in.refresh_token not in {kept.refresh_hash, kept.previous_hash}


def test_each_use_changes_the_token(world):
    first = start(world)
    second = refresh(world, first.refresh_token)
    third = refresh(world, second.refresh_token, 5 * 60 * SECOND)
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert third.actor == first.actor


def test_an_answer_that_was_lost_can_be_asked_for_again_within_a_minute(world):
    first = start(world)
    refresh(world, first.refresh_token)
    again = refresh(world, first.refresh_token, 60 * SECOND)
    assert refresh(world, again.refresh_token, 90 * SECOND) is not None


def test_using_the_old_token_does_not_prolong_its_minute(world):
    first = start(world)
    refresh(world, first.refresh_token)
    assert refresh(world, first.refresh_token, 50 * SECOND) is not None
    assert refresh(world, first.refresh_token, 100 * SECOND) is None


def test_a_copied_token_ends_the_sign_in_for_both(world):
    first = start(world)
    second = refresh(world, first.refresh_token)
    assert refresh(world, first.refresh_token, 61 * SECOND) is None
    assert entry(world, first).ended_at == NOW + 61 * SECOND
    assert refresh(world, second.refresh_token, 62 * SECOND) is None


@pytest.mark.parametrize("token", ["", "nonsense", "a" * 500])
def test_an_unknown_token_is_nobodys(world, token):
    assert refresh(world, token) is None


def test_a_sign_in_ends_after_its_days(world):
    token = start(world).refresh_token
    assert refresh(world, token, dt.timedelta(days=30)) is None


def test_signing_out_ends_it(world):
    signed_in = start(world)
    sign_in.sign_out(world.session, actor=signed_in.actor, now=NOW)
    world.session.expire_all()
    assert refresh(world, signed_in.refresh_token) is None
    with pytest.raises(NotSignedIn) as refused:
        sign_in.change_hat(world.session, actor=signed_in.actor, membership_id=None, now=NOW)
    assert refused.value.reason == "token_ended"


def as_manager(world):
    account = account_of(world.session, world.manager)
    return start(world, WeChatIdentity(account.openid, None, "k" * 22 + "=="))


def test_staff_begin_in_their_first_hat_and_can_put_on_another(world):
    actor = as_manager(world).actor
    assert actor.role is Role.STATION_MANAGER
    resident = sign_in.change_hat(world.session, actor=actor, membership_id=None, now=NOW)
    assert resident.role is Role.RESIDENT
    back = sign_in.change_hat(world.session, actor=resident, membership_id=actor.hat.membership_id, now=NOW)
    assert back == actor


def test_somebody_elses_hat_cannot_be_put_on(world):
    foreign = world.actor(world.foreign_manager).hat.membership_id
    with pytest.raises(WrongHat) as refused:
        sign_in.change_hat(world.session, actor=as_manager(world).actor, membership_id=foreign, now=NOW)
    assert refused.value.reason == "no_such_hat"


def test_a_hat_that_ended_falls_back_to_the_residents(world):
    signed_in = as_manager(world)
    world.session.execute(
        sa.update(Membership).where(Membership.person_id == world.manager.id).values(ends_at=NOW + 10 * SECOND)
    )
    assert refresh(world, signed_in.refresh_token, 9 * SECOND).actor.role is Role.STATION_MANAGER
    again = start(world, WeChatIdentity(account_of(world.session, world.manager).openid, None, "k"), NOW + 10 * SECOND)
    assert again.actor.role is Role.RESIDENT
    with pytest.raises(WrongHat):
        sign_in.change_hat(
            world.session, actor=again.actor, membership_id=signed_in.actor.hat.membership_id, now=NOW + 10 * SECOND
        )


def test_a_hat_of_tomorrow_is_not_there_yet(world):
    hire(world.session, world.resident, world.place.grid, Role.GRID_LEADER)
    world.session.execute(
        sa.update(Membership).where(Membership.person_id == world.resident.id).values(starts_at=NOW + SECOND)
    )
    assert [hat.role for hat in hats_of(world.session, world.resident.id, NOW)] == [Role.RESIDENT]
    assert len(hats_of(world.session, world.resident.id, NOW + SECOND)) == 2
