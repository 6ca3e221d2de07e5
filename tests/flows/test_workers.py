import time
from collections import Counter

import pytest

from tests.flows.scene import scene

TICKETS = 40


@pytest.mark.slow
def test_two_workers_at_once_send_nothing_twice(databases, tmp_path):
    with scene(tmp_path, databases.fresh(), workers=2) as play:
        play.assign_tickets(TICKETS, "phone")

        _wait(lambda: play.states().get(("subscribe", "sent")) == TICKETS)

        times = Counter(play.received("phone"))
        assert len(times) == TICKETS
        assert set(times.values()) == {1}


@pytest.mark.slow
def test_messages_wait_while_wechat_is_away_and_none_is_lost(databases, tmp_path):
    with scene(tmp_path, databases.fresh()) as play:
        play.sandbox.call("PUT", "faults/send", {"http": 500, "times": None})
        play.assign_tickets(3, "phone")
        play.work()
        assert play.states()["subscribe", "waiting"] == 3

        play.sandbox.call("DELETE", "faults")
        play.two_minutes_pass()
        play.work()

        assert play.states()["subscribe", "sent"] == 3
        assert len(play.received("phone")) == 3


def _wait(done, seconds=180):
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "nothing came"
        time.sleep(0.2)


@pytest.mark.slow
def test_a_hanging_robot_endpoint_holds_up_no_subscribe_message(databases, tmp_path):
    with scene(tmp_path, databases.fresh(), workers=1) as play:
        key = play.sandbox.add_group("g", "服务站群")
        play.sandbox.call("PUT", "faults/group", {"delay": 60.0, "times": None})
        play.assign_tickets(8, "phone", robot=key)

        _wait(lambda: play.states().get(("subscribe", "sent")) == 8)

        assert play.states().get(("robot", "sent"), 0) == 0
        held = play.posts("file", "assign")
        assert held["sending"] + held["waiting"] == 16

        play.sandbox.call("DELETE", "faults")
        play.two_minutes_pass()
        _wait(lambda: play.posts("file", "assign")["sent"] == 16)
