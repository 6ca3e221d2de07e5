"""A worker process that kills itself, as hard as the kernel can, at a chosen point of delivering."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

import app.worker
from app import create_app
from config import Settings
from services import deliveries, sending

# A server that has imported everything once forks a fresh process for each death in no time.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.flows.killed_worker"])

POINTS = (
    "while expanding",
    "before the first call",
    "between calls",
    "before settling",
    "before the settling is committed",
)


def run_until_killed(point: str, settings: Settings) -> int:
    """Start a worker process that will die at the point; return its exit code."""
    process = PROCESSES.Process(target=_work_and_die, args=(point, settings))
    process.start()
    process.join(60)
    return process.exitcode


def _work_and_die(point: str, settings: Settings) -> None:
    _plant(point)
    app.worker.drain(create_app(settings), seconds=30)


def _plant(point: str) -> None:
    if point == "while expanding":
        deliveries.expand = _after(deliveries.expand, 3)
    elif point == "before the first call":
        sending.send = _die
    elif point == "between calls":
        sending.send = _after(sending.send, 4)
    elif point == "before settling":
        sending.settle = _die
    elif point == "before the settling is committed":
        settle = sending.settle

        def settle_then_die_at_commit(*args: Any, **options: Any) -> None:
            settle(*args, **options)
            Session.commit = _die

        sending.settle = settle_then_die_at_commit


def _die(*_args: Any, **_options: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _after(function: Callable[..., Any], calls: int) -> Callable[..., Any]:
    """The function, and death once it has been called so often."""
    count = 0

    def called(*args: Any, **options: Any) -> Any:
        nonlocal count
        result = function(*args, **options)
        count += 1
        if count >= calls:
            _die()
        return result

    return called
