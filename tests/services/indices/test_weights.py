"""Weights of the score: the nearest unit's own, dated, never changed."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import IndexWeights
from services.errors import Conflict, InvalidInput, NotFound
from services.indices import weights
from services.indices.rates import Weights
from tests.world import NOW

START = dt.date(2027, 1, 1)
BEFORE = START - dt.timedelta(days=1)
USUAL, OTHER, DEEPER = Weights(30, 35, 35), Weights(20, 40, 40), Weights(0, 0, 100)


def change(world, weights_, *, unit=None, starts_on=START, actor=None):
    return weights.change(
        world.session, actor=actor, unit_id=unit.id if unit else None, weights=weights_, starts_on=starts_on, now=NOW
    )


def in_force(world, unit, day=START):
    return weights.in_force(world.session.connection(), path=unit.path, day=day)


def test_thirty_thirty_five_thirty_five_unless_told_otherwise(world):
    assert in_force(world, world.place.building) == USUAL


def test_others_count_from_their_day_on(world):
    change(world, OTHER)
    assert in_force(world, world.place.building, BEFORE) == USUAL
    assert in_force(world, world.place.building) == OTHER


def test_the_nearest_unit_above_decides(world):
    change(world, OTHER, unit=world.place.neighborhood)
    change(world, DEEPER, unit=world.place.building)
    assert in_force(world, world.place.building) == DEEPER
    assert in_force(world, world.place.neighborhood) == OTHER
    assert in_force(world, world.elsewhere.neighborhood) == USUAL


@pytest.mark.parametrize("wrong", [Weights(30, 35, 36), Weights(0, 0, 0), Weights(-10, 60, 50)])
def test_what_is_not_a_hundred_is_refused_with_what_to_do(world, wrong):
    with pytest.raises(InvalidInput, match="加起来要正好是100"):
        change(world, wrong)


@pytest.mark.parametrize("own", [True, False])
def test_a_day_has_one_set_of_weights(world, own):
    unit = world.place.neighborhood if own else None
    change(world, OTHER, unit=unit)
    with pytest.raises(Conflict, match="请换一天"):
        change(world, USUAL, unit=unit)


def test_nobody_changes_the_weights_of_a_unit_that_is_not_theirs(world):
    with pytest.raises(NotFound):
        change(world, OTHER, unit=world.elsewhere.neighborhood, actor=world.actor(world.manager))


@pytest.mark.parametrize("statement", [sa.update(IndexWeights).values(response=1), sa.delete(IndexWeights)])
def test_the_database_refuses_to_change_weights(world, statement):
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), world.session.begin_nested():
        world.session.execute(statement)
