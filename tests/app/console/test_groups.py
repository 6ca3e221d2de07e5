"""The groups at the console: how they do, and the robot registered, switched off and on by whoever runs the station."""

import pytest
import sqlalchemy as sa

from models import GroupBinding


@pytest.fixture
def group(world):
    made = world.group()
    world.session.commit()
    return made.id


def test_a_manager_sees_how_each_group_does(browser, world, group):
    browser.enter(world, world.manager)
    page = browser.get("/console/groups")
    assert "彩进小区服务站群" in page
    assert "还没有发过" in page
    assert "登记一个群" in page


def test_a_clerk_sees_the_groups_and_changes_nothing(browser, world, group):
    browser.enter(world, world.clerk)
    page = browser.get("/console/groups")
    assert "彩进小区服务站群" in page
    assert "登记一个群" not in page
    browser.get(f"/console/groups/{group}")
    assert browser.status == 403


def test_a_robot_is_registered_and_its_address_shown_nowhere(browser, world):
    browser.enter(world, world.manager)
    browser.get("/console/groups")
    place = world.place.neighborhood.id
    browser.post(f"/console/neighborhoods/{place}/groups", name="二号群", address="secret-robot-key")
    page = browser.follow()
    assert "“二号群”登记好了" in page
    assert "secret-robot-key" not in page


def test_an_address_that_is_none_is_said_beside_the_field(browser, world):
    browser.enter(world, world.manager)
    browser.get("/console/groups")
    place = world.place.neighborhood.id
    page = browser.post(f"/console/neighborhoods/{place}/groups", name="二号群", address="不是地址")
    assert browser.status == 422
    assert "这不像群机器人的地址" in page
    assert 'value="二号群"' in page
    assert "不是地址" not in page
    assert world.session.scalar(sa.select(sa.func.count()).select_from(GroupBinding)) == 0


def test_a_group_is_switched_off_and_on(browser, world, group):
    browser.enter(world, world.manager)
    browser.get(f"/console/groups/{group}")
    browser.post(f"/console/groups/{group}/switch-off", reason="换群了")
    assert "停用：换群了" in browser.follow()
    browser.get(f"/console/groups/{group}")
    browser.post(f"/console/groups/{group}/switch-on")
    assert "打开了" in browser.follow()
