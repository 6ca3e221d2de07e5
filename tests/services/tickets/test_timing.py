"""Clocks that tell the truth: station hours, holds that end, who missed which clock, and the next level called."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from models import (
    CalendarOverride,
    ClockMode,
    PauseReason,
    Role,
    StationHours,
    TicketEvent,
    TicketHold,
    TicketMiss,
    Urgency,
)
from services import clocks
from services.clocks import Hours
from services.errors import Conflict
from services.reading import ticket_timing
from services.reading.pages import PageRequest
from services.tickets import holding, misses
from tests.refusals import raises_refusal
from tests.services.acting import do, put_into, tick
from tests.world import NOW, hire

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = Hours(8 * 60 + 30, 17 * 60 + 30)
STATION, HOUR, DAY = ClockMode.WORKING_HOURS, dt.timedelta(hours=1), dt.timedelta(days=1)


def at(text):
    """A time in Shanghai."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2026-11-23 10:00", 60, "2026-11-23 11:00"),
        ("2026-11-23 10:00", 540, "2026-11-24 10:00"),  # a station's day later
        ("2026-11-23 17:00", 60, "2026-11-24 09:00"),
        ("2026-11-23 17:00", 30, "2026-11-23 17:30"),  # up to the minute it closes
        ("2026-11-23 22:00", 30, "2026-11-24 09:00"),  # filed at night: the clock starts in the morning
        ("2026-11-23 03:00", 30, "2026-11-23 09:00"),
        ("2026-11-20 17:00", 60, "2026-11-23 09:00"),  # over a weekend
        ("2026-10-09 17:00", 60, "2026-10-10 09:00"),  # into a make-up Saturday
        ("2026-12-31 17:00", 60, "2027-01-04 09:00"),  # over New Year into a year not yet published
    ],
)
def test_a_working_clock_runs_while_the_station_is_open(start, minutes, expected):
    assert clocks.due(at(start), minutes, STATION, {}, OFFICE) == at(expected)


FIRST = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
moments = st.integers(0, 500 * 24 * 60).map(lambda minutes: FIRST + dt.timedelta(minutes=minutes))


@settings(max_examples=80, deadline=None)
@given(moments, st.integers(1, 20 * 540), st.sampled_from(list(ClockMode)))
def test_what_is_counted_up_to_the_deadline_is_what_was_given(start, minutes, mode):
    due = clocks.due(start, minutes, mode, {}, OFFICE)
    assert clocks.counted(start, due, mode, {}, OFFICE) == dt.timedelta(minutes=minutes)


def test_nothing_is_counted_backwards():
    assert clocks.counted(NOW, NOW - HOUR, STATION, {}, OFFICE) == dt.timedelta()


def test_from_december_on_reports_of_little_haste_follow_the_stations_hours(world):
    filed = world.file(category="noise", now=at("2026-12-01 16:30"))
    assert world.ticket(filed).answer_due_at == at("2026-12-02 16:30")


def test_a_station_of_its_own_hours_keeps_them(world):
    world.session.add(
        StationHours(
            neighborhood_id=world.place.neighborhood.id,
            opens_minute=9 * 60,
            closes_minute=12 * 60,
            since=dt.date(2026, 12, 1),
            source="站内公告",
        )
    )
    world.session.flush()
    filed = world.file(category="noise", now=at("2026-12-01 09:00"))
    assert world.ticket(filed).answer_due_at == at("2026-12-03 12:00")  # nine hours are three of its days


def test_an_own_day_off_counts_for_station_hours_too(world):
    world.session.add(CalendarOverride(day=dt.date(2026, 12, 2), is_working=False, source="停电检修"))
    world.session.flush()
    filed = world.file(category="noise", now=at("2026-12-01 16:30"))
    assert world.ticket(filed).answer_due_at == at("2026-12-03 16:30")


def read(world, what, who=None):
    page = getattr(ticket_timing, what)(
        world.session.connection(),
        actor=world.actor(who or world.manager),
        neighborhood_id=world.place.neighborhood.id,
        page=PageRequest(),
    )
    return page.items


def test_the_station_reads_who_missed_which_clock(world):
    filed = world.file()
    do(world, "assign", filed)
    due = world.ticket(filed).arrive_due_at
    tick(world, "overdue", now=due)
    (item,) = read(world, "misses")
    assert (item["ticket_id"], item["clock"], item["due_at"], item["whose"]) == (filed.id, "arrive", due, "李师傅")


def test_the_station_reads_where_work_stands_still(world):
    filed = working(world)
    do(world, "pause", filed, reason=PauseReason.PARTS)
    (item,) = read(world, "holds")
    assert (item["reason"], item["until_at"], item["ended_at"], item["held_by"]) == (
        "parts", NOW + 15 * DAY, None, "李师傅",
    )  # fmt: skip


def test_a_grid_leader_reads_of_the_own_grid_only(world):
    hire(world.session, world.far_neighbor, world.place.other_building, Role.GRID_LEADER)
    tick(world, "overdue", now=world.ticket(world.file()).answer_due_at)
    actor = world.actor(world.far_neighbor, Role.GRID_LEADER)
    connection, here = world.session.connection(), world.place.neighborhood.id
    assert len(read(world, "misses")) == 1
    assert ticket_timing.misses(connection, actor=actor, neighborhood_id=here, page=PageRequest()).items == []


def working(world, *, category="elec"):
    filed = world.file(category=category)
    world.bring_to("in_progress", filed)
    return filed


def test_a_hold_over_a_weekend_gives_no_working_time_twice(world):
    friday = at("2026-12-04 16:30")
    filed = world.file(category="noise", now=friday)
    world.bring_to("accepted", filed, now=friday)
    before = world.ticket(filed).done_due_at
    do(world, "pause", filed, now=friday)
    do(world, "resume", filed, now=at("2026-12-07 09:30"))
    # One hour of Friday and one of Monday stood still, whatever the weekend was long.
    assert before == at("2026-12-15 16:30")
    assert world.ticket(filed).done_due_at == at("2026-12-16 09:30")


def test_a_clock_that_had_run_out_before_a_hold_stays_run_out(world):
    filed = working(world)
    due = world.ticket(filed).done_due_at
    do(world, "pause", filed, now=due + HOUR)
    do(world, "resume", filed, now=due + 2 * HOUR)
    assert world.ticket(filed).done_due_at == due


def test_residents_read_until_when_a_hold_lasts_at_most(world):
    filed = working(world)
    do(world, "pause", filed, reason=PauseReason.PARTS)
    event = world.session.scalars(sa.select(TicketEvent).order_by(TicketEvent.id.desc())).first()
    assert event.detail == {"reason": "parts", "until": (NOW + 15 * DAY).isoformat()}


def test_when_its_days_are_used_up_work_goes_on_by_itself(world):
    filed = working(world)
    do(world, "pause", filed, reason=PauseReason.WAITING_RESIDENT)
    assert tick(world, "hold_end", now=NOW + 7 * DAY - HOUR) == 0
    assert tick(world, "hold_end", now=NOW + 7 * DAY) == 1
    ticket = world.ticket(filed)
    hold = world.session.scalars(sa.select(TicketHold)).one()
    assert (ticket.state, ticket.pause_reason) == ("in_progress", None)
    assert (hold.ended_at, hold.ended_how) == (NOW + 7 * DAY, "clock")


def test_all_holds_for_a_reason_share_its_days(world):
    filed = working(world)
    do(world, "pause", filed, reason=PauseReason.PARTS)
    do(world, "resume", filed, now=NOW + 10 * DAY)
    do(world, "pause", filed, reason=PauseReason.PARTS, now=NOW + 11 * DAY)
    hold = world.session.scalars(sa.select(TicketHold).order_by(TicketHold.id.desc())).first()
    assert hold.until_at == NOW + 16 * DAY


def test_a_reason_that_is_used_up_stops_no_clock_any_more(world):
    filed = working(world)
    do(world, "pause", filed, reason=PauseReason.WAITING_RESIDENT)
    tick(world, "hold_end", now=NOW + 7 * DAY)
    with raises_refusal(Conflict, "hold_used_up"):
        do(world, "pause", filed, reason=PauseReason.WAITING_RESIDENT, now=NOW + 8 * DAY)
    do(world, "pause", filed, reason=PauseReason.WEATHER, now=NOW + 8 * DAY)
    assert world.ticket(filed).state.value == "paused"


@pytest.mark.parametrize(
    "statement",
    [
        sa.update(TicketHold).values(began_at=NOW - DAY),
        sa.update(TicketHold).values(ended_at=NOW + DAY),
        sa.delete(TicketHold),
    ],
)
def test_an_ended_hold_is_never_changed(world, statement):
    filed = working(world)
    do(world, "pause", filed)
    do(world, "resume", filed, now=NOW + HOUR)
    with pytest.raises(DBAPIError, match="append-only"), world.session.begin_nested():
        world.session.execute(statement)


def missed(world):
    rows = world.session.scalars(sa.select(TicketMiss).order_by(TicketMiss.id))
    return [(row.clock.value, row.round, row.person_id) for row in rows]


def test_an_answer_that_is_late_is_the_stations(world):
    filed = world.file()
    tick(world, "overdue", now=world.ticket(filed).answer_due_at)
    assert missed(world) == [("answer", 0, None)]


def test_a_sweep_that_comes_late_notes_a_miss_once(world):
    filed = world.file()
    tick(world, "overdue", now=world.ticket(filed).answer_due_at + HOUR)
    assert missed(world) == [("answer", 0, None)]


def test_a_late_arrival_is_whose_the_ticket_was(world):
    filed = world.file()
    do(world, "assign", filed)
    due = world.ticket(filed).arrive_due_at
    do(world, "assign", filed, assignee_id=world.other_repairer.id, now=due + HOUR)
    assert missed(world) == [("arrive", 0, world.repairer.id)]


def test_a_clock_missed_between_two_sweeps_is_noted_all_the_same(world):
    filed = world.file()
    do(world, "triage", filed, now=world.ticket(filed).answer_due_at + dt.timedelta(seconds=10))
    assert missed(world) == [("answer", 0, None)]


def test_what_is_made_in_time_is_not_missed(world):
    filed = world.file()
    do(world, "triage", filed, now=world.ticket(filed).answer_due_at)
    assert missed(world) == []


def test_another_urgency_does_not_excuse_what_was_missed(world):
    filed = world.file()
    do(world, "triage", filed, urgency=Urgency.P4, now=world.ticket(filed).answer_due_at + HOUR)
    assert missed(world) == [("answer", 0, None)]


def test_each_round_has_its_own_misses(world):
    filed = working(world)
    late = world.ticket(filed).done_due_at + HOUR
    do(world, "finish", filed, now=late)
    do(world, "reopen", filed, now=late)
    tick(world, "overdue", now=world.ticket(filed).answer_due_at)
    assert missed(world) == [("done", 0, world.repairer.id), ("answer", 1, None)]


@pytest.mark.parametrize(
    "statement", [sa.update(TicketMiss).values(person_id=None, due_at=NOW - DAY), sa.delete(TicketMiss)]
)
def test_a_miss_is_never_changed(world, statement):
    tick(world, "overdue", now=world.ticket(world.file()).answer_due_at)
    with pytest.raises(DBAPIError, match="append-only"), world.session.begin_nested():
        world.session.execute(statement)


def raised(world):
    return list(world.session.scalars(sa.select(TicketEvent.detail).where(TicketEvent.action == "raise")))


def test_a_missed_clock_that_goes_on_calls_the_next_level_once(world):
    filed = world.file()
    due = world.ticket(filed).answer_due_at
    tick(world, "overdue", now=due)
    assert misses.escalate(world.session, now=due + HOUR - dt.timedelta(minutes=1)) == 0
    assert misses.escalate(world.session, now=due + HOUR) == 1
    assert misses.escalate(world.session, now=due + 2 * HOUR) == 0
    assert raised(world) == [{"why": "overdue"}]


def test_a_missed_step_that_was_made_meanwhile_calls_nobody(world):
    filed = world.file()
    due = world.ticket(filed).answer_due_at
    tick(world, "overdue", now=due)
    do(world, "triage", filed, now=due + dt.timedelta(minutes=1))
    assert misses.escalate(world.session, now=due + HOUR) == 1
    assert raised(world) == []


def test_an_emergency_waits_ten_minutes_only(world):
    filed = world.file(category="drain")
    due = world.ticket(filed).answer_due_at
    tick(world, "overdue", now=due)
    misses.escalate(world.session, now=due + dt.timedelta(minutes=10))
    assert raised(world) == [{"why": "overdue"}]


def test_work_that_stands_still_calls_nobody(world):
    filed = world.file()
    do(world, "assign", filed)
    put_into(world, filed, "accepted")
    due = world.ticket(filed).arrive_due_at
    tick(world, "overdue", now=due)
    do(world, "pause", filed, now=due)
    misses.escalate(world.session, now=due + HOUR)
    assert raised(world) == []


def test_the_sweep_of_holds_leaves_open_ones_alone(world):
    filed = working(world)
    do(world, "pause", filed)
    assert holding.run_out(world.session, now=NOW + DAY) == 0
    assert world.ticket(filed).state.value == "paused"
