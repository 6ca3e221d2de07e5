"""A worker that kills itself, as hard as the kernel can, at a chosen point of delivering: ``python -m … POINT``."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

import app.worker
from app import create_app
from services import deliveries, sending


def die(*_args: Any, **_options: Any) -> None:
    """Be gone."""
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[..., Any], calls: int = 1) -> Callable[..., Any]:
    """The function, and death once it has been called so often."""
    count = 0

    def called(*args: Any, **options: Any) -> Any:
        nonlocal count
        result = function(*args, **options)
        count += 1
        if count >= calls:
            die()
        return result

    return called


def kill_at(point: str) -> None:
    """Plant the death."""
    if point == "while expanding":
        deliveries.expand = after(deliveries.expand, 3)
    elif point == "before the first call":
        sending.send = die
    elif point == "between calls":
        sending.send = after(sending.send, 4)
    elif point == "before settling":
        sending.settle = die
    elif point == "before the settling is committed":
        settle = sending.settle

        def settle_then_die_at_commit(*args: Any, **options: Any) -> None:
            settle(*args, **options)
            Session.commit = die

        sending.settle = settle_then_die_at_commit
    else:
        raise SystemExit(f"no such point: {point}")


if __name__ == "__main__":
    kill_at(sys.argv[1])
    app.worker.drain(create_app(), seconds=30)
