"""Tables for people, and whether the bars are reached."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import parts
from bench.asking import FILE, LIST, READ
from bench.options import Options
from bench.outbox import Drained
from bench.parts import Measured
from bench.race import Race

RESULTS = Path(__file__).parent / "RESULTS.md"
PARTS_RESULTS = Path(__file__).parent / "RESULTS-parts.md"
RATE_BARS = {FILE: 0.60, LIST: 0.65, READ: 0.70}
P99_BAR, P99_CONNECTIONS = 2.0, 8
OUTBOX_BAR = 250.0
CLIENT_MOST = 0.85


@dataclass
class Findings:
    """All that a run measured."""

    code: str = ""
    races: dict[str, list[Race]] = field(default_factory=dict)
    drained: list[Drained] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    machine: list[str] = field(default_factory=list)


def race_rows(database: str, races: Sequence[Race]) -> list[list[str]]:
    """Return a line per kind of request and number of connections."""
    lines = []
    for race in races:
        rounds = " ".join(f"{ratio:.2f}" for ratio in race.ratios("rate"))
        line = [database, race.request, str(race.connections)]
        for side in ("ours", "floor"):
            times = f"{race.middle(side, 'p50'):.1f} / {race.middle(side, 'p99'):.1f}"
            line += [f"{race.middle(side, 'rate'):,.0f}", times]
        lines.append(
            [
                *line,
                f"**{race.ratio('rate'):.2f}**",
                rounds,
                f"{race.ratio('p99'):.2f}",
                f"{race.ratio('processor'):.2f}",
                verdict(race),
            ]
        )
    return lines


RACE_HEAD = (
    "database", "request", "conn.", "ours /s", "p50 / p99 ms", "floor /s", "p50 / p99 ms", "ratio", "by round",
    "p99 ratio", "CPU ratio", "bar",
)  # fmt: skip
OUTBOX_HEAD = ("database", "workers", "messages", "seconds", "messages/s", "received", "marked sent", "bar")


def verdict(race: Race) -> str:
    """Say whether a race reaches its bars."""
    if race.client_share > CLIENT_MOST:
        return "load generator too slow"
    bar = RATE_BARS[race.request]
    missed = [] if race.ratio("rate") >= bar else [f"rate below {bar:.2f}"]
    if race.connections == P99_CONNECTIONS and race.ratio("p99") > P99_BAR:
        missed.append(f"p99 above {P99_BAR:.0f} x")
    return "MISSED: " + ", ".join(missed) if missed else "passes"


def outbox_rows(drained: Iterable[Drained]) -> list[list[str]]:
    """Return a line per run of the outbox."""
    lines = []
    for run in drained:
        missed = [] if run.exact else ["not each exactly once"]
        if run.workers == 1 and run.rate < OUTBOX_BAR:
            missed.append(f"below {OUTBOX_BAR:.0f}/s")
        said = "MISSED: " + ", ".join(missed) if missed else "passes"
        speed = [f"{run.messages:,}", f"{run.seconds:.1f}", f"**{run.rate:,.0f}**"]
        lines.append([run.database, str(run.workers), *speed, f"{run.received:,}", f"{run.sent:,}", said])
    return lines


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table that reads well as text and as Markdown."""
    everything = [list(head), *map(list, lines)]
    widths = [max(len(line[at]) for line in everything) for at in range(len(head))]
    everything.insert(1, ["-" * width for width in widths])
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in everything)
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def passes(findings: Findings) -> bool:
    """Whether all bars are reached."""
    lines = [line for database, races in findings.races.items() for line in race_rows(database, races)]
    lines += [*outbox_rows(findings.drained), *parts.rows(findings.measured)]
    return all(line[-1] == "passes" for line in lines)


def body(findings: Findings) -> str:
    """Return the tables and the verdict."""
    tables = []
    if findings.races:
        lines = [line for database, races in findings.races.items() for line in race_rows(database, races)]
        tables.append(table(RACE_HEAD, lines))
    if findings.drained:
        tables.append(table(OUTBOX_HEAD, outbox_rows(findings.drained)))
    if findings.measured:
        tables.append(table(parts.HEAD, parts.rows(findings.measured)))
    tables.append("All bars are reached." if passes(findings) else "Not all bars are reached: see the last column.")
    return "\n\n".join(tables)


def write_results(findings: Findings, options: Options, command: str) -> None:
    """Write ``RESULTS.md``; ``RESULTS-parts.md`` when the requests were left out, so that neither drives out the other."""
    bars = ", ".join(f"{request} ≥ {bar:.2f}" for request, bar in RATE_BARS.items())
    text = f"""# Results

Written by the run itself; `bench/README.md` says what is measured and how.

- Date: {dt.datetime.now(dt.UTC):%Y-%m-%d}
- Command: `{command}`
- Fingerprint of the code measured: `{findings.code}`, the same at the beginning and the end
- {options.tickets:,} tickets in 40 neighborhoods, six events each; {options.rounds} rounds of {options.seconds:g} s bursts
""" + "".join(f"- {line}\n" for line in findings.machine)
    text += f"""
Bars: {bars} of the floor's rate; p99 at {P99_CONNECTIONS} connections at most {P99_BAR:.0f} × the floor's; outbox at
least {OUTBOX_BAR:.0f} messages a second for one worker against a provider that takes 50 ms, and each message exactly once.
Rates and times are medians over the rounds; a ratio is always of two bursts of one round, then the median.

{body(findings)}
"""
    (RESULTS if findings.races else PARTS_RESULTS).write_text(text)
