"""The floor on PostgreSQL: one connection for each thread, AUTOCOMMIT, prepared statements, one statement to write."""

import datetime as dt
import threading
from dataclasses import asdict
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from bench.floor import sql
from bench.floor.paying import Paid

# The limit is spelled out: given as a parameter, PostgreSQL plans anew each time.
LISTED = sql.LISTED.format("%s", 21)
# The timeline comes as finished JSON: cheaper than a second select and than building it in Python.
ONE = (
    f"select {sql.DETAIL}, (select json_agg(row_to_json(x))::text from (select {sql.EVENT}, "
    "(select json_agg(json_build_object('id', f.token, 'phase', p.phase) order by p.position) from ticket_photo p "
    "join stored_file f on f.id = p.file_id where p.ticket_id = e.ticket_id and p.event_id = e.id) as photos "
    "from ticket_event e left join person b on b.id = e.actor_id where e.ticket_id = t.id order by e.id) x) as timeline "
    f"{sql.DETAIL_FROM.format('%s')}"
)
FACTS = {home: sql.facts("%(category)s", "%(place)s", "%(day)s", home=home) for home in (True, False)}
WRITE = """
with counter as (
  insert into ticket_counter (neighborhood_id, month, last) values (%(neighborhood)s, %(month)s, 1)
  on conflict (neighborhood_id, month) do update set last = ticket_counter.last + 1 returning last),
t as (
  insert into ticket (number, neighborhood_id, unit_path, building_id, home_id, place, place_label, category_id, urgency,
    text, source, reporter_id, state, version, reopen_count, submitted_at, state_since, answer_due_at, arrive_due_at,
    done_due_at, next_due_at)
  select %(prefix)s || lpad(last::text, 5, '0'), %(neighborhood)s, %(path)s, %(building)s, %(home)s, %(place)s, %(label)s,
    %(category)s, %(urgency)s, %(text)s, 'app', %(person)s, 'submitted', 1, 0, %(now)s, %(now)s, %(answer)s, %(arrive)s,
    %(done)s, %(answer)s from counter returning id, number),
e as (
  insert into ticket_event (neighborhood_id, ticket_id, at, action, actor_id, role, to_state, detail)
  select %(neighborhood)s, id, %(now)s, 'file', %(person)s, 'resident', 'submitted', %(detail)s from t returning id),
o as (
  insert into outbox_message (neighborhood_id, channel, topic, subject_id, payload, dedupe_key, state, attempts, due_at,
    created_at)
  select %(neighborhood)s, 'event', 'ticket.event', id, '{}', 'ticket.event:' || id, 'waiting', 0, %(now)s, %(now)s
  from e)
insert into idempotency_key (person_id, key, request_hash, status, answer, created_at)
select %(person)s, %(key)s, %(asked)s, 201, '{"id":' || id || ',"number":"' || number || %(rest)s, %(now)s from t
returning answer
"""

PUSH = """
with p as (
  insert into push_event (key, event, payload_sealed, state, received_at)
  values (%(key)s, %(event)s, %(payload)s, 'waiting', %(now)s) on conflict do nothing returning id)
insert into outbox_message (channel, topic, subject_id, payload, dedupe_key, state, attempts, due_at, created_at)
select 'push', 'push', id, '{}', 'push:' || id, 'waiting', 0, %(now)s, %(now)s from p
"""

PUBLIC_KEY = "select public_key from merchant_account where slug = %s"
BOOK = """
with o as (
  update payment_order set state = 'paid', transaction_id = %(transaction)s, paid_at = %(paid_at)s, next_ask_at = null
  where out_trade_no = %(number)s and amount = %(amount)s and state = 'prepaid'
    and account_id = (select id from wechat_account where openid = %(openid)s)
  returning id, neighborhood_id, payer_id, description),
e as (
  insert into payment_event (neighborhood_id, order_id, at, kind, source, detail)
  select neighborhood_id, id, %(now)s, 'paid', 'notice', %(detail)s from o)
insert into inbox_item (person_id, neighborhood_id, title, body, page, dedupe_key, created_at)
select payer_id, neighborhood_id, '交费收到了', '收到您交的' || description || '，付款单号' || %(number)s || '，不用再交。',
  '/me/payments', 'payment:' || id || ':paid', %(now)s from o
"""


class Store:
    """The three requests."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._local = threading.local()

    def _connection(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = psycopg.connect(self._url, autocommit=True)
        return connection

    def push(self, key: str, event: str, payload: bytes, now: dt.datetime) -> None:
        """Keep a push and have it acted upon, unless it has come before."""
        self._connection().execute(PUSH, {"key": key, "event": event, "payload": payload, "now": now}, prepare=True)

    def public_key(self, slug: str) -> str:
        """Return WeChat's key of an address."""
        row = self._connection().execute(PUBLIC_KEY, (slug,), prepare=True).fetchone()
        assert row is not None
        return str(row[0])

    def book(self, paid: Paid, now: dt.datetime) -> None:
        """Book a payment that is as it was asked for; once."""
        detail = orjson.dumps({"amount": paid.amount, "transaction_id": paid.transaction}).decode()
        values = {**asdict(paid), "now": now, "detail": detail}
        if self._connection().execute(BOOK, values, prepare=True).rowcount != 1:
            raise PermissionError

    def listed(self, neighborhood: int) -> list[dict[str, Any]]:
        """Return open tickets, newest first."""
        cursor = self._connection().cursor(row_factory=dict_row)
        return cursor.execute(LISTED, (neighborhood,), prepare=True).fetchall()

    def one(self, ticket: int) -> dict[str, Any]:
        """Return a ticket with its history."""
        cursor = self._connection().cursor(row_factory=dict_row)
        row = cursor.execute(ONE, (ticket,), prepare=True).fetchone()
        assert row is not None
        row["timeline"] = orjson.Fragment(row["timeline"])
        return row

    def file(self, who: dict[str, Any], body: dict[str, Any], key: str, asked: str, now: dt.datetime) -> str:
        """Write a ticket with all that goes with it; return the answer.  A repeat returns the first answer."""
        connection = self._connection()
        in_home = "home_id" in body
        place = body["home_id"] if in_home else body["building_id"]
        given = {"category": body["category"], "place": place, "day": now.date()}
        row = connection.execute(FACTS[in_home], given, prepare=True).fetchone()
        assert row is not None
        unit, name, path, neighborhood, code, label, category, spoken, urgency, answer, arrive, done = row
        if not any(home[2] == neighborhood for home in who["homes"]):
            raise PermissionError
        month = f"{now:%y%m}"
        due = [now + dt.timedelta(minutes=minutes) for minutes in (answer, arrive, done)]
        shown = {
            "state": "submitted", "urgency": urgency, "category": spoken, "place_label": label or name,
            "submitted_at": now, "answer_due_at": due[0], "arrive_due_at": due[1], "done_due_at": due[2], "version": 1,
        }  # fmt: skip
        values = {
            "neighborhood": neighborhood, "month": month, "prefix": f"{code}-{month}-", "path": path, "building": unit,
            "home": place if in_home else None, "place": "home" if in_home else "common", "label": label or name,
            "category": category, "urgency": urgency, "text": body["text"], "person": who["sub"], "now": now,
            "answer": due[0], "arrive": due[1], "done": due[2], "key": key, "asked": asked,
            "detail": f'{{"urgency":"{urgency}","source":"app"}}', "rest": '",' + orjson.dumps(shown).decode()[1:],
        }  # fmt: skip
        try:
            written = connection.execute(WRITE, values, prepare=True).fetchone()
        except psycopg.errors.UniqueViolation:
            written = connection.execute(
                "select answer from idempotency_key where person_id = %s and key = %s and request_hash = %s",
                (who["sub"], key, asked),
            ).fetchone()
        assert written is not None
        return str(written[0])
