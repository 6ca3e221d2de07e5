"""Three truths that are never mixed: the worker's done, the resident's fixed, and whether it came back."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import Satisfaction, Ticket, TicketTruth, TruthKind
from services.errors import NotFound, WrongHat
from services.tickets.sweeping import SILENCE
from services.tickets.truths import LASTS
from tests.services.acting import do, put_into, tick
from tests.world import NOW

SECOND = dt.timedelta(seconds=1)
STAFF = ("manager", "clerk", "repairer", "other_repairer", "grid_leader", "community_officer")


def truths(world, filed):
    rows = world.session.scalars(
        sa.select(TicketTruth).where(TicketTruth.ticket_id == filed.id).order_by(TicketTruth.id)
    )
    return [(row.kind.value, row.round) for row in rows]


def finished(world, **where):
    filed = world.file(**where)
    world.bring_to("done_by_worker", filed)
    return filed


def write(world, filed, kind, person, role="resident", **more):
    row = {
        "neighborhood_id": world.ticket(filed).neighborhood_id,
        "ticket_id": filed.id,
        "round": 0,
        "kind": TruthKind(kind),
        "at": NOW,
        "said_by_id": person.id,
        "spoken_by_id": person.id,
        "role": role,
    }
    with world.session.begin_nested():
        world.session.execute(sa.insert(TicketTruth).values(**row | more))


def test_done_is_the_workers_word_and_nothing_more(world):
    filed = finished(world)
    row = world.session.scalars(sa.select(TicketTruth)).one()
    assert (row.kind, row.said_by_id, row.worker_id, row.round) == ("done", world.repairer.id, world.repairer.id, 0)
    assert truths(world, filed) == [("done", 0)]


def test_fixed_is_the_residents_word_about_the_workers_work(world):
    filed = finished(world)
    do(world, "confirm", filed)
    row = world.session.scalars(sa.select(TicketTruth).where(TicketTruth.kind == TruthKind.FIXED)).one()
    assert (row.said_by_id, row.spoken_by_id, row.worker_id, row.role, row.mandate_id) == (
        world.resident.id, world.resident.id, world.repairer.id, "resident", None,
    )  # fmt: skip


def test_silence_is_neither_fixed_nor_satisfied(world):
    filed = finished(world)
    assert tick(world, "auto_confirm", now=NOW + SILENCE) == 1
    assert truths(world, filed) == [("done", 0), ("silence", 0)]
    ticket = world.ticket(filed)
    assert (ticket.state, ticket.satisfaction, ticket.confirmed_by_id) == ("auto_confirmed", None, None)


def test_each_round_has_its_own_words(world):
    filed = finished(world)
    do(world, "reopen", filed)
    for step in ("assign", "accept", "arrive", "start", "finish", "confirm", "rate"):
        do(world, step, filed)
    assert truths(world, filed) == [("done", 0), ("not_fixed", 0), ("done", 1), ("fixed", 1), ("rated", 1)]


@pytest.mark.parametrize("who", STAFF)
@pytest.mark.parametrize("action", ["confirm", "reopen", "rate"])
def test_no_staff_can_say_a_residents_word(world, action, who):
    filed = finished(world)
    if action == "rate":
        do(world, "confirm", filed)
    before = truths(world, filed)
    with pytest.raises(NotFound if who == "other_repairer" else WrongHat):
        do(world, action, filed, actor=world.actor(getattr(world, who)))
    assert truths(world, filed) == before


@pytest.mark.parametrize("who", STAFF)
@pytest.mark.parametrize("kind", ["fixed", "not_fixed"])
def test_the_database_refuses_a_residents_word_from_anybody_else(world, kind, who):
    filed = finished(world)
    with pytest.raises(DBAPIError, match="only the reporter says"):
        write(world, filed, kind, getattr(world, who))


def test_the_database_refuses_a_residents_word_in_a_staff_role(world):
    filed = finished(world)
    with pytest.raises(IntegrityError, match="residents_words_are_residents"):
        write(world, filed, "fixed", world.resident, role="station_manager")


def test_the_database_refuses_done_from_who_was_not_assigned(world):
    filed = world.file()
    put_into(world, filed, "in_progress")
    with pytest.raises(DBAPIError, match="only the assigned worker"):
        write(world, filed, "done", world.other_repairer, role="repairer", worker_id=world.other_repairer.id)


def test_the_database_refuses_praise_of_ones_own_work(world):
    filed = finished(world)
    with pytest.raises(IntegrityError, match="no_worker_praises_own_work"):
        write(world, filed, "fixed", world.resident, worker_id=world.resident.id)


def test_the_database_refuses_an_agent_without_a_mandate(world):
    filed = finished(world)
    with pytest.raises(IntegrityError, match="agent_has_a_mandate"):
        write(world, filed, "fixed", world.resident, spoken_by_id=world.manager.id)


@pytest.mark.parametrize("state", ["done_by_worker", "confirmed", "auto_confirmed", "rated", "reopened"])
def test_the_database_refuses_an_outcome_without_a_word(world, state):
    filed = world.file()
    put_into(world, filed, "in_progress")
    count = 1 if state == "reopened" else 0
    statement = sa.update(Ticket).where(Ticket.id == filed.id).values(state=state, reopen_count=count)
    with pytest.raises(DBAPIError, match=f"no word for it: {state}"), world.session.begin_nested():
        world.session.execute(statement)


def test_the_database_refuses_a_rating_that_was_not_given(world):
    filed = finished(world)
    do(world, "confirm", filed)
    do(world, "rate", filed, satisfaction=Satisfaction.UNSATISFIED)
    better = sa.update(Ticket).where(Ticket.id == filed.id).values(satisfaction=Satisfaction.SATISFIED)
    with pytest.raises(DBAPIError, match="no word for it: rating"), world.session.begin_nested():
        world.session.execute(better)


@pytest.mark.parametrize("statement", [sa.update(TicketTruth).values(round=3), sa.delete(TicketTruth)])
def test_what_was_said_is_never_changed(world, statement):
    finished(world)
    with pytest.raises(DBAPIError, match="append-only"), world.session.begin_nested():
        world.session.execute(statement)


def came_back(world, filed):
    return world.session.scalar(sa.select(TicketTruth.ticket_id).where(TicketTruth.again_id == filed.id))


def report_again(world, after, **where):
    filed = world.file(now=NOW + after, **where)
    do(world, "triage", filed, now=NOW + after)
    return filed


def test_the_same_trouble_at_the_same_point_within_ninety_days_came_back(world):
    first = finished(world)
    again = report_again(world, LASTS - SECOND)
    assert came_back(world, again) == first.id
    assert truths(world, first) == [("done", 0), ("came_back", 0)]


def test_what_breaks_after_ninety_days_is_new(world):
    finished(world)
    assert came_back(world, report_again(world, LASTS)) is None


def test_another_point_is_another_trouble(world):
    building = world.place.building.id
    finished(world, building_id=building, place_note="3单元门口")
    assert came_back(world, report_again(world, SECOND, building_id=building, place_note="1单元门口")) is None


def test_another_category_is_another_trouble(world):
    finished(world)
    assert came_back(world, report_again(world, SECOND, category="door")) is None


def test_of_two_repairs_the_later_one_did_not_last(world):
    finished(world)
    second = world.file(now=NOW)
    world.bring_to("done_by_worker", second, now=NOW + SECOND)
    assert came_back(world, report_again(world, 2 * SECOND)) == second.id


def test_a_return_is_linked_once_although_the_station_looks_twice(world):
    first = finished(world)
    again = report_again(world, SECOND)
    do(world, "triage", again, now=NOW + SECOND)
    do(world, "assign", again, now=NOW + SECOND)
    assert truths(world, first) == [("done", 0), ("came_back", 0)]
