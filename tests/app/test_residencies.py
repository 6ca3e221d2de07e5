"""Residencies over HTTP: asking, reviewing, leaving; what tokens say before and after; statements per list."""

import datetime as dt

import pytest

from app import identity
from models import Evidence, ResidencyKind, Role
from services import sign_in
from tests.app.asking import expect_refusal, report
from tests.services.acting import photo
from tests.services.residencies.claims import another_home, asked, neighbors, newcomer, residency_of, vouch
from tests.world import move_in

API = "/api/v1"
K = ResidencyKind
CLAIM = {"kind": "tenant", "since": "2026-11-01", "evidence": "owner_word"}


def test_from_asking_to_reporting_in_the_new_home(client, world):
    person = newcomer(world)
    home_id = world.place.home.id
    headers, owner = world.headers(person, Role.RESIDENT), world.headers(world.resident, Role.RESIDENT)
    place = {"neighborhood_code": world.place.neighborhood.code, "address": "1号楼1单元201"}
    made = client.post(f"{API}/me/residencies", json=CLAIM | place, headers=headers)
    assert (made.status_code, made.get_json()["state"]) == (201, "waiting_owner")
    mine = client.get(f"{API}/me/residencies", headers=headers).get_json()["items"]
    assert [(item["kind_name"], item["state_name"], item["actions"]) for item in mine] == [
        ("租客", "等房主确认", ["withdraw"])
    ]
    waiting = client.get(f"{API}/me/residencies/to-confirm", headers=owner).get_json()["items"]
    assert [(item["name"], item["actions"]) for item in waiting] == [("马*兰", ["confirm", "decline"])]
    answered = client.post(f"{API}/residency-requests/{made.get_json()['id']}/confirm", json={}, headers=owner)
    assert answered.get_json()["state"] == "approved"
    body = report(world, building_id=None, home_id=home_id)
    expect_refusal(client.post(f"{API}/tickets", json=body, headers=headers), 401, "token_stale")
    fresh = today(world, person)
    homes = client.get(f"{API}/me/homes", headers=fresh).get_json()["items"]
    assert [(home["label"], home["rights"], home["actions"]) for home in homes] == [
        ("1号楼1单元201室", ["ticket"], ["leave"])
    ]
    assert client.post(f"{API}/tickets", json=body, headers=fresh).status_code == 201


def today(world, person):
    """Headers of a token made now: what a request has just changed is in it."""
    at = dt.datetime.now(dt.UTC)
    actor = sign_in.actor_again(world.session, world.actor(person, Role.RESIDENT), now=at)
    world.session.commit()
    return {"Authorization": f"Bearer {identity.issue(actor, now=at, lifetime=dt.timedelta(minutes=10))}"}


def test_leaving_ends_the_token_at_once(client, world):
    headers = world.headers(world.resident)
    home_id = world.place.home.id
    left = client.post(f"{API}/me/homes/{home_id}/leave", json={"why": "moved_out"}, headers=headers)
    assert left.status_code == 200
    expect_refusal(client.get(f"{API}/me/homes", headers=headers), 401, "token_stale")
    body = report(world, building_id=None, home_id=home_id)
    fresh = today(world, world.resident)
    assert client.get(f"{API}/me/homes", headers=fresh).get_json()["items"] == []
    expect_refusal(client.post(f"{API}/tickets", json=body, headers=fresh), 404, "home_not_found")


def test_an_ended_tenant_loses_the_token_at_once(client, world):
    tenant = newcomer(world)
    residency = move_in(world.session, tenant, world.place.home, K.TENANT)
    url = f"{API}/me/residents/{residency.id}/end"
    theirs, owner = world.headers(tenant, Role.RESIDENT), world.headers(world.resident, Role.RESIDENT)
    home_id = world.place.home.id
    assert client.get(f"{API}/me/homes", headers=theirs).status_code == 200
    listed = client.get(f"{API}/me/homes/{home_id}/residents", headers=owner).get_json()["items"]
    assert [(item["kind"], item["actions"]) for item in listed] == [
        ("owner", ["leave"]), ("family", []), ("tenant", ["end"])
    ]  # fmt: skip
    assert client.post(url, json={"words": "租期到了"}, headers=owner).status_code == 200
    expect_refusal(client.get(f"{API}/me/homes", headers=theirs), 401, "token_stale")


def test_a_tenant_does_not_see_who_else_is_registered(client, world):
    tenant = newcomer(world)
    move_in(world.session, tenant, world.place.home, K.TENANT)
    headers = world.headers(tenant, Role.RESIDENT)
    home_id = world.place.home.id
    expect_refusal(client.get(f"{API}/me/homes/{home_id}/residents", headers=headers), 404, "home_not_found")


def test_the_station_sees_papers_words_and_history(client, world):
    person = newcomer(world)
    token = photo(world, person)
    request = asked(
        world, person, home=another_home(world, "501"), evidence=Evidence.VOUCHING, photos=(token,), document="回迁088"
    )
    vouch(world, world.resident, request)
    url = f"{API}/residency-requests/{request.id}"
    manager, theirs = world.headers(world.manager), world.headers(person, Role.RESIDENT)
    others = [world.headers(one) for one in (world.resident, world.repairer, world.foreign_manager)]
    found = client.get(url, headers=manager).get_json()
    assert [one["id"] for one in found["photos"]] == [token]
    assert [(one["name"], one["home"]) for one in found["vouches"]] == [("王*兰", "1号楼1单元201室")]
    assert [one["action"] for one in found["history"]] == ["asked", "vouched"]
    assert found["actions"] == ["return"]
    assert "088" not in found["document"]
    assert client.get(found["photos"][0]["url"]).status_code in {200, 404}  # the store of tests keeps no picture
    assert client.get(url, headers=theirs).get_json()["actions"] == ["withdraw"]
    for headers in others:
        expect_refusal(client.get(url, headers=headers), 404, "request_not_found")


def test_neighbors_are_shown_who_wants_their_word_but_no_papers(client, world):
    asked(
        world, newcomer(world), home=another_home(world, "501"), evidence=Evidence.VOUCHING, document="回迁协议第088号"
    )
    headers = world.headers(world.resident, Role.RESIDENT)
    far, leader = world.headers(world.far_neighbor, Role.RESIDENT), world.headers(world.grid_leader)
    items = client.get(f"{API}/me/residencies/to-vouch", headers=headers).get_json()["items"]
    assert [(item["name"], item["document"], item["actions"]) for item in items] == [("马*兰", None, ["vouch"])]
    assert len(client.get(f"{API}/me/residencies/to-vouch", headers=leader).get_json()["items"]) == 1
    assert client.get(f"{API}/me/residencies/to-vouch", headers=far).get_json()["items"] == []


def test_rights_are_asked_for_as_of_a_day(client, world):
    url = f"{API}/homes/{world.place.home.id}/rights"
    headers = world.headers(world.manager)
    now = client.get(url, headers=headers).get_json()["items"]
    assert [(item["right"], item["right_name"], item["name"]) for item in now][:3] == [
        ("vote", "投票", "王*兰"), ("fee", "交物业费", "王*兰"), ("ticket", "报修", "王*兰")
    ]  # fmt: skip
    before = client.get(url, query_string={"at": "2019-12-31T00:00:00+08:00"}, headers=headers).get_json()["items"]
    assert before == []
    expect_refusal(client.get(url, query_string={"at": "2019-12-31"}, headers=headers), 422, "invalid_input")


def test_the_station_gives_and_takes_rights(client, world):
    url = f"{API}/homes/{world.place.home.id}/rights"
    body = {"person_id": world.neighbor.id, "right": "fee", "held": True, "words": "家里商量好由他交"}
    headers = world.headers(world.manager)
    assert client.put(url, json=body, headers=headers).status_code == 200
    items = client.get(url, headers=headers).get_json()["items"]
    assert [item["source"] for item in items if item["right"] == "fee"] == ["kind", "station"]
    events = client.get(f"{API}/homes/{world.place.home.id}/residency-events", headers=headers).get_json()["items"]
    assert (events[0]["action"], events[0]["words"]) == ("right_given", "家里商量好由他交")


def test_a_version_that_is_old_is_refused(client, world):
    request = asked(world, newcomer(world), home=world.place.home, kind=K.CO_OWNER)
    headers = world.headers(world.manager, If_Match="7")
    url = f"{API}/residency-requests/{request.id}/approve"
    expect_refusal(client.post(url, json={}, headers=headers), 412, "stale_version")


def test_somebody_comes_to_the_counter(client, world):
    url = f"{API}/homes/{world.place.home.id}/residents"
    body = {"name": "郝大娘", "phone": "15400001234", "kind": "co_owner", "since": "2015-05-01", "evidence": "deed"}
    headers = world.headers(world.clerk)
    made = client.post(url, json=body, headers=headers)
    assert made.status_code == 201
    names = [item["name"] for item in client.get(url, headers=headers).get_json()["items"]]
    assert names == ["王*兰", "赵*福", "郝*娘"]


LISTS = {
    "me/homes": ("resident", 2),
    "me/residencies": ("resident", 1),
    "me/residencies/to-confirm": ("resident", 1),
    "me/residencies/to-vouch": ("resident", 1),
    "neighborhoods/{place}/residency-requests": ("manager", 2),
    "homes/{home}/residents": ("manager", 4),
    "homes/{home}/rights": ("manager", 3),
    "homes/{home}/residency-events": ("manager", 3),
}


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("more", [0, 4])
def test_lists_cost_the_same_whatever_there_is(client, world, statements, address, more):
    for person in neighbors(world, more):
        asked(world, person, home=world.place.home, kind=K.TENANT)
        asked(world, person, home=another_home(world, f"8{person.id}"), evidence=Evidence.VOUCHING)
        asked(world, world.resident, home=residency_home(world, person), kind=K.FAMILY)
    name, usual = LISTS[address]
    url = address.format(place=world.place.neighborhood.id, home=world.place.home.id)
    headers = world.headers(getattr(world, name), None if name == "manager" else Role.RESIDENT)
    world.session.expunge_all()
    statements.clear()
    assert client.get(f"{API}/{url}", headers=headers).status_code == 200
    sent = [text for text in statements if not text.startswith(("BEGIN", "COMMIT"))]
    assert len(sent) == usual, sent


def residency_home(world, person):
    """The home in which a neighbor lives."""
    return next(home for home in world.session.query(type(world.place.home)) if residency_of(world, person, home))


def test_deadlines_are_shown_to_who_waits(client, world):
    person = newcomer(world)
    request = asked(world, person, home=another_home(world, "501"), now=dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC))
    url = f"{API}/residency-requests/{request.id}"
    assert client.get(url, headers=world.headers(person, Role.RESIDENT)).get_json()["due_at"].startswith("2026-11-26")
