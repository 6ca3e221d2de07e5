"""Writing a new ticket: counter, ticket, first event and outbox row.

On PostgreSQL they are one statement, built once when this module is imported: one round trip instead of four, and the
counter's lock, which all tickets of a neighborhood share, is held as shortly as can be.  SQLite cannot write in a WITH,
and needs no such care: there a round trip is a function call.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from models import Channel, OutboxMessage, OutboxState, Ticket, TicketCounter, TicketEvent, TicketState, table_of
from services import clocks
from services.prepared import Prepared

POSTGRESQL: sa.Dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]  # untyped in the library
TOPIC = "ticket.event"
SERIAL_DIGITS = 5

COUNTER = table_of(TicketCounter)
TICKET = table_of(Ticket)
EVENT = table_of(TicketEvent)
OUTBOX = table_of(OutboxMessage)

# What every new row has; the rest is given by the caller.
NEW_TICKET = {"state": TicketState.SUBMITTED, "version": 1, "reopen_count": 0}
NEW_OUTBOX = {"channel": Channel.EVENT, "topic": TOPIC, "payload": {}, "state": OutboxState.WAITING, "attempts": 0}

TICKET_GIVEN = (
    "neighborhood_id", "unit_path", "building_id", "home_id", "place", "place_label", "place_note", "latitude",
    "longitude", "category_id", "urgency", "text", "source", "reporter_id", "recorded_by_id", "contact_sealed",
    "submitted_at", "state_since", "answer_due_at", "arrive_due_at", "safe_due_at", "done_due_at", "next_due_at",
)  # fmt: skip
EVENT_GIVEN = ("action", "actor_id", "role", "on_behalf_of_id", "mandate_id", "detail")


@dataclass(frozen=True)
class Written:
    """Keys of the rows just written."""

    id: int
    number: str
    event_id: int


def write(
    connection: sa.Connection,
    *,
    neighborhood_code: str,
    ticket: Mapping[str, Any],
    event: Mapping[str, Any],
    now: dt.datetime,
) -> Written:
    """Write all rows of a new ticket; ``ticket`` and ``event`` hold the columns named in ``…_GIVEN``."""
    month = now.astimezone(clocks.SHANGHAI).strftime("%y%m")
    prefix = f"{neighborhood_code}-{month}-"
    if connection.dialect.name == "postgresql":
        given = {"month": month, "prefix": prefix, "now": now}
        given |= {f"ticket_{name}": ticket[name] for name in TICKET_GIVEN}
        given |= {f"event_{name}": event[name] for name in EVENT_GIVEN}
        return Written(**_ALL_AT_ONCE.rows(connection, **given)[0])
    return _one_by_one(connection, month, prefix, ticket, event, now)


def _one_by_one(
    connection: sa.Connection,
    month: str,
    prefix: str,
    ticket: Mapping[str, Any],
    event: Mapping[str, Any],
    now: dt.datetime,
) -> Written:
    neighborhood = ticket["neighborhood_id"]
    serial = _SQLITE_COUNT.rows(connection, neighborhood_id=neighborhood, month=month, last=1)[0]["last"]
    number = f"{prefix}{serial:0{SERIAL_DIGITS}}"
    ticket_id = _SQLITE_TICKET.rows(connection, **NEW_TICKET, **ticket, number=number)[0]["id"]
    about = {"ticket_id": ticket_id, "neighborhood_id": neighborhood, "at": now, "to_state": TicketState.SUBMITTED}
    event_id = _SQLITE_EVENT.rows(connection, **about, **event)[0]["id"]
    about = {"subject_id": event_id, "dedupe_key": f"{TOPIC}:{event_id}", "neighborhood_id": neighborhood}
    _SQLITE_OUTBOX.rows(connection, **NEW_OUTBOX, **about, due_at=now, created_at=now)
    return Written(ticket_id, number, event_id)


def _count_up(insert: Any) -> Any:
    """Return the statement that takes the next serial; the first ticket of a month starts a row."""
    return insert.on_conflict_do_update(
        index_elements=[COUNTER.c.neighborhood_id, COUNTER.c.month], set_={"last": COUNTER.c.last + 1}
    ).returning(COUNTER.c.last)


def _given(table: sa.FromClause, prefix: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: sa.bindparam(f"{prefix}_{name}", type_=table.c[name].type) for name in names}


def _insert_from(table: Any, columns: Mapping[str, Any], source: sa.FromClause) -> Any:
    """Return INSERT … SELECT the columns FROM the statement before it."""
    typed = [
        value if isinstance(value, sa.ColumnElement) else _spelled_out(value, table.c[name].type)
        for name, value in columns.items()
    ]
    return sa.insert(table).from_select(list(columns), sa.select(*typed).select_from(source))


def _spelled_out(value: Any, kind: Any) -> sa.ColumnElement[Any]:
    """Return a constant as part of the SQL text: as a parameter it would be converted and sent with each ticket."""
    if isinstance(value, dict):
        return sa.literal_column(f"'{orjson.dumps(value).decode()}'::jsonb", kind)
    text = str(sa.literal(value, kind).compile(dialect=POSTGRESQL, compile_kwargs={"literal_binds": True}))
    return sa.literal_column(text, kind)


def _all_at_once() -> sa.Select[*tuple[Any, ...]]:
    now = sa.bindparam("now", type_=TICKET.c.submitted_at.type)
    neighborhood = sa.bindparam("ticket_neighborhood_id", type_=TICKET.c.neighborhood_id.type)
    counter = _count_up(
        postgresql.insert(COUNTER).values(neighborhood_id=neighborhood, month=sa.bindparam("month"), last=1)
    ).cte("counter")
    digits = sa.cast(counter.c.last, sa.String)
    serial = sa.func.lpad(digits, sa.func.greatest(SERIAL_DIGITS, sa.func.length(digits)), "0")  # lpad alone would cut
    number = sa.bindparam("prefix", type_=sa.String()) + serial
    ticket = (
        _insert_from(TICKET, {"number": number, **NEW_TICKET, **_given(TICKET, "ticket", TICKET_GIVEN)}, counter)
        .returning(TICKET.c.id, TICKET.c.number)
        .cte("new_ticket")
    )
    event_row = {
        "ticket_id": ticket.c.id,
        "neighborhood_id": neighborhood,
        "at": now,
        "to_state": TicketState.SUBMITTED,
        **_given(EVENT, "event", EVENT_GIVEN),
    }
    event = _insert_from(EVENT, event_row, ticket).returning(EVENT.c.id, EVENT.c.ticket_id).cte("new_event")
    outbox_row = {
        **NEW_OUTBOX,
        "subject_id": event.c.id,
        "dedupe_key": sa.literal(f"{TOPIC}:") + sa.cast(event.c.id, sa.String),
        "neighborhood_id": neighborhood,
        "due_at": now,
        "created_at": now,
    }
    outbox = _insert_from(OUTBOX, outbox_row, event).cte("new_outbox")
    both = ticket.join(event, event.c.ticket_id == ticket.c.id)
    return sa.select(ticket.c.id, ticket.c.number, event.c.id.label("event_id")).select_from(both).add_cte(outbox)


_ALL_AT_ONCE = Prepared(_all_at_once())
_SQLITE_COUNT = Prepared(_count_up(sqlite.insert(COUNTER)), ("neighborhood_id", "month", "last"))
_SQLITE_TICKET = Prepared(sa.insert(TICKET).returning(TICKET.c.id), (*NEW_TICKET, *TICKET_GIVEN, "number"))
_SQLITE_EVENT = Prepared(
    sa.insert(EVENT).returning(EVENT.c.id), ("ticket_id", "neighborhood_id", "at", "to_state", *EVENT_GIVEN)
)
_SQLITE_OUTBOX = Prepared(
    sa.insert(OUTBOX), (*NEW_OUTBOX, "subject_id", "dedupe_key", "neighborhood_id", "due_at", "created_at")
)
