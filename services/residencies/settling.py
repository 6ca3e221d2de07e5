"""The one door through which a residency begins and ends: residency, rights and history together."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    Evidence,
    Home,
    HomeRight,
    Invitation,
    LeavingReason,
    Residency,
    ResidencyKind,
    Right,
)
from services import rights
from services.access import HOME_MISSING
from services.actors import Actor
from services.errors import Conflict, NotFound
from services.residencies import history, shares, standing
from services.residencies.shares import Share
from services.residencies.words import KIND_NAMES


@dataclass(frozen=True)
class Settler:
    """Who shall be what to a home, and what that rests on."""

    person_id: int
    kind: ResidencyKind
    evidence: Evidence
    starts_at: dt.datetime | None = None
    """Since when in life; empty: from now on."""
    share: Share | None = None
    pays_fee: bool = False
    request_id: int | None = None


def locked(session: Session, home_id: int) -> Home:
    """Return a home, locked until the commit: shares and the one vote are counted by one at a time.

    Raises ``NotFound``.
    """
    home = session.scalar(sa.select(Home).where(Home.id == home_id).with_for_update())
    if home is None:
        raise NotFound(HOME_MISSING, code="home_not_found")
    return home


def current(session: Session, *, person_id: int, home_id: int) -> Residency | None:
    """Return what a person is to a home now."""
    return session.scalar(
        sa.select(Residency).where(
            Residency.person_id == person_id, Residency.home_id == home_id, Residency.ends_at.is_(None)
        )
    )


def owners(session: Session, home_id: int) -> list[Residency]:
    """Return the residencies of the present owners of a home, the first owner before the co-owners."""
    rows = session.scalars(
        sa.select(Residency).where(
            Residency.home_id == home_id, Residency.ends_at.is_(None), Residency.kind.in_(shares.OWNERS)
        )
    )
    return sorted(rows, key=lambda row: (row.kind is not ResidencyKind.OWNER, row.id))


def settle(session: Session, *, home_id: int, settler: Settler, actor: Actor | None, now: dt.datetime) -> Residency:
    """Let a person be something to a home.

    Who is something else there already changes over.  Raises ``Conflict`` for what the person is already, for a second
    first owner (a sale ends the old one first, ``leave``), and for shares that do not fit.
    """
    home = locked(session, home_id)
    before = current(session, person_id=settler.person_id, home_id=home_id)
    if before is not None and before.kind is settler.kind:
        raise Conflict(f"这个人已经登记为这套房子的{KIND_NAMES[settler.kind]}，不用再办。", code="already_resident")
    if settler.kind is ResidencyKind.OWNER and any(
        one.kind is ResidencyKind.OWNER and one is not before for one in owners(session, home_id)
    ):
        raise Conflict(
            "这套房子已经登记了一位房主。是一起买的，请登记为共有人；是买卖过户，请先结束原来房主的登记。",
            code="owner_contradiction",
        )
    shares.require_room(session, home_id, settler.share, without=[settler.person_id])
    if before is not None:
        leave(session, residency=before, why=LeavingReason.CHANGED_KIND, actor=actor, now=now)
    residency = Residency(
        neighborhood_id=home.neighborhood_id,
        home_id=home.id,
        person_id=settler.person_id,
        kind=settler.kind,
        share_numerator=settler.share[0] if settler.share else None,
        share_denominator=settler.share[1] if settler.share else None,
        evidence=settler.evidence,
        starts_at=min(settler.starts_at or now, now),
    )
    session.add(residency)
    session.flush()  # rights and history name the new row
    _begin_rights(session, residency, pays_fee=settler.pays_fee, now=now)
    detail = {"kind": settler.kind, "evidence": settler.evidence, "share": settler.share}
    history.of_residency(
        session, residency, "registered", actor=actor, now=now, detail=detail, request_id=settler.request_id
    )
    return residency


def leave(
    session: Session,
    *,
    residency: Residency,
    why: LeavingReason,
    actor: Actor | None,
    now: dt.datetime,
    ended_at: dt.datetime | None = None,
    words: str | None = None,
) -> None:
    """End a residency and at once everything that rests on it: rights, tokens, codes that would lead back in.

    ``ended_at`` is when it ended in life, if that was before now: the duty to pay ends then.  What was done by right until
    now stays.
    """
    in_life = min(ended_at or now, now)
    residency.ends_at = standing.after(residency.starts_at, in_life)
    residency.ended_why = why
    residency.ended_by_id = actor.person_id if actor else None
    residency.reconfirm_since = None
    session.flush()  # the bulk statements below must find it so
    for right in session.scalars(
        sa.select(HomeRight).where(HomeRight.residency_id == residency.id, HomeRight.ends_at.is_(None))
    ):
        standing.end(right, ends_at=in_life if right.right is Right.FEE else now)
    session.execute(
        sa.update(Invitation)
        .where(
            Invitation.person_id == residency.person_id,
            Invitation.home_id == residency.home_id,
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(expires_at=now)
    )
    rights.changed(session, person_ids=[residency.person_id], now=now)
    detail = {"kind": residency.kind, "why": why}
    history.of_residency(session, residency, "ended", actor=actor, now=now, detail=detail, words=words)
    session.flush()  # who counts rights or shares next must not count these


def _begin_rights(session: Session, residency: Residency, *, pays_fee: bool, now: dt.datetime) -> None:
    """Begin the rights that go with the kind: paying from the day in life, all others from now on."""
    taken = set(
        session.scalars(
            sa.select(HomeRight.right).where(HomeRight.home_id == residency.home_id, HomeRight.ends_at.is_(None))
        )
    )
    for right, source in standing.given_at_first(residency.kind, taken=taken, pays_fee=pays_fee):
        standing.begin(session, residency, right, source, starts_at=residency.starts_at if right is Right.FEE else now)
    session.flush()
