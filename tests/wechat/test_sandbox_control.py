"""The sandbox's own interface: phones, groups, taps and troubles."""

import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.wechat.conftest import PROGRESS
from wechat.sandbox import World
from wechat.sandbox.phones import KEPT, openid_of


def zhang(client: FlaskClient) -> dict[str, Any]:
    return dict(client.put("/sandbox/phones/zhang", json={"name": "张阿姨"}).get_json())


def test_a_phone_is_made_with_an_openid_of_its_own(client: FlaskClient) -> None:
    phone = zhang(client)
    assert phone == {
        "slug": "zhang",
        "name": "张阿姨",
        "openid": openid_of("zhang"),
        "grants": {},
        "answers": {},
        "received": 0,
    }


def test_an_openid_is_always_the_same_and_looks_like_one() -> None:
    assert openid_of("zhang") == openid_of("zhang") != openid_of("li")
    assert len(openid_of("zhang")) == 28
    assert openid_of("zhang").startswith("o")


def test_a_phone_keeps_its_grants_when_it_is_renamed(client: FlaskClient, world: World) -> None:
    zhang(client)
    world.phones.answer("zhang", PROGRESS, "accept")
    renamed = client.put("/sandbox/phones/zhang", json={"name": "张大妈"}).get_json()
    assert (renamed["name"], renamed["grants"]) == ("张大妈", {PROGRESS: 1})


def test_phones_are_listed_in_the_order_they_came(client: FlaskClient) -> None:
    for slug in ("wang", "an"):
        client.put(f"/sandbox/phones/{slug}", json={"name": slug})
    assert [phone["slug"] for phone in client.get("/sandbox/phones").get_json()["items"]] == ["wang", "an"]


def test_a_tap_on_allow_adds_one_grant_and_on_refuse_none(client: FlaskClient) -> None:
    zhang(client)
    url = "/sandbox/phones/zhang/grants"
    assert client.post(url, json={"template_id": PROGRESS, "answer": "accept"}).get_json()["grants"] == 1
    assert client.post(url, json={"template_id": PROGRESS, "answer": "reject"}).get_json() == {
        "template_id": PROGRESS,
        "answer": "reject",
        "grants": 1,
    }


def test_a_login_code_is_given_to_a_known_phone(client: FlaskClient) -> None:
    zhang(client)
    assert len(client.post("/sandbox/phones/zhang/login-code").get_json()["code"]) == 32


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/sandbox/phones/ZHANG!", {"name": "张"}, 400),
        ("PUT", "/sandbox/phones/zhang", {"name": " "}, 400),
        ("PUT", "/sandbox/phones/zhang", [], 400),
        ("POST", "/sandbox/phones/nobody/login-code", {}, 404),
        ("POST", "/sandbox/phones/nobody/grants", {"template_id": PROGRESS, "answer": "accept"}, 404),
        ("POST", "/sandbox/phones/zhang/grants", {"template_id": "none", "answer": "accept"}, 400),
        ("POST", "/sandbox/phones/zhang/grants", {"template_id": PROGRESS, "answer": "perhaps"}, 400),
        ("GET", "/sandbox/phones/nobody/messages", None, 404),
        ("DELETE", "/sandbox/groups/nobody", None, 404),
        ("GET", "/sandbox/groups/nobody/messages", None, 404),
        ("PUT", "/sandbox/faults/moon", {"errcode": -1}, 404),
        ("PUT", "/sandbox/faults/send", {}, 400),
        ("PUT", "/sandbox/faults/send", {"errcode": "x"}, 400),
        ("PUT", "/sandbox/faults/send", {"http": 200}, 400),
        ("PUT", "/sandbox/faults/send", {"delay": -1}, 400),
        ("PUT", "/sandbox/faults/send", {"delay": 61}, 400),
        ("PUT", "/sandbox/faults/send", {"errcode": -1, "times": 0}, 400),
        ("PUT", "/sandbox/faults/send", {"errcode": -1, "color": "red"}, 400),
        ("PUT", "/sandbox/settings", {"unlimited_grants": "yes"}, 400),
    ],
)
def test_a_request_that_makes_no_sense_says_so(
    method: str, path: str, body: object, status: int, client: FlaskClient
) -> None:
    answer = client.open(path, method=method, json=body)
    assert answer.status_code == status
    assert answer.get_json()["error"]


def test_messages_are_listed_newest_first_with_their_total(client: FlaskClient, world: World) -> None:
    world.groups.put("g", "群")
    for number in range(3):
        world.groups.deliver("sandbox-robot-g", {"msgtype": "text", "text": {"content": str(number)}})
    listing = client.get("/sandbox/groups/g/messages").get_json()
    assert ([message["content"] for message in listing["items"]], listing["total"]) == (["2", "1", "0"], 3)


def test_only_the_last_messages_are_kept_and_all_are_counted(client: FlaskClient, world: World) -> None:
    phone = zhang(client)
    world.phones.unlimited_grants = True
    values = {"character_string1": "1", "thing2": "灯", "phrase3": "好", "time4": "9:00", "thing5": "无"}
    data = {key: {"value": value} for key, value in values.items()}
    for _ in range(KEPT + 5):
        world.phones.deliver({"touser": phone["openid"], "template_id": PROGRESS, "data": data})
    listing = client.get("/sandbox/phones/zhang/messages").get_json()
    assert (len(listing["items"]), listing["total"]) == (KEPT, KEPT + 5)


def test_a_group_has_a_robot_key_that_can_be_foreseen(client: FlaskClient) -> None:
    group = client.put("/sandbox/groups/g1", json={"name": "1栋群"}).get_json()
    assert group == {"slug": "g1", "name": "1栋群", "robot_key": "sandbox-robot-g1", "received": 0}


def test_a_group_takes_the_robot_key_it_is_given(client: FlaskClient, world: World) -> None:
    client.put("/sandbox/groups/g1", json={"name": "1栋群", "robot_key": "demo-key"})
    world.groups.deliver("demo-key", {"msgtype": "text", "text": {"content": "你好"}})
    assert client.get("/sandbox/groups").get_json()["items"][0]["received"] == 1


def test_a_group_keeps_its_key_when_it_is_renamed(client: FlaskClient) -> None:
    client.put("/sandbox/groups/g1", json={"name": "1栋群", "robot_key": "demo-key"})
    assert client.put("/sandbox/groups/g1", json={"name": "一栋群"}).get_json()["robot_key"] == "demo-key"


def test_two_groups_cannot_share_a_robot(client: FlaskClient) -> None:
    client.put("/sandbox/groups/g1", json={"name": "1栋群", "robot_key": "demo-key"})
    assert client.put("/sandbox/groups/g2", json={"name": "2栋群", "robot_key": "demo-key"}).status_code == 409
    assert len(client.get("/sandbox/groups").get_json()["items"]) == 1


def test_a_removed_group_is_gone(client: FlaskClient) -> None:
    client.put("/sandbox/groups/g1", json={"name": "1栋群"})
    assert client.delete("/sandbox/groups/g1").status_code == 200
    assert client.get("/sandbox/groups").get_json() == {"items": []}


def login(client: FlaskClient) -> Any:
    return client.get("/sns/jscode2session?grant_type=x")


def test_a_fault_strikes_as_often_as_ordered(client: FlaskClient) -> None:
    client.put("/sandbox/faults/login", json={"errcode": -1, "times": 2})
    assert [login(client).get_json()["errcode"] for _ in range(3)] == [-1, -1, 40002]


def test_a_fault_without_a_number_strikes_until_it_is_cleared(client: FlaskClient) -> None:
    client.put("/sandbox/faults/login", json={"http": 502})
    assert [login(client).status_code for _ in range(3)] == [502] * 3
    client.delete("/sandbox/faults")
    assert login(client).status_code == 200


def test_one_endpoint_can_be_mended_alone(client: FlaskClient) -> None:
    for endpoint in ("login", "send"):
        client.put(f"/sandbox/faults/{endpoint}", json={"errcode": -1})
    client.delete("/sandbox/faults/login")
    assert list(client.get("/sandbox/faults").get_json()) == ["send"]


def test_a_delay_is_waited_and_then_answered_as_usual(client: FlaskClient) -> None:
    client.put("/sandbox/faults/login", json={"delay": 0.1})
    started = time.monotonic()
    assert login(client).get_json()["errcode"] == 40002
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize(
    ("endpoint", "method", "path"),
    [
        ("token", "POST", "/cgi-bin/stable_token"),
        ("token", "GET", "/cgi-bin/token"),
        ("login", "GET", "/sns/jscode2session"),
        ("send", "POST", "/cgi-bin/message/subscribe/send"),
        ("group", "POST", "/cgi-bin/webhook/send"),
    ],
)
def test_each_endpoint_can_be_made_to_fail(endpoint: str, method: str, path: str, client: FlaskClient) -> None:
    client.put(f"/sandbox/faults/{endpoint}", json={"errcode": -1})
    assert client.open(path, method=method, json={}).get_json()["errcode"] == -1
    assert client.get("/sandbox/calls").get_json()[endpoint] == 1


def test_all_tokens_can_be_ended(client: FlaskClient, world: World) -> None:
    world.tokens.stable(force=False)
    world.tokens.plain()
    assert client.post("/sandbox/tokens/expire").get_json() == {"expired": 2}


def test_grants_can_be_made_unlimited(client: FlaskClient) -> None:
    assert client.put("/sandbox/settings", json={"unlimited_grants": True}).get_json() == {"unlimited_grants": True}
    assert client.get("/sandbox/settings").get_json() == {"unlimited_grants": True}


def test_the_templates_are_listed_with_their_fields(client: FlaskClient) -> None:
    items = client.get("/sandbox/templates").get_json()["items"]
    assert [item["kind"] for item in items] == ["ticket_progress", "ticket_work", "notice"]
    assert items[0]["fields"]["thing2"] == "事项"


def test_a_reset_forgets_everything(client: FlaskClient) -> None:
    zhang(client)
    client.put("/sandbox/groups/g1", json={"name": "1栋群"})
    client.put("/sandbox/faults/send", json={"errcode": -1})
    client.put("/sandbox/settings", json={"unlimited_grants": True})
    client.post("/sandbox/reset")
    left = [client.get(f"/sandbox/{name}").get_json() for name in ("phones", "groups", "faults", "settings")]
    assert left == [{"items": []}, {"items": []}, {}, {"unlimited_grants": False}]
