"""Random lives of tickets against a simple model: whatever order things happen in, what is told stays true.

The model knows the state, the round and what was said.  Each track of rules adds its own: a rule, and what must hold after.
"""

import datetime as dt
import itertools

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models import Satisfaction, TicketEvent, TicketHold, TicketMiss, TicketTruth, TruthKind
from services.errors import ServiceError
from services.tickets import callbacks, clockwork, misses
from tests.services.acting import PAID, WORKER, do, tick
from tests.services.tickets.test_grid import BY_CLOCK, BY_PEOPLE
from tests.world import NOW

WORD_OF = {
    "done_by_worker": TruthKind.DONE,
    "confirmed": TruthKind.FIXED,
    "auto_confirmed": TruthKind.SILENCE,
    "rated": TruthKind.RATED,
}
SETTLED = {"closed", "rejected", "redirected", "cancelled"}
# Refusals by rules that this model leaves to the tests next door.
RULES = {"reopened_enough", "already_assigned", "hold_used_up", "photo_missing", "emergency_no_pause", "taken_already",
         "offered_already", "same_party"}  # fmt: skip
ACTIONS = sorted(set(BY_PEOPLE) - {"urge", "call_back", "make_safe", "reveal_contact", *PAID})
waits = st.sampled_from([dt.timedelta(minutes=20), dt.timedelta(hours=5), dt.timedelta(days=1), dt.timedelta(days=8)])


class Lives(RuleBasedStateMachine):
    """One ticket, tried with everything by the right people, with time passing between."""

    world = None

    @initialize()
    def report(self):
        self.nested = self.world.session.begin_nested()
        self.now = NOW
        self.filed = self.world.file(category="noise")
        self.state, self.round, self.paused_from = "submitted", 0, None
        self.said = []

    @rule(action=st.sampled_from(ACTIONS), satisfaction=st.sampled_from(list(Satisfaction)))
    def somebody_does(self, action, satisfaction):
        more = {"satisfaction": satisfaction} if action == "rate" else {}
        target = BY_PEOPLE[action].get(self.state)
        refused = self._try(action, **more)
        if refused is None:
            assert target is not None
            self._moved(action, target, satisfaction)
        elif refused in {"ticket_not_found", "not_assignee"}:  # nobody has it, or it is in the pool
            assert action in {*WORKER, "survey"}
            assert self.world.ticket(self.filed).assignee_id is None
        elif refused == "state_forbids":
            assert target is None
        else:
            assert refused in RULES

    @precondition(lambda self: self.state not in SETTLED)
    @rule(pick=st.integers(0, 10_000), satisfaction=st.sampled_from(list(Satisfaction)))
    def somebody_does_what_is_allowed(self, pick, satisfaction):
        """So that lives get old: most of what anybody might try is refused."""
        lively = [name for name in ACTIONS if BY_PEOPLE[name].get(self.state) not in {None, "stays", *SETTLED}]
        if lively:
            self.somebody_does(action=lively[pick % len(lively)], satisfaction=satisfaction)

    def _try(self, action, **more):
        """Return the code of the refusal, or nothing."""
        try:
            do(self.world, action, self.filed, now=self.now, **more)
        except ServiceError as error:
            return error.reason
        return None

    @rule(wait=waits)
    def time_passes(self, wait):
        self.now += wait

    @rule(sweep=st.sampled_from(sorted(BY_CLOCK)))
    def the_clock_looks(self, sweep):
        target = BY_CLOCK[sweep].get(self.state)
        changed = tick(self.world, sweep, now=self.now)
        if changed:
            assert target is not None
            self._moved(sweep, target, None)

    @rule()
    def the_next_level_is_called(self):
        misses.escalate(self.world.session, now=self.now)

    def _moved(self, action, target, satisfaction):
        if action == "pause":
            self.paused_from = self.state
        if action in {"resume", "hold_end"}:
            target = self.paused_from
        words = {"finish": TruthKind.DONE, "confirm": TruthKind.FIXED, "rate": TruthKind.RATED,
                 "reopen": TruthKind.NOT_FIXED, "auto_confirm": TruthKind.SILENCE}  # fmt: skip
        if action in words:
            self.said.append((words[action], self.round, satisfaction if action == "rate" else None))
        self.round += action == "reopen"
        if target != "stays":
            self.state = target

    @invariant()
    def the_ticket_is_where_the_model_says(self):
        ticket = self.world.ticket(self.filed)
        assert (ticket.state.value, ticket.reopen_count) == (self.state, self.round)
        assert (ticket.settled_at is not None) == (self.state in SETTLED)
        assert ticket.next_due_at == clockwork.next_due(ticket)

    @invariant()
    def exactly_what_was_said_is_on_record(self):
        rows = self.world.session.execute(
            sa.select(TicketTruth.kind, TicketTruth.round, TicketTruth.satisfaction)
            .where(TicketTruth.ticket_id == self.filed.id)
            .order_by(TicketTruth.id)
        ).all()
        assert [tuple(row) for row in rows] == self.said
        word = WORD_OF.get(self.state)
        assert word is None or (word, self.round) in {(kind, round_) for kind, round_, _ in self.said}

    @invariant()
    def silence_never_satisfies(self):
        ticket = self.world.ticket(self.filed)
        rated = [how for kind, round_, how in self.said if (kind, round_) == (TruthKind.RATED, self.round)]
        assert ticket.satisfaction == (rated[0] if rated else None)

    @invariant()
    def holds_are_open_exactly_while_it_stands_still(self):
        still = self.world.session.scalar(
            sa.select(sa.func.count()).where(TicketHold.ticket_id == self.filed.id, TicketHold.ended_at.is_(None))
        )
        assert still == (self.state == "paused")

    @invariant()
    def every_miss_was_one(self):
        rows = self.world.session.scalars(sa.select(TicketMiss).where(TicketMiss.ticket_id == self.filed.id)).all()
        assert all(row.due_at <= row.noticed_at and row.round <= self.round for row in rows)
        assert len({(row.round, row.clock) for row in rows}) == len(rows)

    @invariant()
    def events_lead_from_state_to_state(self):
        rows = self.world.session.execute(
            sa.select(TicketEvent.from_state, TicketEvent.to_state)
            .where(TicketEvent.ticket_id == self.filed.id)
            .order_by(TicketEvent.id)
        ).all()
        assert rows[0].from_state is None
        assert all(after.from_state is before.to_state for before, after in itertools.pairwise(rows))
        assert rows[-1].to_state.value == self.state

    def teardown(self):
        if hasattr(self, "nested"):
            self.nested.rollback()
            self.world.session.expire_all()


@pytest.mark.slow
def test_whatever_happens_what_is_told_stays_true(world, monkeypatch):
    monkeypatch.setattr(callbacks, "drawn", lambda: True)
    lives = type("LivesHere", (Lives,), {"world": world})
    run_state_machine_as_test(
        lives,
        settings=settings(
            max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
