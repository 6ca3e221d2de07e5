"""What was done by a mandate, in plain words, read from the histories of the domains: both stand there already."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AuditEntry, Mandate, Satisfaction, Ticket, TicketCategory, TicketEvent
from services.clocks import said_time as clock
from services.tickets.moves import ACTION_NAMES, Action
from services.wording import SATISFACTION_NAMES, quoted

DID: dict[Action, str] = {
    Action.FILE: "报修",
    Action.CONFIRM: "确认修好了",
    Action.REOPEN: "说没修好",
    Action.RATE: "评价",
    Action.CANCEL: "撤销报修",
    Action.URGE: "催办",
    Action.NOTE: "留言",
}

AUDITED: dict[str, str] = {}
"""What acts of the audit trail are called here, by action; a domain adds its own.  Those without a name are told too."""
OTHER = "办了一件别的事"


@dataclass(frozen=True)
class Act:
    """One thing that an agent did for a principal."""

    at: dt.datetime
    words: str
    ticket_id: int | None = None

    def __str__(self) -> str:
        """As it is read out: 11月3日 15:01 报修“井盖”（BX-…）."""
        return f"{clock(self.at)} {self.words}"


def within(since: dt.datetime, until: dt.datetime) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Return the conditions that something was done by ``Mandate`` in a time: on tickets, and elsewhere."""
    tickets = sa.and_(TicketEvent.mandate_id == Mandate.id, TicketEvent.at >= since, TicketEvent.at < until)
    # Elsewhere the agent and the person are written down; between two there is one mandate at a time.
    elsewhere = sa.and_(
        AuditEntry.agent_id == Mandate.agent_id,
        AuditEntry.actor_id == Mandate.principal_id,
        sa.or_(AuditEntry.neighborhood_id == Mandate.neighborhood_id, AuditEntry.neighborhood_id.is_(None)),
        AuditEntry.at >= since,
        AuditEntry.at < until,
        AuditEntry.at >= Mandate.starts_at,
        sa.or_(Mandate.ended_at.is_(None), AuditEntry.at <= Mandate.ended_at),
    )
    return tickets, elsewhere


def by_mandates(
    session: Session | sa.Connection, mandate_ids: Collection[int], *, since: dt.datetime, until: dt.datetime
) -> Mapping[int, list[Act]]:
    """Return what was done by each mandate in a time, oldest first: two statements."""
    on_tickets, elsewhere = within(since, until)
    found: dict[int, list[Act]] = defaultdict(list)
    tickets = session.execute(
        sa.select(
            Mandate.id.label("mandate_id"),
            TicketEvent.at,
            TicketEvent.action,
            TicketEvent.note,
            TicketEvent.detail,
            Ticket.id.label("ticket_id"),
            Ticket.number,
            TicketCategory.name,
        )
        .select_from(Mandate)
        .join(TicketEvent, on_tickets)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .join(TicketCategory, TicketCategory.id == Ticket.category_id)
        .where(Mandate.id.in_(mandate_ids))
        .order_by(TicketEvent.id)
    )
    for row in tickets:
        found[row.mandate_id].append(Act(row.at, _on_ticket(row), row.ticket_id))
    others = session.execute(
        sa.select(Mandate.id.label("mandate_id"), AuditEntry.at, AuditEntry.action)
        .select_from(Mandate)
        .join(AuditEntry, elsewhere)
        .where(Mandate.id.in_(mandate_ids))
        .order_by(AuditEntry.id)
    )
    for mandate_id, at, action in others:
        found[mandate_id].append(Act(at, AUDITED.get(action, OTHER)))
    return {mandate_id: sorted(acts, key=lambda act: act.at) for mandate_id, acts in found.items()}


def _on_ticket(row: Any) -> str:
    action = Action(row.action)
    said = quoted(row.note)
    if action is Action.RATE and row.detail.get("satisfaction"):
        said = SATISFACTION_NAMES[Satisfaction(row.detail["satisfaction"])]
    words = f"{DID.get(action, ACTION_NAMES[action])}“{row.name}”（{row.number}）"
    return f"{words}：{said}" if said else words
