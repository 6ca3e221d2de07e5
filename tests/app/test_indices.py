"""Indices over the API: who sees which, what they say, and the list behind each number."""

import datetime as dt

import pytest

from models import Role
from services.clocks import local_day
from services.indices.parts import Part
from tests.app.asking import expect_refusal
from tests.services.acting import do
from tests.world import hire

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def repaired(world):
    """A repair that was answered in time, mended by the resident's word, and rated."""
    filed = world.file(category="noise", now=NOW)
    for action in ("triage", "assign", "accept", "arrive", "start", "finish", "confirm", "rate"):
        do(world, action, filed, now=NOW)
    waiting = world.file(category="noise", now=NOW)
    world.session.commit()
    return filed.id, waiting.id


def ask(client, world, unit, who="manager", path="", **query):
    return client.get(
        f"/api/v1/units/{unit.id}/indices{path}", query_string=query, headers=world.headers(getattr(world, who))
    )


def test_a_manager_reads_rates_with_what_they_are_counted_from(client, world, repaired):
    found = ask(client, world, world.place.neighborhood).get_json()
    whole = found["whole"]
    assert whole["response"] == {"percent": "100", "of": 1}
    assert whole["resolution"] == {"percent": "100", "of": 1}
    assert whole["satisfaction"] == {"percent": "100", "of": 1}
    assert (whole["score"], found["weights"]) == ("100", {"response": 30, "resolution": 35, "satisfaction": 35})
    assert (whole["counts"]["all"], whole["counts"]["unanswered"]) == (2, 1)


def test_a_unit_without_tickets_has_no_rate(client, world):
    whole = ask(client, world, world.place.neighborhood).get_json()["whole"]
    assert whole["response"] == whole["resolution"] == {"percent": None, "of": 0}
    assert whole["score"] is None


@pytest.mark.parametrize(("by", "rows"), [("unit", 1), ("category", 1), ("worker", 1), ("month", 1)])
def test_rows_are_what_was_asked_for(client, world, repaired, by, rows):
    found = ask(client, world, world.place.neighborhood, by=by).get_json()
    assert len(found["rows"]) == rows
    assert found["rows"][0]["counts"]["fixed"] == 1


@pytest.mark.parametrize("part", Part)
def test_each_number_opens_the_list_behind_it(client, world, repaired, part):
    count = ask(client, world, world.place.neighborhood).get_json()["whole"]["counts"][part]
    behind = ask(client, world, world.place.neighborhood, path="/tickets", part=part.value).get_json()
    assert len(behind["items"]) == count
    assert {row["id"] for row in behind["items"]} <= set(repaired)


def test_a_workers_number_opens_their_tickets_only(client, world, repaired):
    place = world.place.neighborhood
    theirs = ask(client, world, place, path="/tickets", part="fixed", worker_id=world.repairer.id).get_json()
    others = ask(client, world, place, path="/tickets", part="fixed", worker_id=world.other_repairer.id).get_json()
    assert (len(theirs["items"]), others["items"]) == (1, [])


def test_answering_is_nobodys_own(client, world, repaired):
    answer = ask(client, world, world.place.neighborhood, path="/tickets", part="late", worker_id=world.repairer.id)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "not_of_a_worker")
    assert "请去掉师傅再看" in answer.get_json()["detail"]


def test_last_month_is_another_matter(client, world, repaired):
    today = local_day(NOW)
    before = (today.replace(day=1) - dt.timedelta(days=1)).strftime("%Y-%m")
    assert ask(client, world, world.place.neighborhood, month=before).get_json()["whole"]["counts"]["all"] == 0
    two = ask(client, world, world.place.neighborhood, months=2, by="month").get_json()
    assert [row["counts"]["all"] for row in two["rows"]] == [0, 2]
    assert two["first_month"] == before


def test_a_month_to_come_is_refused_with_what_to_do(client, world):
    answer = ask(client, world, world.place.neighborhood, month=f"{local_day(NOW).year + 1}-01")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "month_ahead")


@pytest.mark.parametrize("month", ["2026-13", "2026", "11-2026", "x"])
def test_a_month_that_is_none_is_refused(client, world, month):
    assert ask(client, world, world.place.neighborhood, month=month).status_code == 422


@pytest.mark.parametrize("path", ["", "/tickets"])
def test_nobody_sees_the_indices_of_units_that_are_not_theirs(client, world, path):
    hire(world.session, world.stranger, world.elsewhere.neighborhood, Role.STATION_MANAGER)
    world.session.commit()
    answer = client.get(
        f"/api/v1/units/{world.place.neighborhood.id}/indices{path}?part=all"
        if path
        else f"/api/v1/units/{world.place.neighborhood.id}/indices",
        headers=world.headers(world.stranger, Role.STATION_MANAGER),
    )
    expect_refusal(answer, 404, "unit_not_found")


def test_an_operator_reads_indices_and_changes_weights_by_command(app, world, repaired):
    runner, unit = app.test_cli_runner(), world.place.neighborhood
    said = runner.invoke(args=["indices", "show", str(unit.id)]).output
    assert f"{unit.name}：响应率 100%（1件），解决率 100%（1件），满意率 100%（1件），得分 100" in said
    done = runner.invoke(args=["indices", "weights", "20", "40", "40", "--from", "2027-01-01", "--unit", str(unit.id)])
    assert "从2027-01-01起，响应20、解决40、满意40" in done.output
    wrong = runner.invoke(args=["indices", "weights", "20", "40", "41", "--from", "2027-02-01"])
    assert (wrong.exit_code, "加起来要正好是100" in wrong.output) == (1, True)


def test_where_nothing_was_counted_the_command_says_so(app, world):
    said = app.test_cli_runner().invoke(args=["indices", "show", str(world.place.neighborhood.id)]).output
    assert "响应率 还没有（0件）" in said
    assert "得分" not in said
