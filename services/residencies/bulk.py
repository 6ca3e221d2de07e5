"""Many residencies at once, for imports and the demonstration: a few statements, whatever the number of rows.

Call ``settle`` with rows of one neighborhood and a ``source`` that is yours alone, such as ``import:17``::

    settled = bulk.settle(
        session,
        neighborhood_id=8,
        rows=[bulk.Row(home_id=1, person_id=7, kind=ResidencyKind.OWNER, since=moment, share=(1, 2))],
        source="import:17",
        actor=actor,
        now=now,
    )

It writes ``residency`` (where the person is nothing to the home yet; ``settled.skipped`` counts the others), then
``home_right`` by the same rules as ``settling.settle``, then one ``residency_event`` for each.  It may be called again with
the same source for the next chunk.  What the caller checks before, with messages of its own: ``contradictions`` (second
first owners, shares beyond the whole).  Times must not lie after ``now``; they are cut off there.

Undoing (``bulk_ends``): ``hanging`` tells what speaks against it, ``take_back`` removes rows and rights of a source and
leaves the history, so homes and persons that came with it can go as well.  An import that *ends* residencies uses ``end``;
``reopen`` takes that back.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import (
    Evidence,
    HomeRight,
    Residency,
    ResidencyKind,
    Right,
    RightSource,
    table_of,
)
from services import bulk_rows
from services.actors import Actor
from services.residencies import sets
from services.residencies.shares import OWNERS, Share, total

RIGHT_COLUMNS = ("neighborhood_id", "home_id", "person_id", "residency_id", "right", "source", "starts_at")
MANY = 1_000
"""So many new rows make PostgreSQL's picture of a table wrong; below, looking anew costs more than it saves."""


@dataclass(frozen=True)
class Row:
    """One person and one home."""

    home_id: int
    person_id: int
    kind: ResidencyKind
    since: dt.datetime
    share: Share | None = None
    pays_fee: bool = False
    """For tenants and others who do not own: whether they pay the service fee."""


@dataclass(frozen=True)
class Settled:
    """How many rows were written, and how many were there already."""

    residencies: int
    rights: int
    skipped: int


@dataclass(frozen=True)
class Contradiction:
    """What cannot all be true of one home."""

    home_id: int
    code: str
    """``owner_contradiction``: two first owners; ``shares_exceed``: more than the whole."""
    person_ids: tuple[int, ...]


def settle(
    session: Session,
    *,
    neighborhood_id: int,
    rows: Sequence[Row],
    source: str,
    actor: Actor | None,
    now: dt.datetime,
    evidence: Evidence = Evidence.IMPORT,
) -> Settled:
    """Write residencies with their rights and history.  See the module for what to check before."""
    session.flush()
    last = session.scalar(sa.select(sa.func.max(Residency.id))) or 0
    for some in sets.parts(rows):
        bulk_rows.insert(
            session,
            table_of(Residency),
            [
                {
                    "neighborhood_id": neighborhood_id,
                    "home_id": row.home_id,
                    "person_id": row.person_id,
                    "kind": row.kind,
                    "share_numerator": row.share[0] if row.share else None,
                    "share_denominator": row.share[1] if row.share else None,
                    "evidence": evidence,
                    "starts_at": min(row.since, now),
                    "source": source,
                }
                for row in some
            ],
            once=True,
        )
    new = sa.and_(Residency.source == source, Residency.neighborhood_id == neighborhood_id, Residency.id > last)
    written = session.scalar(sa.select(sa.func.count()).select_from(Residency).where(new)) or 0
    payers = [(row.home_id, row.person_id) for row in rows if row.pays_fee and row.kind not in OWNERS]
    given = complete(session, which=new, now=now, actor=actor, payers=payers)
    return Settled(residencies=written, rights=given, skipped=len(rows) - written)


def complete(
    session: Session,
    *,
    which: sa.ColumnElement[bool],
    now: dt.datetime,
    actor: Actor | None,
    payers: Iterable[tuple[int, int]] = (),
) -> int:
    """Give residencies that were written without anything (``which`` finds them) their rights and history.

    Returns how many rights there are.  ``payers`` are pairs of home and person that pay although they do not own.
    """
    before = session.scalar(sa.select(sa.func.max(HomeRight.id))) or 0
    open_ones = sa.and_(which, Residency.ends_at.is_(None))
    if _give(session, Right.TICKET, RightSource.KIND, open_ones) > MANY:
        sets.refresh_statistics(session, Residency, HomeRight)
    _give(session, Right.FEE, RightSource.KIND, open_ones, Residency.kind == ResidencyKind.OWNER)
    _give(session, Right.FEE, RightSource.KIND, open_ones, _first(ResidencyKind.CO_OWNER), _nobody_has(Right.FEE))
    _give(session, Right.VOTE, RightSource.KIND, open_ones, _first(ResidencyKind.OWNER), _nobody_has(Right.VOTE))
    agreed = _right_of(
        Right.FEE,
        RightSource.AGREED,
        open_ones,
        Residency.home_id == sa.bindparam("payer_home"),
        Residency.person_id == sa.bindparam("payer_person"),
    )
    for some in sets.parts([{"payer_home": home, "payer_person": person} for home, person in payers]):
        session.execute(agreed, some)
    sets.write_events(session, "registered", which, actor=actor, now=now)
    return session.scalar(sa.select(sa.func.count()).select_from(HomeRight).where(HomeRight.id > before)) or 0


def contradictions(session: Session, rows: Sequence[Row]) -> list[Contradiction]:
    """Return which homes would have two first owners, or more than the whole, if these rows came to what is there."""
    owners = [row for row in rows if row.kind in OWNERS]
    holding: dict[int, dict[int, tuple[ResidencyKind, Share | None]]] = {row.home_id: {} for row in owners}
    for some in sets.parts(sorted(holding)):
        for home_id, person_id, kind, *share in session.execute(
            sa.select(
                Residency.home_id, Residency.person_id, Residency.kind,
                Residency.share_numerator, Residency.share_denominator,
            ).where(Residency.home_id.in_(some), Residency.ends_at.is_(None), Residency.kind.in_(OWNERS))
        ):  # fmt: skip
            holding[home_id][person_id] = (kind, (share[0], share[1]) if share[0] and share[1] else None)
    for row in owners:
        holding[row.home_id].setdefault(row.person_id, (row.kind, row.share))
    found = []
    for home_id, people in holding.items():
        firsts = tuple(person for person, (kind, _) in people.items() if kind is ResidencyKind.OWNER)
        if len(firsts) > 1:
            found.append(Contradiction(home_id, "owner_contradiction", firsts))
        shares = {person: share for person, (_, share) in people.items() if share}
        if shares and total(shares.values()) > Fraction(1):
            found.append(Contradiction(home_id, "shares_exceed", tuple(shares)))
    return found


def _right_of(right: Right, source: RightSource, *which: sa.ColumnElement[bool]) -> sa.Insert:
    table = table_of(HomeRight)
    chosen = sa.select(
        Residency.neighborhood_id,
        Residency.home_id,
        Residency.person_id,
        Residency.id,
        sa.literal(right, table.c.right.type),
        sa.literal(source, table.c.source.type),
        Residency.starts_at,
    ).where(*which)
    return sa.insert(table).from_select(list(RIGHT_COLUMNS), chosen)


def _give(session: Session, right: Right, source: RightSource, *which: sa.ColumnElement[bool]) -> int:
    statement = _right_of(right, source, *which).execution_options(preserve_rowcount=True)
    return cast(sa.CursorResult[Any], session.execute(statement)).rowcount


def _first(kind: ResidencyKind) -> sa.ColumnElement[bool]:
    """Return the condition that a residency is the oldest of its kind that a home has."""
    other = aliased(Residency)
    oldest = (
        sa.select(sa.func.min(other.id))
        .where(other.home_id == Residency.home_id, other.kind == kind, other.ends_at.is_(None))
        .correlate(Residency)
        .scalar_subquery()
    )
    return sa.and_(Residency.kind == kind, Residency.id == oldest)


def _nobody_has(right: Right) -> sa.ColumnElement[bool]:
    holder = aliased(HomeRight)
    return ~sa.exists().where(holder.home_id == Residency.home_id, holder.right == right, holder.ends_at.is_(None))
