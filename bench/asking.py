"""The requests that are sent: complete HTTP, with real tokens, over the made-up data."""

import datetime as dt
import random
from collections.abc import Sequence

import orjson
from flask import Flask

from app import identity
from bench import rows
from bench.client import KEY_MARK
from models import Role
from services.actors import RESIDENT_HAT, Actor, Dwelling, Hat

FILE, LIST, READ = "file a ticket", "list of 20 open", "one with history"
REQUESTS = (FILE, LIST, READ)
LIFETIME = dt.timedelta(hours=12)
DIFFERENT = 800
"""Different requests of each kind: enough that no cache answers for the database."""


def requests(app: Flask, kind: str, tickets: int) -> Sequence[bytes]:
    """Return the requests of a kind."""
    rng = random.Random(1)  # noqa: S311 - the same requests in each run
    make = {FILE: _file, LIST: _list, READ: _read}[kind]
    with app.app_context():
        return [make(rng, tickets) for _ in range(DIFFERENT)]


def _file(rng: random.Random, _tickets: int) -> bytes:
    """A resident reports; half of them something in their home, half something in their building."""
    number, home = rng.randint(1, rows.NEIGHBORHOODS), rng.randint(1, rows.HOMES)
    person = rows.resident_id(number, home)
    building = rows.building_id(number, rows.building_of(home))
    dwelling = Dwelling(person, building, rows.neighborhood_id(number))
    token = _token(Actor(person, person, person, RESIDENT_HAT, (dwelling,)))
    place = {"home_id": person} if rng.random() < 0.5 else {"building_id": building}
    body = orjson.dumps({"category": "elec", "text": "3单元门口的灯不亮，晚上看不见路，老人容易摔。", **place})
    return _http("POST", "/api/v1/tickets", token, body)


def _list(rng: random.Random, _tickets: int) -> bytes:
    number = rng.randint(1, rows.NEIGHBORHOODS)
    return _http("GET", f"/api/v1/neighborhoods/{rows.neighborhood_id(number)}/tickets", _manager(number))


def _read(rng: random.Random, tickets: int) -> bytes:
    ticket = rng.randint(1, tickets)
    return _http("GET", f"/api/v1/tickets/{ticket}", _manager(1 + ticket % rows.NEIGHBORHOODS))


def _manager(number: int) -> str:
    person, neighborhood = number * 1000 + rows.MANAGER, rows.neighborhood_id(number)
    hat = Hat(Role.STATION_MANAGER, person, neighborhood, rows.unit_path(number), neighborhood)
    return _token(Actor(person, person, person, hat))


def _token(actor: Actor) -> str:
    return identity.issue(actor, now=dt.datetime.now(dt.UTC), lifetime=LIFETIME)


def _http(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}"]
    if body:
        key = KEY_MARK.decode()
        lines += [f"Idempotency-Key: {key}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
