"""``python -m bench.growth``: our three requests at 10,000, 100,000 and 1,000,000 tickets.

A request that touches twenty rows must cost the same however many there are: rates as shares of the smallest size's.
"""

import argparse
import statistics
from contextlib import ExitStack
from pathlib import Path

from bench import asking, race, report
from bench.__main__ import signer
from bench.databases import filled, postgresql, workplace
from bench.options import KINDS
from bench.servers import served

SIZES = (10_000, 100_000, 1_000_000)
CONNECTIONS = 8
HEAD = ("database", "request", *(f"{size:,}" for size in SIZES), *(f"share at {size:,}" for size in SIZES[1:]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--database", choices=KINDS, action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(workplace())
        kinds = given.database or KINDS
        server = stack.enter_context(postgresql(folder)) if "postgresql" in kinds else None
        for kind in kinds:
            print(report.table(HEAD, measure(kind, folder, server, given.rounds, given.seconds)), flush=True)


def measure(kind: str, folder: Path, server: str | None, rounds: int, seconds: float) -> list[list[str]]:
    """Serve all sizes at once and load them in turn; return a line per request."""
    with ExitStack() as stack:
        urls = {size: stack.enter_context(filled(kind, size, folder, server)) for size in SIZES}
        servers = {size: stack.enter_context(served("ours", url)) for size, url in urls.items()}
        asked = {
            (size, request): asking.requests(signer(url), request, size)
            for size, url in urls.items()
            for request in asking.REQUESTS
        }
        rates: dict[tuple[int, str], list[float]] = {key: [] for key in asked}
        for (size, _), requests in asked.items():
            race.burst(servers[size], requests, CONNECTIONS, seconds)
        for _ in range(rounds):
            for request in asking.REQUESTS:
                for size in SIZES:
                    measured = race.burst(servers[size], asked[size, request], CONNECTIONS, seconds)
                    rates[size, request].append(measured["rate"])
    return [line(kind, request, [rates[size, request] for size in SIZES]) for request in asking.REQUESTS]


def line(kind: str, request: str, rates: list[list[float]]) -> list[str]:
    """Return the rates, and the median share of the smallest size's rate in the same round."""
    shares = [
        statistics.median(rate / smallest for rate, smallest in zip(more, rates[0], strict=True)) for more in rates[1:]
    ]
    middles = [f"{statistics.median(some):,.0f}/s" for some in rates]
    return [kind, request, *middles, *(f"**{share:.2f}**" for share in shares)]


if __name__ == "__main__":
    main()
