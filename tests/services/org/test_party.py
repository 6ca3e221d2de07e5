"""The party tree: beside the civil one, dated, with levels as rows."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import PartyLevel, PartyLink, Role
from services.errors import Conflict, InvalidInput, NotFound
from services.org import party
from tests.refusals import raises_refusal
from tests.world import NOW, hire

DAY = dt.timedelta(days=1)


def create(world, actor, level, name, unit, parent=None, home=None, now=NOW):
    return party.create(
        world.session, actor=actor, level=level, name=name, unit_id=unit.id, parent_id=parent.id if parent else None,
        home_id=home.id if home else None, now=now,
    )  # fmt: skip


@pytest.fixture
def orgs(world, officer):
    """The community's organization, a branch in each grid, a group in the first building."""
    top = create(world, officer, "community_organization", "彩进社区党委", world.community)
    branches = [
        create(world, officer, "grid_branch", f"第{word}网格党支部", unit, top)
        for word, unit in (("一", world.place.grid), ("二", world.place.neighborhood))
    ]
    group = create(world, officer, "building_group", "1号楼党小组", world.place.building, branches[0])
    return top, *branches, group


def links(world, org):
    return world.session.scalars(sa.select(PartyLink).where(PartyLink.party_org_id == org.id)).all()


def test_each_organization_is_linked_to_the_unit_it_works_in(world, orgs):
    *_, group = orgs
    assert [(link.unit_id, link.neighborhood_id) for link in links(world, group)] == [
        (world.place.building.id, world.place.neighborhood.id)
    ]


def test_a_household_is_the_leaf_and_hangs_on_a_home(world, officer, orgs):
    leaf = create(world, officer, "member_household", "王家", world.place.building, orgs[-1], world.place.home)
    assert [(link.unit_id, link.home_id) for link in links(world, leaf)] == [(None, world.place.home.id)]
    with raises_refusal(Conflict, "already_linked"):
        create(world, officer, "member_household", "赵家", world.place.building, orgs[-1], world.place.home)
    with raises_refusal(NotFound, "home_not_found"):
        create(world, officer, "member_household", "钱家", world.place.building, orgs[-1], world.place.other_home)


def test_a_level_stands_below_a_higher_one_and_levels_may_be_left_out(world, officer, orgs):
    create(world, officer, "member_household", "孙家", world.place.building, orgs[0])
    with raises_refusal(InvalidInput, "level_misplaced"):
        create(world, officer, "grid_branch", "第三网格党支部", world.place.grid, orgs[-1])
    with raises_refusal(InvalidInput, "level_unknown"):
        create(world, officer, "galaxy", "银河党委", world.place.grid)


def test_a_town_adds_a_level_without_a_release(world, officer, orgs):
    world.session.add(PartyLevel(code="stairwell_group", name="单元党小组", rank=45, covers_buildings=False))
    world.session.flush()
    made = create(world, officer, "stairwell_group", "1单元党小组", world.place.building, orgs[-1])
    assert made.path == f"{orgs[-1].path}{made.id}/"


def test_a_move_carries_what_is_below_and_leaves_the_past(world, officer, orgs):
    _, first, second, group = orgs
    before = party.tree_at(world.session, actor=officer, unit_id=world.community.id, when=NOW)
    leaf = create(world, officer, "member_household", "王家", world.place.building, group, now=NOW + DAY)
    party.move(world.session, actor=officer, party_org_id=group.id, parent_id=second.id, now=NOW + 2 * DAY)
    world.session.refresh(leaf)
    assert leaf.path == f"{second.path}{group.id}/{leaf.id}/"
    then, now = (
        {
            row["id"]: row["parent_id"]
            for row in party.tree_at(world.session, actor=officer, unit_id=world.community.id, when=when)
        }
        for when in (NOW, NOW + 2 * DAY)
    )
    assert (then[group.id], now[group.id]) == (first.id, second.id)
    assert party.tree_at(world.session, actor=officer, unit_id=world.community.id, when=NOW) == before
    with raises_refusal(InvalidInput, "level_misplaced"):
        party.move(world.session, actor=officer, party_org_id=second.id, parent_id=first.id, now=NOW + 3 * DAY)


def test_an_organization_with_others_below_is_not_closed(world, officer, orgs):
    _, first, _, group = orgs
    with raises_refusal(Conflict, "party_org_in_use"):
        party.close(world.session, actor=officer, party_org_id=first.id, now=NOW + DAY)
    party.close(world.session, actor=officer, party_org_id=group.id, now=NOW + DAY)
    world.session.expire_all()
    assert [link.ends_at for link in links(world, group)] == [NOW + DAY]


def test_a_group_may_look_after_two_buildings(world, officer, orgs):
    *_, group = orgs
    unit = world.place.other_building.id
    party.link(world.session, actor=officer, party_org_id=group.id, unit_id=unit, now=NOW)
    with raises_refusal(Conflict, "already_linked"):
        party.link(world.session, actor=officer, party_org_id=group.id, unit_id=unit, now=NOW)
    party.unlink(world.session, actor=officer, party_org_id=group.id, unit_id=unit, now=NOW + DAY)
    with raises_refusal(NotFound, "link_not_found"):
        party.unlink(world.session, actor=officer, party_org_id=group.id, unit_id=unit, now=NOW + DAY)


def test_a_party_officer_works_below_their_own_node_under_what_stands_above(world, orgs):
    hire(world.session, world.far_neighbor, world.place.neighborhood, Role.PARTY_OFFICER)
    actor = world.actor(world.far_neighbor, Role.PARTY_OFFICER)
    create(world, actor, "grid_branch", "第三党支部", world.place.grid, orgs[0])
    with raises_refusal(NotFound, "unit_not_found"):
        create(world, actor, "grid_branch", "别处党支部", world.elsewhere.grid, orgs[0])
    with raises_refusal(NotFound, "party_org_not_found"):
        party.close(world.session, actor=actor, party_org_id=orgs[0].id, now=NOW + DAY)
