"""The whole grid: every state with every action, against a table written by hand."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import OutboxMessage, TicketEvent
from services.errors import Conflict
from services.tickets.moves import MOVES, Action
from services.tickets.state_names import NEXT_STEP, STATE_NAMES
from tests.services.acting import PAID, do, put_into, tick
from tests.world import NOW

# What a person does: from which state to which.  Everything that is not here must be refused.
BY_PEOPLE = {
    "triage": {"submitted": "triaged", "triaged": "triaged"},
    "assign": {
        "submitted": "assigned",
        "triaged": "assigned",
        "assigned": "assigned",
        "accepted": "assigned",
        "reopened": "assigned",
    },
    "rotate": {"submitted": "assigned", "triaged": "assigned", "reopened": "assigned"},
    "offer_help": {"submitted": "stays", "triaged": "stays", "reopened": "stays"},
    "accept_help": {"submitted": "assigned", "triaged": "assigned", "reopened": "assigned"},
    "grab": {"triaged": "accepted", "reopened": "accepted"},
    "transfer": {"assigned": "assigned", "accepted": "accepted", "on_site": "on_site", "in_progress": "in_progress"},
    "take_over": dict.fromkeys(("assigned", "accepted", "on_site", "in_progress"), "accepted"),
    "turn_down": {"assigned": "assigned", "accepted": "accepted", "on_site": "on_site", "in_progress": "in_progress"},
    "return": dict.fromkeys(("assigned", "accepted", "on_site", "in_progress"), "triaged"),
    "survey": {state: state for state in ("triaged", "assigned", "accepted", "on_site", "in_progress", "paused",
                                          "done_by_worker", "reopened")},
    "quote": {state: state for state in ("accepted", "on_site", "in_progress", "paused")},
    "withdraw_quote": {state: state for state in ("accepted", "on_site", "in_progress", "paused")},
    "agree_quote": {state: state for state in ("assigned", "accepted", "on_site", "in_progress", "paused")},
    "decline_quote": {state: state for state in ("assigned", "accepted", "on_site", "in_progress", "paused")},
    "accept": {"assigned": "accepted"},
    "arrive": {"accepted": "on_site"},
    "make_safe": {"on_site": "on_site", "in_progress": "in_progress"},
    "start": {"on_site": "in_progress"},
    "pause": {"accepted": "paused", "on_site": "paused", "in_progress": "paused"},
    "resume": {"paused": "in_progress"},
    "finish": {"in_progress": "done_by_worker"},
    "confirm": {"done_by_worker": "confirmed"},
    "reopen": {
        "done_by_worker": "reopened",
        "confirmed": "reopened",
        "auto_confirmed": "reopened",
        "rated": "reopened",
    },
    "rate": {"confirmed": "rated", "auto_confirmed": "rated"},
    "close": {"confirmed": "closed", "auto_confirmed": "closed", "rated": "closed"},
    "reject": {"submitted": "rejected", "triaged": "rejected"},
    "redirect": {"submitted": "redirected", "triaged": "redirected"},
    "cancel": {"submitted": "cancelled", "triaged": "cancelled", "assigned": "cancelled", "accepted": "cancelled"},
    "note": dict.fromkeys(
        ("submitted", "triaged", "assigned", "accepted", "on_site", "in_progress", "paused", "done_by_worker",
         "confirmed", "auto_confirmed", "reopened", "rated"), "stays"),
    "urge": dict.fromkeys(
        ("submitted", "triaged", "assigned", "accepted", "on_site", "in_progress", "reopened"), "stays"),
    "call_back": dict.fromkeys(("done_by_worker", "confirmed", "auto_confirmed", "rated", "closed"), "stays"),
    "reveal_contact": dict.fromkeys(
        ("submitted", "triaged", "assigned", "accepted", "on_site", "in_progress", "paused", "done_by_worker",
         "confirmed", "auto_confirmed", "reopened", "rated"), "stays"),
}  # fmt: skip
BY_CLOCK = {
    "remind": dict.fromkeys(
        ("submitted", "triaged", "assigned", "accepted", "on_site", "in_progress", "paused", "reopened"), "stays"
    ),
    "overdue": dict.fromkeys(
        ("submitted", "triaged", "assigned", "accepted", "on_site", "in_progress", "paused", "reopened"), "stays"
    ),
    "hold_end": {"paused": "in_progress"},
    "auto_confirm": {"done_by_worker": "auto_confirmed"},
    "file_away": {"confirmed": "closed", "auto_confirmed": "closed", "rated": "closed"},
}
RAISED = {"raise": BY_PEOPLE["note"]}
"""What follows from something else: `test_timing`, `test_after`."""
STATES = (
    "submitted", "triaged", "assigned", "accepted", "on_site", "in_progress", "paused", "done_by_worker", "confirmed",
    "auto_confirmed", "reopened", "rated", "closed", "rejected", "redirected", "cancelled",
)  # fmt: skip


def events_of(world, filed):
    query = sa.select(TicketEvent).where(TicketEvent.ticket_id == filed.id).order_by(TicketEvent.id)
    return list(world.session.scalars(query))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", BY_PEOPLE)
def test_the_right_person_can_do_it_exactly_where_the_table_says(world, action, state):
    filed = world.file(**({"home_id": world.place.home.id} if action in PAID else {}))
    other = {"assignee_id": world.other_repairer.id} if action == "assign" else {}
    ticket = put_into(world, filed, state)
    before = ticket.version
    target = BY_PEOPLE[action].get(state)
    if target is None:
        with pytest.raises(Conflict) as refused:
            do(world, action, filed, **other)
        assert refused.value.reason == "state_forbids"
        assert refused.value.facts == {"state": state}
        assert STATE_NAMES[ticket.state] in refused.value.detail
        assert NEXT_STEP[ticket.state] in refused.value.detail
        assert world.ticket(filed).state.value == state
        assert len(events_of(world, filed)) == 1
        return
    do(world, action, filed, **other)
    ticket = world.ticket(filed)
    assert ticket.state.value == (state if target == "stays" else target)
    assert ticket.version == before + (target != "stays")
    event = events_of(world, filed)[-1]
    assert (event.action, event.from_state.value, event.to_state) == (action, state, ticket.state)
    assert event.actor_id is not None
    queued = world.session.scalar(sa.select(OutboxMessage).where(OutboxMessage.subject_id == event.id))
    assert queued.topic == "ticket.event"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", BY_CLOCK)
def test_the_clock_does_it_exactly_where_the_table_says(world, action, state):
    filed = world.file()
    due = NOW + dt.timedelta(minutes=10)
    put_into(world, filed, state, next_due_at=due, state_since=NOW - dt.timedelta(days=8))
    target = BY_CLOCK[action].get(state)
    changed = tick(world, action, now=due if action == "overdue" else NOW)
    ticket = world.ticket(filed)
    assert changed == (0 if target is None else 1)
    assert ticket.state.value == (state if target in {None, "stays"} else target)
    event = events_of(world, filed)[-1]
    if target is None:
        assert event.action == "file"
    else:
        assert (event.action, event.actor_id, event.role) == (action.replace("file_away", "close"), None, None)


def test_the_hand_written_tables_know_every_action():
    assert (set(BY_PEOPLE) | set(BY_CLOCK) | set(RAISED)) - {"file_away"} == {action.value for action in Action} - {
        "file"
    }


def test_the_table_of_moves_is_the_hand_written_one():
    def written(action, move):
        if action in {Action.RESUME, Action.HOLD_END}:
            return {source.value: "in_progress" for source in move.sources}
        stays = (
            "stays"
            if action.value
            in {"note", "reveal_contact", "remind", "overdue", "raise", "urge", "call_back", "offer_help"}
            else None
        )
        return {source.value: move.target.value if move.target else (stays or source.value) for source in move.sources}

    by_hand = {**BY_PEOPLE, **BY_CLOCK, **RAISED}
    assert {action.value: written(action, move) for action, move in MOVES.items()} == {
        action.value: by_hand[action.value] for action in MOVES
    }


def test_every_state_has_a_name_and_a_next_step():
    assert set(STATES) == {state.value for state in STATE_NAMES} == {state.value for state in NEXT_STEP}
