"""Draining the outbox against the sandbox: how many messages a second one worker sends, and nothing sent twice."""

import json
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench import rows
from bench.databases import execute
from bench.servers import environment, process, sandbox

DELAY = 0.05
ACCOUNTS = 500
MAXIMUM = 300.0
LOOK = 0.1
WAITING = "select count(*) from outbox_message where channel = 'subscribe' and state in ('waiting', 'sending')"
SENT = "select count(*) from outbox_message where channel = 'subscribe' and state = 'sent'"


@dataclass(frozen=True)
class Drained:
    """One run."""

    database: str
    workers: int
    messages: int
    seconds: float
    received: int
    sent: int

    @property
    def rate(self) -> float:
        """Messages a second, all workers together."""
        return self.messages / self.seconds

    @property
    def exact(self) -> bool:
        """Whether every message went out once."""
        return self.received == self.sent == self.messages


def run(database: str, url: str, messages: int, workers: int) -> Drained:
    """Fill the outbox, let so many worker processes drain it, and count on both sides."""
    with sandbox() as address:
        openids = _phones(address)
        _ask(address, "PUT", "faults/send", {"delay": DELAY, "times": None})
        _fill(url, database, openids, messages)
        env = environment(url, WUYOU_WECHAT_API_URL=address, WUYOU_WECOM_URL=address, FLASK_APP="wsgi")
        with ExitStack() as running:
            for _ in range(workers):
                running.enter_context(process(["-m", "flask", "worker"], env))
            seconds = _watch(address, url, messages)
        received = sum(phone["received"] for phone in _ask(address, "GET", "phones")["items"])
    sent = execute(url, SENT)[0][0]
    assert isinstance(sent, int)
    return Drained(database, workers, messages, seconds, received, sent)


def _watch(address: str, url: str, messages: int) -> float:
    """Return the seconds from the last look at which no call had come until no row waits."""
    until = time.monotonic() + MAXIMUM
    first = time.monotonic()
    while time.monotonic() < until:
        before = time.monotonic()
        calls = _ask(address, "GET", "calls")["send"]
        if not calls:
            first = before
        if calls >= messages and execute(url, WAITING)[0][0] == 0:
            return time.monotonic() - first
        time.sleep(LOOK)
    raise TimeoutError(f"the outbox is not empty after {MAXIMUM:.0f} s")


def _phones(address: str) -> list[str]:
    """Make the phones of all accounts; return their openids."""
    phones = [_ask(address, "PUT", f"phones/p{number}", {"name": "王桂兰"}) for number in range(ACCOUNTS)]
    _ask(address, "PUT", "settings", {"unlimited_grants": True})
    return [phone["openid"] for phone in phones]


def _fill(url: str, database: str, openids: list[str], messages: int) -> None:
    """Write accounts with grants once, and the messages of this run: each about another assignment."""
    sql = rows.DIALECTS[database]
    now = sql.time("0")
    for table in ("outbox_message", "subscription_grant", "provider_token", "wechat_account"):
        execute(url, f"delete from {table}")
    people = ", ".join(f"({1001 + at % rows.HOMES}, 'bench', '{openid}')" for at, openid in enumerate(openids))
    names = "(person_id, appid, openid, created_at, last_seen_at)"
    if database == "sqlite":
        given = f"with given(person_id, appid, openid) as (values {people}) select *, {now}, {now} from given"
    else:
        given = f"select *, {now}, {now} from (values {people}) as given(person_id, appid, openid)"
    execute(url, f"insert into wechat_account {names} {given}")
    execute(
        url,
        "insert into subscription_grant (account_id, kind, remaining, updated_at) "
        f"select id, 'ticket_progress', {messages}, {now} from wechat_account",
    )
    first = execute(url, "select min(id) from wechat_account")[0][0]
    event = f"((i - 1) * {rows.EVENTS} + {rows.ASSIGN_EVENT})"
    payload = f"'{{\"event_id\": ' || {event} || '}}'"
    execute(
        url,
        "insert into outbox_message (channel, topic, subject_id, payload, dedupe_key, state, attempts, due_at, created_at) "
        f"select 'subscribe', 'ticket_progress', {first} + i % {ACCOUNTS}, "
        f"{payload if database == 'sqlite' else f'({payload})::jsonb'}, 'subscribe:' || i, 'waiting', 0, {now}, {now} "
        f"from {sql.numbers(messages)}",
    )


def _ask(address: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{address}/sandbox/{path}", data, {"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found
