"""Handing out work: the pool, turns, colleagues, giving back, offers of help; skills and load caps as data."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    HelpOffer,
    InboxItem,
    LoadRule,
    ReturnReason,
    Role,
    TicketAssignment,
    TicketEvent,
    TicketMiss,
    TransferReason,
    WorkerSkill,
)
from services import deliveries
from services.errors import Conflict, InvalidInput, ServiceError
from services.tickets import helping, passing, skills
from tests.services.acting import can, do, offered, put_into
from tests.world import NOW, hire

LATER = NOW + dt.timedelta(hours=1)


def hands_of(world, filed):
    rows = world.session.execute(
        sa.select(TicketAssignment.person_id, TicketAssignment.how)
        .where(TicketAssignment.ticket_id == filed.id)
        .order_by(TicketAssignment.id)
    )
    return [(row.person_id, row.how.value) for row in rows]


def events(world, filed):
    query = sa.select(TicketEvent).where(TicketEvent.ticket_id == filed.id).order_by(TicketEvent.id)
    return list(world.session.scalars(query))


def told(world, filed, person):
    """What the inbox of a person says about the last event."""
    deliveries.expand(world.session, events(world, filed)[-1].id, now=NOW)
    world.session.flush()
    query = sa.select(InboxItem.title).where(InboxItem.person_id == person.id).order_by(InboxItem.id.desc())
    return world.session.scalars(query).first()


def refusal(world, action, filed, **more):
    before = world.ticket(filed).version
    with pytest.raises(ServiceError) as error:
        do(world, action, filed, **more)
    assert world.ticket(filed).version == before
    return error.value


def in_pool(world):
    filed = world.file()
    do(world, "triage", filed)
    return filed


def test_who_grabs_a_ticket_has_it_and_has_accepted_it(world):
    filed = in_pool(world)
    do(world, "grab", filed)
    ticket = world.ticket(filed)
    assert (ticket.assignee_id, ticket.state.value) == (world.repairer.id, "accepted")
    assert hands_of(world, filed) == [(world.repairer.id, "grabbed")]
    assert told(world, filed, world.resident) == "报修已接单"


def test_who_comes_too_late_is_told_where_to_look(world):
    filed = in_pool(world)
    do(world, "grab", filed)
    error = refusal(world, "grab", filed, actor=world.actor(world.other_repairer))
    assert error.reason == "taken_already"
    assert "另选一单" in error.detail


def test_without_the_skill_nobody_grabs(world):
    filed = in_pool(world)
    can(world, world.repairer, "water")
    error = refusal(world, "grab", filed)
    assert error.reason == "not_skilled"
    assert "我来帮忙" in error.detail


def test_a_skill_that_ended_counts_no_more(world):
    filed = in_pool(world)
    can(world, world.repairer)
    can(world, world.repairer, "water")
    assert refusal(world, "grab", filed).reason == "not_skilled"
    rows = world.session.scalars(sa.select(WorkerSkill).where(WorkerSkill.ended_by_id.is_not(None))).all()
    assert len(rows) == 2


def test_a_full_hand_takes_nothing_more(world):
    can(world, world.repairer, most=1)
    do(world, "grab", in_pool(world))
    error = refusal(world, "grab", in_pool(world))
    assert error.reason == "load_full"
    assert "1单" in error.detail


def test_what_is_done_is_no_longer_in_hand(world):
    can(world, world.repairer, most=1)
    put_into(world, in_pool(world), "done_by_worker")
    do(world, "grab", in_pool(world))


def test_a_cap_of_ones_own_wins_over_that_for_all(world):
    can(world, world.repairer, most=2)
    can(world, world.other_repairer)
    items = skills.workers(
        world.session, actor=world.actor(world.manager), neighborhood_id=world.place.neighborhood.id, now=NOW
    )
    assert [(item["id"], item["most"]) for item in items] == [(world.repairer.id, 2), (world.other_repairer.id, 5)]


def test_a_cap_that_is_taken_away_leaves_its_row(world):
    can(world, world.repairer, most=2)
    can(world, world.repairer)
    rows = world.session.scalars(sa.select(LoadRule).where(LoadRule.person_id == world.repairer.id)).all()
    assert [(row.most, row.ends_at) for row in rows] == [(2, NOW)]


def test_only_repairers_of_the_neighborhood_have_skills(world):
    with pytest.raises(InvalidInput) as error:
        can(world, world.foreign_repairer)
    assert error.value.reason == "not_a_worker"


def test_an_unknown_category_is_no_skill(world):
    with pytest.raises(InvalidInput) as error:
        can(world, world.repairer, "rockets")
    assert error.value.reason == "category_unknown"


def test_turns_go_round_among_those_who_can_mend_it(world):
    for worker in (world.repairer, world.other_repairer):
        can(world, worker)
    given = []
    for hours in range(4):
        filed = in_pool(world)
        do(world, "rotate", filed, now=NOW + dt.timedelta(hours=hours))
        given.append(world.ticket(filed).assignee_id)
    assert given == [world.repairer.id, world.other_repairer.id] * 2
    assert hands_of(world, filed) == [(world.other_repairer.id, "rotated")]


def test_a_turn_passes_over_who_cannot_mend_it_or_has_enough(world):
    can(world, world.repairer, most=0)
    can(world, world.other_repairer, "water")
    error = refusal(world, "rotate", in_pool(world))
    assert error.reason == "nobody_in_turn"
    assert "直接派单" in error.detail


def test_a_colleague_is_asked_and_takes_over(world):
    filed = in_pool(world)
    do(world, "assign", filed)
    do(world, "transfer", filed)
    assert world.ticket(filed).assignee_id == world.repairer.id
    assert told(world, filed, world.other_repairer) == "同事想把活转给您"
    do(world, "take_over", filed)
    ticket = world.ticket(filed)
    assert (ticket.assignee_id, ticket.transfer_to_id, ticket.state.value) == (
        world.other_repairer.id,
        None,
        "accepted",
    )
    assert told(world, filed, world.repairer) == "同事接手了"
    assert hands_of(world, filed)[-1] == (world.other_repairer.id, "taken_over")


def test_a_colleague_who_says_no_leaves_it_where_it_was(world):
    filed = in_pool(world)
    do(world, "assign", filed)
    do(world, "transfer", filed)
    do(world, "turn_down", filed)
    ticket = world.ticket(filed)
    assert (ticket.assignee_id, ticket.transfer_to_id, ticket.state.value) == (world.repairer.id, None, "assigned")
    assert told(world, filed, world.repairer) == "同事没有接手"


def test_a_clock_that_ran_out_is_of_who_had_it_not_of_who_took_over(world):
    filed = in_pool(world)
    do(world, "assign", filed)
    do(world, "transfer", filed)
    late = world.ticket(filed).arrive_due_at + dt.timedelta(hours=1)
    do(world, "take_over", filed, now=late)
    misses = world.session.scalars(sa.select(TicketMiss).where(TicketMiss.ticket_id == filed.id)).all()
    assert [(miss.clock.value, miss.person_id) for miss in misses] == [("arrive", world.repairer.id)]


def test_who_takes_over_and_comes_again_does_not_move_the_first_arrival(world):
    filed = in_pool(world)
    for step in ("assign", "accept", "arrive", "transfer", "take_over"):
        do(world, step, filed)
    do(world, "arrive", filed, now=LATER)
    assert world.ticket(filed).arrived_at == NOW


@pytest.mark.parametrize("step", ["accept", "return", "cancel"])
def test_a_request_to_a_colleague_ends_with_whatever_happens_next(world, step):
    filed = in_pool(world)
    do(world, "assign", filed)
    do(world, "transfer", filed)
    do(world, step, filed)
    assert world.ticket(filed).transfer_to_id is None


def test_a_colleague_who_is_sent_by_the_station_need_not_take_over(world):
    filed = in_pool(world)
    do(world, "assign", filed)
    do(world, "transfer", filed)
    do(world, "assign", filed, assignee_id=world.other_repairer.id)
    assert world.ticket(filed).transfer_to_id is None


def test_whom_nobody_asks_any_more_is_told_so(world):
    filed = in_pool(world)
    do(world, "assign", filed)
    with pytest.raises(Conflict) as error:
        passing.take_over(world.session, actor=world.actor(world.other_repairer), now=NOW, ticket_id=filed.id)
    assert error.value.reason == "transfer_over"
    assert "我的活" in error.value.detail


def test_nobody_hands_over_to_themselves(world):
    filed = in_pool(world)
    do(world, "assign", filed)
    assert refusal(world, "transfer", filed, to_id=world.repairer.id).reason == "own_transfer"


def test_nobody_hands_over_to_somebody_who_does_not_repair_here(world):
    filed = in_pool(world)
    do(world, "assign", filed)
    for person in (world.foreign_repairer, world.manager, world.resident):
        assert refusal(world, "transfer", filed, to_id=person.id).reason == "not_a_worker"


@pytest.mark.parametrize("action", ["transfer", "return"])
def test_another_reason_needs_words(world, action):
    filed = in_pool(world)
    do(world, "assign", filed)
    reason = (TransferReason if action == "transfer" else ReturnReason).OTHER
    assert refusal(world, action, filed, reason=reason).reason == "reason_missing"
    do(world, action, filed, reason=reason, note="家里老人摔了")


def test_what_is_given_back_is_in_the_pool_again_and_counted(world):
    filed = in_pool(world)
    do(world, "assign", filed)
    do(world, "return", filed)
    ticket = world.ticket(filed)
    assert (ticket.state.value, ticket.assignee_id, ticket.return_count) == ("triaged", None, 1)
    assert told(world, filed, world.manager) == "师傅把单子交回来了"
    assert told(world, filed, world.resident) == "报修要重新派人"


def test_the_third_return_calls_the_next_level(world):
    filed = in_pool(world)
    called = []
    for _ in range(3):
        do(world, "assign", filed)
        do(world, "return", filed)
        called.append([event.detail["why"] for event in events(world, filed) if event.action == "raise"])
    assert called == [[], [], ["given_back"]]


def test_an_offer_of_help_moves_nothing_until_the_station_takes_it_up(world):
    filed = in_pool(world)
    do(world, "offer_help", filed, note="我以前是电工")
    assert world.ticket(filed).state.value == "triaged"
    assert told(world, filed, world.manager) == "有人愿意帮忙"
    items = helping.offers_of(world.session, actor=world.actor(world.manager), ticket_id=filed.id)
    assert [(item["helper"], item["words"], item["answer"]) for item in items] == [("赵*福", "我以前是电工", None)]


def test_one_offer_is_taken_up_and_the_others_are_thanked(world):
    filed = in_pool(world)
    do(world, "offer_help", filed)
    do(world, "accept_help", filed, offer_id=offered(world, filed, world.repairer))
    assert world.ticket(filed).assignee_id == world.repairer.id
    assert hands_of(world, filed) == [(world.repairer.id, "helper")]
    answers = dict(world.session.execute(sa.select(HelpOffer.person_id, HelpOffer.answer)).all())
    assert {person: one.value for person, one in answers.items()} == {
        world.repairer.id: "accepted",
        world.neighbor.id: "declined",
    }
    assert told(world, filed, world.neighbor) == "这次先不麻烦您了"


def test_who_has_no_post_cannot_be_sent(world):
    filed = in_pool(world)
    offer = offered(world, filed, world.neighbor)
    error = refusal(world, "accept_help", filed, offer_id=offer)
    assert error.reason == "helper_without_post"
    hire(world.session, world.neighbor, world.place.neighborhood, Role.REPAIRER)
    world.session.flush()
    do(world, "accept_help", filed, offer_id=offer)
    assert world.ticket(filed).assignee_id == world.neighbor.id


def test_an_offer_for_another_ticket_is_not_found(world):
    other = offered(world, in_pool(world), world.repairer)
    assert refusal(world, "accept_help", in_pool(world), offer_id=other).reason == "offer_not_found"


def test_nobody_offers_twice_or_for_their_own(world):
    filed = in_pool(world)
    do(world, "offer_help", filed)
    assert refusal(world, "offer_help", filed).reason == "offered_already"
    assert refusal(world, "offer_help", filed, actor=world.actor(world.resident)).reason == "own_ticket"


def test_who_only_looks_at_the_pool_does_not_see_whom_to_call(world):
    filed = in_pool(world)
    assert refusal(world, "reveal_contact", filed, actor=world.actor(world.repairer)).reason == "not_assignee"


@pytest.mark.parametrize(
    "statement",
    [
        "update ticket_assignment set person_id = given_by_id",
        "delete from ticket_assignment",
        "update help_offer set words = 'x'",
        "delete from help_offer",
    ],
)
def test_the_history_of_hands_stays(world, statement):
    filed = in_pool(world)
    do(world, "offer_help", filed)
    do(world, "grab", filed)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), world.session.begin_nested():
        world.session.execute(sa.text(statement))


def test_an_answer_to_an_offer_is_given_once(world):
    filed = in_pool(world)
    do(world, "accept_help", filed, offer_id=offered(world, filed, world.repairer))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), world.session.begin_nested():
        world.session.execute(sa.text("update help_offer set answer = 'declined', answered_at = :at"), {"at": LATER})
