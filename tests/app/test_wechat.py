"""WeChat's callback, one's WeChat account and the reviewer's list, over HTTP."""

import dataclasses
import datetime as dt
import hashlib

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from app.settings import GATEWAYS
from config import WeChatSettings
from models import Channel, ContentCheck, OutboxMessage, PushEvent
from services import deliveries
from services.errors import TryLater
from tests.app.asking import expect_refusal
from tests.services.test_deliveries import newest_event
from tests.wechat.test_wechat_push import EVENT, secure
from tests.world import account_of
from wechat.push import PushReader
from wechat.push_crypto import signature

URL = "/callbacks/wechat/push"


@pytest.fixture
def believing(app, gateways):
    """WeChat's own rules of belief, over HTTP."""
    app.extensions[GATEWAYS] = dataclasses.replace(gateways, pushes=PushReader(WeChatSettings()))


def now():
    return dt.datetime.now(dt.UTC)


def kept(world):
    return world.session.scalar(sa.select(sa.func.count()).select_from(PushEvent))


def test_wechats_console_can_try_out_the_address(client, believing):
    query = {"timestamp": str(int(now().timestamp())), "nonce": "7", "echostr": "4375120948345356249"}
    query["signature"] = signature(WeChatSettings().push_token, query["timestamp"], "7")
    answer = client.get(URL, query_string=query)
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "4375120948345356249")
    expect_refusal(client.get(URL, query_string={**query, "nonce": "8"}), 403, "callback_forged")


def test_a_push_is_answered_at_once_and_acted_upon_later(client, world, believing):
    query, body = secure(str(EVENT).replace("'", '"'), now=now())
    for _ in range(2):
        answer = client.post(URL, query_string=query, data=body, content_type="application/json")
        assert (answer.status_code, answer.get_data(as_text=True)) == (200, "success")
    assert kept(world) == 1
    assert world.session.scalar(sa.select(OutboxMessage.channel)) is Channel.PUSH


@pytest.mark.parametrize("spoil", ["forged", "stale", "truncated", "oversize", "wrong mode", "wrong appid", "no query"])
def test_what_is_not_believed_changes_nothing_and_is_logged_without_its_content(client, world, believing, spoil):
    appid = "wxsomebodyelse0000" if spoil == "wrong appid" else WeChatSettings().appid
    long_ago = dt.timedelta(minutes=6 if spoil == "stale" else 0)
    query, body = secure('{"Event": "x", "secret": "what-was-in-it"}', now=now() - long_ago, appid=appid)
    if spoil == "forged":
        query["msg_signature"] = query["msg_signature"][::-1]
    body = {"truncated": body[:50], "oversize": body + b" " * 70_000, "wrong mode": b'{"Event":"what-was-in-it"}'}.get(
        spoil, body
    )
    with capture_logs() as logs:
        answer = client.post(URL, query_string={} if spoil == "no query" else query, data=body)
    assert 400 <= answer.status_code < 500, spoil
    assert kept(world) == 0
    assert "what-was-in-it" not in repr(logs)
    assert query["msg_signature"] not in repr(logs)


def test_the_phone_of_wechat_becomes_mine(client, world, gateways):
    gateways.phones.numbers["code-1"] = "+8613800138000"
    headers = world.headers(world.resident)
    answer = client.post("/api/v1/me/phone", json={"code": "code-1"}, headers=headers)
    assert answer.get_json()["phone"] == "138****8000"
    expect_refusal(
        client.post("/api/v1/me/phone", json={"code": "code-1"}, headers=headers), 422, "wechat_code_invalid"
    )
    expect_refusal(client.post("/api/v1/me/phone", json={}, headers=headers), 422, "phone_code_missing")


def test_an_older_clients_phone_needs_the_session_key(client, world, gateways):
    gateways.phones.encrypted["sealed"] = "+8613800138000"
    headers = world.headers(world.resident)
    body = {"encrypted_data": "sealed", "iv": "iv"}
    expect_refusal(client.post("/api/v1/me/phone", json=body, headers=headers), 409, "wechat_session_ended")
    world.session.execute(
        sa.text("update wechat_account set session_key_sealed = :key"),
        {"key": world.vault.seal("k", "wechat.session_key")},
    )
    world.session.commit()
    assert client.post("/api/v1/me/phone", json=body, headers=headers).get_json()["phone"] == "138****8000"


@pytest.fixture
def older_phone(world):
    """An older client of the resident: it gets the number encrypted under the session key ``k``."""
    headers = world.headers(world.resident)
    account = account_of(world.session, world.resident)
    account.session_key_sealed = world.vault.seal("k", "wechat.session_key")
    openid = account.openid
    world.session.commit()
    return headers, openid


@pytest.mark.parametrize(
    ("replaced", "status", "code"), [(True, 409, "wechat_session_ended"), (False, 422, "wechat_data_unreadable")]
)
def test_a_key_that_wechat_replaced_is_told_from_data_that_were_spoiled(
    client, world, gateways, older_phone, replaced, status, code
):
    if replaced:
        gateways.login.was_reset.append((older_phone[1], "k"))
    body = {"encrypted_data": "under another key", "iv": "iv"}
    problem = expect_refusal(client.post("/api/v1/me/phone", json=body, headers=older_phone[0]), status, code)
    assert ("再打开一次" in problem["detail"]) == replaced


def test_while_wechat_does_not_answer_the_data_is_what_is_doubted(client, gateways, older_phone, monkeypatch):
    def away(*_):
        raise TryLater

    monkeypatch.setattr(gateways.login, "is_current", away)
    body = {"encrypted_data": "unreadable", "iv": "iv"}
    expect_refusal(client.post("/api/v1/me/phone", json=body, headers=older_phone[0]), 422, "wechat_data_unreadable")


def test_signed_raw_data_tells_at_once_whether_the_key_is_the_right_one(client, world, gateways, older_phone):
    gateways.phones.encrypted["sealed"] = "+8613800138000"
    raw = '{"nickName":"微信用户"}'
    body = {"encrypted_data": "sealed", "iv": "iv", "raw_data": raw}
    for key, answer in (("another", 409), ("k", 200)):
        signed = hashlib.sha1((raw + key).encode()).hexdigest()
        given = client.post("/api/v1/me/phone", json={**body, "signature": signed}, headers=older_phone[0])
        assert given.status_code == answer, given.get_json()
    expect_refusal(client.post("/api/v1/me/phone", json=body, headers=older_phone[0]), 409, "wechat_session_ended")


def test_an_account_is_taken_off_even_while_wechat_is_away(client, world, gateways):
    gateways.login.error = TryLater()
    headers = world.headers(world.resident)
    assert client.delete("/api/v1/me/wechat", headers=headers).status_code == 204
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_the_client_is_told_what_to_ask_for_at_a_tap(client, world):
    headers = world.headers(world.resident)
    world.grant(world.resident, "ticket_progress", 9)
    world.session.commit()
    items = client.get("/api/v1/grants?for=report", headers=headers).get_json()["items"]
    assert items == [{"kind": "notice", "template_id": "template-notice", "remaining": 0}]
    assert client.get("/api/v1/grants?for=flying", headers=headers).status_code == 422


def test_the_reviewers_list_and_their_word(client, world):
    filed = world.file()
    deliveries.expand(world.session, newest_event(world), now=now())
    world.session.execute(
        sa.update(ContentCheck).values(state="risky", why="wechat_risky", label=10001, settled_at=now())
    )
    headers = world.headers(world.manager)
    (item,) = client.get("/api/v1/reviews", headers=headers).get_json()["items"]
    assert (item["number"], item["why"], item["label"]) == (filed.number, "微信认为不合适", "广告")
    foreign = world.headers(world.foreign_manager)
    assert client.get("/api/v1/reviews", headers=foreign).get_json()["items"] == []
    for action, body in (("approve", {}), ("refuse", {"reason": "广告"})):
        url = f"/api/v1/reviews/{item['id']}/{action}"
        expect_refusal(client.post(url, json=body, headers=foreign), 404, "review_not_found")
    url = f"/api/v1/reviews/{item['id']}/refuse"
    assert client.post(url, json={"reason": ""}, headers=headers).status_code == 422
    assert client.post(url, json={"reason": "是广告"}, headers=headers).status_code == 204
    assert client.get("/api/v1/reviews", headers=headers).get_json()["items"] == []
