"""Several threads with real commits that start together."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from app.extensions import db

THREADS = 4


def at_once(app: Flask, *works: Callable[[], Any]) -> list[Any]:
    """Run each work in a thread of its own, all at once; return what each gave or raised, in their order."""
    gate = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait()
            try:
                results[place] = work()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                results[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
