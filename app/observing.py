"""What operators see: a line and a measure per request, a request id on every answer, and security headers."""

import functools
import os
import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY

log = structlog.get_logger("request")

REQUESTS = Counter("wuyou_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("wuyou_request_seconds", "Time to answer", ["route"], buckets=(0.005, 0.02, 0.1, 0.5, 2, 10))

GOOD_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
HEADERS = (("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"))
CONSOLE_PREFIX = "/console"
# Its pages show persons: nothing in the page may be a script or a style, and nobody keeps a copy.
CONSOLE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CONSOLE_HEADERS = (
    ("Content-Security-Policy", CONSOLE_POLICY),
    ("Cache-Control", "no-store"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
DOCS_PREFIX = "/api/docs/"
# Swagger UI's page starts itself with a script in the page; it shows our own description and nothing else.
DOCS_POLICY = POLICY + "; script-src 'self' 'unsafe-inline'"


def register(app: Flask) -> None:
    """Watch every request of an application."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        # A proxy's id is taken over, so that its log and ours can be read together; anything odd is not.
        g.request_id = given if GOOD_ID.fullmatch(given) else secrets.token_hex(8)
        g.started = time.perf_counter()
        # A thread serves one request after the other: each puts its own id in place of the one before.
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "(none)"
        spent = time.perf_counter() - g.get("started", time.perf_counter())
        _count(request.method, route, response.status_code).inc()
        _seconds(route).observe(spent)
        # The route, never the path: paths carry ids and tokens.
        log.info("request", method=request.method, route=route, status=response.status_code, ms=round(spent * 1000, 1))
        response.headers.extend((*HEADERS, ("X-Request-Id", g.get("request_id", "")), *_headers_below(request.path)))
        return response


def _headers_below(path: str) -> tuple[tuple[str, str], ...]:
    if path.startswith(CONSOLE_PREFIX):
        return CONSOLE_HEADERS
    return (("Content-Security-Policy", DOCS_POLICY if path.startswith(DOCS_PREFIX) else POLICY),)


# Looking a measure up by its labels costs more than counting; there are as many as routes and statuses.
_count = functools.lru_cache(maxsize=4096)(REQUESTS.labels)
_seconds = functools.lru_cache(maxsize=1024)(SECONDS.labels)


def registry() -> CollectorRegistry:
    """Return the measures of this process or, where the server shares a folder for them, of all its processes."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # untyped in the library
    return together
