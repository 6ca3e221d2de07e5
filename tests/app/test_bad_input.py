"""Wrong input gets a status, a stable code and a sentence that says what to do, and changes nothing."""

import pytest

from services.errors import Misconfigured, QuotaExceeded, Rejected, TokenRejected, TryLater
from tests.app.asking import expect_refusal, report
from tests.services.acting import do, put_into

TOO_BIG = 2**63
FILE = "/api/v1/tickets"


@pytest.fixture
def headers(world):
    return world.headers(world.resident)


@pytest.fixture
def unchanged(world, headers, row_counts):
    """Whatever the test does, no table has a row more or less after it."""
    before = row_counts()
    yield
    assert row_counts() == before


WRONG_REPORTS = {
    "an unknown category": ({"category": "spaceship"}, 422, "category_unknown", "category"),
    "a claimed time without its zone": (
        {"claimed_at": "2026-11-20T08:00:00"},
        422,
        "invalid_input",
        "claimed_at",
    ),
    "no text": ({"text": None}, 422, "invalid_input", "text"),
    "an empty text": ({"text": ""}, 422, "text_empty", "text"),
    "only spaces": ({"text": "  \n\t　 "}, 422, "text_empty", "text"),
    "only emoji": ({"text": "😀🔧🚰"}, 422, "text_empty", "text"),
    "only invisible characters": ({"text": "\u200b\u202e\u2060"}, 422, "text_empty", "text"),
    "only control characters": ({"text": "\x01\x02\x1b"}, 422, "text_empty", "text"),
    "5,000 characters": ({"text": "灯" * 5_000}, 422, "text_too_long", "text"),
    "30,000 characters": ({"text": "灯" * 30_000}, 422, "invalid_input", "text"),
    "a number as text": ({"text": 5}, 422, "invalid_input", "text"),
    "an unknown field": ({"urgency": "p1"}, 422, "invalid_input", "urgency"),
    "no place": ({"building_id": None}, 422, "place_unclear", "place"),
    "an id beyond 64 bits": ({"building_id": TOO_BIG}, 422, "invalid_input", "building_id"),
    "id zero": ({"building_id": 0}, 422, "invalid_input", "building_id"),
    "an id as text": ({"building_id": "1"}, 422, "invalid_input", "building_id"),
    "a null id": ({"building_id": []}, 422, "invalid_input", "building_id"),
    "half a map point": ({"latitude": 41.3}, 422, "invalid_input", "latitude"),
    "a map point off the globe": ({"latitude": 91, "longitude": 0}, 422, "invalid_input", "latitude"),
    "a null character in the category": ({"category": "el\x00ec"}, 422, "invalid_input", "category"),
    "a null character in the note": ({"place_note": "3\x00单元"}, 422, "invalid_input", "place_note"),
    "a note of spaces": ({"place_note": "   "}, 422, "invalid_input", "place_note"),
    "ten photos": ({"photos": [f"p{number}" for number in range(10)]}, 422, "invalid_input", "photos"),
    "one photo twice": ({"photos": ["p", "p"]}, 422, "too_many_photos", "photos"),
}


def test_a_wrong_item_of_a_list_is_told_by_its_number(client, world, headers, unchanged):
    problem = expect_refusal(
        client.post(FILE, json=report(world, photos=["good", ""]), headers=headers), 422, "invalid_input"
    )
    assert list(problem["errors"]["photos"]) == ["1"]


@pytest.mark.parametrize("name", WRONG_REPORTS)
def test_a_report_is_refused_with(client, world, headers, unchanged, name):
    changes, status, code, field = WRONG_REPORTS[name]
    problem = expect_refusal(client.post(FILE, json=report(world, **changes), headers=headers), status, code)
    (sentence,) = problem["errors"][field]
    assert any("\u4e00" <= char <= "\u9fff" for char in sentence)


def test_a_null_character_in_the_text_is_left_out(client, world, headers):
    filed = client.post(FILE, json=report(world, text="灯\x00不亮"), headers=headers)
    text = client.get(f"{FILE}/{filed.get_json()['id']}", headers=headers).get_json()["text"]
    assert text == "灯不亮"


def test_an_unknown_photo_is_not_found(client, world, headers, unchanged):
    expect_refusal(client.post(FILE, json=report(world, photos=["nothing"]), headers=headers), 404, "photo_not_found")


@pytest.mark.parametrize(
    ("where", "code"),
    [
        (lambda world: {"home_id": world.elsewhere.home.id}, "home_not_found"),
        (lambda world: {"home_id": world.place.other_home.id}, "home_not_found"),
        (lambda world: {"home_id": 987654321}, "home_not_found"),
        (lambda world: {"building_id": world.elsewhere.building.id}, "unit_not_found"),
        (lambda world: {"neighborhood_id": world.elsewhere.neighborhood.id}, "unit_not_found"),
        (lambda world: {"building_id": world.place.grid.id}, "unit_not_found"),
        (lambda world: {"building_id": world.place.neighborhood.id}, "unit_not_found"),
        (lambda world: {"neighborhood_id": world.place.building.id}, "unit_not_found"),
        (lambda world: {"building_id": 987654321}, "unit_not_found"),
    ],
    ids=[
        "a home elsewhere", "a neighbor's home", "no home", "a building elsewhere", "another neighborhood",
        "a grid as a building", "a neighborhood as a building", "a building as a neighborhood", "no building",
    ],
)  # fmt: skip
def test_a_place_that_is_not_theirs_is_not_found(client, world, headers, unchanged, where, code):
    body = {"category": "elec", "text": "灯不亮", **where(world)}
    expect_refusal(client.post(FILE, json=body, headers=headers), 404, code)


def test_a_home_and_a_building_at_once_are_unclear(client, world, headers, unchanged):
    body = report(world, home_id=world.place.home.id)
    expect_refusal(client.post(FILE, json=body, headers=headers), 422, "place_unclear")


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"category=elec", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"<x/>", "application/xml", 415, "unsupported_media_type"),
        (b"{}", None, 415, "unsupported_media_type"),
        (b'{"category": "elec", ', "application/json", 400, "bad_request"),
        (b'{"text": "\xff\xfe"}', "application/json", 400, "bad_request"),
        (b'{"text": "\\ud800"}', "application/json", 400, "bad_request"),
        (b"[]", "application/json", 422, "invalid_input"),
        (b'"elec"', "application/json", 422, "invalid_input"),
        (b"null", "application/json", 422, "invalid_input"),
        (b"", "application/json", 422, "invalid_input"),
        (b"[" * 100_000, "application/json", 400, "bad_request"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(client, world, headers, unchanged, content, kind, status, code):
    expect_refusal(client.post(FILE, data=content, content_type=kind, headers=headers), status, code)


def test_a_body_over_eleven_megabytes_is_refused(client, world, headers, unchanged):
    response = client.post(FILE, data=b" " * (11 * 1024 * 1024 + 1), content_type="application/json", headers=headers)
    expect_refusal(response, 413, "too_large")


def test_a_move_the_state_forbids_names_the_state(client, world):
    filed = world.file()
    put_into(world, filed, "assigned")
    headers = world.headers(world.repairer)
    problem = expect_refusal(client.post(f"{FILE}/{filed.id}/finish", json={}, headers=headers), 409, "state_forbids")
    assert problem["state"] == "assigned"
    assert "已派单" in problem["detail"]


def test_a_stale_version_names_the_newest(client, world):
    filed = world.file()
    do(world, "triage", filed)
    headers = world.headers(world.manager, If_Match='"1"')
    problem = expect_refusal(
        client.post(f"{FILE}/{filed.id}/assign", json={"assignee_id": world.repairer.id}, headers=headers),
        412,
        "stale_version",
    )
    assert problem["version"] == 2
    assert world.ticket(filed).state.value == "triaged"


@pytest.mark.parametrize("tag", ['"2"', "2", 'W/"2"'])
def test_the_version_last_seen_is_taken(client, world, tag):
    filed = world.file()
    do(world, "triage", filed)
    headers = world.headers(world.manager, If_Match=tag)
    shown = client.get(f"{FILE}/{filed.id}", headers=headers)
    assert shown.headers["ETag"] == '"2"'
    body = {"assignee_id": world.repairer.id}
    assert client.post(f"{FILE}/{filed.id}/assign", json=body, headers=headers).get_json()["version"] == 3


@pytest.mark.parametrize("tag", ["*", '"abc"', "1.5", "-1", "٣", "9" * 30, ""])
def test_a_version_that_is_none_is_refused(client, world, tag):
    filed = world.file()
    headers = world.headers(world.manager, If_Match=tag.encode().decode("latin-1"))
    expect_refusal(client.post(f"{FILE}/{filed.id}/triage", json={}, headers=headers), 422, "version_invalid")
    assert world.ticket(filed).version == 1


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5", "", "9" * 40])
def test_a_page_has_1_to_100_items(client, world, headers, unchanged, limit):
    problem = expect_refusal(client.get(f"{FILE}/mine?limit={limit}", headers=headers), 422, "invalid_input")
    assert list(problem["errors"]) == ["limit"]


@pytest.mark.parametrize(
    "cursor", ["x", "!!!!", "aQ", "aTA", "aS0x", "5Lit", "中文", "a" * 64, "aTkyMjMzNzIwMzY4NTQ3NzU4MDg", "aSAgNQ%00"]
)
def test_a_cursor_that_is_none_is_refused(client, world, headers, unchanged, cursor):
    expect_refusal(client.get(f"{FILE}/mine?cursor={cursor}", headers=headers), 422, "cursor_invalid")


def test_an_endless_cursor_is_refused(client, world, headers, unchanged):
    expect_refusal(client.get(f"{FILE}/mine?cursor={'a' * 65}", headers=headers), 422, "invalid_input")


@pytest.mark.parametrize("number", [TOO_BIG, 10**30, 0, -1, "abc", "1.5", "%00"])
def test_an_address_with_an_impossible_id_is_no_page(client, world, headers, unchanged, number):
    expect_refusal(client.get(f"{FILE}/{number}", headers=headers), 404, "no_such_page")


def test_the_biggest_id_is_just_not_found(client, world, headers, unchanged):
    expect_refusal(client.get(f"{FILE}/{TOO_BIG - 1}", headers=headers), 404, "ticket_not_found")


@pytest.mark.parametrize("token", ["%00", "a%00b", "%F0%9F%98%80", "a" * 300, ".."])
def test_an_odd_photo_name_is_not_found(client, world, headers, unchanged, token):
    response = client.get(f"/api/v1/photos/{token}", headers=headers)
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=flying", "state"),
        ("urgency=p9", "urgency"),
        ("assignee_id=0", "assignee_id"),
        (f"assignee_id={TOO_BIG}", "assignee_id"),
        ("text=", "text"),
        ("text=%00", "text"),
        (f"text={'a' * 41}", "text"),
        ("overdue=maybe", "overdue"),
        ("colour=red", "colour"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(client, world, query, field):
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/tickets?{query}"
    problem = expect_refusal(client.get(url, headers=world.headers(world.manager)), 422, "invalid_input")
    assert list(problem["errors"]) == [field]


def test_a_method_that_is_not_there_says_which_are(client, world, headers):
    response = client.delete(FILE, headers=headers)
    expect_refusal(response, 405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]


def test_an_address_that_is_not_there_is_no_page(client, headers):
    expect_refusal(client.get("/api/v1/nothing", headers=headers), 404, "no_such_page")
    expect_refusal(client.get("/nothing"), 404, "no_such_page")


@pytest.mark.parametrize(
    ("error", "status", "code", "wait"),
    [
        (TryLater(retry_after=3.7), 503, "wechat_busy", "3"),
        (TryLater(), 503, "wechat_busy", None),
        (TokenRejected(), 503, "wechat_token", None),
        (QuotaExceeded(retry_after=60), 503, "wechat_quota", "60"),
        (Misconfigured(), 503, "wechat_misconfigured", None),
        (Rejected("登录码用过了，请再点一次。"), 422, "wechat_rejected", None),
    ],
)
def test_when_wechat_does_not_do_it_the_phone_is_told(
    client, world, gateways, unchanged, monkeypatch, error, status, code, wait
):
    def fail(login_code):
        raise error

    monkeypatch.setattr(gateways.login, "exchange", fail, raising=False)
    response = client.post("/api/v1/sign-in", json={"code": "x"})
    expect_refusal(response, status, code)
    assert response.headers.get("Retry-After") == wait


def test_a_bug_is_answered_without_its_details(client, world, headers, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("services.reading.tickets.of_reporter", broken)
    response = client.get(f"{FILE}/mine", headers=headers)
    expect_refusal(response, 500, "internal_error")
    assert "secret detail" not in response.get_data(as_text=True)
