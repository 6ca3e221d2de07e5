"""A browser that is signed in: how long, with which rights, and what it is told when it is over."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from models import AuditEntry, Membership, Role, SignIn, SignInEnd
from services import devices, rights
from services.console import sessions
from services.errors import NotFound, NotSignedIn, WrongHat
from services.reading.pages import PageRequest
from tests.world import NOW

LIFETIMES = sessions.Lifetimes(dt.timedelta(hours=10), dt.timedelta(minutes=30))
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def started(world):
    hat = world.actor(world.manager).hat
    return sessions.start(
        world.session,
        person_id=world.manager.id,
        account_id=None,
        worn=(hat.membership_id, None),
        label="Windows 电脑上的 Edge",
        lifetimes=LIFETIMES,
        now=NOW,
    )


def present(world, started, now=NOW):
    return sessions.present(world.session, token=started.token, now=now)


def expect_gone(world, started, words, now=NOW):
    with pytest.raises(NotSignedIn, match=words):
        present(world, started, now)


def test_a_browser_is_signed_out_when_nobody_uses_it(world, started):
    assert not present(world, started, NOW + dt.timedelta(seconds=59)).is_due
    assert present(world, started, NOW + LIFETIMES.idle - SECOND).is_due
    expect_gone(world, started, "没人用", NOW + LIFETIMES.idle)
    sessions.touch(world.session, actor=started.actor, idle=LIFETIMES.idle, now=NOW + dt.timedelta(minutes=20))
    assert not present(world, started, NOW + dt.timedelta(minutes=20)).is_due
    expect_gone(world, started, "没人用", NOW + dt.timedelta(minutes=50))


def test_a_browser_is_signed_out_in_the_evening_however_busy(world, started):
    for minutes in range(20, 600, 20):
        now = NOW + dt.timedelta(minutes=minutes)
        present(world, started, now)
        sessions.touch(world.session, actor=started.actor, idle=LIFETIMES.idle, now=now)
    expect_gone(world, started, "时间到了", NOW + LIFETIMES.most)


def test_a_stranger_is_asked_to_sign_in(world):
    with pytest.raises(NotSignedIn, match="请先登录"):
        sessions.present(world.session, token="made up", now=NOW)


def test_a_right_that_ends_has_ended_at_the_next_click(world, started):
    assert present(world, started).actor.role is Role.STATION_MANAGER
    world.session.execute(sa.update(Membership).where(Membership.person_id == world.manager.id).values(ends_at=NOW))
    assert present(world, started, NOW + SECOND).actor.role is Role.RESIDENT


def own(world, actor, now=NOW):
    with world.session.no_autoflush:
        return devices.of_actor(world.session.connection(), actor=actor, page=PageRequest(), now=now).items


def test_a_person_sees_where_they_are_signed_in(world, started):
    phone = world.actor(world.manager)
    world.actor(world.clerk)
    rows = own(world, phone)
    assert [
        (row["device_name"], row["this"]) for row in rows if row["id"] in {phone.sign_in_id, started.actor.sign_in_id}
    ] == [
        ("手机上的小程序", True),
        ("Windows 电脑上的 Edge", False),
    ]
    assert {row["hat"] for row in rows} == {"服务站站长 · 彩进小区"}
    assert started.actor.sign_in_id not in {row["id"] for row in own(world, phone, NOW + LIFETIMES.idle)}


def test_a_browser_is_ended_from_the_phone_and_told_so(world, started):
    phone = world.actor(world.manager)
    before = rights.generation_of(world.session, world.manager.id)
    devices.end(world.session, actor=phone, sign_in_id=started.actor.sign_in_id, now=NOW)
    expect_gone(world, started, "在别的设备上结束了这台电脑的登录")
    assert rights.generation_of(world.session, world.manager.id) == before + 1
    noted = world.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.about_person_id == world.manager.id))
    assert list(noted) == ["console.signed_in", "sign_in.ended"]
    with pytest.raises(NotFound):
        devices.end(world.session, actor=phone, sign_in_id=started.actor.sign_in_id, now=NOW)


def test_nobody_ends_somebody_elses_sign_in(world, started):
    with pytest.raises(NotFound):
        devices.end(world.session, actor=world.actor(world.clerk), sign_in_id=started.actor.sign_in_id, now=NOW)
    acting = replace(world.actor(world.manager), agent_id=world.clerk.id)
    with pytest.raises(WrongHat, match="不能代办"):
        devices.end(world.session, actor=acting, sign_in_id=started.actor.sign_in_id, now=NOW)
    with pytest.raises(WrongHat):
        own(world, acting)
    assert present(world, started).actor.person_id == world.manager.id


def test_signing_out_everywhere_ends_this_one_too(world, started):
    phone = world.actor(world.manager)
    other = world.actor(world.clerk)
    assert (
        devices.end_all(world.session, actor=started.actor, now=NOW) == 3
    )  # the fixture's own look at the hats is one
    world.session.expire_all()
    reason = {
        entry.id: entry.end_reason for entry in world.session.scalars(sa.select(SignIn)) if entry.ended_at is not None
    }
    assert reason[started.actor.sign_in_id] is SignInEnd.SIGNED_OUT
    assert reason[phone.sign_in_id] is SignInEnd.ENDED_ELSEWHERE
    assert other.sign_in_id not in reason
    expect_gone(world, started, "已经退出")
