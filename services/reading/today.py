"""What a hat has before it today, in numbers."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from models import OrgUnit, ReadBack, ReadBackMeans, Ticket, TicketState, UnitKind
from services import access
from services.actors import Actor

SHOWN = 20
"""Neighborhoods in the overview of somebody above them: those with the most that is late."""


@dataclass(frozen=True)
class Counts:
    """Open tickets below a node."""

    open: int
    new: int
    """Not yet looked at by the station."""
    back: int
    """Done, but the resident says it is not."""
    late: int
    """A clock has run out."""


def _numbers(now: dt.datetime) -> tuple[sa.ColumnElement[int], ...]:
    def count(rule: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((rule, 1)))

    return (
        sa.func.count(Ticket.id).label("open"),
        count(Ticket.state == TicketState.SUBMITTED).label("new"),
        count(Ticket.state == TicketState.REOPENED).label("back"),
        count(Ticket.next_due_at < now).label("late"),
    )


def counts(connection: sa.Connection, *, actor: Actor, now: dt.datetime) -> Counts:
    """Return what is open in the part of the neighborhood in which the actor's hat counts."""
    hat = actor.hat
    statement = sa.select(*_numbers(now)).where(
        Ticket.neighborhood_id == hat.neighborhood_id, Ticket.settled_at.is_(None)
    )
    if hat.unit_id != hat.neighborhood_id:
        statement = statement.where(Ticket.unit_path.startswith(hat.unit_path, autoescape=True))
    row = connection.execute(statement).one()
    return Counts(row.open, row.new, row.back, row.late)


def by_neighborhood(connection: sa.Connection, *, actor: Actor, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the neighborhoods below an officer's node, those with the most that is late first."""
    numbers = _numbers(now)
    statement = (
        sa.select(OrgUnit.id, OrgUnit.name, *numbers)
        .outerjoin(Ticket, sa.and_(Ticket.neighborhood_id == OrgUnit.id, Ticket.settled_at.is_(None)))
        .where(
            OrgUnit.kind == UnitKind.NEIGHBORHOOD,
            OrgUnit.closed_at.is_(None),
            OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True),
        )
        .group_by(OrgUnit.id, OrgUnit.name)
        .order_by(sa.desc("late"), sa.desc("open"), OrgUnit.id)
        .limit(SHOWN)
    )
    return [dict(row) for row in connection.execute(statement).mappings()]


def calls(connection: sa.Connection, *, actor: Actor) -> int:
    """Return how many people wait for a call in the part of the neighborhood in which the actor's hat counts."""
    statement = sa.select(sa.func.count()).where(
        ReadBack.neighborhood_id == actor.hat.neighborhood_id,
        ReadBack.means == sa.literal_column(f"'{ReadBackMeans.CALL.value}'"),  # spelled out for the partial index
        ReadBack.answer.is_(None),
        access.lives_below(ReadBack.principal_id.expression, ReadBack.neighborhood_id.expression, actor.hat.unit_path),
    )
    return connection.execute(statement).scalar_one()
