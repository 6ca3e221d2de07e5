"""Ending many residencies, and taking back what ``bulk`` wrote.  Each function takes the ``source`` of the batch."""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import HomeRight, LeavingReason, Residency, ResidencyRequest, RightSource
from services.actors import Actor
from services.residencies import sets


def end(
    session: Session,
    *,
    residency_ids: Collection[int],
    why: LeavingReason,
    source: str,
    actor: Actor | None,
    now: dt.datetime,
) -> None:
    """End residencies, their rights and their tokens at once."""
    session.flush()
    for some in sets.parts(sorted(residency_ids)):
        which = sa.and_(Residency.id.in_(some), Residency.ends_at.is_(None))
        sets.write_events(session, "ended", which, actor=actor, now=now, more={"why": why, "source": source})
        sets.forget_tokens(session, which, now=now)
        sets.close(session, HomeRight, HomeRight.residency_id.in_(some), now=now, values={})
        by = actor.person_id if actor else None
        sets.close(
            session, Residency, which, now=now, values={"ended_why": why, "ended_by_id": by, "reconfirm_since": None}
        )
    session.expire_all()


def reopen(
    session: Session, *, residency_ids: Collection[int], source: str, actor: Actor | None, now: dt.datetime
) -> None:
    """Take ``end`` back: residencies run on with the rights they had in that moment.

    Who voted there, or is there anew, in the meantime keeps that: such residencies must be ended first.
    """
    session.flush()
    for some in sets.parts(sorted(residency_ids)):
        which = sa.and_(Residency.id.in_(some), Residency.ends_at.is_not(None))
        ended_with_it = sa.exists().where(
            Residency.id == HomeRight.residency_id, Residency.id.in_(some), Residency.ends_at <= HomeRight.ends_at
        )
        sets.write_events(session, "reopened", which, actor=actor, now=now, more={"source": source})
        sets.forget_tokens(session, which, now=now)
        session.execute(
            sa.update(HomeRight)
            .where(HomeRight.residency_id.in_(some), ended_with_it)
            .values(ends_at=None)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            sa.update(Residency)
            .where(which)
            .values(ends_at=None, ended_why=None, ended_by_id=None)
            .execution_options(synchronize_session=False)
        )
    session.expire_all()


def hanging(session: Session, *, neighborhood_id: int, source: str) -> list[tuple[str, int]]:
    """Return what speaks against taking a source back: kind of row and id of the residency.

    ``residency_request``: a request led to it or hangs on its home and person; ``home_right``: a right was changed since;
    ``residency``: it was ended or marked since.
    """
    session.flush()
    of_source = sa.and_(Residency.neighborhood_id == neighborhood_id, Residency.source == source)
    asked = sa.exists().where(
        sa.or_(
            ResidencyRequest.residency_id == Residency.id,
            sa.and_(ResidencyRequest.home_id == Residency.home_id, ResidencyRequest.person_id == Residency.person_id),
        )
    )
    changed = sa.exists().where(
        HomeRight.residency_id == Residency.id,
        sa.or_(HomeRight.ends_at.is_not(None), HomeRight.source.in_((RightSource.NAMED, RightSource.STATION))),
    )
    moved = sa.or_(Residency.ends_at.is_not(None), Residency.reconfirm_since.is_not(None))
    found: list[tuple[str, int]] = []
    for kind, condition in (("residency_request", asked), ("home_right", changed), ("residency", moved)):
        ids = session.scalars(sa.select(Residency.id).where(of_source, condition).order_by(Residency.id))
        found.extend((kind, one) for one in ids)
    return found


def take_back(
    session: Session, *, neighborhood_id: int, source: str, actor: Actor | None, now: dt.datetime
) -> Counter[str]:
    """Remove the residencies and rights of a source; the history says that they were there.  Ask ``hanging`` before."""
    session.flush()
    which = sa.and_(Residency.neighborhood_id == neighborhood_id, Residency.source == source)
    sets.write_events(session, "taken_back", which, actor=actor, now=now, more={"source": source})
    sets.forget_tokens(session, which, now=now)
    removed: Counter[str] = Counter()
    rows: Any = session.execute(
        sa.delete(HomeRight)
        .where(HomeRight.residency_id.in_(sa.select(Residency.id).where(which)))
        .execution_options(synchronize_session=False)
    )
    removed["home_right"] = rows.rowcount
    rows = session.execute(sa.delete(Residency).where(which).execution_options(synchronize_session=False))
    removed["residency"] = rows.rowcount
    session.expire_all()
    return removed
