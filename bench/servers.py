"""Servers of a run: ours and the floor under granian with the same flags, and WeChat's sandbox."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
FLAGS = (
    "--workers", "2", "--blocking-threads", "2", "--runtime-mode", "st", "--runtime-threads", "1", "--no-ws",
    "--backlog", "2048", "--log-level", "warning",
)  # fmt: skip
APPLICATIONS = {"ours": ("wsgi:application", "/health/live"), "floor": ("bench.floor.app:application", "/health/live")}
TOKEN_KEY = "benchmark-only-key-never-for-production"
STARTING = 30.0
STOPPING = 20.0


def environment(database_url: str, **more: str) -> dict[str, str]:
    """Return the environment of every process of ours: the defaults, but quiet and with our key."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("WUYOU_", "PROMETHEUS_"))}
    ours = {"WUYOU_DATABASE_URL": database_url, "WUYOU_LOG_LEVEL": "WARNING", "WUYOU_TOKEN_KEY": TOKEN_KEY}
    return {**plain, **ours, "WUYOU_DATABASE_POOL": "2", **more}


@dataclass(frozen=True)
class Server:
    """A running server: its port, and the session that all its processes belong to."""

    port: int
    session: int

    def processor_seconds(self) -> float:
        """Return what all processes of the server have used so far; without the database's share, and 0 off Linux."""
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:  # gone meanwhile
                continue
            if int(fields[3]) == self.session:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(side: str, database_url: str) -> Iterator[Server]:
    """Run ours or the floor."""
    target, live = APPLICATIONS[side]
    port = free_port()
    command = ["-m", "granian", "--interface", "wsgi", "--port", str(port), *FLAGS, target]
    with process(command, environment(database_url)) as running:
        wait_for(f"http://127.0.0.1:{port}{live}")
        yield Server(port, running.pid)


@contextmanager
def sandbox() -> Iterator[str]:
    """Run WeChat's sandbox; lend its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process(["-m", "wechat.sandbox", "--port", str(port)], dict(os.environ), quiet=True):
        wait_for(f"{url}/sandbox/calls")
        yield url


@contextmanager
def process(arguments: list[str], env: Mapping[str, str], *, quiet: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python in a process group of its own, which is ended at the end."""
    out = subprocess.DEVNULL if quiet else None
    running = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=dict(env), start_new_session=True, stdout=out
    )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(STOPPING)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str) -> None:
    """Wait until an address answers at all."""
    until = time.monotonic() + STARTING
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - our own address
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{url} does not answer")
