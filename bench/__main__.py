"""``python -m bench``: races ours against the floor, drains the outbox, prints tables and keeps what it found."""

import shlex
import sys
from contextlib import ExitStack
from pathlib import Path

from flask import Flask

from app import create_app
from bench import asking, machine, outbox, parts, race, report
from bench.databases import filled, postgresql, workplace
from bench.options import Options, read
from bench.report import Findings
from bench.servers import TOKEN_KEY, served
from config import DatabaseSettings, SecretSettings, Settings

OUTBOX_TICKETS = 10_000


def main() -> int:
    """Run everything asked for; 1 when a bar is missed."""
    options = read(tuple(parts.PARTS))
    findings = Findings(code=machine.code())
    with ExitStack() as stack:
        folder = stack.enter_context(workplace())
        server = stack.enter_context(postgresql(folder)) if "postgresql" in options.databases else None
        findings.machine = machine.describe(server)
        for database in options.databases:
            if "requests" in options.parts:
                findings.races[database] = races(database, options, folder, server)
                print(report.table(report.RACE_HEAD, report.race_rows(database, findings.races[database])), flush=True)
            if "outbox" in options.parts:
                findings.drained += drain(database, options, folder, server)
                print(report.table(report.OUTBOX_HEAD, report.outbox_rows(findings.drained)), flush=True)
            place = parts.Place(database, folder, server, options)
            for name, run in parts.PARTS.items():
                if name in options.parts:
                    findings.measured += run(place)
                    print(report.table(parts.HEAD, parts.rows(findings.measured)), flush=True)
    print(f"\n{report.body(findings)}")
    if machine.code() != findings.code:
        print("The code changed during the run: nothing is written, and the numbers say nothing.")
        return 1
    if options.results:
        report.write_results(findings, options, shlex.join(["python", "-m", "bench", *sys.argv[1:]]))
    return 0 if report.passes(findings) else 1


def races(database: str, options: Options, folder: Path, server: str | None) -> list[race.Race]:
    """Race the three requests over one database."""
    with (
        filled(database, options.tickets, folder, server) as url,
        served("ours", url) as ours,
        served("floor", url) as floor,
    ):
        app = signer(url)
        asked = {kind: asking.requests(app, kind, options.tickets) for kind in asking.REQUESTS}
        return race.run({"ours": ours, "floor": floor}, asked, options.connections, options.rounds, options.seconds)


def drain(database: str, options: Options, folder: Path, server: str | None) -> list[outbox.Drained]:
    """Drain the outbox by one worker, then by two."""
    tickets = max(OUTBOX_TICKETS, options.messages)
    with filled(database, tickets, folder, server) as url:
        return [outbox.run(database, url, options.messages, workers) for workers in (1, 2)]


def signer(url: str) -> Flask:
    """Return an application that signs tokens as the servers expect them; it never touches the database."""
    secrets = SecretSettings(token_key=TOKEN_KEY)
    return create_app(Settings(database=DatabaseSettings(url), secrets=secrets, log_level="ERROR"))


if __name__ == "__main__":
    sys.exit(main())
