"""Who runs a station."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, OrgUnit, Role
from services.terms import in_force


def station_people(session: Session, neighborhood_id: int, now: dt.datetime) -> list[int]:
    """Return who runs the station of a neighborhood: its managers and clerks."""
    return list(
        session.scalars(
            sa.select(Membership.person_id)
            .join(OrgUnit, OrgUnit.id == Membership.unit_id)
            .where(
                OrgUnit.id == neighborhood_id,
                Membership.role.in_([Role.STATION_MANAGER, Role.STATION_CLERK]),
                in_force(Membership.starts_at, Membership.ends_at, now),
            )
            .distinct()
        )
    )
