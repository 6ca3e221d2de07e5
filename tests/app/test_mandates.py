"""Acting for someone over HTTP: the whole way, and every way that is closed."""

import datetime as dt

import pytest
import sqlalchemy as sa

from app import freshness, identity
from models import ActingArea, IdempotencyKey, MandateConsent, Role, SignIn
from services import rights
from services.areas import AREA_PERMISSIONS, NEVER_BY_PROXY
from services.mandates import rules
from services.permissions import ROLE_PERMISSIONS, Permission
from tests.app.asking import expect_refusal, report
from tests.app.test_query_counts import sent
from tests.app.test_routes import GUARDED, address
from tests.proxies import acting, acting_headers, mandate, report_for, to_call, without_phone
from tests.services.acting import photo
from tests.services.mandates.test_recording import record, signed
from tests.world import hire, new_person

API = "/api/v1"
OFFER = {"relation": "daughter", "areas": ["tickets", "messages"]}


def bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def test_a_mother_asks_and_her_daughter_reports_for_her(client, world):
    """The whole way: a code, acting, a report that names both, and the end of it."""
    mother, daughter = world.headers(world.resident), world.headers(world.far_neighbor)
    made = client.post(f"{API}/me/mandates", json=OFFER, headers=mother).get_json()
    assert client.post(f"{API}/mandates/redeem", json={"code": made["code"]}, headers=daughter).status_code == 200
    tokens = client.post(f"{API}/me/acting", json={"mandate_id": made["id"]}, headers=daughter).get_json()
    assert (tokens["acting"]["principal"], tokens["acting"]["area_names"]) == ("王*兰", ["报修", "看消息"])
    assert tokens["person_id"] == world.resident.id
    filed = client.post(f"{API}/tickets", json=report(world), headers=bearer(tokens)).get_json()
    seen = client.get(f"{API}/tickets/{filed['id']}", headers=mother).get_json()
    assert seen["mine"]
    assert [(event["by"], event["by_proxy"]) for event in seen["timeline"]] == [("钱*英（女儿）代王*兰", True)]
    shown = client.get(f"{API}/mandates/{made['id']}", headers=mother).get_json()
    assert [act["words"] for act in shown["acts"]] == [f"报修“楼道灯和公共电路”（{filed['number']}）"]
    oneself = client.post(f"{API}/me/acting", json={"mandate_id": None}, headers=bearer(tokens)).get_json()
    assert (oneself["acting"], oneself["person_id"]) == (None, world.far_neighbor.id)
    assert client.post(f"{API}/mandates/{made['id']}/end", json={}, headers=mother).get_json()["state"] == "withdrawn"


def test_a_mandate_that_is_withdrawn_is_refused_while_its_token_lives(client, world):
    given = mandate(world, world.far_neighbor)
    headers = acting_headers(world, given)
    assert client.get(f"{API}/tickets/mine", headers=headers).status_code == 200
    mother = world.headers(world.resident)
    assert client.post(f"{API}/mandates/{given.id}/end", json={}, headers=mother).status_code == 200
    expect_refusal(client.get(f"{API}/tickets/mine", headers=headers), 401, "token_stale")
    assert client.get(f"{API}/tickets/mine", headers=mother).status_code == 200


def test_by_phone_through_the_station_it_ends_as_soon(client, world):
    given = mandate(world, world.far_neighbor)
    headers = acting_headers(world, given)
    clerk = world.headers(world.clerk)
    body = {"asked_by": "principal"}
    assert client.post(f"{API}/mandates/{given.id}/end", json=body, headers=clerk).status_code == 200
    expect_refusal(client.get(f"{API}/tickets/mine", headers=headers), 401, "token_stale")


def test_the_station_opens_the_photo_of_a_signed_sheet_by_a_link(client, world):
    taken = photo(world, world.clerk)
    given = record(world, evidence=signed(world, taken)).mandate
    clerk = world.headers(world.clerk)
    assert client.get(f"{API}/mandates/{given.id}", headers=clerk).get_json()["has_paper"] is True
    shown = client.post(f"{API}/mandates/{given.id}/paper", headers=clerk)
    assert shown.get_json()["photo"].startswith(f"{API}/photos/{taken}/")


@pytest.mark.parametrize("whose", ["resident", "far_neighbor"])
def test_a_token_ends_with_the_rights_of_either(client, world, whose):
    headers = acting_headers(world, mandate(world, world.far_neighbor))
    rights.changed(world.session, person_ids=[getattr(world, whose).id], now=dt.datetime.now(dt.UTC))
    world.session.commit()
    expect_refusal(client.get(f"{API}/tickets/mine", headers=headers), 401, "token_stale")


def test_the_change_is_seen_within_a_second():
    assert freshness.EVERY <= 1.0


def test_a_token_ends_with_the_mandate_by_itself(world):
    now = dt.datetime.now(dt.UTC)
    given = mandate(world, world.far_neighbor, ends_at=now + dt.timedelta(minutes=3))
    actor = acting(world, given, now)
    token = identity.issue(actor, now=now, lifetime=dt.timedelta(minutes=10))
    read = identity.read(token, now=now + dt.timedelta(minutes=2))
    assert (read.person_id, read.agent_id, read.mandate_id) == (world.resident.id, world.far_neighbor.id, given.id)
    with pytest.raises(Exception, match="登录时间到了"):
        identity.read(token, now=now + dt.timedelta(minutes=3))


def test_a_refresh_after_the_end_says_that_it_is_over(client, world, gateways):
    gateways.login.codes["c"] = "o-agent"
    tokens = client.post(f"{API}/sign-in", json={"code": "c"}).get_json()
    agent = new_person(world.session, world.vault, "李红")
    entry = world.session.scalars(sa.select(SignIn).where(SignIn.person_id == tokens["person_id"])).one()
    entry.person_id = agent.id
    given = mandate(world, agent)
    entry.mandate_id = given.id
    world.session.commit()
    again = client.post(f"{API}/sign-in/refresh", json={"refresh_token": tokens["refresh_token"]}).get_json()
    assert again["acting"]["mandate_id"] == given.id
    given.ends_at = dt.datetime.now(dt.UTC)
    world.session.commit()
    last = client.post(f"{API}/sign-in/refresh", json={"refresh_token": again["refresh_token"]}).get_json()
    assert (last["acting"], last["person_id"]) == (None, agent.id)


@pytest.mark.parametrize(
    ("areas", "path", "status"),
    [
        ((ActingArea.TICKETS,), "/tickets/mine", 200),
        ((ActingArea.TICKETS,), "/inbox", 403),
        ((ActingArea.MESSAGES,), "/inbox", 200),
        ((ActingArea.MESSAGES,), "/tickets/mine", 403),
        ((ActingArea.FEES,), "/tickets/mine", 403),
        ((ActingArea.FEES,), "/me/homes", 200),
    ],
)
def test_an_area_opens_its_own_things_only(client, world, areas, path, status):
    headers = acting_headers(world, mandate(world, world.far_neighbor, *areas))
    response = client.get(f"{API}{path}", headers=headers)
    assert response.status_code == status
    if status == 403:
        problem = expect_refusal(response, 403, "beyond_mandate")
        assert "没有“看消息”这一项" in problem["detail"] or "没有“报修”这一项" in problem["detail"]


def test_every_route_that_is_never_by_proxy_or_not_a_residents_is_closed(client, world):
    """All routes, with a mandate for everything: only what stands in an area is open."""
    filed = world.file()
    headers = acting_headers(world, mandate(world, world.far_neighbor, *ActingArea))
    open_to_agents = ROLE_PERMISSIONS[Role.RESIDENT] - NEVER_BY_PROXY
    assert frozenset().union(*AREA_PERMISSIONS.values()) <= open_to_agents
    urls = {rule: address(rule, world, filed) for _, rule, _ in GUARDED}
    for method, rule, needed in GUARDED:
        if Permission(needed) in open_to_agents:
            continue
        body = {} if method == "GET" else {"json": {}}
        response = client.open(urls[rule], method=method, headers=headers, **body)
        expect_refusal(response, 403, "beyond_mandate")


def test_an_agent_can_sign_out(client, world):
    headers = acting_headers(world, mandate(world, world.far_neighbor))
    assert client.post(f"{API}/sign-out", json={}, headers=headers).status_code == 204
    expect_refusal(client.get(f"{API}/tickets/mine", headers=headers), 401, "token_stale")
    assert client.get(f"{API}/tickets/mine", headers=world.headers(world.resident)).status_code == 200


def test_a_key_belongs_to_who_holds_the_phone(client, world):
    """The same key of the principal and of the agent are two keys: neither gets the other's answer."""
    given = mandate(world, world.far_neighbor)
    own = world.headers(world.resident, Idempotency_Key="k")
    first = client.post(f"{API}/tickets", json=report(world), headers=own).get_json()
    headers = acting_headers(world, given, Idempotency_Key="k")
    second = client.post(f"{API}/tickets", json=report(world), headers=headers).get_json()
    assert first["id"] != second["id"]
    assert {row.person_id for row in world.session.scalars(sa.select(IdempotencyKey))} == {
        world.resident.id,
        world.far_neighbor.id,
    }


def test_my_lists_say_what_i_may_do(client, world):
    given = mandate(world, world.far_neighbor)
    mother, daughter = world.headers(world.resident), world.headers(world.far_neighbor)
    for headers, side, actions in ((mother, "principal", ["end"]), (daughter, "agent", ["act", "end"])):
        [item] = client.get(f"{API}/me/mandates?side={side}", headers=headers).get_json()["items"]
        assert (item["id"], item["actions"], item["principal"]) == (given.id, actions, "王*兰")
    assert client.get(f"{API}/me/mandates?side=principal", headers=daughter).get_json()["items"] == []


def test_while_acting_my_list_is_still_mine(client, world):
    given = mandate(world, world.far_neighbor)
    mandate(world, world.neighbor)
    headers = acting_headers(world, given)
    items = client.get(f"{API}/me/mandates", headers=headers).get_json()["items"]
    assert [item["id"] for item in items] == [given.id]
    assert client.get(f"{API}/me/mandates?side=principal", headers=headers).get_json()["items"] == []


@pytest.mark.parametrize("mandates", [0, 1, 7])
def test_the_stations_list_costs_the_same_however_long(client, world, statements, mandates):
    for _ in range(mandates):
        mandate(world, new_person(world.session, world.vault, "李红"))
    url = f"{API}/neighborhoods/{world.place.neighborhood.id}/mandates"
    headers = world.headers(world.manager)
    world.session.expunge_all()
    statements.clear()
    assert len(client.get(url, headers=headers).get_json()["items"]) == mandates
    assert len(sent(statements)) == 3, statements  # the neighborhood, the page, its areas


@pytest.mark.parametrize("rows", [0, 1, 6])
def test_the_call_list_costs_the_same_however_long(client, world, statements, rows):
    for number in range(rows):
        given = mandate(world, new_person(world.session, world.vault, "李红"))
        to_call(world, given, f"2026-{number + 1:02}")
    url = f"{API}/neighborhoods/{world.place.neighborhood.id}/read-backs"
    headers = world.headers(world.clerk)
    world.session.expunge_all()
    statements.clear()
    assert len(client.get(url, headers=headers).get_json()["items"]) == rows
    assert len(sent(statements)) == 2, statements  # the neighborhood, the page


def test_a_ticket_with_acts_by_proxy_costs_one_statement_more(client, world, statements):
    filed = report_for(world, acting(world, mandate(world, world.far_neighbor)))
    headers = world.headers(world.resident)
    statements.clear()
    assert client.get(f"{API}/tickets/{filed.id}", headers=headers).status_code == 200
    assert len(sent(statements)) == 3, statements


def spoken(world, **changes):
    text = rules.texts(world.session, dt.datetime.now(dt.UTC))[MandateConsent.SPOKEN]
    return {
        "principal_id": world.resident.id,
        "agent": {"name": "李红", "phone": "13941410001"},
        "relation": "daughter",
        "areas": ["tickets"],
        "consent": "spoken",
        "text_id": text.id,
        "consented_at": (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)).isoformat(),
        "witness": {"person_id": world.grid_leader.id},
    } | changes


def test_the_station_records_a_spoken_consent(client, world):
    headers = world.headers(world.clerk)
    url = f"{API}/neighborhoods/{world.place.neighborhood.id}/mandates"
    made = client.post(url, json=spoken(world), headers=headers)
    assert made.status_code == 201, made.get_json()
    assert len(made.get_json()["code"]) == 8
    shown = client.get(f"{API}/mandates/{made.get_json()['id']}", headers=headers).get_json()
    assert (shown["recorded_by"], shown["witness"], shown["consent_name"]) == ("刘*", "孙*", "当面或者电话里说的")
    assert "我愿意" in shown["words"]
    assert shown["actions"] == ["end"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"areas": ["votes"]}, "areas"),
        ({"areas": []}, "areas"),
        ({"relation": "king"}, "relation"),
        ({"until": "明年"}, "until"),
        ({"consented_at": "昨天"}, "consented_at"),
        ({"agent": {}}, "name"),
        ({"witness": None}, "witness"),
    ],
)
def test_what_is_filled_in_wrongly_changes_nothing(client, world, row_counts, changes, field):
    headers = world.headers(world.clerk)
    body = spoken(world, **changes)
    url = f"{API}/neighborhoods/{world.place.neighborhood.id}/mandates"
    before = row_counts()
    response = client.post(url, json=body, headers=headers)
    assert response.status_code == 422
    assert field in response.get_json()["errors"], response.get_json()
    assert row_counts() == before


def test_to_vote_is_a_tick_of_its_own(client, world):
    mother = world.headers(world.resident)
    made = client.post(f"{API}/me/mandates", json=OFFER | {"votes": True}, headers=mother).get_json()
    shown = client.get(f"{API}/mandates/{made['id']}", headers=mother).get_json()
    assert shown["areas"] == ["tickets", "votes", "messages"]


def test_a_guesser_of_codes_is_slowed_down(client, world):
    headers = world.headers(world.stranger)
    codes = [client.post(f"{API}/mandates/redeem", json={"code": "22222222"}, headers=headers) for _ in range(31)]
    assert {response.status_code for response in codes[:30]} == {404}
    expect_refusal(codes[30], 429, codes[30].get_json()["code"])


def test_a_call_is_made_and_what_was_said_is_written_down(client, world):
    given = mandate(world, world.far_neighbor)
    report_for(world, acting(world, given))
    without_phone(world, world.resident)
    to_call(world, given, "2026-11")
    headers = world.headers(world.clerk)
    place = f"{API}/neighborhoods/{world.place.neighborhood.id}/read-backs"
    [item] = client.get(place, headers=headers).get_json()["items"]
    call = f"{API}/read-backs/{item['id']}"
    assert client.post(f"{call}/contact", json={}, headers=headers).get_json()["name"] == "王桂兰"
    assert client.post(f"{call}/not-reached", json={}, headers=headers).status_code == 204
    assert len(client.get(call, headers=headers).get_json()["lines"]) == 1
    body = {"answer": "question", "words": "我没让报过修"}
    assert client.post(f"{call}/answer", json=body, headers=headers).status_code == 204
    assert client.get(place, headers=headers).get_json()["items"] == []
    done = client.get(f"{place}?waiting=false", headers=headers).get_json()["items"]
    assert [(row["answer"], row["tries"]) for row in done] == [("question", 1)]


@pytest.mark.parametrize("role", [Role.STATION_MANAGER, Role.GRID_LEADER])
def test_the_other_neighborhood_sees_none_of_it(client, world, role):
    given = mandate(world, world.far_neighbor)
    read_back = to_call(world, given).id
    if role is Role.GRID_LEADER:
        hire(world.session, world.stranger, world.elsewhere.grid, role)
    person = world.stranger if role is Role.GRID_LEADER else world.foreign_manager
    headers = world.headers(person, role)
    for method, path in (
        ("GET", f"mandates/{given.id}"),
        ("POST", f"mandates/{given.id}/end"),
        ("POST", f"mandates/{given.id}/accept"),
        ("GET", f"read-backs/{read_back}"),
        ("POST", f"read-backs/{read_back}/contact"),
        ("POST", f"read-backs/{read_back}/not-reached"),
    ):
        body = {} if method == "GET" else {"json": {}}
        assert client.open(f"{API}/{path}", method=method, headers=headers, **body).status_code == 404, path
