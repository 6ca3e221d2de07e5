"""One's WeChat account: the paid phone number, its cap, and taking the account off."""

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from models import PhoneLookups, SignIn, SubscriptionGrant, WeChatAccount
from services import accounts, sign_in
from services.errors import Conflict, InvalidInput, TryLater
from services.ports import WeChatIdentity
from tests.fakes import FakeLogin
from tests.world import NOW, account_of

APPID = "wx-test"


def look_up(world, *, cap=2, now=NOW, got=True):
    month = accounts.begin_lookup(world.session, appid=APPID, cap=cap, now=now)
    accounts.end_lookup(world.session, appid=APPID, month=month, got=got)
    return month


def test_the_months_look_ups_end_at_the_cap(world):
    assert [look_up(world), look_up(world)] == ["2026-11", "2026-11"]
    with pytest.raises(Conflict) as refused:
        look_up(world)
    assert refused.value.reason == "phone_cap_reached"
    assert "手动填写" in refused.value.detail
    assert look_up(world, now=NOW + dt.timedelta(days=8, hours=16)) == "2026-12"


def test_one_that_gave_no_number_does_not_count(world):
    for _ in range(5):
        look_up(world, cap=1, got=False)
    row = world.session.scalars(sa.select(PhoneLookups)).one()
    assert (row.used, row.got) == (0, 0)


def test_a_cap_of_nothing_means_typing_only(world):
    with pytest.raises(Conflict):
        look_up(world, cap=0)


def test_the_number_is_kept_sealed_and_masked(world):
    person = accounts.keep_phone(
        world.session, actor=world.actor(world.resident), phone="+8613800138000", vault=world.vault
    )
    assert (person.phone_masked, world.vault.open(person.phone_sealed, "person.phone")) == (
        "138****8000",
        "+8613800138000",
    )
    with pytest.raises(InvalidInput):
        accounts.keep_phone(world.session, actor=world.actor(world.resident), phone="12", vault=world.vault)


def test_whoever_acts_for_another_leaves_their_account_alone(world):
    acting = dataclasses.replace(world.actor(world.resident), agent_id=world.neighbor.id)
    with pytest.raises(Conflict) as refused:
        accounts.keep_phone(world.session, actor=acting, phone="+8613800138000", vault=world.vault)
    assert refused.value.reason == "acting_for_another"


def test_at_the_console_there_is_no_account_to_take_off(world):
    console = dataclasses.replace(world.actor(world.manager), account_id=None)
    with pytest.raises(Conflict) as refused:
        accounts.unbind(world.session, actor=console, vault=world.vault, now=NOW)
    assert refused.value.reason == "not_in_wechat"


def test_an_account_taken_off_is_a_stranger(world):
    account = account_of(world.session, world.resident)
    openid = account.openid
    account.session_key_sealed = world.vault.seal("the-key", "wechat.session_key")
    world.grant(world.resident, "ticket_progress", 3)
    actor = world.actor(world.resident)
    former = accounts.unbind(world.session, actor=actor, vault=world.vault, now=NOW)
    world.session.flush()
    world.session.expire_all()
    assert former == (openid, "the-key")
    kept = world.session.get_one(WeChatAccount, account.id)
    assert (kept.unionid, kept.session_key_sealed, kept.unbound_at) == (None, None, NOW)
    assert openid not in kept.openid
    assert {
        entry.ended_at for entry in world.session.scalars(sa.select(SignIn).where(SignIn.account_id == account.id))
    } == {NOW}
    assert world.session.scalar(sa.select(SubscriptionGrant.remaining)) == 0
    again = sign_in.sign_in(
        world.session,
        identity=WeChatIdentity(openid, None, "another"),
        appid=APPID,
        vault=world.vault,
        now=NOW,
        lifetime=dt.timedelta(days=1),
    )
    assert again.actor.person_id != world.resident.id
    assert again.actor.dwellings == ()


def test_wechat_is_asked_to_make_the_key_worthless_and_may_be_away():
    login = FakeLogin()
    accounts.forget_key(login, ("openid", "key"))
    assert login.was_reset == [("openid", "key")]
    accounts.forget_key(login, None)
    login.error = TryLater()
    accounts.forget_key(login, ("openid", "key"))
