"""The station's day: what is new, what runs out soon, what is late, on whom work waits, who has how much in hand.

Each panel is one statement over the open tickets of a neighborhood, and says with which filter of the station's list the
whole of it opens.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from models import IN_HAND_STATES, Person, Ticket, TicketCallback, TicketState
from services.actors import Actor
from services.reading.pages import Page
from services.reading.tickets import SUMMARY, covers_all_of, finish
from services.tickets.state_names import STATE_NAMES
from services.wording import PAUSE_NAMES

SOON = dt.timedelta(hours=4)
SHOWN = 10
Rules = list[sa.ColumnElement[bool]]
RESIDENT, STATION = "等居民说修好没有", "等服务站派单"
ON_WHOM: Mapping[TicketState, str] = {
    TicketState.DONE_BY_WORKER: RESIDENT,
    TicketState.SUBMITTED: "等服务站核实",
    TicketState.TRIAGED: STATION,
    TicketState.REOPENED: STATION,
    TicketState.ASSIGNED: "等师傅接单",
}
"""On whom a ticket waits while nobody works on it; a paused one waits for its reason."""


def board(connection: sa.Connection, *, actor: Actor, neighborhood_id: int, now: dt.datetime) -> dict[str, Any]:
    """Return all panels.  Raises ``NotFound`` for a neighborhood in which the actor's hat does not count."""
    place: Rules = [Ticket.neighborhood_id == neighborhood_id]
    if not covers_all_of(connection, actor, neighborhood_id):
        place.append(Ticket.unit_path.startswith(actor.hat.unit_path, autoescape=True))
    here = [*place, Ticket.settled_at.is_(None)]
    soon = [Ticket.next_due_at >= now, Ticket.next_due_at < now + SOON]
    return {
        "new": _tickets(connection, [*here, Ticket.state == TicketState.SUBMITTED], now),
        "soon": _tickets(connection, [*here, *soon], now),
        "late": _tickets(connection, [*here, Ticket.next_due_at < now], now),
        "waiting": _waiting(connection, here),
        "workers": _workers(connection, here, now),
        "call_backs": _call_backs(connection, place, now),
    }


def _tickets(connection: sa.Connection, which: Rules, now: dt.datetime) -> dict[str, Any]:
    """The tickets whose clocks run out first, and how many there are in all."""
    statement = (
        SUMMARY.add_columns(sa.func.count().over().label("total"))
        .where(*which)
        .order_by(Ticket.next_due_at.is_(None), Ticket.next_due_at, Ticket.id)
        .limit(SHOWN)
    )
    rows = [dict(row) for row in connection.execute(statement).mappings()]
    total = rows[0]["total"] if rows else 0
    for row in rows:
        del row["total"]
    return {"total": total, "items": finish(Page(rows, None), now).items}


def _waiting(connection: sa.Connection, here: Rules) -> list[dict[str, Any]]:
    """On whom tickets wait that nobody works on, most first."""
    rows = connection.execute(
        sa.select(Ticket.state, Ticket.pause_reason, sa.func.count().label("count"))
        .where(*here, sa.or_(Ticket.state == TicketState.PAUSED, Ticket.state.in_(list(ON_WHOM))))
        .group_by(Ticket.state, Ticket.pause_reason)
    )
    found = [
        {
            "state": row.state,
            "state_name": STATE_NAMES[row.state],
            "pause_reason": row.pause_reason,
            "on_whom": PAUSE_NAMES[row.pause_reason] if row.pause_reason else ON_WHOM[row.state],
            "count": row.count,
        }
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one["count"], one["state"], one["pause_reason"] or ""))


def _workers(connection: sa.Connection, here: Rules, now: dt.datetime) -> list[dict[str, Any]]:
    """How much each worker has in hand, and how much of it is late; the busiest first."""
    rows = connection.execute(
        sa.select(
            Ticket.assignee_id.label("worker_id"),
            Person.known_as.label("worker"),
            sa.func.count().label("in_hand"),
            sa.func.count(sa.case((Ticket.next_due_at < now, 1))).label("late"),
        )
        .join(Person, Person.id == Ticket.assignee_id)
        .where(*here, Ticket.state.in_(sorted(IN_HAND_STATES)))
        .group_by(Ticket.assignee_id, Person.known_as)
        .order_by(sa.desc("in_hand"), Ticket.assignee_id)
    )
    return [dict(row) for row in rows.mappings()]


def _call_backs(connection: sa.Connection, place: Rules, now: dt.datetime) -> dict[str, Any]:
    """How many people are to be asked how it was, of open tickets and closed ones; how many should have been already."""
    row = connection.execute(
        sa.select(
            sa.func.count().label("total"), sa.func.count(sa.case((TicketCallback.due_at < now, 1))).label("late")
        )
        .join(Ticket, Ticket.id == TicketCallback.ticket_id)
        .where(TicketCallback.called_at.is_(None), *place)
    ).one()
    return {"total": row.total, "late": row.late}
