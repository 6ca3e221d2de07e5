"""What persons may and must do in a home: voting, paying, reporting.  Facts with dates, asked for as of a moment.

Days in life and days in the books are not the same.  The *duty to pay* follows life: a home sold on the 1st and registered
on the 20th is paid for by the buyer from the 1st on.  To *vote* and to *report* follow the books: what was done until the
20th stays as it was done.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import HomeRight, Person, Residency, ResidencyKind, Right, RightSource
from services.terms import in_force

K, R = ResidencyKind, Right

GOES_WITH: dict[ResidencyKind, frozenset[Right]] = {
    K.OWNER: frozenset({R.VOTE, R.FEE, R.TICKET}),
    K.CO_OWNER: frozenset({R.TICKET}),
    K.FAMILY: frozenset({R.TICKET}),
    K.TENANT: frozenset({R.TICKET}),
    K.OCCUPANT: frozenset({R.TICKET}),
    K.AGENT: frozenset({R.TICKET}),
}
"""What comes with a kind.  Beyond it: co-owners name their voter, the first of them is asked to pay where there is no
owner, and a tenant pays where that was agreed."""
MAY_VOTE = frozenset({K.OWNER, K.CO_OWNER})
"""Tenants and other users have no vote, and an agent needs a written proxy for each one (民法典 165, 278)."""


@dataclass(frozen=True)
class Holder:
    """Who has a right in a home, and since when."""

    person_id: int
    right: Right


def holders(session: Session, home_id: int, *, at: dt.datetime) -> list[Holder]:
    """Return who has which right in a home at a moment."""
    rows = session.execute(
        sa.select(HomeRight.person_id, HomeRight.right)
        .where(HomeRight.home_id == home_id, in_force(HomeRight.starts_at, HomeRight.ends_at, at))
        .order_by(HomeRight.id)
    )
    return [Holder(*row) for row in rows]


def has(session: Session, *, person_id: int, home_id: int, right: Right, at: dt.datetime) -> bool:
    """Whether a person has a right in a home at a moment."""
    query = sa.select(HomeRight.id).where(
        HomeRight.person_id == person_id,
        HomeRight.home_id == home_id,
        HomeRight.right == right,
        in_force(HomeRight.starts_at, HomeRight.ends_at, at),
    )
    return session.scalar(query.limit(1)) is not None


def listed(session: Session, home_id: int, *, at: dt.datetime) -> list[dict[str, Any]]:
    """Return the rights in a home at a moment with the persons, masked."""
    rows = session.execute(
        sa.select(
            HomeRight.person_id,
            Person.name_masked.label("name"),
            HomeRight.right,
            HomeRight.source,
            HomeRight.starts_at,
            HomeRight.ends_at,
            Residency.kind,
            Residency.id.label("residency_id"),
        )
        .join(Person, Person.id == HomeRight.person_id)
        .join(Residency, Residency.id == HomeRight.residency_id)
        .where(HomeRight.home_id == home_id, in_force(HomeRight.starts_at, HomeRight.ends_at, at))
        .order_by(HomeRight.person_id, HomeRight.id)
    ).mappings()
    return [dict(row) for row in rows]


def given_at_first(kind: ResidencyKind, *, taken: Collection[Right], pays_fee: bool) -> list[tuple[Right, RightSource]]:
    """Return the rights with which a residency begins; ``taken`` are those that somebody in the home has already."""
    rights = [(right, RightSource.KIND) for right in R if right in GOES_WITH[kind]]
    if R.VOTE in taken:  # one home, one ballot
        rights = [(right, source) for right, source in rights if right is not R.VOTE]
    if kind is K.CO_OWNER and R.FEE not in taken:
        rights.append((R.FEE, RightSource.KIND))
    if pays_fee and kind not in MAY_VOTE:
        rights.append((R.FEE, RightSource.AGREED))
    return rights


def begin(session: Session, residency: Residency, right: Right, source: RightSource, *, starts_at: dt.datetime) -> None:
    """Give a right.  Nobody may have it already: the database allows one voter, and one row for each right."""
    session.add(
        HomeRight(
            neighborhood_id=residency.neighborhood_id,
            home_id=residency.home_id,
            person_id=residency.person_id,
            residency_id=residency.id,
            right=right,
            source=source,
            starts_at=starts_at,
        )
    )


def end(right: HomeRight, *, ends_at: dt.datetime) -> None:
    """Take a right away; one that has only just begun was never in force."""
    right.ends_at = after(right.starts_at, ends_at)


def after(starts_at: dt.datetime, ends_at: dt.datetime) -> dt.datetime:
    """Return the end of something, which the database wants later than its beginning."""
    return max(ends_at, starts_at + dt.timedelta(microseconds=1))
