"""The fast answers are rows without a schema in between: here they are held against the schemas that document them."""

import datetime as dt

import orjson
import pytest
from marshmallow import RAISE, fields

from app.schemas.board import BoardPage
from app.schemas.messaging import InboxPage
from app.schemas.places import PlacesPage
from app.schemas.ticket_moves import MovedOut
from app.schemas.ticket_outcomes import CallMadePage, TruthsOut
from app.schemas.tickets import CategoriesOut, FiledOut, SummaryPage, TicketOut
from services import deliveries
from tests.app.asking import report
from tests.services.acting import do, emergency, photo, put_into
from tests.world import NOW

FILE = "/api/v1/tickets"


def check_strictly(schema, data):
    """Load strictly: no field missing, none unknown, each of its type."""
    return schema(unknown=RAISE).load(data)


def expect_same_keys(schema, data):
    """Each object has exactly the fields its schema writes out, nested ones too."""
    assert set(data) == set(schema.fields)
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            for item in data[name] if isinstance(field, fields.List) else [data[name]]:
                expect_same_keys(inner.schema, item)


@pytest.fixture
def filed(world):
    filed = emergency(world, building_id=world.place.building.id, photos=[photo(world, world.resident)])
    for step in ("assign", "accept", "arrive", "make_safe"):
        do(world, step, filed)
    return filed


def test_a_ticket_is_what_its_schema_says(client, world, filed):
    data = client.get(f"{FILE}/{filed.id}", headers=world.headers(world.resident)).get_json()
    expect_same_keys(TicketOut(), data)
    loaded = check_strictly(TicketOut, data)
    assert loaded["submitted_at"] == NOW
    assert loaded["timeline"][0]["photos"][0]["phase"] == "report"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("tickets/mine", "resident"),
        ("tickets/assigned", "repairer"),
        ("all", "manager"),
    ],
)
def test_a_list_of_tickets_is_what_its_schema_says(client, world, filed, address, name):
    address = address.replace("all", f"neighborhoods/{world.place.neighborhood.id}/tickets")
    data = client.get(f"/api/v1/{address}", headers=world.headers(getattr(world, name))).get_json()
    assert len(data["items"]) == 1
    expect_same_keys(SummaryPage(), data)
    assert check_strictly(SummaryPage, data)["items"][0]["assignee"] == "李师傅"


def test_the_words_on_an_outcome_are_what_their_schema_says(client, world, filed):
    put_into(world, filed, "done_by_worker")
    data = client.get(f"{FILE}/{filed.id}/truths", headers=world.headers(world.manager)).get_json()
    assert [word["kind"] for word in data["items"]] == ["done"]
    expect_same_keys(TruthsOut(), data)
    check_strictly(TruthsOut, data)


def test_the_calls_that_were_made_are_what_their_schema_says(client, world, filed):
    put_into(world, filed, "done_by_worker")
    do(world, "call_back", filed)
    address = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/call-backs/made"
    data = client.get(address, headers=world.headers(world.manager)).get_json()
    assert [call["ticket_id"] for call in data["items"]] == [filed.id]
    expect_same_keys(CallMadePage(), data)
    check_strictly(CallMadePage, data)


@pytest.mark.parametrize("around", ["building", "neighborhood"])
def test_the_board_is_what_its_schema_says(client, world, filed, around):
    data = client.get(f"/api/v1/tickets/nearby?around={around}", headers=world.headers(world.neighbor)).get_json()
    expect_same_keys(BoardPage(), data)
    assert check_strictly(BoardPage, data)["items"][0]["submitted_at"] == NOW


def test_the_inbox_is_what_its_schema_says(client, world, filed):
    event = world.session.connection().exec_driver_sql("select min(id) from ticket_event").scalar_one()
    deliveries.expand(world.session, event, now=NOW)
    data = client.get("/api/v1/inbox", headers=world.headers(world.resident)).get_json()
    assert data["unread"] == 1
    expect_same_keys(InboxPage(), data)
    check_strictly(InboxPage, data)


def test_homes_are_what_their_schema_says(client, world):
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/homes?text=201"
    data = client.get(url, headers=world.headers(world.manager)).get_json()
    assert len(data["items"]) == 2
    expect_same_keys(PlacesPage(), data)
    check_strictly(PlacesPage, data)


def test_categories_are_what_their_schema_says(client, world):
    data = client.get("/api/v1/categories", headers=world.headers(world.resident)).get_json()
    assert len(data["items"]) == 24
    expect_same_keys(CategoriesOut(), data)
    check_strictly(CategoriesOut, data)


def test_filing_and_moving_answer_what_their_schemas_say(client, world):
    filed = client.post(FILE, json=report(world), headers=world.headers(world.resident)).get_json()
    check_strictly(FiledOut, filed)
    expect_same_keys(FiledOut(), filed)
    moved = client.post(f"{FILE}/{filed['id']}/triage", json={}, headers=world.headers(world.manager)).get_json()
    check_strictly(MovedOut, moved)
    expect_same_keys(MovedOut(), moved)


def test_times_carry_their_zone(client, world, filed):
    text = client.get(f"{FILE}/{filed.id}", headers=world.headers(world.resident)).get_json()["submitted_at"]
    assert dt.datetime.fromisoformat(text).tzinfo is not None


def test_a_list_is_paged_newest_first_without_gaps_or_doubles(client, world):
    numbers = [world.file().number for _ in range(5)]
    headers = world.headers(world.resident)
    seen, cursor = [], ""
    while True:
        page = client.get(f"{FILE}/mine?limit=2{cursor}", headers=headers).get_json()
        seen += [item["number"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        if len(seen) == 2:
            world.file()  # what comes in meanwhile moves nothing
            world.session.commit()
    assert seen == numbers[::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"new", "late"}),
        ("overdue=true", {"late"}),
        ("state=triaged", {"late"}),
        ("state=closed", {"over"}),
        ("settled=true", {"new", "late", "over"}),
        ("urgency=p1", set()),
        ("urgency=p2&state=submitted", {"new"}),
        ("text=水池", {"late"}),
        ("text=100%25", set()),
        ("text={number}", {"new"}),
    ],
)
def test_the_stations_list_can_be_narrowed(client, world, query, found):
    future = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    tickets = {"new": world.file(), "late": world.file(text="水池漏水"), "over": world.file()}
    put_into(world, tickets["new"], "submitted", next_due_at=future)
    put_into(world, tickets["late"], "triaged", next_due_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
    put_into(world, tickets["over"], "closed")
    query = query.replace("{number}", tickets["new"].number.lower())
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/tickets?{query}"
    items = client.get(url, headers=world.headers(world.manager)).get_json()["items"]
    assert {item["id"] for item in items} == {tickets[name].id for name in found}


def test_the_duty_list_counts_open_jobs(client, world):
    for state in ("assigned", "in_progress", "done_by_worker", "closed"):
        put_into(world, world.file(), state)
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/duty"
    items = client.get(url, headers=world.headers(world.manager)).get_json()["items"]
    assert {item["name"]: item["open_jobs"] for item in items}["李师傅"] == 2


def test_json_is_the_standards(client, world):
    response = client.get("/api/v1/me", headers=world.headers(world.resident))
    assert response.mimetype == "application/json"
    assert orjson.loads(response.get_data())["name"] == "王*兰"


def test_the_stations_list_can_be_narrowed_to_a_worker(client, world):
    mine, other = world.file(), world.file()
    put_into(world, mine, "assigned")
    put_into(world, other, "assigned", assignee_id=world.other_repairer.id)
    path = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/tickets?assignee_id={world.repairer.id}"
    found = client.get(path, headers=world.headers(world.manager)).get_json()
    assert [one["id"] for one in found["items"]] == [mine.id]
