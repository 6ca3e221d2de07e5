"""A load generator that costs little itself: one thread, plain sockets, requests made up beforehand.

``python -m bench.client`` reads a job as JSON from its input and writes what it measured as JSON.
"""

import base64
import json
import os
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

KEY_MARK = b"0" * 24
"""Stands in a request where every sending needs a key of its own."""
READ = 262_144
ANSWER_MOST = 30.0


@dataclass
class Line:
    """One kept-alive connection with one request in flight."""

    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    wanted: int = 0


class Load:
    """Sends requests over a number of connections, each as soon as the last one is answered."""

    def __init__(self, port: int, requests: list[bytes], connections: int) -> None:
        self._requests = requests
        self._selector = selectors.DefaultSelector()
        self._lines = [self._connect(port) for _ in range(connections)]
        self._next = int.from_bytes(os.urandom(4)) % len(requests)
        self._run = os.urandom(6).hex().encode()
        self._serial = 0
        self.milliseconds: list[float] = []
        self.wrong: list[str] = []

    def run(self, seconds: float) -> float:
        """Load for so many seconds; return how long it took until the last answer."""
        start = time.perf_counter()
        stop = start + seconds
        for line in self._lines:
            self._send(line)
        busy = len(self._lines)
        while busy:
            ready = self._selector.select(ANSWER_MOST)
            if not ready:
                raise TimeoutError("the server does not answer")
            for key, _ in ready:
                line: Line = key.data
                if self._receive(line):
                    if time.perf_counter() < stop:
                        self._send(line)
                    else:
                        busy -= 1
        return time.perf_counter() - start

    def _connect(self, port: int) -> Line:
        connected = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_MOST)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = Line(connected)
        self._selector.register(connected, selectors.EVENT_READ, line)
        return line

    def _send(self, line: Line) -> None:
        self._next = (self._next + 1) % len(self._requests)
        self._serial += 1
        request = self._requests[self._next].replace(KEY_MARK, b"%b%012d" % (self._run, self._serial), 1)
        line.received.clear()
        line.wanted = 0
        line.sent_at = time.perf_counter()
        line.socket.sendall(request)

    def _receive(self, line: Line) -> bool:
        """Take what has come; return whether the answer is whole."""
        got = line.socket.recv(READ)
        if not got:
            raise ConnectionError("the server closed a connection")
        line.received += got
        if not line.wanted:
            end = line.received.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(line.received[:end]).lower()
            _, _, rest = head.partition(b"content-length:")
            # A 204 has no body and needs no length.
            line.wanted = end + 4 + int(rest.split(b"\r\n", 1)[0] or 0)
        if len(line.received) < line.wanted:
            return False
        self.milliseconds.append((time.perf_counter() - line.sent_at) * 1000)
        if line.received[9:10] != b"2":
            self.wrong.append(line.received[:600].decode(errors="replace"))
        return True


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job and return what was measured."""
    requests = [base64.b64decode(request) for request in job["requests"]]
    load = Load(job["port"], requests, job["connections"])
    processor = time.process_time()
    spent = load.run(job["seconds"])
    processor = time.process_time() - processor
    times = sorted(load.milliseconds)
    return {
        "rate": len(times) / spent,
        "count": len(times),
        "p50": times[len(times) // 2],
        "p99": times[min(len(times) - 1, int(len(times) * 0.99))],
        "client_share": processor / spent,
        "wrong": len(load.wrong),
        "first_wrong": load.wrong[0] if load.wrong else "",
    }


if __name__ == "__main__":
    json.dump(measure(json.load(sys.stdin)), sys.stdout)
