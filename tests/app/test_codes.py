"""Codes over the API and at their printed address."""

import pytest
import sqlalchemy as sa

from app.api import codes as api
from app.web import scanned
from models import Role, ScanCode, Station, Ticket
from services.attempts import Limit
from tests.app.asking import expect_refusal
from tests.coding import carry_out, code_of, spot_code
from tests.scanning import read_codes
from tests.world import LONG_AGO

SCAN = "/api/v1/codes/scan"


def scan(client, world, person, said, role=None):
    return client.post(SCAN, json={"scanned": said}, headers=world.headers(person, role))


@pytest.fixture
def code(world):
    made = code_of(world)
    world.session.commit()
    return made


def codes_url(world, more=""):
    return f"/api/v1/neighborhoods/{world.place.neighborhood.id}/codes{more}"


def test_a_report_is_filed_at_the_place_that_was_scanned(client, world, code):
    found = scan(client, world, world.resident, f"h%3D{code.token}").get_json()
    assert [one["do"] for one in found["can"]] == ["report", "board"]
    body = {"category": "elec", "text": "灯不亮", **found["report"]}
    filed = client.post("/api/v1/tickets", json=body, headers=world.headers(world.resident))
    assert filed.status_code == 201
    assert world.session.scalars(sa.select(Ticket.building_id)).all() == [world.place.building.id]


def test_a_code_that_is_none_is_refused_in_words(client, world):
    expect_refusal(scan(client, world, world.resident, "x" * 22), 404, "code_unknown")
    expect_refusal(scan(client, world, world.resident, "灯坏了"), 422, "code_unreadable")
    expect_refusal(client.post(SCAN, json={"scanned": "x"}), 401, "not_signed_in")


def test_who_tries_codes_out_is_slowed_down(client, world, monkeypatch):
    monkeypatch.setattr(api, "SCANS", Limit("code.scan", 3, api.SCANS.said))
    headers = world.headers(world.resident)
    answers = [client.post(SCAN, json={"scanned": f"{'y' * 21}{at}"}, headers=headers) for at in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_missing_codes_are_made_once(client, world):
    headers = world.headers(world.manager)
    made = [client.post(codes_url(world), json={}, headers=headers).get_json()["items"] for _ in range(2)]
    assert [len(one) for one in made] == [3, 0]
    listed = client.get(codes_url(world), headers=headers).get_json()["items"]
    assert {one["label"] for one in listed} == {"彩进小区", "1号楼", "2号楼"}
    assert not any(one["has_picture"] for one in listed)
    expect_refusal(client.post(codes_url(world), json={}, headers=world.headers(world.resident)), 403, "wrong_hat")


def test_a_spot_is_added_closed_and_its_code_replaced(client, world):
    headers = world.headers(world.manager)
    url = codes_url(world)[: -len("codes")] + "spots"
    made = client.post(url, json={"kind": "checkpoint", "name": " 水泵房 "}, headers=headers).get_json()
    assert (made["label"], made["kind_name"]) == ("水泵房", "巡查点")
    expect_refusal(client.post(url, json={"kind": "common", "name": "水泵房"}, headers=headers), 409, "spot_name_taken")
    fresh = client.post(f"/api/v1/codes/{made['id']}/replace", json={"why": "lost"}, headers=headers)
    assert (fresh.status_code, fresh.get_json()["number"]) == (201, made["number"])
    assert client.post(f"/api/v1/spots/{made['spot_id']}/close", headers=headers).status_code == 204
    listed = client.get(codes_url(world, "?ended=true"), headers=headers).get_json()["items"]
    assert [one["revoked_why"] for one in listed] == ["moved", "lost"]


@pytest.mark.parametrize(
    ("asked", "content_type", "name"),
    [
        ("", "application/pdf", "codes-buildings.pdf"),
        ("&size=card", "application/pdf", "codes-buildings.pdf"),
        ("&format=svg&page=2", "image/svg+xml", "codes-buildings-2.svg"),
    ],
)
def test_sheets_come_as_files_with_a_name(client, world, asked, content_type, name):
    headers = world.headers(world.manager)
    client.post(codes_url(world), json={}, headers=headers)
    answer = client.get(codes_url(world, f"/sheet?what=buildings{asked}"), headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, content_type)
    assert answer.get_data()[:5] in {b"%PDF-", b"<?xml"}
    disposition = answer.headers["Content-Disposition"]
    assert f'filename="{name}"' in disposition
    assert "filename*=UTF-8''%E5%BD%A9%E8%BF%9B" in disposition
    assert answer.headers["Cache-Control"] == "no-store"


def test_there_is_nothing_to_print_before_codes_are_made(client, world):
    headers = world.headers(world.manager)
    expect_refusal(client.get(codes_url(world, "/sheet"), headers=headers), 409, "no_codes_yet")
    client.post(codes_url(world), json={}, headers=headers)
    far = client.get(codes_url(world, "/sheet?format=svg&page=9"), headers=headers)
    expect_refusal(far, 404, "page_not_found")


def test_a_revoked_code_is_not_printed(client, world, code):
    headers = world.headers(world.manager)
    assert client.get(f"/api/v1/codes/{code.id}/sheet", headers=headers).status_code == 200
    assert client.post(f"/api/v1/codes/{code.id}/revoke", json={"why": "misused"}, headers=headers).status_code == 204
    expect_refusal(client.get(f"/api/v1/codes/{code.id}/sheet", headers=headers), 409, "code_ended")
    assert scan(client, world, world.resident, code.token).get_json()["code"] == "code_revoked"


def test_the_printed_address_leads_to_the_link_of_the_day(client, world, code, gateways):
    carry_out(world, gateways)
    world.session.commit()
    answer = client.get(f"/s/{code.token}")
    assert answer.status_code == 302
    assert gateways.codes.look_up(answer.headers["Location"]).query == f"h={code.token}"
    assert answer.headers["Cache-Control"] == "no-store"


def test_while_wechat_is_away_the_address_says_in_words_what_to_do(client, world, code):
    station = Station(
        neighborhood_id=world.place.neighborhood.id, name="彩进小区服务站", phone="024-43123456", starts_at=LONG_AGO
    )
    world.session.add(station)
    world.session.commit()
    answer = client.get(f"/s/{code.token}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert all(words in page for words in ("彩进小区 1号楼", "024-43123456", f"编号 {code.number:04}"))


def test_an_old_sheets_address_points_to_the_new_code(client, world, code, gateways):
    carry_out(world, gateways)
    world.session.commit()
    client.post(f"/api/v1/codes/{code.id}/replace", json={"why": "lost"}, headers=world.headers(world.manager))
    answer = client.get(f"/s/{code.token}")
    assert answer.status_code == 410
    assert "这张是旧码" in answer.get_data(as_text=True)


def test_addresses_of_nobody_are_not_there_and_trying_many_ends(client, world, monkeypatch):
    monkeypatch.setattr(scanned, "GUESSES", Limit("code.address", 2, scanned.GUESSES.said))
    answers = [client.get(f"/s/{'z' * 21}{at}") for at in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert "服务站" in answers[0].get_data(as_text=True)


def test_a_tickets_address_is_made_for_who_may_ring_its_reporter(client, world):
    filed = world.file()
    world.session.commit()
    url = f"/api/v1/tickets/{filed.id}/link"
    address = client.post(url, headers=world.headers(world.clerk)).get_json()["address"]
    assert address == client.post(url, headers=world.headers(world.manager)).get_json()["address"]
    found = scan(client, world, world.resident, address).get_json()
    assert (found["ticket_id"], found["report"]) == (filed.id, None)
    expect_refusal(scan(client, world, world.stranger, address), 404, "ticket_not_found")
    expect_refusal(client.post(url, headers=world.headers(world.resident)), 403, "wrong_hat")


def test_a_printed_sheet_holds_the_address_and_no_name(client, world, code):
    spot_code(world)
    world.session.commit()
    headers = world.headers(world.clerk, Role.STATION_CLERK)
    page = client.get(f"/api/v1/codes/{code.id}/sheet?format=svg", headers=headers).get_data(as_text=True)
    assert "1号楼" in page
    assert "王" not in page
    assert world.session.scalar(sa.select(sa.func.count()).select_from(ScanCode)) == 2


def test_wechats_picture_stands_on_the_sheet_once_it_is_there(client, world, code, gateways):
    code_id, token = code.id, code.token
    carry_out(world, gateways)
    headers = world.headers(world.manager)
    page = client.get(f"/api/v1/codes/{code_id}/sheet?format=svg", headers=headers).get_data(as_text=True)
    assert page.count("data:image/png;base64,") == 1
    [key] = gateways.files.kept
    assert read_codes(gateways.files.get(key)) == [f"wxacode://wx-test/pages/scan/index?scene=h={token}"]
