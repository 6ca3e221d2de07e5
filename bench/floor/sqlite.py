"""The floor on SQLite: one connection for each thread, durable like ours, statements one after the other."""

import datetime as dt
import sqlite3
import threading
from typing import Any

import orjson
from sqlalchemy.engine import make_url

from app.database import SQLITE_PRAGMAS
from bench.floor import sql
from bench.floor.paying import Paid

LISTED = sql.LISTED.format("?", 21)
ONE = f"select {sql.DETAIL} {sql.DETAIL_FROM.format('?')}"
TIMELINE = (
    f"select {sql.EVENT}, p.phase, f.token as photo from ticket_event e left join person b on b.id = e.actor_id "
    "left join ticket_photo p on p.ticket_id = e.ticket_id and p.event_id = e.id "
    "left join stored_file f on f.id = p.file_id where e.ticket_id = ? order by e.id, p.position"
)
FACTS = {home: sql.facts(":category", ":place", ":day", home=home) for home in (True, False)}
COUNT = (
    "insert into ticket_counter (neighborhood_id, month, last) values (?, ?, 1) "
    "on conflict (neighborhood_id, month) do update set last = last + 1 returning last"
)
TICKET = (
    "insert into ticket (number, neighborhood_id, unit_path, building_id, home_id, place, place_label, category_id, "
    "urgency, text, source, reporter_id, state, version, reopen_count, submitted_at, state_since, answer_due_at, "
    "arrive_due_at, done_due_at, next_due_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'app', ?, 'submitted', 1, 0, "
    "?, ?, ?, ?, ?, ?)"
)
EVENT = (
    "insert into ticket_event (neighborhood_id, ticket_id, at, action, actor_id, role, to_state, detail) "
    "values (?, ?, ?, 'file', ?, 'resident', 'submitted', ?)"
)
OUTBOX = (
    "insert into outbox_message (neighborhood_id, channel, topic, subject_id, payload, dedupe_key, state, attempts, "
    "due_at, created_at) values (?, 'event', 'ticket.event', ?, '{}', ?, 'waiting', 0, ?, ?)"
)
ANSWER = (
    "insert into idempotency_key (person_id, key, request_hash, status, answer, created_at) values (?, ?, ?, 201, ?, ?)"
)

PUSH = (
    "insert into push_event (key, event, payload_sealed, state, received_at) values (?, ?, ?, 'waiting', ?) "
    "on conflict do nothing returning id"
)
PUSH_OUTBOX = (
    "insert into outbox_message (channel, topic, subject_id, payload, dedupe_key, state, attempts, due_at, created_at) "
    "values ('push', 'push', ?, '{}', ?, 'waiting', 0, ?, ?)"
)
PUBLIC_KEY = "select public_key from merchant_account where slug = ?"
BOOK = (
    "update payment_order set state = 'paid', transaction_id = ?, paid_at = ?, next_ask_at = null where out_trade_no = ? "
    "and amount = ? and state = 'prepaid' and account_id = (select id from wechat_account where openid = ?) "
    "returning id, neighborhood_id, payer_id, description"
)
BOOKED = (
    "insert into payment_event (neighborhood_id, order_id, at, kind, source, detail) "
    "values (?, ?, ?, 'paid', 'notice', ?)"
)
TOLD = (
    "insert into inbox_item (person_id, neighborhood_id, title, body, page, dedupe_key, created_at) "
    "values (?, ?, '交费收到了', ?, '/me/payments', ?, ?)"
)


class Store:
    """The three requests."""

    def __init__(self, url: str) -> None:
        self._path = make_url(url).database or ""
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite3.connect(self._path, isolation_level=None)
            for pragma in SQLITE_PRAGMAS:
                connection.execute(pragma)
        return connection

    def push(self, key: str, event: str, payload: bytes, now: dt.datetime) -> None:
        """Keep a push and have it acted upon, unless it has come before."""
        connection = self._connection()
        connection.execute("begin immediate")
        found = connection.execute(PUSH, (key, event, payload, _text(now))).fetchone()
        if found:
            connection.execute(PUSH_OUTBOX, (found[0], f"push:{found[0]}", _text(now), _text(now)))
        connection.execute("commit")

    def public_key(self, slug: str) -> str:
        """Return WeChat's key of an address."""
        return str(self._connection().execute(PUBLIC_KEY, (slug,)).fetchone()[0])

    def book(self, paid: Paid, now: dt.datetime) -> None:
        """Book a payment that is as it was asked for; once."""
        connection = self._connection()
        connection.execute("begin immediate")
        found = connection.execute(
            BOOK, (paid.transaction, _text(paid.paid_at), paid.number, paid.amount, paid.openid)
        ).fetchone()
        if found is None:
            connection.execute("rollback")
            raise PermissionError
        order, neighborhood, payer, description = found
        detail = orjson.dumps({"amount": paid.amount, "transaction_id": paid.transaction}).decode()
        connection.execute(BOOKED, (neighborhood, order, _text(now), detail))
        body = f"收到您交的{description}，付款单号{paid.number}，不用再交。"
        connection.execute(TOLD, (payer, neighborhood, body, f"payment:{order}:paid", _text(now)))
        connection.execute("commit")

    def listed(self, neighborhood: int) -> list[dict[str, Any]]:
        """Return open tickets, newest first."""
        return _dicts(self._connection().execute(LISTED, (neighborhood,)))

    def one(self, ticket: int) -> dict[str, Any]:
        """Return a ticket with its history."""
        connection = self._connection()
        found = _dicts(connection.execute(ONE, (ticket,)))[0]
        events: list[dict[str, Any]] = []
        for row in _dicts(connection.execute(TIMELINE, (ticket,))):
            phase, photo = row.pop("phase"), row.pop("photo")
            if not events or events[-1]["id"] != row["id"]:
                events.append(row | {"detail": orjson.Fragment(row["detail"]), "photos": []})
            if photo:
                events[-1]["photos"].append({"id": photo, "phase": phase})
        found["timeline"] = events
        return found

    def file(self, who: dict[str, Any], body: dict[str, Any], key: str, asked: str, now: dt.datetime) -> bytes:
        """Write a ticket with all that goes with it; return the answer.  A repeat returns the first answer."""
        connection = self._connection()
        in_home = "home_id" in body
        place = body["home_id"] if in_home else body["building_id"]
        given = {"category": body["category"], "place": place, "day": now.date().isoformat()}
        row = connection.execute(FACTS[in_home], given).fetchone()
        if not any(home[2] == row[3] for home in who["homes"]):
            raise PermissionError
        connection.execute("begin immediate")
        try:
            answer = _write(connection, who["sub"], body, row, now)
            connection.execute(ANSWER, (who["sub"], key, asked, answer.decode(), _text(now)))
            connection.execute("commit")
        except sqlite3.IntegrityError:
            connection.execute("rollback")
            stored = "select answer from idempotency_key where person_id = ? and key = ? and request_hash = ?"
            return str(connection.execute(stored, (who["sub"], key, asked)).fetchone()[0]).encode()
        return answer


def _write(
    connection: sqlite3.Connection, person: int, body: dict[str, Any], facts: tuple[Any, ...], now: dt.datetime
) -> bytes:
    """Write counter, ticket, event and outbox row; return the answer."""
    unit, name, path, neighborhood, code, label, category, spoken, urgency, answer, arrive, done = facts
    month, home = f"{now:%y%m}", body.get("home_id")
    due = [now + dt.timedelta(minutes=minutes) for minutes in (answer, arrive, done)]
    at, answer_at, arrive_at, done_at = (_text(moment) for moment in (now, *due))
    serial = connection.execute(COUNT, (neighborhood, month)).fetchone()[0]
    number = f"{code}-{month}-{serial:05}"
    kind = "common" if home is None else "home"
    ticket = connection.execute(
        TICKET,
        (number, neighborhood, path, unit, home, kind, label or name, category, urgency, body["text"], person, at, at,
         answer_at, arrive_at, done_at, answer_at),
    ).lastrowid  # fmt: skip
    detail = f'{{"urgency":"{urgency}","source":"app"}}'
    event = connection.execute(EVENT, (neighborhood, ticket, at, person, detail)).lastrowid
    connection.execute(OUTBOX, (neighborhood, event, f"ticket.event:{event}", at, at))
    return orjson.dumps({
        "id": ticket, "number": number, "state": "submitted", "urgency": urgency, "category": spoken,
        "place_label": label or name, "submitted_at": now, "answer_due_at": due[0], "arrive_due_at": due[1],
        "done_due_at": due[2], "version": 1,
    })  # fmt: skip


def _text(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def _dicts(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
