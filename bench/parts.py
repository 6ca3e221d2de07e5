"""The parts of a run beside requests and outbox: each races one piece of work against a bare floor, and says what it found.

A new part is a module with ``run(place) -> list[Measured]`` and a line in ``PARTS``.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.options import Options


@dataclass(frozen=True)
class Place:
    """Where a part runs: the kind of database, a folder to itself, a PostgreSQL server to make databases on, and sizes."""

    database: str
    folder: Path
    server: str | None
    options: Options


@dataclass(frozen=True)
class Measured:
    """One piece of work in units per second; ``rounds`` are pairs of ours and the floor's, one right after the other."""

    work: str
    database: str
    rounds: Sequence[tuple[float, float]]
    bar: float
    """The least share of the floor's rate that passes."""
    note: str = ""

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(ours / floor for ours, floor in self.rounds)

    @property
    def ours(self) -> float:
        """Our median rate."""
        return statistics.median(ours for ours, _ in self.rounds)

    @property
    def floor(self) -> float:
        """The floor's median rate."""
        return statistics.median(floor for _, floor in self.rounds)

    @property
    def verdict(self) -> str:
        """Say whether the bar is reached."""
        return "passes" if self.ratio >= self.bar else f"MISSED: below {self.bar:.2f}"


PARTS: Mapping[str, Callable[[Place], list[Measured]]] = {}

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
