"""Where a part of a run works, and what it says it found."""

import statistics
from collections.abc import Sequence
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
    missed: str = ""
    """What else was not reached, beside the rate."""

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
        missed = [] if self.ratio >= self.bar else [f"below {self.bar:.2f}"]
        missed += [self.missed] if self.missed else []
        return "MISSED: " + ", ".join(missed) if missed else "passes"
