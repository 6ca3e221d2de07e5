"""The states of a mandate as a table: what leads from where to where, and who may do it."""

import enum
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Mandate, MandateSide, MandateState
from services import access
from services.actors import Actor
from services.errors import Conflict, WrongHat

S = MandateState


class Move(enum.StrEnum):
    """What can happen to a mandate."""

    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    EXPIRE = "expire"


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    verb: str
    sources: frozenset[MandateState]
    target: MandateState
    sides: frozenset[MandateSide]


_BOTH = frozenset({MandateSide.PRINCIPAL, MandateSide.AGENT})
_CLOCK = frozenset({MandateSide.CLOCK})

MOVES: dict[Move, Row] = {
    Move.ACCEPT: Row("答应", frozenset({S.OFFERED}), S.IN_FORCE, frozenset({MandateSide.AGENT})),
    Move.DECLINE: Row("推掉", frozenset({S.OFFERED}), S.DECLINED, frozenset({MandateSide.AGENT})),
    Move.WITHDRAW: Row("停掉", frozenset({S.OFFERED, S.IN_FORCE}), S.WITHDRAWN, _BOTH | {MandateSide.STATION}),
    Move.LAPSE: Row("作废", frozenset({S.OFFERED}), S.LAPSED, _CLOCK),
    Move.EXPIRE: Row("到期", frozenset({S.IN_FORCE}), S.EXPIRED, _CLOCK),
}
"""Anything that is not here is refused with the present state.  What has ended stays so: a new mandate is a new row."""

STATE_NAMES: dict[MandateState, str] = {
    S.OFFERED: "等对方答应",
    S.IN_FORCE: "代办中",
    S.DECLINED: "没有答应",
    S.WITHDRAWN: "已经停了",
    S.LAPSED: "过期没答应",
    S.EXPIRED: "已经到期",
}


def take(session: Session, *, actor: Actor, mandate_id: int, move: Move, side: MandateSide | None = None) -> Mandate:
    """Return the mandate, locked, if the actor may do this to it now; ``side`` is for whom the station does it.

    Raises ``NotFound`` out of scope, ``WrongHat`` when it is the other's move, ``Conflict`` when the state forbids it.
    """
    mandate = access.mandate_for(session, actor, mandate_id, change=True)
    row = MOVES[move]
    if (side or side_of(actor, mandate)) not in row.sides:
        raise WrongHat(f"这份委托要由对方来{row.verb}。请告诉对方。", code="not_your_side")
    require_state(mandate, move)
    return mandate


def require_state(mandate: Mandate, move: Move) -> None:
    """Raise ``Conflict`` when the table forbids the move now."""
    if mandate.state not in MOVES[move].sources:
        said = f"这份委托现在是“{STATE_NAMES[mandate.state]}”，不能{MOVES[move].verb}。"
        raise Conflict(f"{said}还要代办的话，请重新委托一次。", state=mandate.state.value)


def side_of(actor: Actor, mandate: Mandate) -> MandateSide:
    """Return which side of a mandate an actor is on."""
    if actor.person_id == mandate.principal_id:
        return MandateSide.PRINCIPAL
    return MandateSide.AGENT if actor.person_id == mandate.agent_id else MandateSide.STATION


def locked(session: Session, condition: sa.ColumnElement[bool]) -> Mandate | None:
    """Return the mandate that meets a condition, locked."""
    return session.scalar(sa.select(Mandate).where(condition).with_for_update())
