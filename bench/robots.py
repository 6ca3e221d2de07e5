"""The first minute of a hundred robots at once: twenty posts each by a real worker, against plain posts of the same texts.

Each robot has texts for one post more than a minute takes.  Measured is the time from the first post to the last of the
twenty; then it is watched that nothing more comes and that the sandbox, which counts like WeCom, refused nothing.  The
floor posts what had arrived, with as many threads as the worker has for robots; it knows no queue, no database, no minute.
"""

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from app import create_app
from app.clock import utc_now
from app.settings import vault
from app.transaction import transaction
from app.worker import ROBOT_THREADS
from bench import rows
from bench.databases import execute, filled
from bench.measured import Measured, Place
from bench.servers import STARTING, environment, process, sandbox
from config import DatabaseSettings, Settings
from models import GroupBinding
from services.groups.pacing import PER_MINUTE
from services.groups.packing import JOIN_MOST
from services.groups.robots import SEAL

ROBOTS, QUICK_ROBOTS = 100, 5
TICKETS = 2_000
BAR = 0.05
MAXIMUM, LOOK = 60.0, 0.05
"""Seconds.  A burst that takes longer than ``MAXIMUM`` would run into the next minute."""
WATCHED = 5.0
"""Seconds during which nothing more may come."""
SENT = "select count(*) from outbox_message where channel = 'robot' and state = 'sent'"
TROUBLED = "select count(*) from outbox_message where channel = 'robot' and last_error is not null"


def run(place: Place) -> list[Measured]:
    """Let a worker make the burst once, and the floor once."""
    robots = QUICK_ROBOTS if place.options.quick else ROBOTS
    with filled(place.database, TICKETS, place.folder, place.server) as url:
        _register(url, robots)
        _fill(url, place.database, robots)
        with sandbox() as address:
            _groups(address, robots)
            env = environment(url, WUYOU_WECHAT_API_URL=address, WUYOU_WECOM_URL=address, FLASK_APP="wsgi")
            with process(["-m", "flask", "worker"], env):
                ours = _watch(address, robots * PER_MINUTE)
                time.sleep(WATCHED)
                heard = [_ask(address, "GET", f"groups/g{robot}/messages") for robot in range(robots)]
        troubled = execute(url, TROUBLED)[0][0]
    with sandbox() as address:
        _groups(address, robots)
        floor = _floor(address, heard)
    most = max(one["total"] for one in heard)
    posts = sum(one["total"] for one in heard)
    note = f"{posts:,} posts of {robots} robots in {ours:.1f} s, {most} at most for one"
    is_wrong = troubled or posts != robots * PER_MINUTE or most > PER_MINUTE
    missed = f"each post once and {PER_MINUTE} a minute; {troubled} refused" if is_wrong else ""
    rates = (robots * PER_MINUTE / ours, posts / floor)
    return [Measured(f"{robots} robots speak at once", place.database, [rates], BAR, note, missed)]


def _register(url: str, robots: int) -> None:
    with (
        create_app(Settings(database=DatabaseSettings(url), log_level="ERROR")).app_context(),
        transaction() as session,
    ):
        for robot in range(robots):
            key = vault().seal(f"sandbox-robot-g{robot}", SEAL)
            place = rows.neighborhood_id(1 + robot % rows.NEIGHBORHOODS)
            group = GroupBinding(id=robot + 1, neighborhood_id=place, name=f"{robot}号群", created_at=utc_now())
            group.robot_key_sealed = key
            session.add(group)


def _fill(url: str, database: str, robots: int) -> None:
    """Write the messages of every robot: five make a post, and there is one post too many for the minute."""
    sql = rows.DIALECTS[database]
    now = sql.time("0")
    event = f"((i % {TICKETS}) * {rows.EVENTS} + {rows.ASSIGN_EVENT})"
    payload = f"'{{\"event_id\": ' || {event} || '}}'"
    execute(
        url,
        "insert into outbox_message (channel, topic, subject_id, payload, dedupe_key, state, attempts, due_at, created_at) "
        f"select 'robot', 'ticket', 1 + i % {robots}, {payload if database == 'sqlite' else f'({payload})::jsonb'}, "
        f"'robot:' || i, 'waiting', 0, {now}, {now} from {sql.numbers(robots * (PER_MINUTE + 1) * JOIN_MOST)}",
    )


def _groups(address: str, robots: int) -> None:
    for robot in range(robots):
        _ask(address, "PUT", f"groups/g{robot}", {"name": f"{robot}号群"})


def _watch(address: str, posts: int) -> float:
    """Return the seconds from the last look at which no post had come until all of them have."""
    until = time.monotonic() + MAXIMUM + STARTING
    first = time.monotonic()
    while time.monotonic() < until:
        before = time.monotonic()
        calls = _ask(address, "GET", "calls").get("group", 0)
        if not calls:
            first = before
        if calls >= posts:
            return time.monotonic() - first
        time.sleep(LOOK)
    raise TimeoutError(f"{posts} posts did not come within {MAXIMUM + STARTING:.0f} s")


def _floor(address: str, heard: list[dict[str, Any]]) -> float:
    """Post what had arrived, each robot's texts in their order, on connections that stay open; return the seconds."""
    bodies = [
        (f"sandbox-robot-g{robot}", {"msgtype": "markdown", "markdown": {"content": message["content"]}})
        for robot, one in enumerate(heard)
        for message in reversed(one["items"])
    ]
    share = -(-len(bodies) // ROBOT_THREADS)

    def post(part: list[tuple[str, dict[str, Any]]]) -> None:
        with requests.Session() as http:
            for key, body in part:
                http.post(
                    f"{address}/cgi-bin/webhook/send", params={"key": key}, json=body, timeout=10
                ).raise_for_status()

    started = time.perf_counter()
    with ThreadPoolExecutor(ROBOT_THREADS) as pool:
        list(pool.map(post, [bodies[at : at + share] for at in range(0, len(bodies), share)]))
    return time.perf_counter() - started


def _ask(address: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{address}/sandbox/{path}", data, {"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found
