import subprocess
import sys
from collections import Counter

import pytest

from tests.flows.scene import scene

TICKETS = 12
NEVER_CALLED_TWICE = {"while expanding", "before the first call"}
POINTS = [
    "while expanding",
    "before the first call",
    "between calls",
    "before settling",
    "before the settling is committed",
]


@pytest.mark.slow
def test_a_worker_killed_at_any_point_loses_no_message(databases, tmp_path):
    for point in POINTS:
        folder = tmp_path / point.replace(" ", "-")
        folder.mkdir()
        with scene(folder, databases.fresh()) as play:
            play.assign_tickets(TICKETS)
            killed = subprocess.run(
                [sys.executable, "-m", "tests.flows.killed_worker", point],
                env=play.stack.environment,
                capture_output=True,
                check=False,
            )
            assert killed.returncode == -9, killed.stderr.decode()

            play.two_minutes_pass()
            play.work_once()

            times = Counter(play.received())
            assert len(times) == TICKETS, f"{point}: lost"
            assert play.states() == {("event", "sent"): 2 * TICKETS, ("subscribe", "sent"): TICKETS}, point
            if point in NEVER_CALLED_TWICE:
                assert set(times.values()) == {1}, f"{point}: sent twice"
