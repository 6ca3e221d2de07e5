"""Whatever comes in and however slow the answers: never more than twenty posts in a minute, in order, and all of them.

The model is a list of moments for each robot.  Workers are turns under way with an end each; some die before it.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import Channel, OutboxMessage, RobotPost
from services import outbox
from services.groups import pacing, speaking
from tests.services.test_deliveries import happen
from tests.world import NOW

MINUTE = dt.timedelta(seconds=60)

bursts = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(1, 45)), min_size=1, max_size=4
)  # which robot, seconds after the burst before, how many messages
calls = st.lists(st.sampled_from([0.05, 0.3, 2.0, 7.9]), min_size=1, max_size=6)
deaths = st.lists(st.booleans().map(lambda lives: not lives), min_size=1, max_size=7)


@dataclass
class Simulation:
    """Several workers on one queue, in a time of their own."""

    world: object
    durations: list[float]
    dying: list[bool]
    now: dt.datetime = NOW
    posts: dict = field(default_factory=lambda: defaultdict(list))
    heard: dict = field(default_factory=lambda: defaultdict(list))
    under_way: list = field(default_factory=list)
    count: int = 0

    def begin_turns(self, limit: int) -> None:
        for turn in pacing.claim(self.world.session, vault=self.world.vault, now=self.now, limit=limit):
            self.count += 1
            dies = self.dying[self.count % len(self.dying)]
            spoken, at = speaking.Spoken(turn), self.now
            for post in turn.posts:
                at += dt.timedelta(seconds=self.durations[(self.count + len(spoken.tried)) % len(self.durations)])
                self.posts[turn.group_id].append(at)
                self.heard[turn.group_id] += [message.id for message in post.messages]
                spoken.tried.append((post, None))
                if dies:
                    break
            if not dies:
                self.under_way.append((at, spoken))

    def end_turns(self) -> None:
        for end, spoken in sorted((one for one in self.under_way if one[0] <= self.now), key=lambda one: one[0]):
            speaking.settle(self.world.session, spoken, now=end)
            self.under_way.remove((end, spoken))

    def queue(self, group, event: int) -> None:
        self.count += 1
        outbox.enqueue(
            self.world.session, channel=Channel.ROBOT, topic="robot", dedupe_key=f"model:{group.id}:{self.count}",
            subject_id=group.id, payload={"event_id": event}, now=self.now,
        )  # fmt: skip

    def waiting(self) -> int:
        self.world.session.expire_all()
        queue = self.world.session.query(OutboxMessage).filter_by(channel=Channel.ROBOT)
        return queue.filter(OutboxMessage.state.in_(["waiting", "sending"])).count()


def run(world, event, arrivals, durations, dying, step):
    session = world.session
    groups = [world.group(f"robot-{number}") for number in range(3)]
    play = Simulation(world, durations, dying)
    due = list(arrivals)
    next_at = NOW
    while due or play.waiting():
        while due and next_at + dt.timedelta(seconds=due[0][1]) <= play.now:
            number, gap, many = due.pop(0)
            next_at += dt.timedelta(seconds=gap)
            for _ in range(many):
                play.queue(groups[number], event)
        play.end_turns()
        play.begin_turns(limit=2)
        play.now += dt.timedelta(seconds=step)
    queue = session.query(OutboxMessage).filter_by(channel=Channel.ROBOT).order_by(OutboxMessage.id)
    asked = {group.id: [row.id for row in queue.filter_by(subject_id=group.id)] for group in groups}
    session.query(RobotPost).delete()
    session.query(OutboxMessage).delete()
    return play, asked


def most_in_a_minute(moments):
    moments = sorted(moments)
    return max((sum(one <= other < one + MINUTE for other in moments) for one in moments), default=0)


@given(arrivals=bursts, durations=calls, step=st.sampled_from([3, 11]))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_more_than_twenty_a_minute_in_order_and_each_once(world, arrivals, durations, step):
    event = happen(world, "overdue")
    play, asked = run(world, event, arrivals, durations, [False], step)
    assert all(most_in_a_minute(moments) <= 20 for moments in play.posts.values())
    assert {group: heard for group, heard in asked.items() if heard} == dict(play.heard)


@given(arrivals=bursts, durations=calls, dying=deaths)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_when_workers_die_nothing_is_lost_and_the_minute_still_holds(world, arrivals, durations, dying):
    event = happen(world, "overdue")
    play, asked = run(world, event, arrivals, durations, [*dying, False], 5)
    assert all(most_in_a_minute(moments) <= 20 for moments in play.posts.values())
    for group, ids in asked.items():
        first_times = list(dict.fromkeys(play.heard[group]))
        assert set(first_times) == set(ids)
        assert all(earlier < later for earlier, later in pairwise(first_times))
