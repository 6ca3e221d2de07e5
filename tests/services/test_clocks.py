"""Deadlines on the wall clock of Shanghai: day and night, or working days only."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import CapturingLogger

from models import CalendarOverride, ClockMode, ClockRule, Urgency
from services import clocks
from services.tickets import clockwork
from tests.services.acting import do, put_into
from tests.world import NOW

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKING, ELAPSED = ClockMode.WORKING_DAYS, ClockMode.ELAPSED
HOUR, DAY = 60, 24 * 60


def at(text):
    """A time in Shanghai."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2026-11-23 09:00", DAY, "2026-11-24 09:00"),  # Monday
        ("2026-11-20 18:00", DAY, "2026-11-23 18:00"),  # over a weekend
        ("2026-11-21 10:00", HOUR, "2026-11-23 01:00"),  # filed on a Saturday: Monday begins at midnight
        ("2026-11-22 23:59", HOUR, "2026-11-23 01:00"),
        ("2026-11-20 23:00", HOUR, "2026-11-21 00:00"),  # up to the last minute of a Friday
        ("2026-09-30 12:00", DAY, "2026-10-08 12:00"),  # over the national holiday
        ("2026-10-01 00:00", 1, "2026-10-08 00:01"),
        ("2026-10-09 12:00", DAY, "2026-10-10 12:00"),  # into a make-up Saturday
        ("2026-10-10 12:00", DAY, "2026-10-12 12:00"),  # and out of it
        ("2026-12-31 18:00", 7 * HOUR, "2027-01-04 01:00"),  # a year not yet published: New Year is off all the same
        ("2025-12-31 18:00", DAY, "2026-01-04 18:00"),  # New Year, then a make-up Sunday
        ("2026-02-13 09:00", 3 * DAY, "2026-02-25 09:00"),  # Spring Festival with its make-up Saturday
    ],
)
def test_working_days_are_those_of_the_public_calendar(start, minutes, expected):
    assert clocks.due(at(start), minutes, WORKING, {}) == at(expected)


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [("2026-10-01 23:50", 30, "2026-10-02 00:20"), ("2026-11-21 10:00", DAY, "2026-11-22 10:00")],
)
def test_elapsed_clocks_run_day_and_night(start, minutes, expected):
    assert clocks.due(at(start), minutes, ELAPSED, {}) == at(expected)


def test_our_own_days_win_over_the_public_calendar():
    saturday, monday = dt.date(2026, 11, 21), dt.date(2026, 11, 23)
    own = {saturday: True, monday: False}
    assert clocks.due(at("2026-11-20 12:00"), DAY, WORKING, own) == at("2026-11-21 12:00")
    assert clocks.due(at("2026-11-21 12:00"), DAY, WORKING, own) == at("2026-11-24 12:00")


@pytest.fixture
def log(monkeypatch):
    log = CapturingLogger()
    monkeypatch.setattr(clocks, "log", log)
    return log


def test_a_year_the_calendar_does_not_know_goes_by_the_weekday_and_warns(log):
    assert clocks.is_working_day(dt.date(2031, 10, 8), {})  # a Wednesday
    assert not clocks.is_working_day(dt.date(2031, 10, 4), {})
    assert [tuple(call) for call in log.calls] == [("warning", ("calendar.unknown_year",), {"year": 2031})] * 2


def test_holidays_with_a_fixed_date_are_off_in_every_year(log):
    days = [dt.date(2031, month, day) for month, day in sorted(clocks.ALWAYS_OFF)]
    assert not any(clocks.is_working_day(day, {}) for day in days)


def test_an_own_day_needs_no_calendar(log):
    assert not clocks.is_working_day(dt.date(2031, 10, 1), {dt.date(2031, 10, 1): False})
    assert log.calls == []


def test_the_local_day_is_shanghais():
    assert clocks.local_day(dt.datetime(2026, 11, 22, 16, 0, tzinfo=dt.UTC)) == dt.date(2026, 11, 23)


FIRST = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
moments = st.integers(0, 668 * DAY).map(lambda minutes: FIRST + dt.timedelta(minutes=minutes))
minutes_ = st.integers(1, 20 * DAY)
own_days = st.dictionaries(st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 1)), st.booleans(), max_size=5)


@settings(max_examples=80, deadline=None)
@given(moments, minutes_, minutes_, own_days)
def test_more_minutes_are_never_due_earlier(start, some, others, own):
    less, more = sorted((some, others))
    assert clocks.due(start, less, WORKING, own) <= clocks.due(start, more, WORKING, own)


@settings(max_examples=80, deadline=None)
@given(moments, minutes_, own_days)
def test_nothing_falls_due_inside_a_day_off(start, minutes, own):
    due = clocks.due(start, minutes, WORKING, own)
    assert due > start
    # The last minute before: at midnight the working day before has just run down.
    assert clocks.is_working_day(clocks.local_day(due - dt.timedelta(microseconds=1)), own)


@settings(max_examples=80, deadline=None)
@given(moments, st.integers(1, 5 * DAY), own_days)
def test_only_working_minutes_are_counted(start, minutes, own):
    """Against a slow, obvious oracle that walks hour by hour."""
    start = start.replace(minute=0, second=0, microsecond=0)
    hours = -(-minutes // HOUR)
    now, left = start, hours
    while left:
        if clocks.is_working_day(clocks.local_day(now), own):
            left -= 1
        now += dt.timedelta(hours=1)
    assert clocks.due(start, hours * HOUR, WORKING, own) == now


@settings(max_examples=50, deadline=None)
@given(moments, minutes_, own_days)
def test_elapsed_time_is_just_added(start, minutes, own):
    assert clocks.due(start, minutes, ELAPSED, own) == start + dt.timedelta(minutes=minutes)


# Minutes allowed to: answer, arrive, make safe, finish; and whether days off count.
URGENCIES = {
    "drain": (Urgency.P1, ELAPSED, 10, 30, 120, 1440),
    "elec": (Urgency.P2, ELAPSED, 120, 1440, None, 2880),
    "noise": (Urgency.P3, WORKING, 1440, 4320, None, 10080),
    "renewal": (Urgency.P4, WORKING, 4320, 10080, None, 86400),
}


@pytest.mark.parametrize("category", URGENCIES)
def test_each_urgency_has_its_clocks(world, category):
    urgency, mode, answer, arrive, safe, done = URGENCIES[category]
    friday = at("2026-09-25 17:30")
    filed = world.file(category=category, now=friday)
    ticket = world.ticket(filed)
    assert ticket.urgency is urgency
    assert ticket.answer_due_at == clocks.due(friday, answer, mode, {})
    assert ticket.arrive_due_at == clocks.due(friday, arrive, mode, {})
    assert ticket.safe_due_at == (clocks.due(friday, safe, mode, {}) if safe else None)
    assert ticket.done_due_at == clocks.due(friday, done, mode, {})
    assert ticket.next_due_at == ticket.answer_due_at


def test_an_own_day_off_moves_a_deadline(world):
    world.session.add(CalendarOverride(day=dt.date(2026, 11, 24), is_working=False, source="停电检修"))
    world.session.flush()
    filed = world.file(category="noise", now=at("2026-11-23 09:00"))
    assert world.ticket(filed).answer_due_at == at("2026-11-25 09:00")


def test_the_most_special_rule_in_force_counts(world):
    category = world.ticket(world.file(category="noise")).category_id
    here, day = world.place.neighborhood.id, dt.date(2026, 11, 23)

    def rule(minutes, **where):
        since = where.pop("since", dt.date(2026, 1, 1))
        world.session.add(
            ClockRule(
                urgency=Urgency.P3, mode=ELAPSED, answer_minutes=minutes, arrive_minutes=minutes, done_minutes=minutes,
                since=since, source="居民会议", **where,
            )
        )  # fmt: skip
        world.session.flush()

    def answer():
        ticket = world.ticket(world.file(category="noise"))
        return (ticket.answer_due_at - NOW) // dt.timedelta(minutes=1)

    assert answer() == DAY
    rule(50)
    assert answer() == 50
    rule(40, neighborhood_id=here)
    assert answer() == 40
    rule(30, category_id=category)
    assert answer() == 30
    rule(20, category_id=category, neighborhood_id=here)
    assert answer() == 20
    rule(10, category_id=category, neighborhood_id=here, since=day)
    assert answer() == 10
    rule(5, category_id=category, neighborhood_id=here, since=day + dt.timedelta(days=1))
    rule(4, category_id=category, neighborhood_id=here, since=dt.date(2026, 2, 1), until=day)
    rule(3, category_id=category, neighborhood_id=world.elsewhere.neighborhood.id)
    assert answer() == 10


def test_triage_finds_the_same_rule_as_filing(world):
    filed = world.file(category="noise")
    before = world.ticket(filed).done_due_at
    do(world, "triage", filed, urgency=Urgency.P2)
    put_into(world, filed, "submitted")
    do(world, "triage", filed, urgency=Urgency.P3)
    assert world.ticket(filed).done_due_at == before


def test_the_next_deadline_is_the_earliest_that_still_runs(world):
    ticket = put_into(world, world.file(category="drain"), "submitted", answered_at=None)
    dues = [ticket.answer_due_at, ticket.arrive_due_at, ticket.safe_due_at, ticket.done_due_at]
    for due, stop in zip(dues, ("answered_at", "arrived_at", "safe_at", "done_at"), strict=True):
        assert clockwork.next_due(ticket) == due
        setattr(ticket, stop, NOW)
    assert clockwork.next_due(ticket) is None
