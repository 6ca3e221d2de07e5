"""What is read of outcomes: the words on a ticket in order, and the call-backs that were made."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import CallbackResult, Role, Satisfaction, TicketCallback
from services.errors import NotFound
from services.reading import ticket_outcomes
from services.reading.pages import PageRequest
from services.tickets import callbacks
from tests.refusals import raises_refusal
from tests.services.acting import do, put_into
from tests.world import NOW, hire


def unhappy(world, **more):
    filed = world.file(**more)
    put_into(world, filed, "done_by_worker", reporter_id=world.resident.id)
    do(world, "confirm", filed, satisfaction=Satisfaction.UNSATISFIED)
    return filed


def told(world, filed, who, role=None):
    return ticket_outcomes.truths(world.session.connection(), actor=world.actor(who, role), ticket_id=filed.id)


def test_the_words_on_the_outcome_are_read_in_order_with_whose_they_are(world):
    filed = unhappy(world)
    read = [
        (word["kind"], word["role"], word["by_agent"], word["worker"], word["satisfaction"])
        for word in told(world, filed, world.manager)
    ]
    assert read == [
        ("done", "repairer", False, "李师傅", None),
        ("fixed", "resident", False, "李师傅", None),
        ("rated", "resident", False, "李师傅", "unsatisfied"),
    ]


def test_a_neighbor_reads_what_was_found_but_not_whose_work_nor_the_rating(world):
    read = told(world, unhappy(world), world.neighbor)
    assert [word["kind"] for word in read] == ["done", "fixed"]
    assert {(word["by_agent"], word["worker"]) for word in read} == {(None, None)}


def test_whoever_reported_reads_the_own_rating(world):
    assert [word["kind"] for word in told(world, unhappy(world), world.resident)] == ["done", "fixed", "rated"]


def test_a_ticket_on_which_nobody_said_anything_has_no_words(world):
    assert told(world, world.file(), world.manager) == []


def test_the_words_of_a_ticket_out_of_scope_do_not_exist(world):
    filed = unhappy(world, home_id=world.place.home.id)
    for who, role in ((world.foreign_manager, None), (world.neighbor, None)):
        with raises_refusal(NotFound, "ticket_not_found"):
            told(world, filed, who, role)


def test_the_words_of_no_ticket_are_not_found(world):
    with raises_refusal(NotFound, "ticket_not_found"):
        ticket_outcomes.truths(world.session.connection(), actor=world.actor(world.manager), ticket_id=987654321)


def call(world, filed, now=NOW):
    callbacks.call_back(
        world.session, actor=world.actor(world.clerk), now=now, ticket_id=filed.id, result=CallbackResult.NOT_FIXED,
        satisfaction=Satisfaction.FAIR, words="灯还闪",
    )  # fmt: skip
    world.session.flush()


def made(world, who=None, role=None, **page):
    return ticket_outcomes.calls_made(
        world.session.connection(),
        actor=world.actor(who or world.manager, role),
        neighborhood_id=world.place.neighborhood.id,
        page=PageRequest(**page),
    )


def test_what_was_heard_is_listed_with_who_called(world):
    filed = unhappy(world)
    assert made(world).items == []
    call(world, filed)
    (item,) = made(world).items
    assert (item["ticket_id"], item["result"], item["satisfaction"], item["words"], item["worker"]) == (
        filed.id, "not_fixed", "fair", "灯还闪", "李师傅",
    )  # fmt: skip
    assert item["called_by"] == world.clerk.known_as


@pytest.mark.parametrize(("after", "late"), [(dt.timedelta(), False), (dt.timedelta(seconds=1), True)])
def test_a_call_after_its_day_is_called_late(world, after, late):
    filed = unhappy(world)
    due = world.session.scalar(sa.select(TicketCallback.due_at).where(TicketCallback.ticket_id == filed.id))
    call(world, filed, now=due + after)
    (item,) = made(world).items
    assert item["late"] is late


def test_calls_of_an_earlier_repair_stay_in_the_list(world):
    filed = unhappy(world)
    call(world, filed)
    do(world, "reopen", filed)
    assert [item["round"] for item in made(world).items] == [0]


def test_the_list_of_calls_is_read_page_by_page_newest_first(world):
    filed = [unhappy(world), unhappy(world)]
    for one in filed:
        call(world, one)
    first = made(world, limit=1)
    second = made(world, limit=1, cursor=first.next)
    assert [first.items[0]["ticket_id"], second.items[0]["ticket_id"]] == [filed[1].id, filed[0].id]
    assert second.next is None


def test_a_grid_leader_reads_calls_of_the_own_grid_only(world):
    call(world, unhappy(world))
    hire(world.session, world.far_neighbor, world.place.other_building, Role.GRID_LEADER)
    assert made(world, world.far_neighbor, Role.GRID_LEADER).items == []


def test_another_station_reads_no_calls(world):
    with raises_refusal(NotFound, "unit_not_found"):
        made(world, world.foreign_manager)
