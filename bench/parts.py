"""The parts of a run beside requests and outbox: each races one piece of work against a bare floor, and says what it found.

A new part is a module with ``run(place) -> list[Measured]`` and a line in ``PARTS``.
"""

from collections.abc import Callable, Mapping, Sequence

from bench import imports, pay, push, robots, search
from bench.measured import Measured, Place

PARTS: Mapping[str, Callable[[Place], list[Measured]]] = {
    "imports": imports.run,
    "search": search.run,
    "push": push.run,
    "robots": robots.run,
    "pay": pay.run,
}

HEAD = ("database", "work", "ours /s", "floor /s", "ratio", "by round", "note", "bar")


def rows(measured: Sequence[Measured]) -> list[list[str]]:
    """Return a line per piece of work."""
    return [
        [
            one.database,
            one.work,
            f"{one.ours:,.0f}",
            f"{one.floor:,.0f}",
            f"**{one.ratio:.2f}**",
            " ".join(f"{ours / floor:.2f}" for ours, floor in one.rounds),
            one.note,
            one.verdict,
        ]
        for one in measured
    ]
