"""What each person finds behind the same addresses: their own part of the neighborhood, and nothing else."""

import re

import pytest

from models import OrgUnit, ResidencyKind, Role, UnitKind
from tests.app.asking import expect_refusal, report
from tests.app.test_routes import MAY, ROUTES, address, ask
from tests.coding import code_of
from tests.services.acting import do, put_into
from tests.world import hire, move_in, new_person, new_unit

TICKET_ROUTES = [(method, rule) for method, rule, _ in ROUTES if "<id:ticket_id>" in rule]
BODIES = {
    "accept-help": {"offer_id": 1},
    "assign": {"assignee_id": 1},
    "keys": {
        "who": {"name": "高明", "phone": "15400000099"},
        "title": "律师",
        "why": "请来看看",
        "ends_at": "2099-01-01T00:00:00Z",
    },
    "call-back": {"result": "fixed"},
    "contact": {"purpose": "call_back"},
    "make-safe": {"photos": []},
    "notes": {"text": "你好"},
    "pause": {"reason": "parts"},
    "rate": {"satisfaction": "satisfied"},
    "redirect": {"to": "12345"},
    "reject": {"note": "不归我们"},
    "reopen": {"note": "没修好"},
    "return": {"reason": "too_many"},
    "survey": {"party": "owner", "words": "阀门在户内"},
    "agree-quote": {"quote_id": 1},
    "decline-quote": {"quote_id": 1},
    "withdraw-quote": {"quote_id": 1, "note": "不用换了"},
    "quotes": {"lines": [{"quantity_centi": 100, "price_item_id": 1}]},
    "transfer": {"to_id": 1, "reason": "too_many"},
}
FOREIGN = {
    "foreign_manager": Role.STATION_MANAGER,
    "foreign_repairer": Role.REPAIRER,
    "stranger": Role.RESIDENT,
}


def numbers(response):
    assert response.status_code == 200, response.get_json()
    return {item["number"] for item in response.get_json()["items"]}


@pytest.mark.parametrize(("method", "rule"), TICKET_ROUTES, ids=[rule.rsplit("/", 1)[-1] for _, rule in TICKET_ROUTES])
def test_to_another_neighborhood_no_ticket_exists(client, world, method, rule):
    filed = world.file()
    ticket = put_into(world, filed, "in_progress")
    url = rule.replace("<id:ticket_id>", str(filed.id))
    answers = set()
    for name, role in FOREIGN.items():
        headers = world.headers(getattr(world, name), role)
        body = BODIES.get(rule.rsplit("/", 1)[-1], {})
        response = client.open(url, method=method, headers=headers, **({} if method == "GET" else {"json": body}))
        if response.status_code != 403 or response.get_json()["code"] != "wrong_hat":
            missing = client.open(
                rule.replace("<id:ticket_id>", "987654321"),
                method=method,
                headers=headers,
                **({} if method == "GET" else {"json": body}),
            )
            expect_refusal(response, 404, "ticket_not_found")
            # Not yours looks exactly like not there.
            assert {**response.get_json(), "request_id": ""} == {**missing.get_json(), "request_id": ""}
            answers.add(name)
    assert answers, "somebody foreign must have had the permission"
    assert world.ticket(filed).version == ticket.version


LISTS = [
    "tickets", "workers", "missed-clocks", "holds", "call-backs/made", "duty", "homes", "buildings",
    "stations", "council-types", "committee-terms", "domains", "positions",
]  # fmt: skip


@pytest.mark.parametrize("what", LISTS)
@pytest.mark.parametrize("name", FOREIGN)
def test_to_another_neighborhood_no_list_exists(client, world, what, name):
    headers = world.headers(getattr(world, name), FOREIGN[name])
    response = client.get(f"/api/v1/neighborhoods/{world.place.neighborhood.id}/{what}", headers=headers)
    if response.status_code != 403:
        expect_refusal(response, 404, "unit_not_found")


@pytest.mark.parametrize("what", LISTS)
def test_a_neighborhood_that_is_none_is_not_found(client, world, what):
    headers = world.headers(world.manager)
    for unit in (world.place.building.id, world.community.id, 987654321):
        expect_refusal(client.get(f"/api/v1/neighborhoods/{unit}/{what}", headers=headers), 404, "unit_not_found")


def test_another_neighborhoods_residents_are_not_found(client, world):
    headers = world.headers(world.manager)
    expect_refusal(
        client.get(f"/api/v1/homes/{world.elsewhere.home.id}/residents", headers=headers), 404, "home_not_found"
    )
    expect_refusal(client.get("/api/v1/homes/987654321/residents", headers=headers), 404, "home_not_found")


def test_residents_of_a_home_are_listed_masked(client, world):
    headers = world.headers(world.manager)
    items = client.get(f"/api/v1/homes/{world.place.home.id}/residents", headers=headers).get_json()["items"]
    assert [(item["name"], item["kind"]) for item in items] == [("王*兰", "owner"), ("赵*福", "family")]
    assert all("****" in item["phone"] for item in items)


def test_a_resident_reads_own_tickets_and_the_common_ones_of_the_building(client, world):
    common, inside = world.file(), world.file(home_id=world.place.home.id)
    far = world.file(building_id=world.place.other_building.id)
    own, neighbor = world.headers(world.resident), world.headers(world.neighbor)
    assert numbers(client.get("/api/v1/tickets/mine", headers=own)) == {common.number, inside.number, far.number}
    assert numbers(client.get("/api/v1/tickets/mine", headers=neighbor)) == set()
    assert numbers(client.get("/api/v1/tickets/nearby", headers=neighbor)) == {common.number}
    assert client.get(f"/api/v1/tickets/{common.id}", headers=neighbor).status_code == 200
    for hidden in (inside, far):
        expect_refusal(client.get(f"/api/v1/tickets/{hidden.id}", headers=neighbor), 404, "ticket_not_found")


def test_a_neighbor_does_not_learn_who_reported_or_how_they_rated(client, world):
    filed = world.file()
    put_into(world, filed, "confirmed", reporter_id=world.resident.id)
    do(world, "rate", filed, words="师傅很好")
    world.resident.known_as = "王大姐"
    seen = client.get(f"/api/v1/tickets/{filed.id}", headers=world.headers(world.neighbor))
    own = client.get(f"/api/v1/tickets/{filed.id}", headers=world.headers(world.resident))
    assert "师傅很好" in own.get_data(as_text=True)
    assert own.get_json()["mine"] is True
    assert own.get_json()["reporter_name"] == "王*兰"
    for secret in ("师傅很好", "王*兰", "王大姐", "****"):
        assert secret not in seen.get_data(as_text=True)
    assert seen.get_json()["mine"] is False


def test_no_list_shows_a_name_or_a_phone_in_clear(client, world):
    filed = world.file(home_id=world.place.home.id)
    headers = world.headers(world.manager)
    for url in (f"tickets/{filed.id}", f"neighborhoods/{world.place.neighborhood.id}/tickets"):
        text = client.get(f"/api/v1/{url}", headers=headers).get_data(as_text=True)
        assert "王桂兰" not in text
        assert "+86154" not in text


def test_a_grid_leader_sees_what_lies_below_the_grid(client, world):
    near, far = world.file(), world.file(building_id=world.place.other_building.id)
    whole = world.file(neighborhood_id=world.place.neighborhood.id)
    headers = world.headers(world.grid_leader)
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/tickets"
    assert numbers(client.get(url, headers=headers)) == {near.number}
    assert client.get(f"/api/v1/tickets/{near.id}", headers=headers).status_code == 200
    for hidden in (far, whole):
        expect_refusal(client.get(f"/api/v1/tickets/{hidden.id}", headers=headers), 404, "ticket_not_found")
    homes = client.get(f"/api/v1/neighborhoods/{world.place.neighborhood.id}/homes", headers=headers).get_json()
    assert [item["id"] for item in homes["items"]] == [world.place.home.id]


def test_a_grid_leader_records_and_invites_only_below_the_grid(client, world):
    headers = world.headers(world.grid_leader)
    body = report(world, building_id=world.place.other_building.id, caller_name="王大妈")
    expect_refusal(client.post("/api/v1/tickets/recorded", json=body, headers=headers), 404, "unit_not_found")
    body = {"home_id": world.place.other_home.id}
    expect_refusal(client.post("/api/v1/invitations", json=body, headers=headers), 404, "home_not_found")
    body = {"home_id": world.place.home.id}
    assert client.post("/api/v1/invitations", json=body, headers=headers).status_code == 201


def test_a_path_that_only_begins_alike_is_not_below(client, world):
    grid, building = world.place.grid, world.place.other_building
    building.path = grid.path.rstrip("/") + f"9/{building.id}/"
    filed = world.file(building_id=building.id)
    headers = world.headers(world.grid_leader)
    expect_refusal(client.get(f"/api/v1/tickets/{filed.id}", headers=headers), 404, "ticket_not_found")


def test_a_community_officer_sees_both_neighborhoods(client, world):
    filed = world.file()
    headers = world.headers(world.community_officer)
    url = "/api/v1/neighborhoods/{}/tickets"
    assert numbers(client.get(url.format(world.place.neighborhood.id), headers=headers)) == {filed.number}
    assert numbers(client.get(url.format(world.elsewhere.neighborhood.id), headers=headers)) == set()


def test_a_repairer_sees_only_what_is_assigned(client, world):
    mine, other, open_ = world.file(), world.file(), world.file()
    do(world, "assign", mine)
    do(world, "assign", other, assignee_id=world.other_repairer.id)
    headers = world.headers(world.repairer)
    assert numbers(client.get("/api/v1/tickets/assigned", headers=headers)) == {mine.number}
    assert client.get(f"/api/v1/tickets/{mine.id}", headers=headers).status_code == 200
    for hidden in (other, open_):
        expect_refusal(client.get(f"/api/v1/tickets/{hidden.id}", headers=headers), 404, "ticket_not_found")


def test_one_person_with_two_hats_sees_what_the_hat_that_is_on_sees(client, world):
    move_in(world.session, world.repairer, world.place.other_home, ResidencyKind.TENANT)
    filed = world.file()
    do(world, "assign", filed)
    url = f"/api/v1/tickets/{filed.id}"
    assert client.get(url, headers=world.headers(world.repairer, Role.REPAIRER)).status_code == 200
    expect_refusal(client.get(url, headers=world.headers(world.repairer, Role.RESIDENT)), 404, "ticket_not_found")


@pytest.mark.parametrize("name", ["neighbor", "manager"])
def test_an_inbox_item_of_somebody_else_is_not_found(client, world, name):
    headers = world.headers(getattr(world, name))
    expect_refusal(client.post("/api/v1/inbox/1/read", headers=headers), 404, "message_not_found")


def test_a_city_wide_officer_covers_what_is_below(client, world):
    hire(world.session, world.far_neighbor, world.community, Role.DISTRICT_OFFICER)
    filed = world.file()
    headers = world.headers(world.far_neighbor, Role.DISTRICT_OFFICER)
    assert client.get(f"/api/v1/tickets/{filed.id}", headers=headers).get_json()["number"] == filed.number


def test_two_requests_in_one_test_are_two_people(client, world):
    assert ask(client, "GET", "/api/v1/me", world.headers(world.resident)).get_json()["hat"]["role"] == "resident"
    assert ask(client, "GET", "/api/v1/me", world.headers(world.manager)).get_json()["hat"]["role"] == "station_manager"


# Lists and views of the organization that name a place.
PLACES = [
    rule for method, rule, needed in ROUTES
    if method == "GET" and any(f"<id:{name}>" in rule for name in ("unit_id", "neighborhood_id", "building_id"))
    and needed in MAY[Role.COMMUNITY_OFFICER]
]  # fmt: skip
QUERIES = {"gaps": "?gap=leader"}


@pytest.mark.parametrize("rule", PLACES)
def test_an_officer_of_another_community_finds_nothing_here(client, world, rule):
    """The one who may read most, elsewhere: every place of ours looks like one that is not there."""
    other = new_unit(
        world.session, UnitKind.COMMUNITY, "站前社区", world.session.get(OrgUnit, world.community.parent_id)
    )
    officer = new_person(world.session, world.vault, "郭强")
    hire(world.session, officer, other, Role.COMMUNITY_OFFICER)
    code_of(world)
    world.session.flush()
    url = address(rule, world, world.file()) + QUERIES.get(rule.rsplit("/", 1)[-1], "")
    nowhere = re.sub(r"/\d+", "/987654321", url.replace("/v1/", "/v_/")).replace("/v_/", "/v1/")
    own, theirs = world.headers(world.community_officer), world.headers(officer)
    assert client.get(url, headers=own).status_code == 200
    here, there = (client.get(one, headers=theirs) for one in (url, nowhere))
    assert (here.status_code, there.status_code) == (404, 404)
    assert here.get_json()["code"] in {"unit_not_found", "building_not_found"}
