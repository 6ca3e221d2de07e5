"""Hot paths send exactly as many statements as written here, however much there is to show."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import ContentCheck, Role, UnitKind
from services import deliveries
from services.tickets import lateness
from tests.app.asking import report
from tests.services.acting import can, do, photo, put_into, want_a_call
from tests.services.test_deliveries import newest_event
from tests.world import NOW, hire, new_person, new_unit

FILE = "/api/v1/tickets"


def sent(statements):
    """The statements of the request, BEGIN and COMMIT left out."""
    return [text for text in statements if not text.startswith(("BEGIN", "COMMIT"))]


@pytest.fixture
def writes(databases):
    """How many statements write a new ticket: PostgreSQL does all in one, SQLite has four tables to write."""
    return 1 if databases.kind == "postgresql" else 4


@pytest.mark.parametrize("place", ["home", "building", "neighborhood"])
def test_filing_reads_once_and_writes_at_once(client, world, statements, writes, place):
    headers = world.headers(world.resident)
    body = report(world, **({"building_id": None} | {f"{place}_id": getattr(world.place, place).id}))
    statements.clear()
    assert client.post(FILE, json=body, headers=headers).status_code == 201
    assert len(sent(statements)) == 1 + writes, statements


def test_a_repeat_safe_filing_costs_one_more_write(client, world, statements, writes):
    headers = world.headers(world.resident, Idempotency_Key="k")
    statements.clear()
    assert client.post(FILE, json=report(world), headers=headers).status_code == 201
    assert len(sent(statements)) == 1 + writes + 1, statements


def test_clocks_of_working_days_cost_one_look_at_the_calendar(client, world, statements, writes):
    headers = world.headers(world.resident)
    statements.clear()
    assert client.post(FILE, json=report(world, category="noise"), headers=headers).status_code == 201
    assert len(sent(statements)) == 2 + writes, statements


@pytest.mark.parametrize("tickets", [0, 1, 12])
def test_the_stations_list_is_one_statement(client, world, statements, tickets):
    for _ in range(tickets):
        do(world, "assign", world.file())
    headers = world.headers(world.manager)
    statements.clear()
    response = client.get(f"/api/v1/neighborhoods/{world.place.neighborhood.id}/tickets", headers=headers)
    assert len(response.get_json()["items"]) == tickets
    assert len(sent(statements)) == 1, statements


@pytest.mark.parametrize("what", ["missed-clocks", "holds"])
@pytest.mark.parametrize("tickets", [1, 4])
def test_what_is_told_about_time_is_one_statement(client, world, statements, what, tickets):
    for _ in range(tickets):
        filed = world.file()
        put_into(world, filed, "paused")
        lateness.note(world.session, world.ticket(filed), now=NOW)
        ticket = world.ticket(filed)
        ticket.paused_at = ticket.done_due_at
        lateness.note(world.session, ticket, now=ticket.done_due_at, reached=True)
    headers = world.headers(world.manager)
    statements.clear()
    response = client.get(f"/api/v1/neighborhoods/{world.place.neighborhood.id}/{what}", headers=headers)
    assert len({item["ticket_id"] for item in response.get_json()["items"]}) == tickets
    assert len(sent(statements)) == 1, statements


def test_whom_to_call_costs_the_same_for_many(client, world, statements):
    counts = []
    for _ in range(2):
        want_a_call(world, world.file())
        headers = world.headers(world.manager)
        statements.clear()
        client.get(f"/api/v1/neighborhoods/{world.place.neighborhood.id}/call-backs", headers=headers)
        counts.append(len(sent(statements)))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("rounds", [1, 4])
def test_the_words_on_an_outcome_and_the_calls_made_are_one_statement_each(client, world, statements, rounds):
    filed = world.file()
    for _ in range(rounds):
        put_into(world, filed, "done_by_worker", reporter_id=world.resident.id)
        do(world, "confirm", filed)
        do(world, "call_back", filed)
        do(world, "reopen", filed)
    headers = world.headers(world.manager)
    for address, most in (
        (f"{FILE}/{filed.id}/truths", 3 * rounds),
        (f"/api/v1/neighborhoods/{world.place.neighborhood.id}/call-backs/made", rounds),
    ):
        statements.clear()
        assert len(client.get(address, headers=headers).get_json()["items"]) == most
        assert len(sent(statements)) == 1, statements


def test_a_higher_offices_list_is_two_statements(client, world, statements):
    headers = world.headers(world.community_officer)
    statements.clear()
    client.get(f"/api/v1/neighborhoods/{world.place.neighborhood.id}/tickets", headers=headers)
    assert len(sent(statements)) == 2, statements


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("mine", "resident"),
        ("nearby", "neighbor"),
        ("nearby?around=neighborhood", "far_neighbor"),
        ("assigned", "repairer"),
    ],
)
def test_each_own_list_is_one_statement(client, world, statements, address, name):
    for _ in range(3):
        do(world, "assign", world.file())
    headers = world.headers(getattr(world, name))
    statements.clear()
    assert len(client.get(f"{FILE}/{address}", headers=headers).get_json()["items"]) == 3
    assert len(sent(statements)) == 1, statements


@pytest.mark.parametrize("tickets", [1, 4])
def test_the_pool_and_what_colleagues_ask_are_one_statement_each(client, world, statements, tickets):
    for _ in range(tickets):
        put_into(world, world.file(), "triaged", assignee_id=None)
        asked = world.file()
        put_into(world, asked, "accepted", transfer_to_id=world.other_repairer.id)
    headers = world.headers(world.other_repairer)
    for name in ("pool", "asked"):
        statements.clear()
        assert len(client.get(f"{FILE}/{name}", headers=headers).get_json()["items"]) == tickets
        assert len(sent(statements)) == 1, statements


@pytest.mark.parametrize("steps", [[], ["assign", "accept", "arrive", "make_safe", "start"]])
def test_a_ticket_with_its_history_is_two_statements(client, world, statements, steps):
    filed = world.file(building_id=world.place.building.id, photos=[photo(world, world.resident)])
    for step in steps:
        do(world, step, filed)
    headers = world.headers(world.manager)
    statements.clear()
    timeline = client.get(f"{FILE}/{filed.id}", headers=headers).get_json()["timeline"]
    assert [event["action"] for event in timeline] == ["file", *steps]
    assert len(sent(statements)) == 2, statements


def test_a_move_in_time_is_four_statements(client, world, statements):
    filed = world.file(now=dt.datetime.now(dt.UTC))
    put_into(world, filed, "assigned")
    headers = world.headers(world.repairer)
    world.session.expunge_all()
    statements.clear()
    assert client.post(f"{FILE}/{filed.id}/accept", json={}, headers=headers).status_code == 200
    assert len(sent(statements)) == 4, statements  # ticket, its new state, event, outbox


def test_who_can_mend_what_is_three_statements_however_many_there_are(client, world, statements):
    headers = world.headers(world.manager)
    for worker in (world.repairer, world.other_repairer):
        can(world, worker)
    address = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/workers"
    world.session.commit()
    world.session.expunge_all()
    statements.clear()
    answer = client.get(address, headers=headers)
    assert [item["categories"] for item in answer.get_json()["items"]] == [["elec", "noise"]] * 2
    assert len(sent(statements)) == 3, statements  # the neighborhood, the workers, what they can mend


def test_the_inbox_is_two_statements(client, world, statements):
    headers = world.headers(world.resident)
    statements.clear()
    client.get("/api/v1/inbox", headers=headers)
    assert len(sent(statements)) == 2, statements


@pytest.mark.parametrize("contents", [0, 1, 12])
def test_the_reviewers_list_is_one_statement(client, world, statements, contents):
    for _ in range(contents):
        world.file(photos=[photo(world, world.resident)], building_id=world.place.building.id)
        deliveries.expand(world.session, newest_event(world), now=NOW)
    world.session.execute(sa.update(ContentCheck).values(state="review", why="wechat_unsure", settled_at=NOW))
    headers = world.headers(world.manager)
    statements.clear()
    items = client.get("/api/v1/reviews", headers=headers).get_json()["items"]
    assert len(items) == 2 * contents if contents < 12 else len(items) == 20  # words and photo of each, a page at most
    assert len(sent(statements)) == 1, statements


ORGANIZATION = {
    "units/{community}/memberships": 2,
    "units/{community}/handovers": 2,
    "units/{community}/coverage": 4,
    "units/{community}/gaps?gap=domain": 2,
    "units/{community}/conflicts": 2,
    "units/{community}/tree?levels=3": 2,
    "units/{community}/party-orgs": 2,
    "units/{place}/councils": 3,
    "neighborhoods/{place}/committee-terms": 3,
    "neighborhoods/{place}/domains": 2,
    "neighborhoods/{place}/positions": 2,
    "buildings/{building}/leaders": 5,
    "units?text=号": 1,
    "handovers": 1,
}


@pytest.mark.parametrize("address", ORGANIZATION)
@pytest.mark.parametrize("more", [0, 5])
def test_lists_of_the_organization_cost_the_same_whatever_there_is(client, world, statements, address, more):
    for number in range(more):
        building = new_unit(world.session, UnitKind.BUILDING, f"{number}9号楼", world.place.grid)
        person = new_person(world.session, world.vault, "高明")
        hire(world.session, person, building, Role.BUILDING_LEADER)
        hire(world.session, person, world.place.neighborhood, Role.TREASURER)
    places = {"community": world.community, "place": world.place.neighborhood, "building": world.place.building}
    url = address.format(**{name: unit.id for name, unit in places.items()})
    headers = world.headers(world.community_officer)
    world.session.expunge_all()
    statements.clear()
    assert client.get(f"/api/v1/{url}", headers=headers).status_code == 200
    assert len(sent(statements)) == ORGANIZATION[address], statements
