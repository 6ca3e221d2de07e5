"""The monthly read-back: once per mandate and month, right across New Year, by inbox or by a call."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given as examples
from hypothesis import strategies as st

from models import (
    ActingArea,
    ReadBack,
    ReadBackMeans,
    Satisfaction,
    TicketEvent,
)
from services import audit
from services.clocks import DAY, SHANGHAI
from services.mandates import acts, read_back
from services.mandates.acts import Act
from services.mandates.read_back import bounds, month_before, month_of, spoken_month
from services.tickets import by_resident
from tests.proxies import acting, mandate, read_backs, report_for, told_of_acts
from tests.world import NOW, account_of

FIRST = dt.datetime(2026, 12, 1, 0, 30, tzinfo=dt.UTC)  # half past eight in Shanghai
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2099, 12, 31))


def shanghai(year, month, day, hour=0, minute=0):
    return dt.datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(dt.UTC)


# Months: pure.


@examples(DAYS)
def test_months_follow_each_other_without_a_gap_or_an_overlap(day):
    month = month_of(day)
    since, until = bounds(month)
    assert since <= dt.datetime.combine(day, dt.time(12), SHANGHAI) < until
    assert bounds(month_before(month))[1] == since
    assert dt.timedelta(days=28) <= until - since <= dt.timedelta(days=31)
    assert since.astimezone(SHANGHAI).day == until.astimezone(SHANGHAI).day == 1


def test_before_january_comes_december_of_the_year_before():
    assert month_before("2027-01") == "2026-12"
    assert bounds("2026-12") == (shanghai(2026, 12, 1), shanghai(2027, 1, 1))
    assert spoken_month("2026-12") == "2026年12月"


@examples(st.lists(st.text("一二三", min_size=1, max_size=60), max_size=60), st.integers(120, 1_900))
def test_what_is_read_fits_and_nothing_is_lost(words, most):
    done = [Act(NOW, one) for one in words]
    text = read_back.listed(done, most)
    shown = text.count("11月23日")
    left = f"还有{len(done) - shown}件"
    assert len(text) <= most + len("还有60件，请在“我的代办”里看。")
    assert (left in text) == (shown < len(done))


# The job.


def test_on_the_first_each_principal_hears_what_was_done(world):
    given = mandate(world, world.far_neighbor)
    account_of(world.session, world.resident)
    filed = report_for(world, acting(world, given))
    world.bring_to("done_by_worker", filed)
    agent = acting(world, given)
    by_resident.confirm(world.session, actor=agent, now=NOW, ticket_id=filed.id)
    by_resident.rate(
        world.session, actor=agent, now=NOW, ticket_id=filed.id, satisfaction=Satisfaction.SATISFIED, words="好"
    )
    assert read_back.read_back(world.session, now=FIRST) == 1
    assert told_of_acts(world, world.resident) == [
        (
            "2026年11月，钱*英（女儿）替您办了3件事："
            f"1，11月23日 09:00 报修“楼道灯和公共电路”（{filed.number}）。"
            f"2，11月23日 09:00 确认修好了“楼道灯和公共电路”（{filed.number}）。"
            f"3，11月23日 09:00 评价“楼道灯和公共电路”（{filed.number}）：满意。"
            "没有问题就点“知道了”；有不清楚的，点“有疑问”，或者打电话给服务站。"
        )
    ]
    [row] = read_backs(world)
    assert (row.month, row.means, row.acts, row.mandate_id) == ("2026-11", ReadBackMeans.INBOX, 3, given.id)


def test_twice_is_once(world):
    given = mandate(world, world.far_neighbor)
    account_of(world.session, world.resident)
    report_for(world, acting(world, given))
    assert [read_back.read_back(world.session, now=FIRST + hour * dt.timedelta(hours=1)) for hour in range(3)] == [
        1,
        0,
        0,
    ]
    assert len(told_of_acts(world, world.resident)) == len(read_backs(world)) == 1


def test_the_database_refuses_a_second_one(world):
    given = mandate(world, world.far_neighbor)
    report_for(world, acting(world, given))
    read_back.read_back(world.session, now=FIRST)
    [row] = read_backs(world)
    with pytest.raises(sa.exc.IntegrityError):
        world.session.execute(
            sa.insert(ReadBack).values(
                neighborhood_id=row.neighborhood_id,
                mandate_id=row.mandate_id,
                principal_id=row.principal_id,
                month=row.month,
                means=ReadBackMeans.CALL,
                acts=1,
                created_at=NOW,
                tries=0,
            )
        )


def test_nothing_done_is_nothing_told(world):
    mandate(world, world.far_neighbor)
    world.file()
    assert read_back.read_back(world.session, now=FIRST) == 0


def test_nobody_is_woken_up(world):
    given = mandate(world, world.far_neighbor)
    report_for(world, acting(world, given))
    assert read_back.read_back(world.session, now=shanghai(2026, 12, 1, 7, 59)) == 0
    assert read_back.read_back(world.session, now=shanghai(2026, 12, 1, 8)) == 1


@pytest.mark.parametrize(
    ("done_at", "month"),
    [
        (shanghai(2026, 12, 31, 23, 59), "2026-12"),
        (shanghai(2027, 1, 1, 0, 0), "2027-01"),
        # In London it is still the old year; the month is Shanghai's.
        (dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC), "2027-01"),
        (dt.datetime(2026, 12, 31, 15, 59, tzinfo=dt.UTC), "2026-12"),
    ],
)
def test_across_new_year_an_act_belongs_to_the_month_of_shanghai(world, done_at, month):
    given = mandate(world, world.far_neighbor)
    report_for(world, acting(world, given, done_at), done_at)
    read_back.read_back(world.session, now=shanghai(2027, 1, 1, 9))
    assert [row.month for row in read_backs(world)] == ([month] if month == "2026-12" else [])
    read_back.read_back(world.session, now=shanghai(2027, 2, 1, 9))
    assert [row.month for row in read_backs(world)] == [month]


def test_a_worker_that_was_away_catches_up(world):
    given = mandate(world, world.far_neighbor)
    report_for(world, acting(world, given))
    report_for(world, acting(world, given, FIRST), FIRST)
    assert read_back.read_back(world.session, now=shanghai(2027, 1, 20)) == 2
    assert {row.month for row in read_backs(world)} == {"2026-11", "2026-12"}


def test_a_mandate_that_ended_meanwhile_is_read_back_too(world):
    given = mandate(world, world.far_neighbor)
    report_for(world, acting(world, given))
    given.ends_at = FIRST - DAY
    world.session.flush()
    assert read_back.read_back(world.session, now=FIRST) == 1


def test_two_agents_of_one_principal_are_two_read_backs(world):
    for agent in (world.far_neighbor, world.clerk):
        report_for(world, acting(world, mandate(world, agent)))
    assert read_back.read_back(world.session, now=FIRST) == 2
    assert [row.acts for row in read_backs(world)] == [1, 1]


def test_what_is_done_elsewhere_than_on_tickets_is_told_from_the_audit_trail(world):
    given = mandate(world, world.far_neighbor, ActingArea.HOMES)
    actor = acting(world, given)
    for when in (NOW, NOW - 400 * DAY):
        audit.note(
            world.session,
            actor=actor,
            now=when,
            action="something.done",
            subject=("home", world.place.home.id),
            neighborhood_id=world.place.neighborhood.id,
            about_person_id=world.resident.id,
        )
    assert read_back.read_back(world.session, now=FIRST) == 1
    since, until = bounds("2026-11")
    done = acts.by_mandates(world.session, [given.id], since=since, until=until)
    assert [str(act) for act in done[given.id]] == ["11月23日 09:00 办了一件别的事"]


def test_the_agents_own_doings_are_nobodys_business(world):
    mandate(world, world.far_neighbor)
    audit.note(
        world.session,
        actor=world.actor(world.far_neighbor),
        now=NOW,
        action="something.done",
        subject=("home", 1),
        neighborhood_id=world.place.neighborhood.id,
    )
    assert read_back.read_back(world.session, now=FIRST) == 0


def test_a_clerk_who_records_a_call_is_no_agent(world):
    world.record(person=world.resident)
    assert world.session.scalars(sa.select(TicketEvent.mandate_id)).all() == [None]
    assert read_back.read_back(world.session, now=FIRST) == 0


# The call list.
