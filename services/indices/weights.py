"""How much each rate counts in the score: dated rows, a unit's own or the general ones."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import IndexWeights
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, InvalidInput
from services.indices.rates import Weights

WHOLE = 100
NOT_WHOLE = "三个权重都不能小于0，加起来要正好是100。请改好再试。"


def in_force(connection: sa.Connection, *, path: str, day: dt.date) -> Weights:
    """Return the weights of a node on a day: of the nearest unit at or above it that has some, else the general ones."""
    units = [int(step) for step in path.strip("/").split("/") if step]
    rows = connection.execute(
        sa.select(IndexWeights.unit_id, IndexWeights.response, IndexWeights.resolution, IndexWeights.satisfaction)
        .where(IndexWeights.starts_on <= day, sa.or_(IndexWeights.unit_id.is_(None), IndexWeights.unit_id.in_(units)))
        .order_by(IndexWeights.starts_on)
    ).all()
    # Later rows of a unit win over earlier ones; the deepest unit wins over those above it.
    newest = {row.unit_id: row for row in rows}
    nearest = next(newest[unit_id] for unit_id in [*reversed(units), None] if unit_id in newest)
    return Weights(nearest.response, nearest.resolution, nearest.satisfaction)


def change(
    session: Session,
    *,
    actor: Actor | None,
    unit_id: int | None,
    weights: Weights,
    starts_on: dt.date,
    now: dt.datetime,
) -> IndexWeights:
    """Let other weights count from a day on.  No actor is the operator's command line; no unit, for all without their own.

    Raises ``InvalidInput`` for weights that are not 100 together, and ``Conflict`` when there are weights from that day on:
    what was published with them stays as it was.
    """
    three = (weights.response, weights.resolution, weights.satisfaction)
    if sum(three) != WHOLE or min(three) < 0:
        raise InvalidInput(NOT_WHOLE, code="weights_not_whole", errors={"weights": [NOT_WHOLE]})
    unit = access.unit_for(session, actor, unit_id, change=True) if unit_id is not None else None
    same = sa.select(IndexWeights.id).where(
        IndexWeights.unit_id.is_(None) if unit is None else IndexWeights.unit_id == unit.id,
        IndexWeights.starts_on == starts_on,
    )
    if session.scalar(same) is not None:
        raise Conflict("这一天已经有一套权重了。请换一天开始。", code="weights_there", state="there")
    row = IndexWeights(
        unit_id=unit.id if unit else None,
        starts_on=starts_on,
        response=weights.response,
        resolution=weights.resolution,
        satisfaction=weights.satisfaction,
        recorded_at=now,
        recorded_by_id=actor.person_id if actor else None,
    )
    session.add(row)
    session.flush()
    audit.note(
        session,
        actor=actor,
        now=now,
        action="index.weights",
        subject=(IndexWeights.__tablename__, row.id),
        neighborhood_id=unit.neighborhood_id if unit else None,
        detail={"unit_id": row.unit_id, "starts_on": starts_on.isoformat()},
    )
    return row
