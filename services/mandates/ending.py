"""The end of a mandate: by either side at once, by the station when one of them calls, or by the clock."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Mandate, MandateSide, MandateState
from services import rights
from services.actors import Actor
from services.clocks import DAY
from services.mandates import telling
from services.mandates.giving import note
from services.mandates.states import MOVES, Move, side_of, take

BATCH = 200
WARN_BEFORE = 14 * DAY
BY_CLOCK = "因为说好的日子到了"
WHO: dict[MandateSide, str] = {
    MandateSide.PRINCIPAL: "是委托人收回的",
    MandateSide.AGENT: "是代办人不办了",
    MandateSide.STATION: "是服务站停的",
    MandateSide.CLOCK: BY_CLOCK,
}


def withdraw(
    session: Session, *, actor: Actor, mandate_id: int, now: dt.datetime, asked_by: MandateSide | None = None
) -> Mandate:
    """End a mandate at once; the agent's tokens are worthless as soon as this is committed.

    ``asked_by`` is for the station: which side called or came, or the station itself (somebody has died; abuse).  Who is a
    party ends it in their own name, whatever is said.
    """
    mandate = take(session, actor=actor, mandate_id=mandate_id, move=Move.WITHDRAW, side=asked_by)
    own = side_of(actor, mandate)
    side = own if own is not MandateSide.STATION else (asked_by or MandateSide.STATION)
    _end(session, mandate, Move.WITHDRAW, side, now)
    mandate.ended_by_id = actor.person_id
    note(session, actor, mandate, "mandate.withdrawn", now, {"side": side.value})
    telling.ended(session, mandate, WHO[side], now)
    return mandate


def run_out(session: Session, *, now: dt.datetime) -> int:
    """End what has run out, mandates and offers, and say so; return how many."""
    rows = session.scalars(
        sa.select(Mandate)
        .where(
            sa.or_(
                sa.and_(Mandate.state == MandateState.IN_FORCE, Mandate.ends_at <= now),
                sa.and_(
                    Mandate.state == MandateState.OFFERED,
                    sa.or_(Mandate.offered_until <= now, Mandate.ends_at <= now),
                ),
            )
        )
        .order_by(Mandate.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for mandate in rows:
        move = Move.EXPIRE if mandate.state is MandateState.IN_FORCE else Move.LAPSE
        _end(session, mandate, move, MandateSide.CLOCK, now)
        note(session, None, mandate, f"mandate.{mandate.state.value}", now)
        telling.ended(session, mandate, BY_CLOCK if move is Move.EXPIRE else "因为一直没有人答应", now)
    return len(rows)


def warn(session: Session, *, now: dt.datetime) -> int:
    """Tell both sides two weeks before; messages that are there already are not written twice."""
    soon = sa.select(Mandate).where(
        Mandate.state == MandateState.IN_FORCE,
        Mandate.ends_at > now + WARN_BEFORE - DAY,
        Mandate.ends_at <= now + WARN_BEFORE,
        Mandate.starts_at <= now - WARN_BEFORE,  # one that was given for a few days needs no warning
    )
    for mandate in session.scalars(soon.order_by(Mandate.id)):
        telling.ending_soon(session, mandate, now)
    return 0


def _end(session: Session, mandate: Mandate, move: Move, side: MandateSide, now: dt.datetime) -> None:
    mandate.state = MOVES[move].target
    mandate.ended_at, mandate.ended_side = now, side
    if mandate.agent_id is not None:
        rights.changed(session, person_ids=[mandate.agent_id], now=now)
