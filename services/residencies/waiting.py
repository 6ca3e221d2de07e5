"""Requests that wait for somebody, in the part of a neighborhood that is a station's or a grid leader's."""

from collections.abc import Sequence

import sqlalchemy as sa

from models import Home, OrgUnit, RequestState, ResidencyRequest
from services.actors import Actor

STATES = (RequestState.SUBMITTED, RequestState.WAITING_OWNER, RequestState.WAITING_VOUCHERS)
"""Those that wait for owners and neighbors too: the station can call them, or decide in their place."""


def below(actor: Actor, neighborhood_id: int, states: Sequence[RequestState]) -> tuple[sa.ColumnElement[bool], ...]:
    """Return what is asked of requests joined with their home and its building: in these states, below the actor's node."""
    return (
        ResidencyRequest.neighborhood_id == neighborhood_id,
        ResidencyRequest.state.in_(states),
        OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True),
    )


def count(connection: sa.Connection, *, actor: Actor, neighborhood_id: int) -> int:
    """Return how many requests wait in the part of a neighborhood in which the actor's hat counts."""
    statement = (
        sa.select(sa.func.count(ResidencyRequest.id))
        .join(Home, Home.id == ResidencyRequest.home_id)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .where(*below(actor, neighborhood_id, STATES))
    )
    return connection.execute(statement).scalar_one()
