"""The station's day: each panel counts what its list shows, and is one statement."""

import datetime as dt

import pytest

from app.schemas.tickets import BoardOut
from models import PauseReason, Satisfaction
from tests.app.test_answers import check_strictly
from tests.services.acting import do, put_into

PANELS = 6
HOUR = dt.timedelta(hours=1)
NOW = dt.datetime.now(dt.UTC)


def board(client, world, who="manager"):
    path = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/board"
    return client.get(path, headers=world.headers(getattr(world, who))).get_json()


def listed(client, world, **query):
    path = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/tickets"
    answer = client.get(path, query_string=query, headers=world.headers(world.manager)).get_json()
    return {one["id"] for one in answer["items"]}


@pytest.fixture
def day(world):
    """One ticket for each panel, and one that is over."""
    soon, late = NOW + HOUR, NOW - HOUR
    made = {
        "new": world.file(now=NOW), "soon": world.file(now=NOW), "late": world.file(now=NOW),
        "paused": world.file(now=NOW), "done": world.file(now=NOW), "over": world.file(now=NOW),
    }  # fmt: skip
    world.ticket(made["new"]).next_due_at = NOW + 9 * HOUR
    put_into(world, made["soon"], "accepted", next_due_at=soon)
    put_into(world, made["late"], "in_progress", next_due_at=late)
    put_into(world, made["paused"], "paused", next_due_at=None)
    put_into(world, made["done"], "done_by_worker", next_due_at=None)
    put_into(world, made["over"], "closed", next_due_at=None)
    world.session.commit()
    return {name: filed.id for name, filed in made.items()}


def test_each_panel_shows_its_tickets_and_how_many_there_are(client, world, day):
    found = board(client, world)
    assert {name: [one["id"] for one in found[name]["items"]] for name in ("new", "soon", "late")} == {
        name: [day[name]] for name in ("new", "soon", "late")
    }
    assert [found[name]["total"] for name in ("new", "soon", "late")] == [1, 1, 1]


def test_each_panel_opens_in_the_list(client, world, day):
    assert listed(client, world, state="submitted") == {day["new"]}
    assert listed(client, world, soon="true") == {day["soon"]}
    assert listed(client, world, overdue="true") == {day["late"]}
    assert listed(client, world, state="paused", pause_reason=PauseReason.PARTS.value) == {day["paused"]}
    assert listed(client, world, state="paused", pause_reason=PauseReason.WEATHER.value) == set()


def test_it_says_on_whom_tickets_wait(client, world, day):
    waits = {(one["on_whom"], one["count"]) for one in board(client, world)["waiting"]}
    assert waits == {("等服务站核实", 1), ("等配件", 1), ("等居民说修好没有", 1)}


def test_it_says_who_has_how_much_in_hand_and_how_much_is_late(client, world, day):
    (row,) = board(client, world)["workers"]
    assert (row["worker_id"], row["in_hand"], row["late"]) == (world.repairer.id, 3, 1)
    assert listed(client, world, assignee_id=world.repairer.id, in_hand="true") == {
        day["soon"], day["late"], day["paused"],
    }  # fmt: skip


def test_calls_to_be_made_are_counted_when_the_ticket_is_over_too(client, world):
    filed = world.file(now=NOW)
    for action in ("triage", "assign", "accept", "arrive", "start", "finish", "confirm"):
        do(world, action, filed, now=NOW)
    do(world, "rate", filed, now=NOW, satisfaction=Satisfaction.UNSATISFIED)
    do(world, "close", filed, now=NOW)
    world.session.commit()
    assert board(client, world)["call_backs"] == {"total": 1, "late": 0}


def test_a_day_without_tickets_is_empty_and_whole(client, world):
    found = board(client, world)
    check_strictly(BoardOut, found)
    assert [found[name]["total"] for name in ("new", "soon", "late")] == [0, 0, 0]
    assert (found["waiting"], found["workers"]) == ([], [])


@pytest.mark.parametrize("tickets", [1, 12])
def test_each_panel_is_one_statement_and_shows_ten_at_most(client, world, statements, tickets):
    for _ in range(tickets):
        world.file(now=NOW)
    headers = world.headers(world.manager)
    statements.clear()
    path = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/board"
    new = client.get(path, headers=headers).get_json()["new"]
    assert (new["total"], len(new["items"])) == (tickets, min(tickets, 10))
    assert len([one for one in statements if one.startswith("SELECT") and "rights_change" not in one]) == PANELS


def test_the_answer_is_what_its_schema_says(client, world, day):
    check_strictly(BoardOut, board(client, world))
