"""The states of a mandate: every state times every move, by every side."""

import datetime as dt

import pytest

from models import Mandate, MandateSide, MandateState
from services.acting import counts as counts_at
from services.errors import Conflict, NotFound, WrongHat
from services.mandates.states import MOVES, STATE_NAMES, Move, require_state, side_of, take
from tests.proxies import mandate
from tests.world import NOW

ALLOWED = {
    ("offered", "accept"): "in_force",
    ("offered", "decline"): "declined",
    ("offered", "withdraw"): "withdrawn",
    ("offered", "lapse"): "lapsed",
    ("in_force", "withdraw"): "withdrawn",
    ("in_force", "expire"): "expired",
}
WHOSE = {
    "accept": {"agent"},
    "decline": {"agent"},
    "withdraw": {"principal", "agent", "station"},
    "lapse": {"clock"},
    "expire": {"clock"},
}


@pytest.mark.parametrize("state", MandateState)
@pytest.mark.parametrize("move", Move)
def test_every_state_times_every_move_is_decided(state, move):
    row = Mandate(state=state)
    target = ALLOWED.get((state.value, move.value))
    if target is None:
        with pytest.raises(Conflict) as refusal:
            require_state(row, move)
        assert refusal.value.facts["state"] == state.value
        assert STATE_NAMES[state] in refusal.value.detail
    else:
        require_state(row, move)
        assert MOVES[move].target.value == target


def test_whose_move_it_is_is_the_table_written_here():
    assert {move.value: {side.value for side in row.sides} for move, row in MOVES.items()} == WHOSE


def test_every_state_has_a_name_and_a_way_out_or_none():
    assert set(STATE_NAMES) == set(MandateState)
    over = {state for state in MandateState if not any(state in row.sources for row in MOVES.values())}
    assert {state.value for state in over} == {"declined", "withdrawn", "lapsed", "expired"}


def test_a_side_cannot_make_the_others_move(world):
    given = mandate(world, world.far_neighbor)
    given.state = MandateState.OFFERED
    with pytest.raises(WrongHat):
        take(world.session, actor=world.actor(world.resident), mandate_id=given.id, move=Move.ACCEPT)
    assert take(world.session, actor=world.actor(world.far_neighbor), mandate_id=given.id, move=Move.ACCEPT) is given


@pytest.mark.parametrize(
    ("name", "side"), [("resident", "principal"), ("far_neighbor", "agent"), ("manager", "station")]
)
def test_which_side_somebody_is_on(world, name, side):
    given = mandate(world, world.far_neighbor)
    assert side_of(world.actor(getattr(world, name)), given) is MandateSide(side)


@pytest.mark.parametrize("name", ["neighbor", "stranger", "repairer", "foreign_manager"])
def test_a_mandate_is_not_there_for_others(world, name):
    given = mandate(world, world.far_neighbor)
    with pytest.raises(NotFound):
        take(world.session, actor=world.actor(getattr(world, name)), mandate_id=given.id, move=Move.WITHDRAW)


def test_a_grid_leader_sees_those_of_the_own_grid_only(world):
    inside = mandate(world, world.far_neighbor)
    outside = mandate(world, world.resident, principal=world.far_neighbor)
    leader = world.actor(world.grid_leader)
    assert take(world.session, actor=leader, mandate_id=inside.id, move=Move.WITHDRAW) is inside
    with pytest.raises(NotFound):
        take(world.session, actor=leader, mandate_id=outside.id, move=Move.WITHDRAW)


def test_a_mandate_that_has_not_begun_or_is_over_is_not_counted(world):
    later = mandate(world, world.far_neighbor, starts_at=NOW + dt.timedelta(days=1))
    assert not world.session.query(Mandate).filter(counts_at(NOW), Mandate.id == later.id).count()
    assert world.session.query(Mandate).filter(counts_at(later.starts_at), Mandate.id == later.id).count()
    assert not world.session.query(Mandate).filter(counts_at(later.ends_at), Mandate.id == later.id).count()
