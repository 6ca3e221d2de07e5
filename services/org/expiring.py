"""Terms that run out by themselves: the right has ended with its date; this does what else belongs to an end."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, OrgUnit
from services.org import committees, ending

BATCH = 200
LOOK_BACK = dt.timedelta(days=30)
"""What ended before was ended before there were handovers; a worker that was away for a month still catches up."""


def wind_up_terms(session: Session, *, now: dt.datetime) -> int:
    """Draw up the handovers of memberships that have run out, and thank those who held them; return how many."""
    rows = session.execute(
        sa.select(Membership, OrgUnit)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(Membership.ends_at <= now, Membership.ends_at > now - LOOK_BACK, Membership.end_reason.is_(None))
        .order_by(Membership.id)
        .limit(BATCH)
        .with_for_update(of=Membership, skip_locked=True)
    ).all()
    for membership, unit in rows:
        further = committees.papers_of(session, membership.id)
        ending.expire(session, membership=membership, unit=unit, now=now, further=further)
    return len(rows)
