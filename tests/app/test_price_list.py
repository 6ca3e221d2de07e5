"""The public price list over HTTP: everybody reads it, signed in or not."""

from tests.app.asking import expect_refusal
from tests.services.acting import put_into

BODY = {"name": "换水龙头", "unit": "个", "price_fen": 2_500, "source": "2026年居民代表会定的"}


def url(world, place="place"):
    return f"/api/v1/neighborhoods/{getattr(world, place).neighborhood.id}/price-list"


def test_whoever_is_not_signed_in_reads_what_work_costs(client, world):
    made = client.post(url(world), json=BODY, headers=world.headers(world.manager))
    assert made.status_code == 201
    (item,) = client.get(url(world)).get_json()["items"]
    assert {name: item[name] for name in BODY} == BODY
    assert item["is_general"] is False
    assert client.get(url(world, "elsewhere")).get_json()["items"] == []


def test_a_line_that_was_taken_off_is_read_no_more(client, world):
    headers = world.headers(world.manager)
    made = client.post(url(world), json=BODY, headers=headers).get_json()
    ended = f"/api/v1/price-list/{made['id']}/end"
    assert client.post(ended, json={}, headers=headers).status_code == 204
    assert client.get(url(world)).get_json()["items"] == []
    expect_refusal(client.post(ended, json={}, headers=headers), 409, "price_ended")


def test_what_is_no_neighborhood_has_no_list(client, world):
    expect_refusal(client.get(f"/api/v1/neighborhoods/{world.place.building.id}/price-list"), 404, "unit_not_found")


def test_a_quote_is_read_with_its_lines_by_whom_it_concerns_only(client, world):
    listed = client.post(url(world), json=BODY, headers=world.headers(world.manager)).get_json()
    filed = world.file(home_id=world.place.home.id)
    put_into(world, filed, "accepted")
    from_worker = world.headers(world.repairer)
    quotes = f"/api/v1/tickets/{filed.id}/quotes"
    lines = [{"price_item_id": listed["id"], "quantity_centi": 200}]
    assert client.post(quotes, json={"lines": lines}, headers=from_worker).status_code == 200
    (quote,) = client.get(quotes, headers=world.headers(world.resident)).get_json()["items"]
    assert (quote["sum_fen"], quote["word"], quote["lines"][0]["amount_fen"]) == (5_000, None, 5_000)
    agreed = client.post(
        f"/api/v1/tickets/{filed.id}/agree-quote", json={"quote_id": quote["id"]}, headers=world.headers(world.resident)
    )
    assert agreed.status_code == 200
    assert client.get(quotes, headers=world.headers(world.manager)).get_json()["due_fen"] == 5_000
    expect_refusal(client.get(quotes, headers=world.headers(world.neighbor)), 404, "ticket_not_found")
