"""The monthly read-back: once per mandate and month, right across New Year, by inbox or by a call."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given as examples
from hypothesis import strategies as st

from models import (
    ActingArea,
    AgentRelation,
    AuditEntry,
    InboxItem,
    Membership,
    ReadBack,
    ReadBackAnswer,
    ReadBackMeans,
    Reveal,
    Satisfaction,
    TicketEvent,
)
from services import audit
from services.clocks import DAY, SHANGHAI
from services.errors import Conflict, InvalidInput, NotFound
from services.mandates import acts, calls, lists, read_back
from services.mandates.acts import Act
from services.mandates.read_back import bounds, month_before, month_of, spoken_month
from services.org import handover_items
from services.reading.pages import PageRequest
from services.tickets import by_resident
from tests.proxies import acting, mandate, report_for, without_phone
from tests.world import NOW, account_of

FIRST = dt.datetime(2026, 12, 1, 0, 30, tzinfo=dt.UTC)  # half past eight in Shanghai
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2099, 12, 31))


def shanghai(year, month, day, hour=0, minute=0):
    return dt.datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(dt.UTC)


def rows(world):
    return list(world.session.scalars(sa.select(ReadBack).order_by(ReadBack.id)))


def told(world, person):
    query = sa.select(InboxItem).where(InboxItem.person_id == person.id, InboxItem.title.startswith("上个月"))
    return [item.body for item in world.session.scalars(query)]


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
    assert told(world, world.resident) == [
        (
            "2026年11月，钱*英（女儿）替您办了3件事："
            f"1，11月23日 09:00 报修“楼道灯和公共电路”（{filed.number}）。"
            f"2，11月23日 09:00 确认修好了“楼道灯和公共电路”（{filed.number}）。"
            f"3，11月23日 09:00 评价“楼道灯和公共电路”（{filed.number}）：满意。"
            "没有问题就点“知道了”；有不清楚的，点“有疑问”，或者打电话给服务站。"
        )
    ]
    [row] = rows(world)
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
    assert len(told(world, world.resident)) == len(rows(world)) == 1


def test_the_database_refuses_a_second_one(world):
    given = mandate(world, world.far_neighbor)
    report_for(world, acting(world, given))
    read_back.read_back(world.session, now=FIRST)
    [row] = rows(world)
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
    assert [row.month for row in rows(world)] == ([month] if month == "2026-12" else [])
    read_back.read_back(world.session, now=shanghai(2027, 2, 1, 9))
    assert [row.month for row in rows(world)] == [month]


def test_a_worker_that_was_away_catches_up(world):
    given = mandate(world, world.far_neighbor)
    report_for(world, acting(world, given))
    report_for(world, acting(world, given, FIRST), FIRST)
    assert read_back.read_back(world.session, now=shanghai(2027, 1, 20)) == 2
    assert {row.month for row in rows(world)} == {"2026-11", "2026-12"}


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
    assert [row.acts for row in rows(world)] == [1, 1]


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


@pytest.fixture
def call(world):
    """The resident has no WeChat; somebody filed for them, and the first of the month has come."""
    given = mandate(world, world.far_neighbor)
    report_for(world, acting(world, given))
    without_phone(world, world.resident)
    read_back.read_back(world.session, now=FIRST)
    [row] = rows(world)
    return row


def waiting(world, person=None):
    page = lists.calls(
        world.session,
        actor=world.actor(person or world.clerk),
        neighborhood_id=world.place.neighborhood.id,
        waiting=True,
        page=PageRequest(),
    )
    return [item["id"] for item in page.items]


def answer(world, call, said=ReadBackAnswer.AGREED, words=None, person=None):
    return calls.answer(
        world.session,
        actor=world.actor(person or world.clerk),
        read_back_id=call.id,
        said=said,
        words=words,
        vault=world.vault,
        now=FIRST,
    )


def test_whom_no_phone_reaches_is_on_the_call_list(world, call):
    assert call.means is ReadBackMeans.CALL
    assert told(world, world.resident) == []
    assert waiting(world) == waiting(world, world.grid_leader) == [call.id]


def test_the_grid_leader_calls_those_of_the_own_grid(world):
    given = mandate(world, world.neighbor, principal=world.far_neighbor)
    report_for(world, acting(world, given), building_id=world.place.other_building.id)
    without_phone(world, world.far_neighbor)
    read_back.read_back(world.session, now=FIRST)
    assert waiting(world, world.grid_leader) == []
    assert len(waiting(world)) == 1


def test_who_calls_sees_name_and_phone_and_the_principal_can_read_who_looked(world, call):
    shown = calls.whom_to_call(
        world.session, actor=world.actor(world.clerk), read_back_id=call.id, vault=world.vault, now=FIRST
    )
    assert shown.name == "王桂兰"
    assert shown.phone.startswith("+86154")
    entry = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "person.revealed")).one()
    assert (entry.about_person_id, entry.actor_id) == (world.resident.id, world.clerk.id)
    assert entry.purpose
    assert world.session.scalars(sa.select(Reveal.person_id)).all() == [world.resident.id]


def test_what_is_read_out_is_everything_that_was_done(world, call):
    shown = lists.one_read_back(world.session, actor=world.actor(world.clerk), read_back_id=call.id, vault=world.vault)
    assert [line[:12] for line in shown["lines"]] == ["11月23日 09:00"]
    assert (shown["agent"], shown["relation_name"]) == ("钱*英", "女儿")


def test_agreed_is_off_the_list(world, call):
    answer(world, call)
    assert waiting(world) == []
    with pytest.raises(Conflict) as refusal:
        answer(world, call)
    assert refusal.value.reason == "read_back_answered"


def test_nobody_answered_stays_on_the_list(world, call):
    for _ in range(2):
        calls.not_reached(world.session, actor=world.actor(world.clerk), read_back_id=call.id, now=FIRST)
    assert (call.tries, call.last_tried_at) == (2, FIRST)
    assert waiting(world) == [call.id]


def test_a_question_goes_to_the_manager_and_into_the_audit_trail(world, call):
    answer(world, call, ReadBackAnswer.QUESTION, "我没让报过修")
    assert b"\xe6\x88\x91" not in call.words_sealed
    body = world.session.scalars(
        sa.select(InboxItem.body).where(InboxItem.person_id == world.manager.id, InboxItem.title == "有人对代办有疑问")
    ).one()
    assert body.startswith("王*兰对2026年11月由钱*英代办的事有疑问")
    assert "我没让报过修" not in body
    entry = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "read_back.questioned")).one()
    assert entry.about_person_id == world.resident.id
    shown = lists.one_read_back(
        world.session, actor=world.actor(world.manager), read_back_id=call.id, vault=world.vault
    )
    assert shown["words"] == "我没让报过修"


def test_a_question_needs_words(world, call):
    with pytest.raises(InvalidInput) as refusal:
        answer(world, call, ReadBackAnswer.QUESTION, "  ")
    assert refusal.value.reason == "words_missing"


def test_the_agent_does_not_ask_about_their_own_doing(world):
    given = mandate(world, world.clerk)
    report_for(world, acting(world, given))
    without_phone(world, world.resident)
    read_back.read_back(world.session, now=FIRST)
    [row] = rows(world)
    for attempt in (
        lambda: answer(world, row),
        lambda: calls.whom_to_call(
            world.session, actor=world.actor(world.clerk), read_back_id=row.id, vault=world.vault, now=FIRST
        ),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.reason == "own_read_back"
    assert answer(world, row, person=world.manager).answer is ReadBackAnswer.AGREED


def test_when_the_only_manager_is_the_agent_the_question_goes_above(world):
    given = mandate(world, world.manager)
    report_for(world, acting(world, given))
    without_phone(world, world.resident)
    read_back.read_back(world.session, now=FIRST)
    [row] = rows(world)
    answer(world, row, ReadBackAnswer.QUESTION, "不知道这件事")
    heard = world.session.scalars(
        sa.select(InboxItem.person_id).where(InboxItem.dedupe_key == f"read_back:{row.id}:question")
    ).all()
    assert heard == [world.community_officer.id]


def test_a_principal_with_a_phone_answers_with_it(world):
    given = mandate(world, world.far_neighbor)
    account_of(world.session, world.resident)
    report_for(world, acting(world, given))
    read_back.read_back(world.session, now=FIRST)
    [row] = rows(world)
    with pytest.raises(NotFound):  # what is in the inbox is not for the station to answer
        answer(world, row)
    assert answer(world, row, person=world.resident).answered_by_id == world.resident.id
    page = lists.my_read_backs(world.session.connection(), actor=world.actor(world.resident), page=PageRequest())
    assert [item["answer"] for item in page.items] == ["agreed"]


@pytest.mark.parametrize("name", ["neighbor", "stranger", "repairer", "foreign_manager", "far_neighbor"])
def test_a_read_back_is_not_there_for_others(world, call, name):
    with pytest.raises((NotFound, Conflict)):
        answer(world, call, person=getattr(world, name))
    assert call.answer is None


def test_a_clerk_who_has_left_does_not_call(world, call):
    actor = world.actor(world.clerk)
    world.session.execute(sa.update(Membership).where(Membership.person_id == world.clerk.id).values(ends_at=NOW))
    gone = world.actor(world.clerk)
    assert actor.hat != gone.hat
    with pytest.raises(NotFound):
        calls.not_reached(world.session, actor=gone, read_back_id=call.id, now=FIRST)


def test_who_leaves_the_station_hands_over_the_calls_and_the_mandates(world, call):
    mandate(world, world.clerk, principal=world.far_neighbor, relation=AgentRelation.STATION)
    mandate(world, world.clerk, principal=world.neighbor, relation=AgentRelation.DAUGHTER)  # not because of the work
    held = world.session.scalars(sa.select(Membership).where(Membership.person_id == world.clerk.id)).one()
    items = handover_items.open_items(world.session, held, world.place.neighborhood, FIRST)
    assert [kind for kind, *_ in items if kind in {"read_back", "mandate"}] == ["read_back", "mandate"]
    assert ("read_back", call.id) in {(kind, row) for kind, row, _ in items}
    assert all("王" not in text for *_, text in items)
