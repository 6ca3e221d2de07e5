"""A group bound and counted over real HTTP: a card shared and opened on the sandbox, what the phone got sent to us."""

import datetime as dt

import pytest

import wechat
from app.settings import GATEWAYS
from models import ChatBinding
from tests.wechat.conftest import settings_for
from tests.wechat.fakes import MemoryFiles, MemoryTokens, serving
from tests.world import account_of
from wechat.sandbox import World as Sandbox
from wechat.sandbox import create_sandbox

GROUP = {"group": "g1", "title": "1号楼停水通知"}


@pytest.fixture
def sandbox(app):
    simulated = Sandbox()
    simulated.groups.put("g1", "1号楼业主群")
    with serving(create_sandbox(simulated)) as url:
        app.extensions[GATEWAYS] = wechat.gateways(settings_for(url), MemoryTokens(), MemoryFiles())
        yield simulated


@pytest.fixture
def phone(sandbox, world):
    """Taps on the sandbox, as the phone of the manager and of the resident."""
    taps = create_sandbox(sandbox).test_client()
    for slug, person in (("manager", world.manager), ("resident", world.resident)):
        taps.put(f"/sandbox/phones/{slug}", json={"name": slug})
        account = account_of(world.session, person)
        account.session_key_sealed = world.vault.seal(sandbox.phones.session_key(slug), "wechat.session_key")
    world.session.flush()

    def tap(path, **body):
        return taps.post(f"/sandbox/phones/{path}", json=body).get_json()

    return tap


def entered(phone, slug):
    got = phone(f"{slug}/group-enter-info", group="g1")
    return {"encrypted_data": got["encryptedData"], "iv": got["iv"]}


def bind(client, world, **body):
    place = world.place.neighborhood.id
    given = {"unit_id": world.place.building.id, "name": "1号楼业主群", **body}
    headers = world.headers(world.manager)
    world.session.commit()
    return client.post(f"/api/v1/neighborhoods/{place}/chats", json=given, headers=headers)


def enter(client, world, **body):
    headers = world.headers(world.resident)
    world.session.commit()
    return client.post("/api/v1/me/group-entry", json=body, headers=headers)


def test_a_manager_opens_the_card_in_the_group_and_binds_it(client, world, phone):
    phone("manager/share", **GROUP)
    made = bind(client, world, **entered(phone, "manager"))
    assert (made.status_code, made.get_json()["unit_name"]) == (201, "1号楼")
    assert enter(client, world, **entered(phone, "resident")).get_json() == {"unit_name": "1号楼"}
    place = world.place.neighborhood.id
    (chat,) = client.get(f"/api/v1/neighborhoods/{place}/chats", headers=world.headers(world.manager)).get_json()[
        "items"
    ]
    assert (chat["openings"], chat["openings_week"]) == (1, 1)
    ended = client.post(
        f"/api/v1/chats/{chat['id']}/unbind", json={"reason": "群散了"}, headers=world.headers(world.manager)
    )
    assert (ended.status_code, ended.get_json()["end_reason"]) == (200, "群散了")


def test_what_was_encrypted_for_another_phone_is_not_believed(client, world, phone):
    phone("manager/share", **GROUP)
    refused = enter(client, world, **entered(phone, "manager"))
    assert refused.get_json()["code"] in {"wechat_data_unreadable", "wechat_data_foreign"}
    assert world.session.query(ChatBinding).count() == 0


def test_what_is_an_hour_old_is_not_believed(client, world, phone, sandbox):
    phone("resident/share", **GROUP)
    sandbox.clock.step(dt.timedelta(hours=1).total_seconds())
    assert enter(client, world, **entered(phone, "resident")).get_json()["code"] == "wechat_data_stale"


def test_without_a_card_in_the_group_the_phone_learns_nothing(client, world, phone):
    got = phone("resident/group-enter-info", group="g1")
    assert got["errcode"] == 40097
    said = enter(client, world, errcode=got["errcode"]).get_json()
    assert (said["code"], "在群里点开" in said["detail"]) == ("wechat_not_from_group", True)


def test_a_mini_program_without_the_right_says_so(client, world, phone, sandbox):
    phone("resident/share", **GROUP)
    sandbox.faults.put("enter", {"errcode": 65206})
    got = phone("resident/group-enter-info", group="g1")
    said = enter(client, world, errcode=got["errcode"]).get_json()
    assert said["code"] == "wechat_misconfigured"
    assert "没有开通读取群信息的权限" in said["detail"]


def test_nothing_given_is_said_at_the_field(client, world, phone):
    said = enter(client, world)
    assert said.status_code == 422
    assert "在群里点开" in said.get_json()["errors"]["encrypted_data"][0]
