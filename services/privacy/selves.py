"""Where a person belongs, and who answers there."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Home, Membership, OrgUnit, Residency, Role
from services.terms import in_force


def neighborhood_of(session: Session, person_id: int) -> int | None:
    """Return the neighborhood to which a person belongs: where they live or lived last, or else where they work."""
    lives = (
        sa.select(Home.neighborhood_id)
        .join(Residency, Residency.home_id == Home.id)
        .where(Residency.person_id == person_id)
        .order_by(Residency.ends_at.is_not(None), Residency.id.desc())
        .limit(1)
    )
    works = (
        sa.select(OrgUnit.neighborhood_id)
        .join(Membership, Membership.unit_id == OrgUnit.id)
        .where(Membership.person_id == person_id, OrgUnit.neighborhood_id.is_not(None))
        .order_by(Membership.ends_at.is_not(None), Membership.id.desc())
        .limit(1)
    )
    return session.scalar(lives) or session.scalar(works)


def holders(session: Session, neighborhood_id: int, role: Role, *, now: dt.datetime) -> list[int]:
    """Return who holds a role at a neighborhood or above it now."""
    path = session.scalars(sa.select(OrgUnit.path).where(OrgUnit.id == neighborhood_id)).one()
    above = [int(part) for part in path.strip("/").split("/")]
    query = (
        sa.select(Membership.person_id)
        .where(
            Membership.unit_id.in_(above),
            Membership.role == role,
            in_force(Membership.starts_at, Membership.ends_at, now),
        )
        .distinct()
        .order_by(Membership.person_id)
    )
    return list(session.scalars(query))
