"""Registering robots, switching groups off and on, and what is said of each."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import AuditEntry, GroupBinding
from services.errors import Conflict, InvalidInput, NotFound, Rejected, TooMany
from services.groups import pacing, robots, switching, trying
from tests.services.groups.test_turns import ask, go
from tests.services.test_deliveries import happen
from tests.world import NOW

ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7b0c-4a8e-9f16-7b0c4a8e9f16"
HOUR = dt.timedelta(hours=1)


def add(world, address=ADDRESS, actor=None, place=None):
    return robots.add(
        world.session, actor=actor, neighborhood_id=place or world.place.neighborhood.id, name="服务站群",
        address=address, vault=world.vault, now=NOW,
    )  # fmt: skip


def states(world, now=NOW):
    world.session.flush()
    return robots.listing(world.session, actor=None, neighborhood_id=world.place.neighborhood.id)


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS.partition("key=")[2], f"  {ADDRESS}&debug=1 "])
def test_a_robot_is_registered_by_its_address_or_its_key(world, address):
    group = add(world, address)
    assert world.vault.open(group.robot_key_sealed, robots.SEAL) == "693a91f6-7b0c-4a8e-9f16-7b0c4a8e9f16"


@pytest.mark.parametrize(
    "address", ["", "钥匙", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "short", "a b" * 10]
)
def test_what_is_no_address_of_a_robot_is_refused(world, address):
    with pytest.raises(InvalidInput) as caught:
        add(world, address)
    assert "Webhook" in caught.value.errors["address"][0]


def test_a_robot_is_registered_once(world):
    add(world)
    with pytest.raises(Conflict) as caught:
        add(world, ADDRESS.partition("key=")[2])
    assert (caught.value.reason, "服务站群" in caught.value.detail) == ("robot_taken", True)


def test_a_robot_of_a_group_that_is_off_can_be_registered_elsewhere(world):
    switching.switch_off(world.session, add(world).id, why="换群了", now=NOW)
    assert add(world, place=world.elsewhere.neighborhood.id).id


def test_the_manager_of_another_neighborhood_finds_no_group(world):
    group = add(world)
    with pytest.raises(NotFound):
        robots.of(world.session, world.actor(world.foreign_manager), group.id)
    with pytest.raises(NotFound):
        add(world, "another-robot-key", actor=world.actor(world.foreign_manager))


def test_acts_are_written_down_with_their_reason(world):
    manager = world.actor(world.manager)
    group = add(world, actor=manager)
    robots.switch_off(world.session, actor=manager, group_id=group.id, reason="换群了", now=NOW)
    robots.switch_on(world.session, actor=manager, group_id=group.id, address=None, vault=world.vault, now=NOW)
    query = sa.select(AuditEntry.action, AuditEntry.purpose).where(AuditEntry.subject_kind == "group_binding")
    rows = world.session.execute(query.order_by(AuditEntry.id))
    assert [tuple(row) for row in rows] == [
        ("group.add", None), ("group.switch_off", "换群了"), ("group.switch_on", None)
    ]  # fmt: skip


def test_after_a_robot_was_removed_only_a_new_one_switches_the_group_on(world, gateways):
    group = add(world)
    ask(world, group, happen(world, "overdue"), 0)
    gateways.groups.error = Rejected("机器人不在了。", code="robot_removed")
    go(world, gateways)
    with pytest.raises(Conflict) as caught:
        robots.switch_on(world.session, actor=None, group_id=group.id, address=None, vault=world.vault, now=NOW)
    assert caught.value.reason == "robot_address_needed"
    robots.switch_on(
        world.session, actor=None, group_id=group.id, address="another-robot-key", vault=world.vault, now=NOW
    )
    gateways.groups.error = None
    ask(world, group, happen(world, "overdue"), 1)
    go(world, gateways, NOW + HOUR)
    assert [key for key, _ in gateways.groups.sent] == ["another-robot-key"]


def test_a_group_tells_how_it_does_and_what_to_do(world):
    group = add(world)
    (fresh,) = states(world)
    assert (fresh.state, fresh.waiting, fresh.is_on) == ("还没有发过", 0, True)
    group.last_ok_at = NOW
    assert states(world)[0].state == "正常"
    for number in range(21):
        ask(world, group, 1, number)
    assert (states(world)[0].waiting, states(world)[0].state) == (21, "正常，消息比较多")
    group.failing_since = NOW
    assert states(world)[0].state == "从11月23日 09:00起发不出去"
    switching.switch_off(world.session, group.id, why="换群了", now=NOW)
    (off,) = states(world)
    assert (off.state, off.waiting, off.is_on) == ("停用：换群了", 0, False)


def test_a_trial_takes_one_of_the_twenty(world):
    group = add(world)
    for _ in range(20):
        trial = trying.begin(world.session, group_id=group.id, vault=world.vault, now=NOW)
        trying.end(world.session, trial, None, now=NOW)
    with pytest.raises(TooMany):
        trying.begin(world.session, group_id=group.id, vault=world.vault, now=NOW)
    assert trying.begin(world.session, group_id=group.id, vault=world.vault, now=NOW + pacing.WINDOW).place
    assert group.last_ok_at == NOW


def test_a_trial_in_a_group_that_is_off_is_refused(world):
    group = add(world)
    switching.switch_off(world.session, group.id, why="换群了", now=NOW)
    with pytest.raises(Conflict):
        trying.begin(world.session, group_id=group.id, vault=world.vault, now=NOW)


def test_a_trial_that_finds_the_robot_gone_switches_the_group_off(world):
    group = add(world)
    trial = trying.begin(world.session, group_id=group.id, vault=world.vault, now=NOW)
    trying.end(world.session, trial, Rejected("不在了。", code="robot_removed"), now=NOW)
    assert world.session.get_one(GroupBinding, group.id).switched_off_why == "robot_removed"
