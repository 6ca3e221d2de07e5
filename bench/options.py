"""What a run does: sizes, bursts and rounds."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

TICKETS = 1_000_000
QUICK_TICKETS = 100_000
KINDS = ("sqlite", "postgresql")
FIRST_PARTS = ("requests", "outbox")


@dataclass(frozen=True)
class Options:
    """One run."""

    tickets: int
    rounds: int
    seconds: float
    messages: int
    databases: tuple[str, ...]
    connections: tuple[int, ...]
    parts: tuple[str, ...]
    quick: bool
    results: bool


def read(more_parts: Sequence[str] = (), arguments: list[str] | None = None) -> Options:
    """Read the command line; ``more_parts`` are those of ``bench.parts``."""
    parts = (*FIRST_PARTS, *more_parts)
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ours against a bare floor, in ratios.")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_TICKETS:,} tickets, short bursts")
    parser.add_argument("--scale", type=float, default=1.0, help=f"share of {TICKETS:,} tickets (default 1)")
    parser.add_argument("--rounds", type=int, help="bursts of each kind and side (default 5, quick 3)")
    parser.add_argument("--seconds", type=float, help="length of a burst (default 3, quick 1.5)")
    parser.add_argument("--messages", type=int, help="messages in the outbox (default 10000, quick 2000)")
    parser.add_argument("--database", choices=KINDS, action="append", help="only this one (may be repeated)")
    parser.add_argument("--connections", type=int, action="append", help="default 8 and 1")
    parser.add_argument("--part", choices=parts, action="append", help="only this part")
    parser.add_argument("--no-results", action="store_true", help="leave bench/RESULTS.md as it is")
    given = parser.parse_args(arguments)
    quick = given.quick
    return Options(
        tickets=QUICK_TICKETS if quick else max(1_000, int(TICKETS * given.scale)),
        rounds=given.rounds or (3 if quick else 5),
        seconds=given.seconds or (1.5 if quick else 3.0),
        messages=given.messages or (2_000 if quick else 10_000),
        databases=tuple(given.database or KINDS),
        connections=tuple(given.connections or (8, 1)),
        parts=tuple(given.part or parts),
        quick=quick,
        results=not given.no_results,
    )
