"""Where a merge is refused, and what the station proposes and decides."""

import itertools

import pytest

from models import Base, MergeState, PersonMerge, ResidencyKind, Role
from services.errors import Conflict, InvalidInput, NotFound, WrongHat
from services.people_merge import conflicts, deciding
from services.people_merge.moves import MOVES, MergeAction, require
from services.privacy.about import TABLES
from services.reading.pages import PageRequest
from tests.services.people_merge.merging import decide, everything, propose
from tests.world import hire, move_in


def both_in_office(world, second):
    for person in (world.resident, second):
        hire(world.session, person, world.place.grid, Role.GRID_LEADER)


def both_in_one_home(world, second):
    move_in(world.session, second, world.place.home, ResidencyKind.FAMILY)


@pytest.mark.parametrize(("make", "name"), [(both_in_one_home, "房屋"), (both_in_office, "任职")])
def test_doubles_are_refused_with_a_list_and_nothing_changes(world, second, make, name):
    make(world, second)
    world.session.flush()
    before = everything(world)
    with pytest.raises(Conflict) as refused:
        propose(world, second, world.resident)
    assert refused.value.reason == "merge_conflict"
    assert any(name in said for said in refused.value.facts["blocking"])
    assert everything(world) == before


def test_nobody_decides_their_own_proposal(world, second):
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    merge = propose(world, second, world.resident)
    with pytest.raises(WrongHat) as refused:
        decide(world, merge, by=world.manager)
    assert refused.value.reason == "own_proposal"


def test_a_no_of_the_station_gives_its_reason(world, second):
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    merge = propose(world, second, world.resident)
    with pytest.raises(InvalidInput):
        decide(world, merge, approve=False)
    assert decide(world, merge, approve=False, why="照片不是同一个人").state is MergeState.REFUSED


def test_a_station_elsewhere_neither_proposes_nor_decides(world, second):
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    world.session.flush()
    with pytest.raises(NotFound):
        propose(world, second, world.resident, by=world.foreign_manager)
    merge = propose(world, second, world.resident)
    with pytest.raises(NotFound):
        decide(world, merge, by=world.foreign_manager)


def test_without_evidence_nothing_is_proposed(world, second):
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    world.session.flush()
    with pytest.raises(InvalidInput):
        propose(world, second, world.resident, evidence=" ")


def test_the_lists_show_masked_names_and_states(world, second):
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    propose(world, second, world.resident)
    waiting = deciding.below(world.session, actor=world.actor(world.manager), waiting=True, page=PageRequest())
    assert [(item["into_name"], item["state_name"]) for item in waiting.items] == [("王*兰", "等服务站核对")]
    mine = deciding.mine(world.session, actor=world.actor(world.resident), page=PageRequest())
    assert len(mine.items) == 1


def test_the_whole_grid_of_states_and_actions():
    for state, action in itertools.product(MergeState, MergeAction):
        merge = PersonMerge(state=state)
        if state in MOVES[action].sources:
            require(merge, action)
        else:
            with pytest.raises(Conflict) as refused:
                require(merge, action)
            assert refused.value.facts["state"] == state.value


def test_every_unique_rule_is_looked_at():
    """A rule with a person in it that the conflicts do not see would break a merge half way."""
    seen = {
        (line.table, column): len(list(conflicts.unique_rules(Base.metadata.tables[line.table], column)))
        for line in TABLES
        for column in conflicts.columns_to_move(line)
    }
    assert seen["residency", "person_id"] == 1
    assert seen["membership", "person_id"] == 1
    assert seen["inbox_item", "person_id"] == 1
