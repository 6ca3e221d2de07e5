"""Hats over HTTP: keys that end at once, positions in the token, refusals that name the hat that would do."""

import datetime as dt

import pytest
import sqlalchemy as sa

from app import identity
from models import CaseKey, Membership, Person, Role
from services.org import positions
from services.permissions import Permission
from tests.app.asking import expect_refusal
from tests.services.acting import put_into
from tests.world import LONG_AGO, NOW, hire

WHO = {"name": "高明", "phone": "15400000099"}


def soon(days=7):
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).isoformat()


def key_body(**changes):
    return {"who": WHO, "title": "律师", "why": "邻里漏水，请看看责任", "ends_at": soon()} | changes


@pytest.fixture
def lawyer(client, world):
    """A ticket, another one, and somebody from outside who was let into the first."""
    filed, other = world.file(), world.file(category="noise", text="楼上装修太晚了")
    headers = world.headers(world.manager)
    made = client.post(f"/api/v1/tickets/{filed.id}/keys", json=key_body(), headers=headers)
    assert made.status_code == 201, made.get_json()
    key = world.session.get_one(CaseKey, made.get_json()["id"])
    key.starts_at = LONG_AGO  # the small world has a clock of its own
    person = world.session.get_one(Person, key.person_id)
    return filed, other, person, made.get_json()["id"]


def test_a_key_is_a_hat_that_opens_its_case_and_nothing_else(client, world, lawyer):
    filed, other, person, key_id = lawyer
    headers = world.headers(person)
    me = client.get("/api/v1/me", headers=headers).get_json()
    assert me["hat"]["case_key_id"] == key_id
    assert me["hat"]["title"] == f"律师 · 单号 {filed.number}"
    assert [hat["role"] for hat in me["hats"]] == ["professional", "resident"]
    seen = client.get(f"/api/v1/tickets/{filed.id}", headers=headers)
    assert seen.get_json()["number"] == filed.number
    expect_refusal(client.get(f"/api/v1/tickets/{other.id}", headers=headers), 404, "ticket_not_found")
    place = world.place.neighborhood.id
    world.session.commit()
    for address in (f"neighborhoods/{place}/tickets", f"neighborhoods/{place}/homes", "tickets/mine", "tickets/nearby"):
        expect_refusal(client.get(f"/api/v1/{address}", headers=headers), 403, "wrong_hat")


def test_a_key_ends_with_its_case_at_once_whatever_the_token_says(client, world, lawyer):
    filed, _, person, _ = lawyer
    headers = world.headers(person)
    put_into(world, filed, "closed")
    world.session.commit()
    expect_refusal(client.get(f"/api/v1/tickets/{filed.id}", headers=headers), 404, "ticket_not_found")
    assert [hat["role"] for hat in client.get("/api/v1/me", headers=headers).get_json()["hats"]] == ["resident"]


def test_a_key_ends_on_its_day_not_when_the_token_does(world, lawyer):
    _, _, person, _ = lawyer
    actor = world.actor(person)
    last = actor.hat.ends_at - dt.timedelta(minutes=1)
    token = identity.issue(actor, now=last, lifetime=dt.timedelta(minutes=10))
    assert identity.read(token, now=last).hat == actor.hat
    with pytest.raises(identity.NotSignedIn):
        identity.read(token, now=actor.hat.ends_at)


def test_a_key_is_taken_back(client, world, lawyer):
    filed, _, person, key_id = lawyer
    manager, outsider = world.headers(world.manager), world.headers(person)
    taken = client.post(f"/api/v1/keys/{key_id}/withdraw", json={"why": "已经谈妥了"}, headers=manager)
    assert taken.status_code == 200
    listed = client.get(f"/api/v1/tickets/{filed.id}/keys", headers=manager).get_json()["items"]
    assert [(one["opens"], one["withdrawn_why"], one["name"]) for one in listed] == [(False, "已经谈妥了", "高*")]
    expect_refusal(client.get(f"/api/v1/tickets/{filed.id}", headers=outsider), 401, "token_stale")
    fresh = world.headers(person)
    assert [hat["role"] for hat in client.get("/api/v1/me", headers=fresh).get_json()["hats"]] == ["resident"]
    again = client.post(f"/api/v1/keys/{key_id}/withdraw", json={"why": "已经谈妥了"}, headers=manager)
    expect_refusal(again, 409, "key_withdrawn")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"permissions": ["ticket:list"]}, "beyond_ceiling"),
        ({"permissions": ["org:write"]}, "beyond_ceiling"),
        ({"ends_at": soon(-1)}, "dates_invalid"),
        ({"ends_at": soon(400)}, "dates_invalid"),
        ({"who": {}}, "person_missing"),
        ({"why": "看"}, "reason_missing"),
    ],
)
def test_a_key_that_cannot_be_given(client, world, row_counts, changes, code):
    filed = world.file()
    headers = world.headers(world.manager)
    before = row_counts()
    expect_refusal(
        client.post(f"/api/v1/tickets/{filed.id}/keys", json=key_body(**changes), headers=headers), 422, code
    )
    assert row_counts() == before


def test_a_second_key_to_the_same_case_waits_for_the_first(client, world, lawyer):
    filed, *_ = lawyer
    response = client.post(f"/api/v1/tickets/{filed.id}/keys", json=key_body(), headers=world.headers(world.manager))
    expect_refusal(response, 409, "has_key")


def test_a_hat_that_was_ended_is_refused_at_once(client, world):
    leader, officer = world.headers(world.grid_leader), world.headers(world.community_officer)
    items = client.get(f"/api/v1/units/{world.place.grid.id}/memberships", headers=officer).get_json()["items"]
    world.session.commit()
    ended = client.post(f"/api/v1/memberships/{items[0]['id']}/end", json={"reason": "resigned"}, headers=officer)
    assert ended.status_code == 200, ended.get_json()
    expect_refusal(client.get("/api/v1/me", headers=leader), 401, "token_stale")


def test_a_positions_permissions_travel_in_the_token(client, world):
    position = positions.define(
        world.session, actor=None, neighborhood_id=world.place.neighborhood.id, title="楼长兼分诊员",
        base_role=Role.BUILDING_LEADER, added=[Permission.TICKET_TRIAGE], now=NOW,
    )  # fmt: skip
    hire(world.session, world.neighbor, world.place.building, Role.BUILDING_LEADER)
    world.session.flush()
    filed = world.file()
    plain = world.headers(world.neighbor, Role.BUILDING_LEADER)
    expect_refusal(client.post(f"/api/v1/tickets/{filed.id}/triage", json={}, headers=plain), 403, "wrong_hat")
    world.session.execute(
        sa.update(Membership).where(Membership.person_id == world.neighbor.id).values(position_id=position.id)
    )
    shaped = world.headers(world.neighbor, Role.BUILDING_LEADER)
    assert client.post(f"/api/v1/tickets/{filed.id}/triage", json={}, headers=shaped).status_code == 200


def test_a_refusal_names_the_hat_of_this_person_that_would_do(client, world):
    hire(world.session, world.manager, world.place.grid, Role.MEDIATOR)
    world.session.flush()
    filed = world.file()
    headers = world.headers(world.manager, Role.MEDIATOR)
    problem = expect_refusal(
        client.post(f"/api/v1/tickets/{filed.id}/close", json={}, headers=headers), 403, "wrong_hat"
    )
    assert problem["detail"] == (
        "您现在的身份是“调解员”，这件事要换成您的另一个身份“服务站站长 · 彩进小区”来做。请在“我的身份”里切换，再试一次。"
    )
    assert [hat["title"] for hat in problem["hats"]] == ["服务站站长"]


def test_a_refusal_names_the_roles_to_somebody_who_has_no_such_hat(client, world):
    filed = world.file()
    headers = world.headers(world.resident)
    problem = expect_refusal(
        client.post(f"/api/v1/tickets/{filed.id}/close", json={}, headers=headers), 403, "wrong_hat"
    )
    assert problem["detail"] == "您现在的身份是“居民”，这件事要由服务站站长来做。请找他们办。"
    assert (problem["needed"], problem["hats"]) == (["station_manager"], [])


def test_an_officer_sets_up_a_building_and_its_leader(client, world):
    headers = world.headers(world.community_officer)
    grid = world.place.grid.id
    made = client.post("/api/v1/units", json={"parent_id": grid, "kind": "building", "name": "3号楼"}, headers=headers)
    assert made.status_code == 201, made.get_json()
    body = {"who": WHO, "unit_id": made.get_json()["id"], "role": "building_leader"}
    held = client.post("/api/v1/memberships", json=body, headers=headers)
    assert held.status_code == 201, held.get_json()
    listed = client.get(f"/api/v1/units/{grid}/memberships", headers=headers).get_json()["items"]
    assert [(one["title"], one["unit_name"], one["name"]) for one in listed] == [
        ("楼长", "3号楼", "高*"),
        ("网格长", "第一网格", "孙*"),
    ]
    found = client.get(f"/api/v1/units?text={'3号'}", headers=headers).get_json()["items"]
    assert [one["name"] for one in found] == ["3号楼"]
    tree = client.get(f"/api/v1/units/{grid}/tree", headers=headers).get_json()["items"]
    assert {one["name"] for one in tree} == {"第一网格", "1号楼", "3号楼"}
    blocked = client.post(f"/api/v1/units/{made.get_json()['id']}/close", json={}, headers=headers)
    problem = expect_refusal(blocked, 409, "unit_in_use")
    assert [one["kind"] for one in problem["blocking"]] == ["membership"]


def test_a_handover_is_ticked_and_confirmed(client, world):
    filed = world.file()
    put_into(world, filed, "assigned")
    officer, leaver = world.headers(world.community_officer), world.headers(world.repairer)
    items = client.get(f"/api/v1/units/{world.place.neighborhood.id}/memberships", headers=officer).get_json()["items"]
    membership = next(one["id"] for one in items if one["person_id"] == world.repairer.id)
    world.session.commit()
    body = {"reason": "passed_on", "successor": WHO}
    assert client.post(f"/api/v1/memberships/{membership}/end", json=body, headers=officer).status_code == 200
    leaver = world.headers(world.repairer, Role.RESIDENT)
    mine = client.get("/api/v1/handovers", headers=leaver).get_json()["items"]
    assert [(one["unit_name"], one["role_name"], one["open_items"]) for one in mine] == [("彩进小区", "维修师傅", 1)]
    one = client.get(f"/api/v1/handovers/{mine[0]['id']}", headers=leaver).get_json()
    address = f"/api/v1/handovers/{one['id']}/items/{one['items'][0]['id']}"
    assert client.post(f"{address}/tick", json={"note": "当面交清"}, headers=leaver).get_json()["note"] == "当面交清"
    expect_refusal(client.post(f"{address}/confirm", json={}, headers=leaver), 409, "own_handover")
    person = world.session.get_one(Person, one["to_person_id"])
    assert client.post(f"{address}/confirm", json={}, headers=world.headers(person)).status_code == 200
    officer = world.headers(world.community_officer)
    place = world.place.neighborhood.id
    world.session.commit()
    assert client.get(f"/api/v1/units/{place}/handovers", headers=officer).get_json()["items"] == []


def test_readers_answer_in_the_shape_that_the_description_promises(client, world):
    headers = world.headers(world.community_officer)
    place, community = world.place.neighborhood.id, world.community.id
    world.session.commit()
    for address in (
        f"units/{community}/coverage", f"units/{community}/gaps?gap=leader", f"units/{community}/gaps?gap=domain",
        f"units/{community}/conflicts", f"units/{place}/councils", f"units/{place}/party-orgs", "party-levels",
        f"neighborhoods/{place}/council-types", f"neighborhoods/{place}/committee-terms", f"neighborhoods/{place}/domains",
        f"neighborhoods/{place}/positions", f"neighborhoods/{place}/stations", f"units/{community}/tree?levels=3",
        f"units/{community}/tree?when=2021-01-01T00:00:00Z", f"units/{community}/memberships?ended=true",
    ):  # fmt: skip
        response = client.get(f"/api/v1/{address}", headers=headers)
        assert response.status_code == 200, (address, response.get_json())
        assert "items" in response.get_json(), address
