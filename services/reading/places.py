"""Places and people of a neighborhood for screens: categories, buildings, homes, the duty list."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, OrgUnit, Person, Role, Ticket, TicketCategory, UnitKind
from services import access
from services.actors import Actor
from services.permissions import ROLE_NAMES
from services.terms import in_force


def categories(connection: sa.Connection) -> list[dict[str, Any]]:
    """Return the categories that can be chosen now."""
    rows = connection.execute(
        sa.select(
            TicketCategory.code,
            TicketCategory.name,
            TicketCategory.examples,
            TicketCategory.default_urgency,
            TicketCategory.wants_photo,
        )
        .where(TicketCategory.ends_at.is_(None))
        .order_by(TicketCategory.position)
    ).mappings()
    return [dict(row) for row in rows]


def buildings(session: Session, *, actor: Actor, neighborhood_id: int) -> list[OrgUnit]:
    """Return the buildings of a neighborhood that the actor lives or works in; those that are closed are left out."""
    access.neighborhood_for(session, actor, neighborhood_id)
    return list(
        session.scalars(
            sa.select(OrgUnit)
            .where(
                OrgUnit.neighborhood_id == neighborhood_id,
                OrgUnit.kind == UnitKind.BUILDING,
                OrgUnit.closed_at.is_(None),
            )
            .order_by(OrgUnit.id)
        )
    )


def duty(session: Session, *, actor: Actor, neighborhood_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the people of a station with their roles and how many open jobs each repairer has."""
    neighborhood = access.neighborhood_for(session, actor, neighborhood_id)
    load = (
        sa.select(Ticket.assignee_id, sa.func.count().label("jobs"))
        .where(Ticket.neighborhood_id == neighborhood_id, Ticket.next_due_at.is_not(None), Ticket.settled_at.is_(None))
        .group_by(Ticket.assignee_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(
            Person.id,
            sa.func.coalesce(Person.known_as, Person.name_masked).label("name"),
            Person.phone_masked.label("phone"),
            Membership.role,
            OrgUnit.name.label("unit"),
            sa.func.coalesce(load.c.jobs, 0).label("open_jobs"),
        )
        .join(Membership, Membership.person_id == Person.id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .outerjoin(load, sa.and_(load.c.assignee_id == Person.id, Membership.role == Role.REPAIRER))
        .where(
            OrgUnit.neighborhood_id == neighborhood.id,
            in_force(Membership.starts_at, Membership.ends_at, now),
        )
        .order_by(Membership.id)
    ).mappings()
    return [dict(row) | {"role_name": ROLE_NAMES[row["role"]]} for row in rows]
