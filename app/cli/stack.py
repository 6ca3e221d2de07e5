"""The whole of Wuyou as real processes on this machine: sandbox, web and worker over a database of their own.

The story is played on it, and so are the tests that kill processes.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import ProxyHandler, build_opener

READY_WITHIN = 180.0
"""Seconds: a busy machine migrates and starts slowly, and whoever is ready sooner is not waited for."""
STOP_WITHIN = 15.0
PROJECT = Path(__file__).parents[2]


class NotReady(Exception):
    """A process did not come up; the text tells which, with the end of its log."""


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether nobody answers at a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@dataclass
class Stack:
    """Sandbox, web and workers; use it as a context manager."""

    folder: Path
    database_url: str = ""
    workers: int = 1
    web: bool = True
    """Without it the database must be migrated already."""
    api_url: str = field(default_factory=lambda: f"http://127.0.0.1:{free_port()}")
    sandbox_url: str = field(default_factory=lambda: f"http://127.0.0.1:{free_port()}")
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Start everything, and wait until it answers; a database of our own making is migrated first."""
        try:
            if not self.database_url:
                self.database_url = f"sqlite:///{self.folder}/wuyou.db"
            if self.web:
                self.flask("db", "upgrade")
            self._start_all()
        except BaseException:
            self.stop()
            raise
        return self

    def _start_all(self) -> None:
        api_port, sandbox_port = (url.rpartition(":")[2] for url in (self.api_url, self.sandbox_url))
        self.start(
            "sandbox",
            "wechat.sandbox",
            "--port",
            sandbox_port,
            "--public-url",
            self.api_url,
            "--folder",
            f"{self.folder}/sandbox",
        )
        if self.web:
            server = ("--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--no-ws")
            self.start("web", "granian", *server, "--port", api_port, "wsgi:application")
        for number in range(self.workers):
            self.start(f"worker-{number}", "flask", "worker")
        self.wait_for(f"{self.sandbox_url}/sandbox/phones", "sandbox")
        if self.web:
            self.wait_for(f"{self.api_url}/healthz", "web")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """What the processes are told: this database and this sandbox, nothing else of ours."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("WUYOU_", "FLASK_"))}
        return inherited | {
            "FLASK_APP": "wsgi",
            "PYTHONUNBUFFERED": "1",
            "WUYOU_DATABASE_URL": self.database_url,
            "WUYOU_WECHAT_API_URL": self.sandbox_url,
            "WUYOU_WECOM_URL": self.sandbox_url,
            "WUYOU_PUBLIC_URL": self.api_url,
            "WUYOU_FILE_URL": f"file://{self.folder}/files",
            "WUYOU_LOG_LEVEL": "WARNING",
        }

    def flask(self, *words: str) -> str:
        """Run one of our commands to its end and return what it printed."""
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "flask", *words], cwd=PROJECT, env=self.environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise NotReady(f"flask {' '.join(words)}: {done.stderr[-2000:]}")
        return done.stdout

    def start(self, name: str, module: str, *words: str) -> None:
        """Start a process; its output goes to a log file in the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", module, *words],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches only us, and each of them gets one signal, not two
            )

    def kill(self, name: str) -> None:
        """Kill a process as the kernel would when memory runs out: it gets no chance to tidy up."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """Stop everything, politely first; what a server leaves behind of its own children goes too."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_WITHIN)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def wait_for(self, url: str, name: str) -> None:
        """Wait until an address answers."""
        opener = build_opener(ProxyHandler({}))
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until:
            try:
                with opener.open(url, timeout=2):
                    return
            except OSError:
                if self.processes[name].poll() is not None:
                    break
                time.sleep(0.1)
        log = (self.folder / f"{name}.log").read_text(errors="replace")
        raise NotReady(f"{name} did not come up: {log[-2000:]}")
