"""Rules beyond the table: emergencies, photos, pauses, reopening, stale versions, and whose clock moves when."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import PauseReason, Role, Satisfaction, TicketEvent, Urgency
from services.errors import Conflict, InvalidInput, NotFound, StaleVersion
from services.tickets import by_resident
from services.tickets.contact import Contact
from tests.services.acting import do, emergency, photo, photo_phases, put_into, tick
from tests.world import NOW, move_in

HOUR = dt.timedelta(hours=1)
DUE = ("answer_due_at", "arrive_due_at", "safe_due_at", "done_due_at")


def walk(world, filed, *actions, now=NOW):
    for action in actions:
        do(world, action, filed, now=now)
    return world.ticket(filed)


def test_a_report_travels_to_rated_and_closed(world):
    filed = world.file()
    walk(world, filed, "triage", "assign", "accept", "arrive", "start", "finish", "confirm", "rate", "close")
    query = sa.select(TicketEvent.action).where(TicketEvent.ticket_id == filed.id).order_by(TicketEvent.id)
    assert list(world.session.scalars(query)) == [
        "file", "triage", "assign", "accept", "arrive", "start", "finish", "confirm", "rate", "close",
    ]  # fmt: skip
    ticket = world.ticket(filed)
    assert ticket.settled_at == NOW
    assert ticket.next_due_at is None
    assert ticket.satisfaction is Satisfaction.SATISFIED


def test_an_emergency_cannot_be_paused(world):
    filed = emergency(world)
    walk(world, filed, "assign", "accept", "arrive")
    with pytest.raises(Conflict) as refused:
        do(world, "pause", filed)
    assert refused.value.reason == "emergency_no_pause"
    assert world.ticket(filed).state.value == "on_site"


@pytest.mark.parametrize(("before", "after"), [(False, False), (True, False), (False, True)])
def test_an_emergency_is_not_finished_without_photos_from_before_and_after(world, before, after):
    filed = emergency(world)
    walk(world, filed, "assign", "accept", "arrive")
    do(world, "start", filed, photos=[photo(world, world.repairer)] if before else [])
    with pytest.raises(InvalidInput) as refused:
        do(world, "finish", filed, photos=[photo(world, world.repairer)] if after else [])
    assert refused.value.reason == "photo_missing"
    assert ("处理前" in refused.value.detail) is not before
    assert ("处理后" in refused.value.detail) is not after


def test_an_emergency_is_finished_with_both_photos(world):
    filed = emergency(world)
    walk(world, filed, "assign", "accept", "arrive", "make_safe", "start")
    do(world, "finish", filed, photos=[photo(world, world.repairer)])
    assert world.ticket(filed).state.value == "done_by_worker"
    assert photo_phases(world, filed) == ["before", "after"]


def test_photos_of_the_first_repair_do_not_prove_the_second(world):
    filed = emergency(world)
    walk(world, filed, "assign", "accept", "arrive", "make_safe", "start")
    do(world, "finish", filed, photos=[photo(world, world.repairer)])
    walk(world, filed, "reopen", "assign", "accept", "arrive", "start")
    with pytest.raises(InvalidInput) as refused:
        do(world, "finish", filed)
    assert refused.value.reason == "photo_missing"


def test_photos_are_kept_in_the_order_given(world):
    filed = world.file()
    walk(world, filed, "assign", "accept", "arrive")
    tokens = [photo(world, world.repairer) for _ in range(3)]
    do(world, "start", filed, photos=tokens)
    do(world, "make_safe", filed)
    assert photo_phases(world, filed) == ["before"] * 4


def test_making_safe_needs_a_photo(world):
    filed = emergency(world)
    walk(world, filed, "assign", "accept", "arrive")
    with pytest.raises(InvalidInput) as refused:
        do(world, "make_safe", filed, photos=[])
    assert refused.value.reason == "photo_missing"


def test_only_the_first_barrier_stops_the_safety_clock(world):
    filed = emergency(world)
    walk(world, filed, "assign", "accept", "arrive")
    do(world, "make_safe", filed, now=NOW + HOUR)
    do(world, "make_safe", filed, now=NOW + 2 * HOUR)
    assert world.ticket(filed).safe_at == NOW + HOUR


def test_what_is_repaired_is_safe(world):
    filed = emergency(world)
    walk(world, filed, "assign", "accept", "arrive")
    do(world, "start", filed, photos=[photo(world, world.repairer)])
    do(world, "finish", filed, photos=[photo(world, world.repairer)], now=NOW + HOUR)
    assert world.ticket(filed).safe_at == NOW + HOUR


def test_reopening_starts_all_clocks_anew_under_the_same_number(world):
    filed = world.file()
    walk(world, filed, "assign", "accept", "arrive", "start", "finish", "confirm")
    first = {name: getattr(world.ticket(filed), name) for name in DUE if getattr(world.ticket(filed), name)}
    later = NOW + 5 * HOUR
    do(world, "reopen", filed, now=later)
    ticket = world.ticket(filed)
    assert ticket.number == filed.number
    assert {name: getattr(ticket, name) for name in first} == {name: due + 5 * HOUR for name, due in first.items()}
    assert (ticket.answered_at, ticket.arrived_at, ticket.safe_at, ticket.done_at) == (None,) * 4
    assert (ticket.done_by_id, ticket.confirmed_by_id) == (None, None)
    assert ticket.next_due_at == ticket.answer_due_at


def test_reopening_takes_back_the_rating(world):
    filed = world.file()
    walk(world, filed, "assign", "accept", "arrive", "start", "finish", "confirm")
    do(world, "rate", filed, words="很快")
    walk(world, filed, "reopen", "assign", "accept", "arrive", "start", "finish")
    tick(world, "auto_confirm", now=NOW + dt.timedelta(days=7))
    ticket = world.ticket(filed)
    assert (ticket.state.value, ticket.satisfaction, ticket.rating_words) == ("auto_confirmed", None, None)


@pytest.mark.parametrize("source", ["accepted", "on_site", "in_progress"])
def test_work_goes_on_where_it_was_paused(world, source):
    filed = world.file()
    put_into(world, filed, source)
    do(world, "pause", filed, reason=PauseReason.WEATHER)
    paused = world.ticket(filed)
    assert (paused.pause_reason, paused.paused_at, paused.paused_from.value) == (PauseReason.WEATHER, NOW, source)
    do(world, "resume", filed, now=NOW + HOUR)
    ticket = world.ticket(filed)
    assert ticket.state.value == source
    assert (ticket.pause_reason, ticket.paused_at, ticket.paused_from) == (None, None, None)


def test_no_clock_runs_during_a_pause(world):
    filed = world.file()
    walk(world, filed, "assign", "accept", "pause")
    assert world.ticket(filed).next_due_at is None
    assert tick(world, "remind", now=NOW + 100 * HOUR) == tick(world, "overdue", now=NOW + 100 * HOUR) == 0


def test_clocks_that_stood_still_move_by_the_pause(world):
    filed = world.file()
    before = walk(world, filed, "assign", "accept", "pause")
    due = {name: getattr(before, name) for name in DUE}
    do(world, "resume", filed, now=NOW + 3 * HOUR)
    ticket = world.ticket(filed)
    assert ticket.answer_due_at == due["answer_due_at"]
    assert ticket.arrive_due_at == due["arrive_due_at"] + 3 * HOUR
    assert ticket.done_due_at == due["done_due_at"] + 3 * HOUR
    assert ticket.next_due_at == ticket.arrive_due_at


def test_a_clock_that_was_stopped_before_the_pause_does_not_move(world):
    filed = world.file()
    before = walk(world, filed, "assign", "accept", "arrive", "pause")
    due = before.arrive_due_at
    do(world, "resume", filed, now=NOW + 3 * HOUR)
    assert world.ticket(filed).arrive_due_at == due


def test_a_safety_clock_moves_with_the_pause_too(world):
    filed = world.file()
    put_into(world, filed, "on_site", safe_due_at=NOW + HOUR, arrived_at=NOW)
    walk(world, filed, "pause")
    do(world, "resume", filed, now=NOW + 3 * HOUR)
    assert world.ticket(filed).safe_due_at == NOW + 4 * HOUR


def test_another_urgency_counts_from_the_report(world):
    filed = world.file()
    do(world, "triage", filed, urgency=Urgency.P1, now=NOW + HOUR)
    ticket = world.ticket(filed)
    assert ticket.urgency is Urgency.P1
    assert ticket.arrive_due_at == NOW + dt.timedelta(minutes=30)
    assert ticket.safe_due_at == NOW + 2 * HOUR
    assert ticket.answered_at == NOW + HOUR


def test_a_category_put_right_is_on_record(world):
    filed = world.file()
    old = world.ticket(filed).category_id
    do(world, "triage", filed, category="door")
    query = sa.select(TicketEvent).where(TicketEvent.ticket_id == filed.id, TicketEvent.action == "triage")
    assert world.session.scalar(query).detail == {"category_id": [old, world.ticket(filed).category_id]}


def test_an_unknown_category_is_not_triaged(world):
    with pytest.raises(InvalidInput) as refused:
        do(world, "triage", world.file(), category="spaceship")
    assert refused.value.reason == "category_unknown"


def test_the_same_repairer_is_not_sent_twice(world):
    filed = world.file()
    do(world, "assign", filed)
    with pytest.raises(Conflict) as refused:
        do(world, "assign", filed)
    assert refused.value.reason == "already_assigned"


def test_after_a_reopening_the_same_repairer_can_be_sent_again(world):
    filed = world.file()
    walk(world, filed, "assign", "accept", "arrive", "start", "finish", "reopen", "assign")
    assert world.ticket(filed).assignee_id == world.repairer.id


@pytest.mark.parametrize("who", ["resident", "manager", "foreign_repairer"])
def test_only_repairers_of_the_neighborhood_are_sent(world, who):
    with pytest.raises(InvalidInput) as refused:
        do(world, "assign", world.file(), assignee_id=getattr(world, who).id)
    assert refused.value.reason == "not_a_worker"


def test_an_older_version_is_refused_with_the_newest(world):
    filed = world.file()
    do(world, "triage", filed)
    with pytest.raises(StaleVersion) as refused:
        do(world, "assign", filed, version=1)
    assert refused.value.facts == {"version": 2}
    do(world, "assign", filed, version=2)


def test_who_did_the_work_cannot_confirm_it_even_as_the_reporter(world):
    move_in(world.session, world.repairer, world.place.home)
    filed = world.file()
    ticket = put_into(world, filed, "done_by_worker", reporter_id=world.repairer.id)
    resident_hat = world.actor(world.repairer, Role.RESIDENT)
    with pytest.raises(Conflict) as refused:
        by_resident.confirm(world.session, actor=resident_hat, now=NOW, ticket_id=ticket.id)
    assert refused.value.reason == "worker_cannot_confirm"


def test_a_rejection_needs_a_reason_in_words(world):
    with pytest.raises(InvalidInput) as refused:
        do(world, "reject", world.file(), note="   ")
    assert refused.value.reason == "text_empty"


def test_the_contact_is_shown_and_the_look_is_on_record(world):
    filed = world.file()
    shown = do(world, "reveal_contact", filed)
    assert shown.name == "王桂兰"
    assert shown.phone.startswith("+86154")
    query = sa.select(TicketEvent).where(TicketEvent.ticket_id == filed.id, TicketEvent.action == "reveal_contact")
    event = world.session.scalar(query)
    assert (event.actor_id, event.detail) == (world.manager.id, {"purpose": "before_visit"})


def test_a_caller_who_left_nothing_has_no_contact(world):
    filed = world.file()
    put_into(world, filed, "submitted", reporter_id=None)
    with pytest.raises(NotFound) as refused:
        do(world, "reveal_contact", filed)
    assert refused.value.reason == "no_contact"


@pytest.mark.parametrize(
    ("name", "phone", "shown"),
    [
        ("王大妈", "13800001234", Contact("王大妈", "+8613800001234")),
        ("王 大妈", "138 0000 1234", Contact("王 大妈", "+8613800001234")),
        (None, "024 4281 0000", Contact("", "+862442810000")),
    ],
)
def test_a_callers_name_and_phone_come_back_as_they_were_told(world, name, phone, shown):
    filed = world.record(name=name, phone=phone)
    assert do(world, "reveal_contact", filed) == shown
