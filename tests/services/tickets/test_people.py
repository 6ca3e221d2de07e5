"""Every action with the wrong person: not theirs, not assigned, not the reporter, not in this neighborhood."""

import pytest

from models import Role
from services import access
from services.errors import NotFound, WrongHat
from services.tickets.moves import MOVES, Whose
from tests.services.acting import FROM_THE_POOL, RESIDENT, STATION, WORKER, do, put_into
from tests.world import hire, move_in

# A state in which the action is allowed, so that only the person decides.
ALLOWED_IN = {
    "triage": "submitted", "assign": "triaged", "reject": "submitted", "redirect": "submitted", "close": "confirmed",
    "accept": "assigned", "arrive": "accepted", "make_safe": "on_site", "start": "on_site", "pause": "in_progress",
    "resume": "paused", "finish": "in_progress", "confirm": "done_by_worker", "reopen": "confirmed",
    "survey": "accepted", "quote": "accepted", "withdraw_quote": "accepted", "agree_quote": "accepted",
    "decline_quote": "accepted",
    "urge": "assigned", "call_back": "confirmed", "rotate": "triaged", "accept_help": "triaged", "transfer": "accepted",
    "return": "accepted", "grab": "triaged", "take_over": "accepted", "turn_down": "accepted", "offer_help": "triaged",
    "rate": "confirmed", "cancel": "submitted", "note": "triaged", "reveal_contact": "triaged",
}  # fmt: skip
OUT_OF_SCOPE = ("far_neighbor", "stranger", "foreign_repairer", "foreign_manager")


@pytest.mark.parametrize("action", ALLOWED_IN)
@pytest.mark.parametrize("who", OUT_OF_SCOPE)
def test_to_those_out_of_scope_the_ticket_does_not_exist(world, action, who):
    filed = world.file()
    put_into(world, filed, ALLOWED_IN[action])
    with pytest.raises(NotFound) as refused:
        do(world, action, filed, actor=world.actor(getattr(world, who)))
    assert refused.value.reason == "ticket_not_found"
    assert world.ticket(filed).version == 1


@pytest.mark.parametrize("action", sorted(set(ALLOWED_IN) - set(FROM_THE_POOL)))
def test_another_worker_sees_only_what_is_in_the_pool(world, action):
    filed = world.file()
    put_into(world, filed, ALLOWED_IN[action])
    other = world.actor(world.other_repairer)
    if ALLOWED_IN[action] == "triaged":
        assert access.ticket_for(world.session, other, filed.id).id == filed.id
    else:
        with pytest.raises(NotFound) as refused:
            do(world, action, filed, actor=other)
        assert refused.value.reason == "ticket_not_found"
        assert world.ticket(filed).version == 1


@pytest.mark.parametrize("action", WORKER)
@pytest.mark.parametrize("who", ["manager", "grid_leader", "resident", "neighbor"])
def test_only_the_assigned_repairer_works_on_it(world, action, who):
    filed = world.file()
    put_into(world, filed, ALLOWED_IN[action])
    with pytest.raises(WrongHat) as refused:
        do(world, action, filed, actor=world.actor(getattr(world, who)))
    assert refused.value.reason == "not_assignee"
    assert world.ticket(filed).version == 1


@pytest.mark.parametrize("action", RESIDENT)
@pytest.mark.parametrize("who", ["neighbor", "manager", "repairer", "grid_leader", "community_officer"])
def test_only_the_reporter_says_how_it_is(world, action, who):
    filed = world.file()
    put_into(world, filed, ALLOWED_IN[action])
    with pytest.raises(WrongHat) as refused:
        do(world, action, filed, actor=world.actor(getattr(world, who)))
    assert refused.value.reason == "not_reporter"
    assert world.ticket(filed).version == 1


@pytest.mark.parametrize("action", STATION)
def test_a_grid_leader_of_another_grid_sees_nothing(world, action):
    hire(world.session, world.far_neighbor, world.place.other_building, Role.GRID_LEADER)
    filed = world.file()
    put_into(world, filed, ALLOWED_IN[action])
    with pytest.raises(NotFound):
        do(world, action, filed, actor=world.actor(world.far_neighbor, Role.GRID_LEADER))


def test_a_repairer_who_was_replaced_sees_the_ticket_no_more(world):
    filed = world.file()
    do(world, "assign", filed)
    do(world, "assign", filed, assignee_id=world.other_repairer.id)
    with pytest.raises(NotFound):
        do(world, "accept", filed, actor=world.actor(world.repairer))
    do(world, "accept", filed, actor=world.actor(world.other_repairer))


def test_a_resident_who_moved_in_sees_what_is_common_but_not_what_is_in_homes(world):
    common, inside = world.file(), world.file(home_id=world.place.home.id)
    move_in(world.session, world.stranger, world.place.home)
    actor = world.actor(world.stranger)
    do(world, "note", common, actor=actor)
    with pytest.raises(NotFound):
        do(world, "note", inside, actor=actor)


def test_a_worker_in_the_residents_hat_is_a_resident(world):
    filed = world.file()
    put_into(world, filed, "assigned")
    with pytest.raises(NotFound):
        do(world, "note", filed, actor=world.actor(world.repairer, Role.RESIDENT))


def test_the_table_says_whose_each_move_is():
    whose = {action.value: move.whose for action, move in MOVES.items()}
    assert whose == {
        **dict.fromkeys((*STATION, "call_back"), Whose.STATION),
        **dict.fromkeys(WORKER, Whose.ASSIGNEE),
        **dict.fromkeys(RESIDENT, Whose.REPORTER),
        **dict.fromkeys(("note", "reveal_contact", "offer_help"), Whose.ANYBODY),
        **dict.fromkeys(("take_over", "turn_down"), Whose.ASKED),
        "grab": Whose.WORKER,
        "survey": Whose.HANDLER,
        **dict.fromkeys(("auto_confirm", "remind", "overdue", "hold_end", "raise"), Whose.CLOCK),
    }
