"""Mass messages at the console: written, confirmed by the member on the sandbox, reminded of, and read back."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

import wechat
from app import worker
from app.settings import GATEWAYS
from models import MassMessage, MassState
from services.groups import chats, mass
from tests.wechat.conftest import settings_for
from tests.wechat.fakes import MemoryFiles, MemoryTokens, serving
from tests.world import NOW
from wechat.sandbox import World as Sandbox
from wechat.sandbox import create_sandbox
from wechat.sandbox.groups import opengid

TEXT = "周三上午停水，请先接好水。"
LIST = "/console/mass-messages"


@pytest.fixture
def sandbox(app):
    simulated = Sandbox()
    simulated.groups.put("g1", "1号楼业主群")
    with serving(create_sandbox(simulated)) as url:
        app.extensions[GATEWAYS] = wechat.gateways(settings_for(url), MemoryTokens(), MemoryFiles())
        yield simulated


@pytest.fixture
def chat(world, sandbox):
    place = world.place.neighborhood.id
    made = chats.bind(
        world.session, actor=None, neighborhood_id=place, opengid=opengid("g1"), unit_id=place, name="业主群", now=NOW
    )
    world.session.commit()
    return made.id


def write(browser, world, **form):
    return browser.post(f"/console/neighborhoods/{world.place.neighborhood.id}/mass-messages", **form)


def waiting(world, chat):
    """A message that the member has to confirm."""
    place = world.place.neighborhood.id
    made = mass.write(
        world.session, actor=None, neighborhood_id=place, sender="ZhangLi", text=TEXT, chat_ids=[chat], page="", now=NOW
    )
    world.session.commit()
    return made.id


def messages(world):
    return world.session.scalar(sa.select(sa.func.count()).select_from(MassMessage))


def test_a_message_is_written_confirmed_by_the_member_and_read_back(browser, app, world, sandbox, chat):
    browser.enter(world, world.manager)
    assert "业主群" in browser.get(LIST)
    write(browser, world, text=TEXT, chat_ids=str(chat), sender="ZhangLi")
    assert "打开企业微信，点确认发送" in browser.follow()
    worker.drain(app, seconds=5)
    assert "等着确认" in browser.get(LIST)
    tap = create_sandbox(sandbox).test_client()
    (given,) = tap.get("/sandbox/wecom/messages").get_json()["items"]
    tap.post(f"/sandbox/wecom/messages/{given['msgid']}/confirm")
    with app.app_context():
        worker.run_job(next(one for one in worker.TIMETABLE if one.name == "look_after_mass"), "test")
    worker.drain(app, seconds=5)
    page = browser.get(LIST)
    assert "发出去了" in page
    assert "1个里的1个" in page
    assert "ZhangLi" not in page


def test_the_member_is_reminded_by_a_button(browser, app, world, sandbox, chat):
    made = waiting(world, chat)
    worker.drain(app, seconds=5)
    browser.enter(world, world.manager)
    assert "催一催" in browser.get(LIST)
    browser.post(f"{LIST}/{made}/remind")
    assert "催过了，第1次" in browser.follow()


def test_a_message_that_waits_for_nobody_has_no_button(browser, world, chat):
    waiting(world, chat)  # not yet with WeCom
    browser.enter(world, world.manager)
    page = browser.get(LIST)
    assert "正在交给企业微信" in page
    assert "催一催" not in page


def test_what_is_missing_is_said_beside_the_field_and_what_was_typed_stays(browser, world, chat):
    browser.enter(world, world.manager)
    browser.get(LIST)
    page = write(browser, world, text=TEXT, sender="ZhangLi")
    assert browser.status == 422
    assert "请选1到100个群" in page
    assert TEXT in page
    assert messages(world) == 0


def test_a_clerk_reads_and_writes_nothing(browser, world, chat):
    waiting(world, chat)
    browser.enter(world, world.clerk)
    page = browser.get(LIST)
    assert TEXT in page
    assert "写一条群发" not in page
    write(browser, world, text=TEXT, chat_ids=str(chat), sender="ZhangLi")
    assert browser.status == 403


def test_without_wecom_the_page_says_what_to_do(browser, app, world, chat):
    app.extensions[GATEWAYS].mass.is_set_up = False
    browser.enter(world, world.manager)
    assert "还没有接企业微信" in browser.get(LIST)
    write(browser, world, text=TEXT, chat_ids=str(chat), sender="ZhangLi")
    assert browser.status == 409
    assert messages(world) == 0


def test_a_message_with_no_bound_group_says_how_to_bind_one(browser, world, sandbox):
    browser.enter(world, world.manager)
    assert "还没有绑好的客户群" in browser.get(LIST)


@pytest.mark.parametrize("state", MassState)
def test_only_what_waits_can_be_reminded_of(world, chat, state):
    shown = mass.shown(world.session, waiting(world, chat))
    assert replace(shown, state=state).can_remind is (state is MassState.WAITING)


def test_nobody_is_reminded_a_fourth_time(world, chat):
    shown = replace(mass.shown(world.session, waiting(world, chat)), state=MassState.WAITING)
    assert [replace(shown, reminders=times).can_remind for times in range(5)] == [True, True, True, False, False]
