"""Every number equals what the rows of events say, counted once more by hand in another way."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import Satisfaction, Ticket, TicketEvent
from services.clocks import SHANGHAI
from services.errors import ServiceError
from services.indices import counting, listing
from services.indices.facts import Scope
from services.indices.parts import BY_WORKER, PARTS, Part
from services.reading.pages import PageRequest
from tests.services.acting import do, tick
from tests.world import NOW

ANSWERS = {"triage", "assign", "rotate", "reject", "redirect", "accept_help"}
STEPS = (
    "triage",
    "assign",
    "accept",
    "arrive",
    "start",
    "finish",
    "confirm",
    "rate",
    "reopen",
    "cancel",
    "reject",
    "close",
)
SWEEPS = ("remind", "overdue", "auto_confirm", "file_away")
WORK, AGAIN = "work", "again"
USUAL = {
    "submitted": "triage",
    "triaged": "assign",
    "reopened": "assign",
    "assigned": "accept",
    "accepted": "arrive",
    "on_site": "start",
    "in_progress": "finish",
}
"""The usual next step of a repair, until the worker says that it is done."""
WORDS = ("confirm", "confirm", "rate", "rate", "reopen", "auto_confirm")
WAITS = (dt.timedelta(), dt.timedelta(minutes=30), dt.timedelta(hours=9), dt.timedelta(days=8))
acts = st.tuples(
    st.sampled_from(STEPS + SWEEPS + WORDS + WORDS + (WORK,) * 10 + (AGAIN,) * 2),
    st.sampled_from(WAITS),
    st.integers(0, 11),
    st.sampled_from(list(Satisfaction)),
)

AT_ONCE, A_WEEK = WAITS[0], WAITS[-1]
EVERYTHING = [
    *((WORK, AT_ONCE, which, Satisfaction.FAIR) for which in (0, 1)),
    *((act, AT_ONCE, which, step) for which, step in ((0, Satisfaction.SATISFIED), (1, Satisfaction.MOSTLY))
      for act in ("confirm", "rate")),
    *((AGAIN, WAITS[1], 0, Satisfaction.FAIR) for _ in range(4)),
    *((WORK, AT_ONCE, which, Satisfaction.FAIR) for which in (3, 4, 5)),
    *((act, AT_ONCE, which, step) for which, step in ((3, Satisfaction.FAIR), (4, Satisfaction.UNSATISFIED))
      for act in ("confirm", "rate")),
    ("reopen", AT_ONCE, 5, Satisfaction.FAIR),
    *((WORK, AT_ONCE, which, Satisfaction.FAIR) for which in (5, 6)),
    ("auto_confirm", A_WEEK, 0, Satisfaction.FAIR),
    ("reopen", AT_ONCE, 6, Satisfaction.FAIR),
    ("overdue", A_WEEK, 0, Satisfaction.FAIR),
    (AGAIN, AT_ONCE, 0, Satisfaction.FAIR),
    (WORK, AT_ONCE, 7, Satisfaction.FAIR),
    *((AGAIN, AT_ONCE, 0, Satisfaction.FAIR) for _ in range(2)),
    ("reject", AT_ONCE, 8, Satisfaction.FAIR),
]  # fmt: skip
"""All four ratings; silence after a word, and a word after silence; in time first, late later; done without a word."""


class Life:
    """Some tickets of one home to which things happen; what is refused does not happen."""

    def __init__(self, world):
        self.world, self.now = world, NOW
        self.tickets, self.due = [], {}
        for _ in range(3):
            self.report()

    def report(self):
        filed = self.world.file(category="noise", now=self.now)
        self.tickets.append(filed)
        self.due[filed.id] = self.world.ticket(filed).answer_due_at

    def work(self, filed):
        while (step := USUAL.get(self.world.ticket(filed).state.value)) is not None:
            do(self.world, step, filed, now=self.now)

    def happens(self, act, wait, which, satisfaction):
        self.now += wait
        filed = self.tickets[which % len(self.tickets)]
        try:
            if act == AGAIN:
                self.report()
            elif act == WORK:
                self.work(filed)
            elif act in SWEEPS:
                tick(self.world, act, now=self.now)
            else:
                do(self.world, act, filed, now=self.now, **({"satisfaction": satisfaction} if act == "rate" else {}))
        except ServiceError:
            return


def live(world, story):
    """Let a story happen; return the deadline that each ticket was given, and when the story ends."""
    life = Life(world)
    for act in story:
        life.happens(*act)
    tick(world, "overdue", now=life.now)
    return life.due, life.now


def recounted(world, due, now):
    """The tickets of each part, from the events alone and the deadline that each ticket was given."""
    found = {part: set() for part in Part}
    rows = world.session.execute(
        sa.select(TicketEvent.ticket_id, TicketEvent.action, TicketEvent.at, TicketEvent.detail, TicketEvent.actor_id)
        .where(TicketEvent.ticket_id.in_(due))
        .order_by(TicketEvent.id)
    ).all()
    for ticket_id in due:
        events = [row for row in rows if row.ticket_id == ticket_id]
        answers = [row.at for row in events if row.action in ANSWERS]
        ended = [row.at for row in events if row.action == "cancel"]
        answered = min(answers, default=None)
        looked_until = min([*ended, now])
        late = (answered or looked_until) > due[ticket_id] or (
            answered is None and looked_until == due[ticket_id] == now
        )
        away = any(row.action in {"reject", "redirect"} for row in events)
        words = [row.action for row in events if row.action in {"confirm", "reopen"}]
        last_word = max((at for at, row in enumerate(events) if row.action in {"confirm", "reopen"}), default=-1)
        silence = max((at for at, row in enumerate(events) if row.action == "auto_confirm"), default=-1)
        rating = [row.detail["satisfaction"] for row in events if row.action == "rate"]
        holds = {
            Part.ALL: True,
            Part.LATE: late,
            Part.IN_TIME: answered is not None and not late and not away,
            Part.TURNED_AWAY: away and not late,
            Part.UNANSWERED: answered is None and not late,
            Part.FIXED: words[-1:] == ["confirm"],
            Part.NOT_FIXED: words[-1:] == ["reopen"],
            Part.NO_WORD: not words,
            Part.SILENT: silence > last_word,
            Part.DONE: any(row.action == "finish" for row in events),
            Part.CAME_BACK: any(row.detail.get("came_back_of_id") == ticket_id for row in rows),
            **{Part(step.value): rating[-1:] == [step.value] for step in Satisfaction},
        }
        for part, does in holds.items():
            if does:
                found[part].add(ticket_id)
    return found


def scope_of(world, *, until=NOW):
    """From the month in which the stories begin through the month of ``until``."""
    first, last = NOW.astimezone(SHANGHAI), until.astimezone(SHANGHAI)
    begins, ends = counting.month_of(first.year, first.month)[0], counting.month_of(last.year, last.month)[1]
    return Scope(world.place.neighborhood.path, begins, ends)


def listed(world, scope, part):
    page = listing.tickets(world.session.connection(), scope, part=part, page=PageRequest(limit=100))
    return {row["id"] for row in page.items}


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=st.lists(acts, min_size=5, max_size=40))
def test_counts_and_lists_equal_a_recount_of_the_events(world, story):
    with world.session.begin_nested() as nested:
        agree(world, story)
        nested.rollback()
    world.session.expire_all()


def test_a_story_that_reaches_every_part_is_counted_as_its_events_say(world):
    """What is compared above is never only nothing with nothing."""
    expected = agree(world, EVERYTHING)
    assert {part for part in PARTS if not expected[part]} == set()


def agree(world, story):
    """Let a story happen, and compare each number and its list with the recount, which is returned."""
    due, now = live(world, story)
    expected, scope = recounted(world, due, now), scope_of(world, until=now)
    counts = counting.whole(world.session.connection(), scope)
    assert set(world.session.scalars(sa.select(Ticket.id))) == set(due)
    for part in PARTS:
        assert listed(world, scope, part) == expected[part], part
        assert counts[part] == len(expected[part]), part
    return expected


def test_rows_of_categories_and_units_add_up_to_the_whole(world):
    for category in ("noise", "elec", "noise"):
        filed = world.file(category=category)
        do(world, "triage", filed)
    scope, connection = scope_of(world), world.session.connection()
    whole = counting.whole(connection, scope)
    unit = counting.Unit(world.place.neighborhood.id, world.place.neighborhood.path)
    for rows in (counting.by_category(connection, scope), counting.by_unit(connection, unit, scope)):
        for part in PARTS:
            assert sum(row.counts[part] for row in rows) == whole[part]
    assert whole[Part.ALL] == 3


def test_a_workers_row_counts_their_work_and_not_the_stations_answers(world):
    filed = world.file(category="noise")
    for action in ("triage", "assign", "accept", "arrive", "start", "finish", "confirm", "rate"):
        do(world, action, filed)
    (row,) = counting.by_worker(world.session.connection(), scope_of(world))
    assert row.key == str(world.repairer.id)
    assert {part: count for part, count in row.counts.items() if count} == {
        Part.FIXED: 1, Part.SATISFIED: 1, Part.DONE: 1,
    }  # fmt: skip
    assert set(row.counts) - set(BY_WORKER) >= {Part.IN_TIME, Part.LATE}


def test_months_without_tickets_are_shown_as_nothing(world):
    do(world, "triage", world.file())
    local = NOW.astimezone(SHANGHAI)
    months = [(local.year, local.month - 1), (local.year, local.month)]
    scope = Scope(world.place.neighborhood.path, counting.month_of(*months[0])[0], counting.month_of(*months[1])[1])
    before, this = counting.by_month(world.session.connection(), scope, months)
    assert (before.counts[Part.ALL], this.counts[Part.ALL]) == (0, 1)
    assert before.rates.response.percent is None


def test_a_ticket_belongs_to_the_month_of_shanghai_in_which_it_was_reported(world):
    filed = world.ticket(world.file())
    begins, ends = counting.month_of(2026, 11)
    for at, inside in ((begins, True), (begins - dt.timedelta(seconds=1), False), (ends, False)):
        filed.submitted_at = at
        world.session.flush()
        scope = Scope(world.place.neighborhood.path, begins, ends)
        assert counting.whole(world.session.connection(), scope)[Part.ALL] == inside
    assert begins == dt.datetime(2026, 10, 31, 16, tzinfo=dt.UTC)
