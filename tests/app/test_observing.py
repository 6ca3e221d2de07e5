"""What operators see: routes, never paths; a request id on every answer; headers; health."""

import datetime as dt

import pytest

from app import observing
from services import jobs
from services.jobs import TIMETABLE
from services.sealing import keyring
from services.vault import MasterKeys


@pytest.fixture
def lines(monkeypatch):
    seen = []

    class Log:
        def info(self, event, **facts):
            seen.append({"event": event, **facts})

    monkeypatch.setattr(observing, "log", Log())
    return seen


def test_the_log_has_the_route_and_not_the_path(client, world, lines):
    client.get("/api/v1/photos/a-secret-token?x=13800001234", headers=world.headers(world.resident))
    (line,) = lines
    assert line.pop("ms") >= 0
    assert line == {"event": "request", "method": "GET", "route": "/api/v1/photos/<token>", "status": 404}


def test_an_unknown_address_is_logged_without_it(client, lines):
    client.get("/13800001234")
    assert lines[0]["route"] == "(none)"
    assert "13800001234" not in str(lines)


@pytest.mark.parametrize(
    ("given", "kept"), [("proxy-id-12345", True), ("x", False), ("a b c d e f", False), ("a" * 65, False)]
)
def test_a_proxys_request_id_is_taken_over_if_it_is_one(client, given, kept):
    response = client.get("/healthz", headers={"X-Request-Id": given})
    assert (response.headers["X-Request-Id"] == given) is kept
    assert len(response.headers["X-Request-Id"]) >= 8


@pytest.mark.parametrize("url", ["/", "/healthz", "/api/v1/me", "/api/docs/", "/nothing"])
def test_every_answer_has_the_security_headers(client, url):
    headers = client.get(url).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_it_is_ready_when_the_worker_runs(client, session):
    response = client.get("/readyz")
    assert (response.status_code, response.get_json()["status"]) == (200, "degraded")
    assert set(response.get_json()["quiet_jobs"]) == {job.name for job in TIMETABLE}
    now = dt.datetime.now(dt.UTC)
    for job in TIMETABLE:
        jobs.finish(session, run_id=jobs.start(session, job=job.name, now=now), now=now, changed=0, error=None)
    session.commit()
    assert client.get("/readyz").get_json()["status"] == "ok"


@pytest.mark.parametrize("masters", [{"lost": "x" * 40}, {"dev": "y" * 40}])
def test_it_is_not_ready_without_the_master_key_of_a_data_key(client, session, masters):
    now = dt.datetime.now(dt.UTC)
    key = keyring.make(session, masters=MasterKeys(masters), now=now)
    session.commit()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.get_json() == {"status": "master key missing", "data_keys": {key.id: next(iter(masters))}}


def test_it_measures_by_route(client, world):
    client.get("/api/v1/tickets/5", headers=world.headers(world.resident))
    text = client.get("/metrics").get_data(as_text=True)
    assert 'route="/api/v1/tickets/<id:ticket_id>"' in text
    assert "/api/v1/tickets/5" not in text
