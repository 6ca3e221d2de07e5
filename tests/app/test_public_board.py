"""The board and the preview as the API answers them."""

import pytest

from tests.app.asking import expect_refusal, report

BOARD, PREVIEW = "/api/v1/tickets/nearby", "/api/v1/tickets/preview"


def test_the_preview_shows_numbers_masked_and_writes_nothing(client, world, row_counts):
    headers, before = world.headers(world.resident), row_counts()
    shown = client.post(PREVIEW, json=report(world, text="灯不亮，１３８００００８０００"), headers=headers)
    assert shown.status_code == 200
    assert shown.get_json()["line"]["text"] == "灯不亮，138****8000"
    assert row_counts() == before


def test_the_preview_of_a_place_that_is_not_theirs_is_refused(client, world):
    body = report(world, building_id=world.elsewhere.building.id)
    expect_refusal(client.post(PREVIEW, json=body, headers=world.headers(world.resident)), 404, "unit_not_found")


def test_the_board_of_the_neighborhood_opens_only_what_the_reader_may_open(client, world):
    here, there = world.file(), world.file(building_id=world.place.other_building.id)
    headers = world.headers(world.neighbor)
    items = client.get(f"{BOARD}?around=neighborhood", headers=headers).get_json()["items"]
    assert {item["id"]: item["can_open"] for item in items} == {here.id: True, there.id: False}
    for item in items:
        answer = client.get(f"/api/v1/tickets/{item['id']}", headers=headers)
        assert (answer.status_code == 200) == item["can_open"]


@pytest.mark.parametrize("around", ["city", ""])
def test_another_circle_is_refused(client, world, around):
    answer = client.get(f"{BOARD}?around={around}", headers=world.headers(world.neighbor))
    expect_refusal(answer, 422, "invalid_input")
