"""What every change of somebody's hats has in common: their tokens are looked at anew, and they are told."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, OrgUnit
from services import inbox, rights
from services.terms import in_force


def hats_changed_below(session: Session, path: str, *, now: dt.datetime) -> None:
    """Have everybody's tokens looked at anew who holds something at or below a node whose path was changed."""
    holders = session.scalars(
        sa.select(Membership.person_id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(OrgUnit.path.startswith(path, autoescape=True), in_force(Membership.starts_at, Membership.ends_at, now))
        .distinct()
    )
    rights.changed(session, person_ids=list(holders), now=now)


def tell(
    session: Session,
    *,
    person_id: int,
    unit: OrgUnit,
    title: str,
    body: str,
    key: str,
    now: dt.datetime,
    page: str | None = "/me",
) -> None:
    """Put a message about somebody's hats into their inbox."""
    inbox.put(
        session,
        person_id=person_id,
        neighborhood_id=unit.neighborhood_id,
        title=title,
        body=body,
        dedupe_key=key,
        now=now,
        page=page,
    )
