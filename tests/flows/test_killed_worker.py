import signal
from collections import Counter

import pytest

from tests.flows.killed_worker import POINTS, run_until_killed
from tests.flows.scene import scene

TICKETS = 12
NEVER_CALLED = {"while expanding", "before the first call"}


@pytest.mark.slow
def test_a_worker_killed_at_any_point_loses_no_message(databases, tmp_path):
    with scene(tmp_path, databases.fresh()) as play:
        for round_, point in enumerate(POINTS, start=1):
            phone = f"phone-{round_}"
            play.assign_tickets(TICKETS, phone)

            assert run_until_killed(point, play.settings) == -signal.SIGKILL, point

            play.two_minutes_pass()
            play.work()

            times = Counter(play.received(phone))
            assert len(times) == TICKETS, f"{point}: lost"
            expected = {
                ("event", "sent"): 2 * TICKETS * round_,
                ("subscribe", "sent"): TICKETS * round_,
                # Whoever reported these has no phone here, so their words wait for the station's own look.
                ("check", "refused"): TICKETS * round_,
            }
            assert play.states() == expected, point
            if point in NEVER_CALLED:
                assert set(times.values()) == {1}, f"{point}: sent twice"
