"""Mass messages end to end: written by HTTP or command, prepared by the worker, confirmed on the sandbox, read back."""

import pytest

import wechat
from app import worker
from app.settings import GATEWAYS
from services.groups import chats
from tests.wechat.conftest import settings_for
from tests.wechat.fakes import MemoryFiles, MemoryTokens, serving
from tests.world import NOW
from wechat.sandbox import World as Sandbox
from wechat.sandbox import create_sandbox
from wechat.sandbox.groups import opengid

TEXT = "周三上午停水，请先接好水。"


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


def write(client, world, chat, **changes):
    body = {"text": TEXT, "chat_ids": [chat], "sender": "ZhangLi", **changes}
    place = world.place.neighborhood.id
    return client.post(f"/api/v1/neighborhoods/{place}/mass-messages", json=body, headers=world.headers(world.manager))


def listed(client, world):
    place = world.place.neighborhood.id
    answer = client.get(f"/api/v1/neighborhoods/{place}/mass-messages", headers=world.headers(world.manager))
    return answer.get_json()["items"]


def heard(sandbox):
    return [message["content"] for message in sandbox.groups.messages("g1")["items"]]


def test_a_message_reaches_the_group_when_the_member_confirms(client, app, world, sandbox, chat):
    made = write(client, world, chat, page="pages/index/index")
    assert (made.status_code, made.get_json()["state"]) == (201, "prepared")
    worker.drain(app, seconds=5)
    (shown,) = listed(client, world)
    assert (shown["state"], shown["advice"], heard(sandbox)) == ("waiting", "请打开企业微信，点确认发送。", [])
    reminded = client.post(f"/api/v1/mass-messages/{shown['id']}/remind", headers=world.headers(world.manager))
    assert reminded.get_json()["reminders"] == 1
    worker.drain(app, seconds=5)
    tap = create_sandbox(sandbox).test_client()
    (waiting,) = tap.get("/sandbox/wecom/messages").get_json()["items"]
    assert (waiting["reminded"], waiting["page"]) == (1, "pages/index/index")
    assert tap.post(f"/sandbox/wecom/messages/{waiting['msgid']}/confirm").status_code == 200
    assert heard(sandbox) == [f"ZhangLi：{TEXT}"]
    with app.app_context():
        job = next(one for one in worker.TIMETABLE if one.name == "look_after_mass")
        worker.run_job(job, "test")
    worker.drain(app, seconds=5)
    (shown,) = listed(client, world)
    assert (shown["state"], shown["sent"], shown["words"]) == ("sent", 1, "发出去了")


def test_without_wecom_it_is_said_what_to_do_and_nothing_is_kept(client, app, world, sandbox, chat):
    app.extensions[GATEWAYS].mass.is_set_up = False
    refused = write(client, world, chat)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "wecom_not_set_up")
    assert "WUYOU_WECOM_CORPID" in refused.get_json()["detail"]
    assert listed(client, world) == []
    said = app.test_cli_runner().invoke(args=["group", "mass", "list", world.place.neighborhood.code])
    assert (said.exit_code, "WUYOU_WECOM_CORPID" in said.output) == (1, True)


@pytest.mark.parametrize("body", [{"text": ""}, {"text": "停" * 1001}, {"chat_ids": []}, {"page": "https://a.cn"}])
def test_what_wecom_would_not_take_is_refused_before(client, world, chat, body):
    assert write(client, world, chat, **body).status_code == 422
    assert listed(client, world) == []


def test_an_operator_writes_and_reminds_at_the_command_line(app, world, sandbox, chat):
    code = world.place.neighborhood.code
    runner = app.test_cli_runner()
    said = runner.invoke(
        args=["group", "mass", "write", code, "--text", TEXT, "--chat", str(chat), "--sender", "ZhangLi"]
    )
    assert "请成员 ZhangLi 打开企业微信，点确认发送" in said.output
    assert "正在交给企业微信" in runner.invoke(args=["group", "mass", "list", code]).output
    worker.drain(app, seconds=5)
    assert "等着确认" in runner.invoke(args=["group", "mass", "list", code]).output
    number = said.output.partition("编号 ")[2].partition("。")[0]
    assert "催了" in runner.invoke(args=["group", "mass", "remind", number]).output
    assert "没有找到" in runner.invoke(args=["group", "mass", "remind", "999"]).output
