"""How long a committee's term may be and how many members it has: rows, because places differ."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import CommitteeKind, CommitteeRule
from services.errors import InvalidInput


def rule_for(session: Session, *, neighborhood_id: int, kind: CommitteeKind, on: dt.date) -> CommitteeRule:
    """Return the rule in force on a day; a neighborhood's own comes before the general one."""
    return session.scalars(
        sa.select(CommitteeRule)
        .where(
            CommitteeRule.kind == kind,
            sa.or_(CommitteeRule.neighborhood_id == neighborhood_id, CommitteeRule.neighborhood_id.is_(None)),
            CommitteeRule.since <= max(on, dt.date(2020, 1, 1)),  # nothing was written down before
            sa.or_(CommitteeRule.until.is_(None), CommitteeRule.until > on),
        )
        .order_by(CommitteeRule.neighborhood_id.is_(None), CommitteeRule.since.desc())
        .limit(1)
    ).one()


def check_rule(rule: CommitteeRule, seats: int, years: int) -> None:
    """Raise ``InvalidInput``, with the source of the rule, for a term that it does not allow."""
    if years > rule.most_years or years < 1:
        said = f"任期最长{rule.most_years}年。"
        raise InvalidInput(said, code="term_too_long", errors={"years": [said]}, source=rule.source)
    even = rule.odd and seats % 2 == 0
    if even or not rule.least_members <= seats <= rule.most_members:
        said = f"委员要{rule.least_members}到{rule.most_members}人{'，单数' if rule.odd else ''}。"
        raise InvalidInput(said, code="seats_invalid", errors={"seats": [said]}, source=rule.source)


def years_later(day: dt.date, years: int) -> dt.date:
    """Return the same day some years later; of 29 February, the day after it where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return dt.date(day.year + years, 3, 1)
