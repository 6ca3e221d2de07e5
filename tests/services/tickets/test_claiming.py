"""What is sent late or told on paper: the claimed time stands beside ours, and every channel has the same clocks."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import TicketEvent, TicketSource
from services.tickets import recording
from services.tickets.filing import Report
from services.tickets.recording import Caller
from tests.services.acting import do, put_into
from tests.world import NOW

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def newest(world):
    return world.session.scalars(sa.select(TicketEvent).order_by(TicketEvent.id.desc()).limit(1)).one()


def file_late(world, claimed_at):
    return world.file(building_id=world.place.building.id, claimed_at=claimed_at)


def test_a_draft_sent_late_says_when_it_was_written(world):
    file_late(world, (NOW - 5 * HOUR).astimezone(dt.timezone(dt.timedelta(hours=8))))
    event = newest(world)
    assert event.detail["claimed_at"] == (NOW - 5 * HOUR).isoformat()
    assert event.at == NOW


def test_its_clocks_run_from_when_we_heard_of_it(world):
    late, at_once = file_late(world, NOW - 5 * HOUR), world.file()
    dues = [
        (ticket.submitted_at, ticket.answer_due_at, ticket.arrive_due_at, ticket.done_due_at)
        for ticket in (world.ticket(late), world.ticket(at_once))
    ]
    assert dues[0] == dues[1]


@pytest.mark.parametrize(
    ("claimed_at", "doubt"),
    [
        (NOW + 2 * MINUTE + dt.timedelta(seconds=1), "future"),
        (NOW + 365 * DAY, "future"),
        (NOW - 30 * DAY - MINUTE, "too_long_ago"),
        (dt.datetime(1970, 1, 1, tzinfo=dt.UTC), "too_long_ago"),
    ],
)
def test_a_phone_with_a_wrong_clock_is_heard_and_its_time_is_not(world, claimed_at, doubt):
    filed = file_late(world, claimed_at)
    detail = newest(world).detail
    assert (detail["claim_doubt"], "claimed_at" in detail) == (doubt, False)
    assert world.ticket(filed).submitted_at == NOW


def test_a_phone_that_is_a_little_fast_is_believed(world):
    file_late(world, NOW + 2 * MINUTE)
    assert "claimed_at" in newest(world).detail


def test_what_is_sent_at_once_claims_nothing(world):
    world.file()
    assert not {"claimed_at", "claim_doubt"} & set(newest(world).detail)


STEPS = {"arrive": "accepted", "start": "on_site", "make_safe": "on_site", "finish": "in_progress"}


@pytest.mark.parametrize("step", STEPS)
def test_a_repairer_without_network_says_later_when_it_was(world, step):
    filed = world.file()
    put_into(world, filed, STEPS[step])
    do(world, step, filed, now=NOW + 3 * HOUR, claimed_at=NOW + HOUR)
    event = newest(world)
    assert (event.detail["claimed_at"], event.at) == ((NOW + HOUR).isoformat(), NOW + 3 * HOUR)


def test_a_claimed_arrival_stops_no_clock_earlier(world):
    filed = world.file()
    put_into(world, filed, "accepted")
    do(world, "arrive", filed, now=NOW + 3 * HOUR, claimed_at=NOW + HOUR)
    assert world.ticket(filed).arrived_at == NOW + 3 * HOUR


def test_nobody_arrived_before_it_was_reported(world):
    filed = world.file()
    put_into(world, filed, "accepted")
    do(world, "arrive", filed, now=NOW + HOUR, claimed_at=NOW - MINUTE)
    assert newest(world).detail == {"claim_doubt": "before_report"}


@pytest.mark.parametrize("source", [TicketSource.PHONE, TicketSource.PAPER, TicketSource.VISIT])
def test_every_channel_has_the_same_clocks(world, source):
    by_app = world.ticket(world.file())
    told = recording.record_ticket(
        world.session,
        actor=world.actor(world.clerk),
        report=Report("elec", "3单元门口的灯不亮", building_id=world.place.building.id, claimed_at=NOW - DAY),
        source=source,
        caller=Caller(world.resident.id),
        vault=world.vault,
        now=NOW,
    )
    ticket = world.ticket(told)
    for clock in ("answer_due_at", "arrive_due_at", "safe_due_at", "done_due_at", "next_due_at"):
        assert getattr(ticket, clock) == getattr(by_app, clock)
    assert newest(world).detail["claimed_at"] == (NOW - DAY).isoformat()
