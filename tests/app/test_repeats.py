"""Requests that come twice: the same key and body give the same answer, whatever happened meanwhile."""

import pytest
import sqlalchemy as sa

from models import IdempotencyKey, Ticket
from tests.app.asking import expect_refusal, report

FILE = "/api/v1/tickets"


def tickets(world):
    return world.session.scalar(sa.select(sa.func.count()).select_from(Ticket))


def test_the_same_report_with_the_same_key_is_one_ticket(client, world):
    headers = world.headers(world.resident, Idempotency_Key="k-1")
    first = client.post(FILE, json=report(world), headers=headers)
    second = client.post(FILE, json=report(world), headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_data() == second.get_data()
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == "true"
    assert tickets(world) == 1


def test_the_same_key_with_another_body_is_refused(client, world, row_counts):
    headers = world.headers(world.resident, Idempotency_Key="k-1")
    client.post(FILE, json=report(world), headers=headers)
    before = row_counts()
    expect_refusal(client.post(FILE, json=report(world, text="另一盏灯也不亮"), headers=headers), 409, "key_reused")
    assert row_counts() == before


def test_the_same_key_for_another_address_is_refused(client, world):
    filed = world.file()
    headers = world.headers(world.manager, Idempotency_Key="k-1")
    assert client.post(f"{FILE}/{filed.id}/triage", json={}, headers=headers).status_code == 200
    expect_refusal(
        client.post(f"{FILE}/{filed.id}/reject", json={"note": "不归我们"}, headers=headers), 409, "key_reused"
    )


def test_two_people_may_use_the_same_key(client, world):
    for person in (world.resident, world.neighbor):
        headers = world.headers(person, Idempotency_Key="k-1")
        assert client.post(FILE, json=report(world), headers=headers).status_code == 201
    assert tickets(world) == 2


def test_a_repeated_move_is_made_once_though_the_state_has_moved_on(client, world):
    filed = world.file()
    headers = world.headers(world.resident, Idempotency_Key="k-1", If_Match="1")
    answers = [client.post(f"{FILE}/{filed.id}/cancel", json={}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_json() == answers[1].get_json()
    assert world.ticket(filed).version == 2


def test_a_refused_request_may_be_mended_and_sent_again_with_its_key(client, world):
    headers = world.headers(world.resident, Idempotency_Key="k-1")
    expect_refusal(client.post(FILE, json=report(world, text=""), headers=headers), 422, "text_empty")
    assert client.post(FILE, json=report(world), headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_a_key_has_1_to_64_characters(client, world, key):
    headers = world.headers(world.resident, Idempotency_Key=key)
    expect_refusal(client.post(FILE, json=report(world), headers=headers), 422, "key_invalid")
    assert tickets(world) == 0


def test_a_kept_answer_cannot_be_read_in_the_database(client, world):
    filed = world.file()
    headers = world.headers(world.manager, Idempotency_Key="k-1")
    url = f"{FILE}/{filed.id}/contact"
    answers = [client.post(url, json={"purpose": "call_back"}, headers=headers) for _ in range(2)]
    assert answers[0].get_json() == answers[1].get_json()
    assert answers[1].get_json()["name"] == "王桂兰"
    kept = world.session.scalar(sa.select(IdempotencyKey.answer_sealed))
    assert "王桂兰".encode() not in kept


def test_a_key_does_no_harm_where_nobody_is_signed_in(client, world, gateways):
    gateways.login.codes["c"] = "o-new"
    signed_in = client.post("/api/v1/sign-in", json={"code": "c"}, headers={"Idempotency-Key": "k-1"}).get_json()
    body = {"refresh_token": signed_in["refresh_token"]}
    assert client.post("/api/v1/sign-in/refresh", json=body, headers={"Idempotency-Key": "k-2"}).status_code == 200
    assert world.session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) == 0
