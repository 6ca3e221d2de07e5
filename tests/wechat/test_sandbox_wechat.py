"""The sandbox's imitation of WeChat: the documented codes at the documented moments, always HTTP 200."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from config.settings import SANDBOX_APPID, SANDBOX_SECRET, SANDBOX_TEMPLATES
from tests.wechat.fakes import Clock
from wechat.sandbox import World, create_sandbox
from wechat.sandbox.phones import openid_of

APP = {"appid": SANDBOX_APPID, "secret": SANDBOX_SECRET}
STABLE = {"grant_type": "client_credential", **APP}
LOGIN = {"grant_type": "authorization_code", **APP}
PROGRESS = SANDBOX_TEMPLATES["ticket_progress"].template_id
GOOD = {
    "character_string1": "BX-CX-2611-00042",
    "thing2": "三楼楼道灯不亮",
    "phrase3": "已派单",
    "time4": "2026年11月23日 15:00",
    "thing5": "师傅下午到",
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    world = World(clock=clock)
    world.phones.put("zhang", "张阿姨")
    world.groups.put("g1", "1栋群")
    return world


@pytest.fixture
def client(world: World) -> FlaskClient:
    return create_sandbox(world).test_client()


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200
    return dict(answer.get_json())


def stable(client: FlaskClient, **changes: object) -> dict[str, Any]:
    return ok(client.post("/cgi-bin/stable_token", json={**STABLE, **changes}))


def plain(client: FlaskClient, **changes: str) -> dict[str, Any]:
    return ok(client.get("/cgi-bin/token", query_string={**STABLE, **changes}))


def send(client: FlaskClient, token: str = "", **changes: Any) -> dict[str, Any]:
    body: dict[str, object] = {"touser": openid_of("zhang"), "template_id": PROGRESS}
    body["data"] = {key: {"value": value} for key, value in GOOD.items()}
    token = token or stable(client)["access_token"]
    return ok(client.post(f"/cgi-bin/message/subscribe/send?access_token={token}", json={**body, **changes}))


def with_value(key: str, value: object) -> dict[str, object]:
    return {**{name: {"value": text} for name, text in GOOD.items()}, key: {"value": value}}


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": "wx1"}, 40013),
        ({"secret": "no"}, 40125),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"grant_type": "x"}, 40002),
    ],
)
def test_tokens_are_for_the_right_app_only(changes: dict[str, str], errcode: int, client: FlaskClient) -> None:
    assert stable(client, **changes)["errcode"] == errcode
    assert plain(client, **changes)["errcode"] == errcode


@pytest.mark.parametrize("path", ["/cgi-bin/stable_token", "/cgi-bin/message/subscribe/send"])
def test_what_must_be_posted_cannot_be_got(path: str, client: FlaskClient) -> None:
    assert ok(client.get(path))["errcode"] == 43002


def test_the_stable_token_stays_the_same_until_near_its_end(client: FlaskClient, clock: Clock) -> None:
    first = stable(client)
    clock.forward(6800)
    second = stable(client)
    assert second == {"access_token": first["access_token"], "expires_in": 400}
    clock.forward(150)
    assert stable(client)["access_token"] != first["access_token"]


def test_a_renewed_stable_token_leaves_the_former_its_last_minutes(client: FlaskClient, clock: Clock) -> None:
    first = stable(client)["access_token"]
    clock.forward(7000)
    stable(client)
    assert send(client, first)["errcode"] == 43101
    clock.forward(200)
    assert send(client, first)["errcode"] == 42001


def test_a_forced_token_kills_the_former(client: FlaskClient) -> None:
    first = stable(client)["access_token"]
    forced = stable(client, force_refresh=True)["access_token"]
    assert (send(client, first)["errcode"], send(client, forced)["errcode"]) == (40001, 43101)


def test_forcing_again_within_thirty_seconds_is_refused(client: FlaskClient, clock: Clock) -> None:
    stable(client, force_refresh=True)
    assert stable(client, force_refresh=True)["errcode"] == 45011
    clock.forward(30)
    assert "access_token" in stable(client, force_refresh=True)


def test_forcing_is_possible_twenty_times_a_day(client: FlaskClient, clock: Clock) -> None:
    for _ in range(20):
        assert "access_token" in stable(client, force_refresh=True)
        clock.forward(60)
    assert stable(client, force_refresh=True)["errcode"] == 45009
    clock.forward(86_400)
    assert "access_token" in stable(client, force_refresh=True)


def test_a_new_plain_token_kills_the_former_after_an_overlap(client: FlaskClient, clock: Clock) -> None:
    first = plain(client)["access_token"]
    plain(client)
    assert send(client, first)["errcode"] == 43101
    clock.forward(300)
    assert send(client, first)["errcode"] == 42001


def test_plain_and_stable_tokens_leave_each_other_alone(client: FlaskClient) -> None:
    token = stable(client)["access_token"]
    plain(client)
    assert stable(client)["access_token"] == token


def test_a_login_code_gives_the_openid_of_the_phone(client: FlaskClient, world: World) -> None:
    code = world.phones.login_code("zhang")
    answer = ok(client.get("/sns/jscode2session", query_string={**LOGIN, "js_code": code}))
    assert answer["openid"] == openid_of("zhang")
    assert set(answer) == {"openid", "session_key"}


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"js_code": "x"}, 40029),
        ({"js_code": ""}, 41008),
        ({"appid": "x"}, 40013),
        ({"secret": "x"}, 40125),
        ({"grant_type": "x"}, 40002),
    ],
)
def test_a_login_is_refused_with_the_documented_code(
    changes: dict[str, str], errcode: int, client: FlaskClient
) -> None:
    assert ok(client.get("/sns/jscode2session", query_string={**LOGIN, **changes}))["errcode"] == errcode


def test_old_login_codes_are_forgotten(world: World, clock: Clock) -> None:
    world.phones.login_code("zhang")
    clock.forward(601)
    world.phones.login_code("zhang")
    assert len(world.phones._codes) == 1


def test_the_token_is_checked_before_anything_else(client: FlaskClient) -> None:
    assert send(client, "made-up", touser="nobody")["errcode"] == 40001
    assert ok(client.post("/cgi-bin/message/subscribe/send", json={}))["errcode"] == 41001


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"touser": "nobody"}, 40003),
        ({"template_id": "none"}, 40037),
        ({"data": None}, 47003),
        ({"miniprogram_state": "beta"}, 47003),
        ({}, 43101),
    ],
)
def test_a_send_is_refused_with_the_documented_code(changes: dict[str, Any], errcode: int, client: FlaskClient) -> None:
    assert send(client, **changes)["errcode"] == errcode


def test_a_body_that_is_no_json_is_refused(client: FlaskClient) -> None:
    token = stable(client)["access_token"]
    answer = client.post(f"/cgi-bin/message/subscribe/send?access_token={token}", data="touser=1")
    assert ok(answer)["errcode"] == 47001


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing2", "水" * 21),
        ("thing2", ""),
        ("thing2", "两\n行"),
        ("thing2", None),
        ("phrase3", "处理中啊啊啊"),
        ("phrase3", "OK"),
        ("character_string1", "一栋101"),
        ("character_string1", "A" * 33),
        ("time4", "明天"),
        ("time4", "2026-11-23"),
        ("thing9", "不在模板里"),
    ],
)
def test_a_value_that_breaks_its_type_is_refused_and_named(key: str, value: object, client: FlaskClient) -> None:
    answer = send(client, data=with_value(key, value))
    assert answer["errcode"] == 47003
    assert f"data.{key}" in answer["errmsg"]


def test_a_missing_value_is_refused_and_named(client: FlaskClient) -> None:
    answer = send(client, data={"thing2": {"value": "灯"}})
    assert (answer["errcode"], "data.character_string1.value is empty" in answer["errmsg"]) == (47003, True)


def test_grants_are_counted_for_each_template_apart(client: FlaskClient, world: World) -> None:
    world.phones.answer("zhang", SANDBOX_TEMPLATES["ticket_work"].template_id, "accept")
    assert send(client)["errcode"] == 43101


def test_a_refused_value_uses_no_grant(client: FlaskClient, world: World) -> None:
    world.phones.answer("zhang", PROGRESS, "accept")
    send(client, data=with_value("thing2", ""))
    assert send(client)["errcode"] == 0


def test_unlimited_grants_need_none(client: FlaskClient, world: World) -> None:
    world.phones.unlimited_grants = True
    assert [send(client)["errcode"] for _ in range(3)] == [0, 0, 0]


def test_each_message_has_its_own_number(client: FlaskClient, world: World) -> None:
    world.phones.unlimited_grants = True
    assert send(client)["msgid"] != send(client)["msgid"]


def robot(client: FlaskClient, key: str = "sandbox-robot-g1", body: dict[str, Any] | None = None) -> int:
    body = body or {"msgtype": "markdown", "markdown": {"content": "你好"}}
    return int(ok(client.post(f"/cgi-bin/webhook/send?key={key}", json=body))["errcode"])


def test_an_unknown_robot_is_refused(client: FlaskClient) -> None:
    assert robot(client, "nobody") == 93000


@pytest.mark.parametrize(("msgtype", "limit"), [("text", 2048), ("markdown", 4096), ("markdown_v2", 4096)])
def test_the_limit_of_a_group_message_is_in_bytes(msgtype: str, limit: int, client: FlaskClient) -> None:
    fitting, long = "a" * limit, "灯" * (limit // 3 + 1)
    assert robot(client, body={"msgtype": msgtype, msgtype: {"content": fitting}}) == 0
    assert robot(client, body={"msgtype": msgtype, msgtype: {"content": long}}) == 40058


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "dance"}, 40008),
        ({"msgtype": "text"}, 44001),
        ({"msgtype": "text", "text": {"content": ""}}, 44001),
    ],
)
def test_a_group_message_without_sense_is_refused(body: dict[str, Any], errcode: int, client: FlaskClient) -> None:
    assert robot(client, body=body) == errcode


def test_a_robot_speaks_twenty_times_a_minute(client: FlaskClient, clock: Clock) -> None:
    assert [robot(client) for _ in range(21)] == [0] * 20 + [45009]
    clock.forward(30)
    assert robot(client) == 0


def test_each_robot_has_its_own_allowance(client: FlaskClient, world: World) -> None:
    world.groups.put("g2", "2栋群")
    for _ in range(21):
        robot(client)
    assert robot(client, "sandbox-robot-g2") == 0


def test_a_refusal_carries_a_request_id(client: FlaskClient) -> None:
    assert "rid: " in stable(client, appid="wx1")["errmsg"]
