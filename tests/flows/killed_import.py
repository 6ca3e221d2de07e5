"""An import whose process is killed, as hard as the kernel can, at a chosen point of writing."""

import multiprocessing
import os
import signal
from typing import Any

from app import create_app, importing
from app.transaction import transaction
from config import Settings
from services.imports import applying
from services.residencies import bulk
from tests.fakes import fake_gateways

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.flows.killed_import"])
POINTS = ("between the persons", "after the persons", "while the homes are written", "before the last commit")


def run_until_killed(point: str, settings: Settings) -> int | None:
    """Work on what is due in a process that will die at the point; return its exit code."""
    process = PROCESSES.Process(target=_work_and_die, args=(point, settings))
    process.start()
    process.join(60)
    return process.exitcode


def _work_and_die(point: str, settings: Settings) -> None:
    app = create_app(settings, fake_gateways())
    applying.STEP = 2
    if point == "between the persons":
        applying.search_keys.insert = _die  # type: ignore[assignment]
    elif point == "after the persons":
        applying.finish = _die  # type: ignore[assignment]
    elif point == "while the homes are written":
        bulk.settle = _die  # type: ignore[assignment]
    else:
        applying.audit.note_on = _die  # type: ignore[assignment]
    with app.app_context():
        importing.run_due()
        with transaction():
            raise AssertionError("it should be dead by now")


def _die(*_args: Any, **_options: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
