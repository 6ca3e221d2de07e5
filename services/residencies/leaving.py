"""Leaving: by oneself, by the owner's word, by the station's, or because the home was sold.  Rights end at once."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import LeavingReason, Residency, ResidencyKind, Right
from services import audit, clocks
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import Conflict, InvalidInput, NotFound
from services.residencies import history, reaching, settling, standing, telling
from services.residencies.shares import OWNERS
from services.residencies.words import KIND_NAMES

L, K = LeavingReason, ResidencyKind

BY_ONESELF = frozenset({L.MOVED_OUT, L.SOLD, L.LEASE_OVER, L.MISTAKE})
BY_STATION = frozenset({L.MOVED_OUT, L.SOLD, L.LEASE_OVER, L.DECEASED, L.MISTAKE})
UNDER_AN_OWNER = frozenset({K.TENANT, K.OCCUPANT, K.AGENT})
"""Whom an owner can send off with a tap.  Family is not among them: a quarrel at home is not settled by a phone."""


def leave(
    session: Session,
    *,
    actor: Actor,
    home_id: int,
    why: LeavingReason,
    now: dt.datetime,
    on: dt.date | None = None,
    words: str | None = None,
) -> Residency:
    """The actor leaves a home.  ``on``: since when in life, today or before."""
    residency = settling.current(session, person_id=actor.person_id, home_id=home_id)
    if residency is None or not actor.acts_in(residency.neighborhood_id):
        raise NotFound("这套房子里没有您的登记。请从“我的房屋”里点开。", code="residency_not_found")
    _require_reason(why, BY_ONESELF)
    _end(session, residency, actor=actor, why=why, on=on, words=words, now=now)
    return residency


def end_by_owner(
    session: Session, *, actor: Actor, residency_id: int, words: str, now: dt.datetime, on: dt.date | None = None
) -> Residency:
    """An owner ends the residency of a tenant, occupant or agent, with the reason they will read."""
    residency = reaching.residency_under(session, actor, residency_id)
    if residency.kind not in UNDER_AN_OWNER:
        raise Conflict(
            f"{KIND_NAMES[residency.kind]}的登记不能由房主直接结束。请到服务站说明情况。", code="not_under_owner"
        )
    _end(session, residency, actor=actor, why=L.ENDED_BY_OWNER, on=on, words=words, now=now)
    return residency


def end_by_station(
    session: Session,
    *,
    actor: Actor,
    residency_id: int,
    why: LeavingReason,
    words: str,
    now: dt.datetime,
    on: dt.date | None = None,
) -> Residency:
    """The station ends a residency, with the reason that the person will read."""
    residency = reaching.residency_for(session, actor, residency_id)
    reaching.require_uninvolved(session, actor, home_id=residency.home_id)
    _require_reason(why, BY_STATION)
    _end(session, residency, actor=actor, why=why, on=on, words=words, now=now)
    return residency


def sell(
    session: Session, *, home_id: int, buyer_id: int, sold_at: dt.datetime, actor: Actor, now: dt.datetime
) -> None:
    """The home has another owner: the old ones' residencies end, and those of who acted for them.

    Who lives there stays (买卖不破租赁, 民法典 725) and is marked until the new owner confirms them.  What was owed stays
    owed by who owed it: nothing here touches an account.
    """
    gone = [one for one in settling.owners(session, home_id) if one.person_id != buyer_id]
    if not gone:
        raise Conflict("这套房子还没有登记房主，不用办过户，直接通过就可以。", code="replaces_nobody")
    agents = session.scalars(
        sa.select(Residency).where(
            Residency.home_id == home_id,
            Residency.ends_at.is_(None),
            Residency.kind == K.AGENT,
            Residency.person_id != buyer_id,
        )
    )
    for residency in [*gone, *agents]:
        settling.leave(session, residency=residency, why=L.SOLD, actor=actor, now=now, ended_at=sold_at)
        _audit(session, actor, residency, now=now)
        telling.left(session, residency, words=None, by_self=False, now=now)
    _mark_rest(session, home_id, actor=actor, now=now, without=buyer_id)


def reconfirm(session: Session, *, actor: Actor, residency_id: int, now: dt.datetime) -> Residency:
    """The new owner, or the station, says that somebody is still there.  A second time it changes nothing."""
    reach = reaching.residency_under if actor.is_resident else reaching.residency_for
    residency = reach(session, actor, residency_id)
    if residency.reconfirm_since is not None:
        residency.reconfirm_since = None
        history.of_residency(session, residency, "reconfirmed", actor=actor, now=now, detail={"kind": residency.kind})
        telling.reconfirmed(session, residency, now=now)
    return residency


def _end(
    session: Session,
    residency: Residency,
    *,
    actor: Actor,
    why: LeavingReason,
    on: dt.date | None,
    words: str | None,
    now: dt.datetime,
) -> None:
    settling.locked(session, residency.home_id)
    ended_at = _moment(residency, on, now)
    settling.leave(session, residency=residency, why=why, actor=actor, now=now, ended_at=ended_at, words=words)
    _audit(session, actor, residency, now=now)
    by_self = residency.person_id == actor.person_id
    telling.left(session, residency, words=words, by_self=by_self, now=now)
    if residency.kind not in OWNERS:
        return
    remaining = settling.owners(session, residency.home_id)
    if not remaining:
        _mark_rest(session, residency.home_id, actor=actor, now=now, without=residency.person_id)
    elif not any(one.right is Right.VOTE for one in standing.holders(session, residency.home_id, at=now)):
        telling.voter_wanted(session, remaining, now=now)


def _moment(residency: Residency, on: dt.date | None, now: dt.datetime) -> dt.datetime:
    if on is None:
        return now
    if not clocks.local_day(residency.starts_at) <= on <= clocks.local_day(now):
        said = "结束的日子请写开始以后、今天以前的一天。"
        raise InvalidInput(said, code="day_invalid", errors={"on": [said]})
    return dt.datetime.combine(on, dt.time(), SHANGHAI)


def _require_reason(why: LeavingReason, allowed: frozenset[LeavingReason]) -> None:
    if why not in allowed:
        said = "这个原因这里不能选，请另选一个。"
        raise InvalidInput(said, code="reason_unfit", errors={"why": [said]})


def _mark_rest(session: Session, home_id: int, *, actor: Actor, now: dt.datetime, without: int) -> None:
    """Mark who is still there for the next owner to confirm."""
    for residency in session.scalars(
        sa.select(Residency)
        .where(
            Residency.home_id == home_id,
            Residency.ends_at.is_(None),
            Residency.kind.not_in(OWNERS),
            Residency.person_id != without,
            Residency.reconfirm_since.is_(None),
        )
        .order_by(Residency.id)
    ):
        residency.reconfirm_since = now
        history.of_residency(session, residency, "marked", actor=actor, now=now, detail={"kind": residency.kind})
        telling.flagged(session, residency, now=now)


def _audit(session: Session, actor: Actor, residency: Residency, *, now: dt.datetime) -> None:
    audit.note_on(
        session,
        actor,
        residency,
        "residency.ended",
        now,
        {"kind": residency.kind, "why": residency.ended_why},
        about_person_id=residency.person_id,
    )
