"""After the work: confirming with a rating, sent back again and again, urging, and calls by somebody else."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import CallbackResult, Role, Satisfaction, TicketCallback, TicketEvent, TicketTruth
from services.errors import Conflict, NotFound
from services.tickets import by_resident, callbacks
from services.tickets.sweeping import SILENCE
from tests.refusals import raises_refusal
from tests.services.acting import do, put_into, tick
from tests.world import NOW, hire

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
REPAIR = ("assign", "accept", "arrive", "start", "finish")


def finished(world):
    filed = world.file()
    world.bring_to("done_by_worker", filed)
    return filed


def raised(world):
    return list(world.session.scalars(sa.select(TicketEvent.detail).where(TicketEvent.action == "raise")))


def calls(world):
    return list(world.session.scalars(sa.select(TicketCallback).order_by(TicketCallback.id)))


def test_confirming_may_say_in_the_same_go_how_it_was(world):
    filed = finished(world)
    do(world, "confirm", filed, satisfaction=Satisfaction.MOSTLY, words="来得挺快")
    ticket = world.ticket(filed)
    kinds = world.session.scalars(sa.select(TicketTruth.kind).order_by(TicketTruth.id)).all()
    assert (ticket.state, ticket.satisfaction, ticket.rating_words) == ("rated", "mostly", "来得挺快")
    assert kinds == ["done", "fixed", "rated"]


def send_back(world, filed, times):
    for _ in range(times):
        do(world, "reopen", filed)
        for step in REPAIR:
            do(world, step, filed)


def test_twice_sent_back_is_the_stations_matter(world):
    filed = finished(world)
    send_back(world, filed, 2)
    assert raised(world) == []


def test_the_third_time_the_next_level_is_called_under_the_same_number(world):
    filed = finished(world)
    send_back(world, filed, 2)
    do(world, "reopen", filed)
    ticket = world.ticket(filed)
    assert (ticket.state, ticket.reopen_count, ticket.number) == ("reopened", 3, filed.number)
    assert raised(world) == [{"why": "returned_twice"}]


def test_after_the_fifth_time_it_is_no_longer_a_matter_of_repairing(world):
    filed = finished(world)
    send_back(world, filed, 5)
    with raises_refusal(Conflict, "reopened_enough"):
        do(world, "reopen", filed)
    assert world.ticket(filed).state.value == "done_by_worker"


def urge(world, filed, now):
    return by_resident.urge(world.session, actor=world.actor(world.resident), now=now, ticket_id=filed.id)


def test_before_the_promised_time_there_is_nothing_to_urge(world):
    filed = world.file()
    with raises_refusal(Conflict, "not_due_yet"):
        urge(world, filed, world.ticket(filed).next_due_at)


def test_after_the_promised_time_one_may_urge_once_a_day(world):
    filed = world.file()
    late = world.ticket(filed).next_due_at + HOUR
    urge(world, filed, late)
    with raises_refusal(Conflict, "urged_already"):
        urge(world, filed, late + DAY - HOUR)
    assert raised(world) == []


def test_urging_again_calls_the_next_level(world):
    filed = world.file()
    late = world.ticket(filed).next_due_at + HOUR
    urge(world, filed, late)
    urge(world, filed, late + DAY)
    assert raised(world) == [{"why": "urged"}]


def test_every_unhappy_resident_is_called(world):
    filed = finished(world)
    do(world, "confirm", filed, satisfaction=Satisfaction.UNSATISFIED)
    (call,) = calls(world)
    assert (call.ticket_id, call.why, call.worker_id, call.called_at) == (
        filed.id, "unhappy", world.repairer.id, None,
    )  # fmt: skip


@pytest.mark.parametrize("satisfaction", [Satisfaction.SATISFIED, Satisfaction.MOSTLY, Satisfaction.FAIR])
def test_who_is_content_is_called_only_by_lot(world, satisfaction):
    do(world, "confirm", finished(world), satisfaction=satisfaction)
    assert calls(world) == []


def test_the_lot_falls_on_what_was_confirmed_and_on_silence_alike(world, monkeypatch):
    monkeypatch.setattr(callbacks, "drawn", lambda: True)
    do(world, "confirm", finished(world))
    finished(world)
    tick(world, "auto_confirm", now=NOW + SILENCE)
    assert [call.why.value for call in calls(world)] == ["random", "random"]


def test_one_is_called_once_per_round_for_whatever_reason(world, monkeypatch):
    monkeypatch.setattr(callbacks, "drawn", lambda: True)
    do(world, "confirm", finished(world), satisfaction=Satisfaction.UNSATISFIED)
    assert len(calls(world)) == 1


def test_the_lot_is_one_in_twenty(monkeypatch):
    monkeypatch.undo()  # the fixture that lets it fall on nobody
    seen = []
    monkeypatch.setattr(callbacks.secrets, "randbelow", lambda most: seen.append(most) or 0)
    assert callbacks.drawn()
    assert seen == [20]


def unhappy(world):
    filed = finished(world)
    do(world, "confirm", filed, satisfaction=Satisfaction.UNSATISFIED)
    return filed


def call(world, filed, who=None, role=None, **more):
    actor = world.actor(who or world.clerk, role)
    given = {"actor": actor, "now": NOW + DAY, "ticket_id": filed.id, "result": CallbackResult.NOT_FIXED} | more
    done = callbacks.call_back(world.session, **given)
    world.session.flush()
    return done


def test_what_was_heard_is_written_down_and_moves_nothing(world):
    filed = unhappy(world)
    version = world.ticket(filed).version
    call(world, filed, satisfaction=Satisfaction.FAIR, words="灯还闪")
    (heard,) = calls(world)
    ticket = world.ticket(filed)
    assert (heard.result, heard.satisfaction, heard.called_by_id) == ("not_fixed", "fair", world.clerk.id)
    assert (ticket.state, ticket.satisfaction, ticket.version) == ("rated", "unsatisfied", version)


def test_a_closed_ticket_stays_closed_when_it_was(world):
    filed = unhappy(world)
    do(world, "close", filed)
    call(world, filed)
    assert world.ticket(filed).settled_at == NOW


def test_nobody_calls_about_their_own_work(world):
    hire(world.session, world.repairer, world.place.neighborhood, Role.STATION_CLERK)
    filed = unhappy(world)
    with raises_refusal(Conflict, "worker_cannot_call"):
        call(world, filed, world.repairer, Role.STATION_CLERK)


def test_the_database_too_wants_another_caller(world):
    filed = unhappy(world)
    own = sa.update(TicketCallback).where(TicketCallback.ticket_id == filed.id).values(
        called_at=NOW, called_by_id=world.repairer.id, result=CallbackResult.FIXED
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="another_calls"), world.session.begin_nested():
        world.session.execute(own)


def test_a_call_is_written_down_once(world):
    filed = unhappy(world)
    call(world, filed)
    with raises_refusal(Conflict, "called_already"):
        call(world, filed, result=CallbackResult.FIXED)


@pytest.mark.parametrize(
    "statement", [sa.update(TicketCallback).values(result=CallbackResult.FIXED), sa.delete(TicketCallback)]
)
def test_what_was_heard_is_never_changed(world, statement):
    call(world, unhappy(world))
    with pytest.raises(DBAPIError, match="append-only"), world.session.begin_nested():
        world.session.execute(statement)


def test_who_was_not_reached_said_nothing(world):
    filed = unhappy(world)
    with raises_refusal(Conflict, "nobody_reached"):
        call(world, filed, result=CallbackResult.UNREACHABLE, satisfaction=Satisfaction.SATISFIED)


def test_a_ticket_on_which_no_lot_fell_is_not_called_about(world):
    filed = world.file()
    put_into(world, filed, "confirmed")
    with raises_refusal(NotFound, "no_callback"):
        call(world, filed)


def listed(world, who, role=None):
    found = callbacks.to_call(world.session, actor=world.actor(who, role), neighborhood_id=world.place.neighborhood.id)
    return [item["ticket_id"] for item in found]


def test_the_station_sees_whom_to_call_until_it_has(world):
    filed = unhappy(world)
    assert listed(world, world.clerk) == [filed.id]
    call(world, filed)
    assert listed(world, world.clerk) == []


def test_what_was_sent_back_meanwhile_is_not_called_about(world):
    filed = unhappy(world)
    do(world, "reopen", filed)
    assert listed(world, world.clerk) == []


def test_another_station_sees_no_calls(world):
    unhappy(world)
    with raises_refusal(NotFound, "unit_not_found"):
        listed(world, world.foreign_manager)
