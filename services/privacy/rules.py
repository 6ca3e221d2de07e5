"""Periods and limits of privacy: rows with a day and a source, which a neighborhood may set otherwise."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import PrivacyRule

WORKING_DAYS = "desk.working_days"
REMIND_DAYS = "desk.remind_days"
MERGE_UNDO_DAYS = "merge.undo_days"
MERGE_CODE_MINUTES = "merge.code_minutes"
CARE_MOST_DAYS = "care.most_days"
CARE_REMIND_DAYS = "care.remind_days"
MINOR_YEARS = "minor.years"


def value(session: Session, code: str, *, day: dt.date, neighborhood_id: int | None = None) -> int:
    """Return what holds on a day; a neighborhood's own row goes before the general one, a newer one before an older."""
    place = PrivacyRule.neighborhood_id
    query = (
        sa.select(PrivacyRule.value)
        .where(
            PrivacyRule.code == code,
            sa.or_(place.is_(None), place == neighborhood_id),
            PrivacyRule.since <= day,
            sa.or_(PrivacyRule.until.is_(None), PrivacyRule.until > day),
        )
        .order_by(place.is_(None), PrivacyRule.since.desc(), PrivacyRule.id.desc())
        .limit(1)
    )
    return session.scalars(query).one()
