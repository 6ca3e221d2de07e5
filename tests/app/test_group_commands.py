"""``flask group`` against the sandbox over real HTTP: from a robot's address to a message in the group."""

import re

import pytest

import wechat
from app.settings import GATEWAYS
from tests.wechat.conftest import settings_for
from tests.wechat.fakes import MemoryFiles, MemoryTokens, serving
from wechat.sandbox import World as Sandbox
from wechat.sandbox import create_sandbox

ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=sandbox-robot-g1"


@pytest.fixture
def sandbox(app):
    """The simulated WeCom with one group, and our application pointed at it."""
    simulated = Sandbox()
    simulated.groups.put("g1", "服务站群")
    with serving(create_sandbox(simulated)) as url:
        app.extensions[GATEWAYS] = wechat.gateways(settings_for(url), MemoryTokens(), MemoryFiles())
        yield simulated


@pytest.fixture
def run(app, world, sandbox):
    runner = app.test_cli_runner()

    def command(*words, fails=False, answer=None):
        result = runner.invoke(args=["group", *map(str, words)], input=answer)
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    return command


def registered(run, world):
    said = run("add-robot", world.place.neighborhood.code, "--name", "服务站群", answer=f"{ADDRESS}\n")
    assert "sandbox-robot-g1" not in said
    return re.search(r"编号 (\d+)", said).group(1)


def heard(sandbox):
    return [(message["msgtype"], message["content"]) for message in sandbox.groups.messages("g1")["items"]]


def test_a_robot_is_registered_and_tried_in_every_way(run, world, sandbox, tmp_path):
    assert "还没有群" in run("list")
    group = registered(run, world)
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(30))
    run("try", group)
    run("try", group, "--kind", "text")
    run("try", group, "--kind", "card")
    run("try", group, "--picture", picture)
    assert [kind for kind, _ in heard(sandbox)] == ["image", "template_card", "text", "markdown"]
    assert "正常" in run("list")


def test_a_group_is_switched_off_and_on_with_another_robot(run, world, sandbox):
    group = registered(run, world)
    run("switch-off", group, "--reason", "换群了")
    assert "先打开" in run("try", group, fails=True)
    sandbox.groups.put("g2", "新群")
    run("switch-on", group, "--new-robot", answer="sandbox-robot-g2\n")
    run("try", group)
    assert sandbox.groups.messages("g2")["total"] == 1


def test_a_robot_that_is_gone_is_said_and_switched_off(run, world, sandbox):
    group = registered(run, world)
    sandbox.groups.remove("g1")
    assert "机器人已被移除" in run("try", group, fails=True)
    assert "停用：机器人被移出了群" in run("list")
    assert "要填新机器人的地址" in run("switch-on", group, fails=True)


def test_a_place_that_is_not_there_is_said(run, sandbox):
    assert "没有编号是 BX-XX 的小区" in run("add-robot", "BX-XX", "--name", "群", "--address", ADDRESS, fails=True)
