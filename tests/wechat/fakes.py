"""Stores in memory, a clock that is moved by hand, and a server that answers as it is told."""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Request, request
from werkzeug.serving import WSGIRequestHandler, make_server

from services.ports import StoredToken


class MemoryTokens:
    """A ``TokenStore`` that several gateways may share, as processes share the database."""

    def __init__(self) -> None:
        self.kept: dict[str, StoredToken] = {}
        self.leases: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self.puts = 0

    def get(self, name: str) -> StoredToken | None:
        return self.kept.get(name)

    def put(self, name: str, token: StoredToken) -> None:
        self.puts += 1
        self.kept[name] = token

    def claim(self, name: str, holder: str, seconds: float) -> bool:
        with self._lock:
            held_by, until = self.leases.get(name, ("", 0.0))
            if held_by not in {"", holder} and until > time.monotonic():
                return False
            self.leases[name] = (holder, time.monotonic() + seconds)
            return True

    def release(self, name: str, holder: str) -> None:
        with self._lock:
            if self.leases.get(name, ("", 0.0))[0] == holder:
                del self.leases[name]


class MemoryFiles:
    """A ``FileStore``."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.kept[key] = content

    def get(self, key: str) -> bytes:
        if key not in self.kept:
            raise FileNotFoundError(key)
        return self.kept[key]


class Clock:
    """Seconds since 1970 that move only when told; it starts in the middle of a minute."""

    def __init__(self) -> None:
        self.seconds = dt.datetime(2026, 11, 23, 7, 0, 30, tzinfo=dt.UTC).timestamp()

    def __call__(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        self.seconds += seconds


class _Quiet(WSGIRequestHandler):
    """No line per request on the terminal, and no second ``Date`` beside the application's own."""

    def send_response(self, code: int, message: str | None = None) -> None:
        self.log_request(code)
        self.send_response_only(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        logging.getLogger("tests.wechat").debug("%s %s", code, size)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application on a free port of this machine and give its base URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


Answering = Callable[[Request], Any]


class Scripted:
    """A WeChat that says whatever the test wants, and remembers what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.paths: list[str] = []
        self.queries: list[dict[str, str]] = []
        self.bodies: list[Any] = []
        self.answers: dict[str, Answering] = {
            "/cgi-bin/stable_token": lambda _: {"access_token": "TOKEN-1", "expires_in": 7200}
        }

    def app(self) -> Flask:
        app = Flask("scripted")

        @app.route("/<path:path>", methods=["GET", "POST"])
        def anything(path: str) -> Any:
            self.paths.append(f"/{path}")
            self.queries.append(request.args.to_dict())
            self.bodies.append(request.get_json(force=True, silent=True))
            answer = self.answers.get(f"/{path}")
            return answer(request) if answer else {"errcode": 0, "errmsg": "ok"}

        return app

    def count(self, path: str) -> int:
        """How often a path was called."""
        return self.paths.count(path)
