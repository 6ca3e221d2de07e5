"""Consents, the rights desk, key households and merges over HTTP, as a client meets them."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import Person
from tests.app.asking import expect_refusal
from tests.app.test_query_counts import sent
from tests.services.privacy.test_care import opened
from tests.world import account_of, new_person


@pytest.fixture
def signed(world):
    """Headers by name of the person, with their first hat."""
    return {name: world.headers(getattr(world, name)) for name in ("resident", "manager", "community_officer", "clerk")}


def texts(client):
    return {one["kind"]: one for one in client.get("/api/v1/privacy-notice").get_json()["items"]}


def test_the_notice_can_be_read_before_signing_in(client):
    found = texts(client)
    assert "15个工作日" in found["notice"]["body"]
    assert found["care"]["is_sensitive"]
    assert all(one["body"] and one["effect"].endswith("。") for one in found.values())


def test_at_the_first_start_the_notice_is_shown_once(client, signed):
    def asked():
        items = client.get("/api/v1/me/consents", headers=signed["resident"]).get_json()["items"]
        return [one["kind"] for one in items if one["ask"] and one["asked_at_start"]]

    assert asked() == ["notice"]
    body = {"text_id": texts(client)["notice"]["text_id"], "given": True}
    assert client.post("/api/v1/me/consents", json=body, headers=signed["resident"]).status_code == 201
    assert asked() == []


def test_a_consent_is_given_and_taken_back(client, signed):
    body = {"text_id": texts(client)["share"]["text_id"], "given": True}
    given = client.post("/api/v1/me/consents", json=body, headers=signed["resident"]).get_json()
    assert (given["kind"], given["answer"], given["ended_at"]) == ("share", "given", None)
    taken = client.post("/api/v1/me/consents/withdraw", json={"kind": "share"}, headers=signed["resident"])
    assert taken.get_json()["ended_at"]
    again = client.post("/api/v1/me/consents/withdraw", json={"kind": "share"}, headers=signed["resident"])
    expect_refusal(again, 409, "nothing_to_withdraw")


def test_the_station_writes_down_a_spoken_consent(client, world, signed):
    body = {"text_id": texts(client)["care"]["text_id"], "given": True, "how": "spoken"}
    url = f"/api/v1/persons/{world.resident.id}/consents"
    expect_refusal(client.post(url, json=body, headers=signed["clerk"]), 422, "witness_missing")
    body["witness_id"] = world.neighbor.id
    assert client.post(url, json=body, headers=signed["clerk"]).status_code == 201
    items = client.get(url, headers=signed["clerk"]).get_json()["items"]
    assert next(one for one in items if one["kind"] == "care")["how"] == "spoken"


def test_a_child_is_written_down_and_forgotten(client, world, signed):
    body = {
        "home_id": world.place.home.id, "name": "王小宝", "born": "2020-05-09",
        "text_id": texts(client)["child"]["text_id"],
    }  # fmt: skip
    made = client.post("/api/v1/me/children", json=body, headers=signed["resident"])
    assert made.status_code == 201, made.get_data(as_text=True)
    assert made.get_json()["protected_until"] == "2034-06-01"
    forgotten = client.post(
        "/api/v1/me/children/forget", json={"person_id": made.get_json()["person_id"]}, headers=signed["resident"]
    )
    assert forgotten.status_code == 200


def test_a_request_from_asking_to_the_answer(client, signed):
    body = {"kind": "explain", "words": "为什么要记我的电话"}
    asked = client.post("/api/v1/me/rights-requests", json=body, headers=signed["resident"]).get_json()
    assert (asked["state"], asked["state_name"], asked["words"]) == ("received", "收到了", body["words"])
    listed = client.get("/api/v1/rights-requests", headers=signed["community_officer"]).get_json()["items"]
    assert [one["name"] for one in listed] == ["王*兰"]
    assert "words" not in listed[0]
    url = f"/api/v1/rights-requests/{asked['id']}"
    assert client.post(f"{url}/take", headers=signed["manager"]).get_json()["state"] == "in_hand"
    answer = {"action": "grant", "answer": "报修以后要打电话约时间，只有接单的师傅看得到。"}
    assert client.post(f"{url}/answer", json=answer, headers=signed["manager"]).get_json()["state"] == "granted"
    mine = client.get("/api/v1/me/rights-requests", headers=signed["resident"]).get_json()["items"]
    assert [one["answer"] for one in mine] == [answer["answer"]]


def test_a_deletion_shows_before_what_it_does_and_ends_the_sign_in(client, world):
    headers = world.headers(world.neighbor)
    manager = world.headers(world.manager)
    plan = client.get("/api/v1/me/erasure-plan", headers=headers).get_json()
    assert plan["blocking"] == []
    asked = client.post("/api/v1/me/rights-requests", json={"kind": "delete"}, headers=headers).get_json()
    url = f"/api/v1/rights-requests/{asked['id']}"
    assert client.get(f"{url}/erasure-plan", headers=manager).status_code == 200
    client.post(f"{url}/take", headers=manager)
    done = client.post(f"{url}/answer", json={"action": "grant"}, headers=manager)
    assert done.get_json()["state"] == "granted", done.get_data(as_text=True)
    expect_refusal(client.get("/api/v1/me", headers=headers), 401, "token_stale")


def test_everything_about_oneself_in_one_file(client, signed):
    file = client.post("/api/v1/me/export", headers=signed["resident"]).get_json()
    assert file["sections"][0]["rows"][0]["name_sealed"] == "王桂兰"
    assert "姓名：王桂兰" in file["text"]


def test_the_desk_prints_only_what_was_asked_and_taken(client, world, signed):
    url = f"/api/v1/persons/{world.resident.id}/rights-requests"
    body = {"kind": "see", "how": "paper"}
    asked = client.post(url, json=body, headers=signed["manager"]).get_json()
    assert asked["state"] == "received"
    export = f"/api/v1/rights-requests/{asked['id']}/export"
    told = {"purpose": "本人到窗口要求打印"}
    expect_refusal(client.post(export, json=told, headers=signed["manager"]), 409, "not_to_export")
    client.post(f"/api/v1/rights-requests/{asked['id']}/take", headers=signed["manager"])
    assert "王桂兰" in client.post(export, json=told, headers=signed["manager"]).get_json()["text"]


@pytest.mark.parametrize("more", [0, 5])
@pytest.mark.parametrize(
    ("address", "who", "statements_sent"),
    [
        ("rights-requests", "manager", 1),
        ("me/rights-requests", "resident", 1),
        ("care", "manager", 1),
        ("person-merges", "manager", 1),
        ("me/merges", "resident", 1),
        ("me/consents", "resident", 2),
        ("privacy-notice", "resident", 1),
    ],
)
def test_lists_cost_the_same_whatever_there_is(client, world, statements, address, who, statements_sent, more):
    headers = world.headers(getattr(world, who))
    resident = world.headers(world.resident)
    for kind in ("explain", "restrict", "see", "transfer", "correct")[:more]:
        body = {"kind": kind, "words": "请讲明白"}
        assert client.post("/api/v1/me/rights-requests", json=body, headers=resident).status_code == 201
    if more:
        opened(world)
        world.session.commit()
    world.session.expunge_all()
    statements.clear()
    assert client.get(f"/api/v1/{address}", headers=headers).status_code == 200
    assert len(sent(statements)) == statements_sent, statements


def test_a_key_household_over_http(client, world, signed):
    body = {"text_id": texts(client)["care"]["text_id"], "given": True}
    client.post("/api/v1/me/consents", json=body, headers=signed["resident"])
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(days=100)).date().isoformat()
    entry = {
        "person_id": world.resident.id, "home_id": world.place.home.id, "kind": "alone", "reason": "腿脚不便",
        "expires_on": until,
    }  # fmt: skip
    made = client.post("/api/v1/care", json=entry, headers=signed["manager"])
    assert made.status_code == 201, made.get_data(as_text=True)
    url = f"/api/v1/care/{made.get_json()['id']}"
    expect_refusal(
        client.post(f"{url}/look", json={"purpose": "看望"}, headers=signed["community_officer"]), 404, "care_not_found"
    )
    seen = client.post(f"{url}/look", json={"purpose": "看望"}, headers=signed["manager"]).get_json()
    assert (seen["name"], seen["reason"]) == ("王*兰", "腿脚不便")
    own = client.get("/api/v1/me/care", headers=signed["resident"]).get_json()["items"]
    assert [look["purpose"] for look in own[0]["looks"]] == ["看望"]


def test_two_phones_over_http(client, world, signed):
    other = Person(created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    world.session.add(other)
    world.session.flush()
    account_of(world.session, other)
    second = world.headers(other)
    asked = client.post("/api/v1/me/merges", headers=signed["resident"]).get_json()
    joined = client.post("/api/v1/me/merges/join", json={"code": asked["code"]}, headers=second).get_json()
    assert (joined["state"], joined["into_name"]) == ("joined", "王*兰")
    url = f"/api/v1/me/merges/{asked['id']}"
    done = client.post(f"{url}/confirm", json={"yes": True}, headers=signed["resident"]).get_json()
    assert done["state"] == "done"
    # Both have to fetch new tokens: the second phone is somebody else now.
    expect_refusal(client.get("/api/v1/me", headers=second), 401, "token_stale")


def test_two_people_of_the_station_merge_a_double(client, world, signed):
    double = new_person(world.session, world.vault, "王桂兰")
    world.session.execute(
        sa.text("update residency set person_id = :double where person_id = :far").bindparams(
            double=double.id, far=world.far_neighbor.id
        )
    )
    world.session.commit()
    body = {"from_person_id": double.id, "into_person_id": world.resident.id, "evidence": "本人到场看过证件"}
    made = client.post("/api/v1/person-merges", json=body, headers=signed["manager"])
    assert made.status_code == 201, made.get_data(as_text=True)
    url = f"/api/v1/person-merges/{made.get_json()['id']}"
    expect_refusal(client.post(f"{url}/decide", json={"approve": True}, headers=signed["manager"]), 403, "own_proposal")
    done = client.post(f"{url}/decide", json={"approve": True}, headers=signed["community_officer"])
    assert done.get_json()["state"] == "done", done.get_data(as_text=True)
    undone = client.post(f"{url}/undo", json={"why": "弄错了"}, headers=signed["manager"])
    assert undone.get_json()["state"] == "undone", undone.get_data(as_text=True)
