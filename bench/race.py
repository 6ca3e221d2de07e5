"""Bursts of ours and of the floor, one after the other, so that both meet the same machine."""

import base64
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.servers import ROOT, Server

WARM_UP = 1.0


@dataclass
class Race:
    """All bursts of one kind of request at one number of connections."""

    request: str
    connections: int
    bursts: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"ours": [], "floor": []})

    def middle(self, side: str, what: str) -> float:
        """Return the median over the rounds of a rate or a time."""
        return statistics.median(burst[what] for burst in self.bursts[side])

    def ratios(self, what: str) -> list[float]:
        """Return ours by the floor's, round by round."""
        pairs = zip(self.bursts["ours"], self.bursts["floor"], strict=True)
        return [ours[what] / floor[what] for ours, floor in pairs]

    def ratio(self, what: str) -> float:
        """Return the median of the ratios."""
        return statistics.median(self.ratios(what))

    @property
    def client_share(self) -> float:
        """How much of one core the load generator used at most: near 1 it was the bottleneck."""
        return max(burst["client_share"] for bursts in self.bursts.values() for burst in bursts)


def burst(server: Server, requests: Sequence[bytes], connections: int, seconds: float) -> dict[str, Any]:
    """Load one server from another process; any answer but 2xx ends the run."""
    job = {
        "port": server.port,
        "requests": [base64.b64encode(request).decode() for request in requests],
        "connections": connections,
        "seconds": seconds,
    }
    processor = server.processor_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "bench.client"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    measured: dict[str, Any] = json.loads(done.stdout)
    measured["processor"] = (server.processor_seconds() - processor) / measured["count"]
    if measured["wrong"]:
        raise RuntimeError(f"{measured['wrong']} wrong answers, the first one: {measured['first_wrong']}")
    return measured


def run(
    servers: dict[str, Server],
    requests: dict[str, Sequence[bytes]],
    connections: Sequence[int],
    rounds: int,
    seconds: float,
) -> list[Race]:
    """Race all kinds of requests: in each round every kind, both sides, taking turns at who is first."""
    for asked in requests.values():
        for server in servers.values():
            burst(server, asked, max(connections), min(WARM_UP, seconds))
    races = [Race(request, number) for number in connections for request in requests]
    for turn in range(rounds):
        sides = list(servers) if turn % 2 else list(reversed(servers))
        for race in races:
            for side in sides:
                race.bursts[side].append(burst(servers[side], requests[race.request], race.connections, seconds))
    return races
