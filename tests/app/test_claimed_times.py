"""A report that is sent late, through the whole application: what it claims is shown, and no clock believes it."""

import datetime as dt

from app.api.answers import now
from tests.app.asking import report

FILE = "/api/v1/tickets"
HOUR = dt.timedelta(hours=1)


def file_late(client, world, claimed_at):
    """File a report that claims a time; return it as the one who reported reads it."""
    headers = world.headers(world.resident)
    answer = client.post(FILE, json=report(world, claimed_at=claimed_at.isoformat()), headers=headers)
    assert answer.status_code == 201
    return client.get(f"{FILE}/{answer.get_json()['id']}", headers=headers).get_json()


def test_a_report_sent_late_shows_what_it_claims_and_is_heard_now(client, world):
    before = now().replace(microsecond=0)
    claimed = before - 5 * HOUR
    ticket = file_late(client, world, claimed.astimezone(dt.timezone(8 * HOUR)))
    assert dt.datetime.fromisoformat(ticket["timeline"][0]["detail"]["claimed_at"]) == claimed
    assert dt.datetime.fromisoformat(ticket["submitted_at"]) >= before


def test_a_phone_that_is_a_day_fast_is_heard_and_its_time_is_not_shown(client, world):
    ticket = file_late(client, world, now() + 24 * HOUR)
    detail = ticket["timeline"][0]["detail"]
    assert (detail["claim_doubt"], "claimed_at" in detail) == ("future", False)
