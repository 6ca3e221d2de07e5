"""The read-back by phone: whom to call, what is read out, what they say to it."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    AgentRelation,
    AuditEntry,
    InboxItem,
    Membership,
    ReadBack,
    ReadBackAnswer,
    ReadBackMeans,
    Reveal,
)
from services.errors import Conflict, InvalidInput, NotFound
from services.mandates import calls, lists, read_back
from services.org import handover_items
from services.reading.pages import PageRequest
from tests.proxies import acting, mandate, read_backs, report_for, told_of_acts, without_phone
from tests.world import NOW, account_of

FIRST = dt.datetime(2026, 12, 1, 0, 30, tzinfo=dt.UTC)  # half past eight in Shanghai


@pytest.fixture
def call(world):
    """The resident has no WeChat; somebody filed for them, and the first of the month has come."""
    given = mandate(world, world.far_neighbor)
    report_for(world, acting(world, given))
    without_phone(world, world.resident)
    read_back.read_back(world.session, now=FIRST)
    return world.session.scalars(sa.select(ReadBack)).one()


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
    assert told_of_acts(world, world.resident) == []
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
    [row] = read_backs(world)
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
    [row] = read_backs(world)
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
    [row] = read_backs(world)
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
