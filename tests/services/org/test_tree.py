"""The civil tree: who may stand where, moves that keep the past true, closing only what is empty."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import AuditEntry, FormerUnitName, OrgUnit, Ticket, UnitKind, UnitPlacement
from services.errors import Conflict, InvalidInput, NotFound
from services.org import tree
from services.org.history import tree_at
from tests.refusals import raises_refusal
from tests.world import LONG_AGO, NOW, new_unit

DAY = dt.timedelta(days=1)


@pytest.fixture
def grids(world):
    """The two grids of the first neighborhood."""
    other = world.session.get_one(OrgUnit, world.place.other_building.parent_id)
    return world.place.grid, other


def move(world, actor, unit, parent, now=NOW):
    return tree.move(world.session, actor=actor, unit_id=unit.id, parent_id=parent.id, now=now)


@pytest.mark.parametrize("above", UnitKind)
@pytest.mark.parametrize("below", UnitKind)
def test_a_kind_stands_below_a_higher_one_of_its_own_part_of_the_tree(above, below):
    order = list(UnitKind)
    upper = order[: order.index(UnitKind.NEIGHBORHOOD)]
    allowed = {
        UnitKind.GRID: {UnitKind.NEIGHBORHOOD},
        UnitKind.BUILDING: {UnitKind.NEIGHBORHOOD, UnitKind.GRID},
        UnitKind.STAIRWELL: {UnitKind.BUILDING},
    }.get(below, {kind for kind in upper if order.index(kind) < order.index(below)})
    assert (above in tree.STANDS_UNDER[below]) == (above in allowed)


def test_a_new_unit_stands_below_its_parent_and_has_its_first_placement(world, officer):
    unit = tree.create(
        world.session, actor=officer, parent_id=world.place.grid.id, kind=UnitKind.BUILDING, name=" 3号楼 ", now=NOW
    )
    assert (unit.name, unit.path) == ("3号楼", f"{world.place.grid.path}{unit.id}/")
    assert unit.neighborhood_id == world.place.neighborhood.id
    placement = world.session.scalars(sa.select(UnitPlacement).where(UnitPlacement.unit_id == unit.id)).one()
    assert (placement.parent_id, placement.starts_at, placement.ends_at) == (world.place.grid.id, NOW, None)


def test_a_new_neighborhood_is_its_own_key(world, officer):
    made = tree.create(
        world.session, actor=officer, parent_id=world.community.id, kind=UnitKind.NEIGHBORHOOD, name="站前小区",
        code="bx-zq", now=NOW,
    )  # fmt: skip
    assert (made.neighborhood_id, made.code) == (made.id, "BX-ZQ")


@pytest.mark.parametrize(
    ("changes", "kind", "reason"),
    [
        ({"kind": UnitKind.STAIRWELL}, InvalidInput, "kind_misplaced"),
        ({"name": "1号楼"}, Conflict, "name_taken"),
        ({"name": "  "}, InvalidInput, "name_invalid"),
        ({"name": "长" * 33}, InvalidInput, "name_invalid"),
        ({"code": "BX-1"}, InvalidInput, "code_not_wanted"),
        ({"parent_id": None}, InvalidInput, "parent_missing"),
    ],
)
def test_what_cannot_be_made(world, officer, changes, kind, reason):
    wanted = {"parent_id": world.place.grid.id, "kind": UnitKind.BUILDING, "name": "3号楼"} | changes
    with raises_refusal(kind, reason):
        tree.create(world.session, actor=officer, now=NOW, **wanted)


def test_units_elsewhere_are_not_there(world):
    actor = world.actor(world.manager)
    with pytest.raises(NotFound):
        tree.rename(world.session, actor=actor, unit_id=world.elsewhere.building.id, name="2号楼", now=NOW)


def test_a_renamed_unit_keeps_its_old_name_with_its_days(world, officer):
    building = world.place.building
    tree.rename(world.session, actor=officer, unit_id=building.id, name="甲1号楼", now=NOW)
    tree.rename(world.session, actor=officer, unit_id=building.id, name="甲一号楼", now=NOW + DAY)
    former = world.session.scalars(sa.select(FormerUnitName).order_by(FormerUnitName.id)).all()
    assert [(one.name, one.starts_at, one.ends_at) for one in former] == [
        ("1号楼", LONG_AGO, NOW),
        ("甲1号楼", NOW, NOW + DAY),
    ]
    names = [
        next(row["name"] for row in tree_at(world.session, when=when) if row["id"] == building.id)
        for when in (NOW - DAY, NOW, NOW + DAY)
    ]
    assert names == ["1号楼", "甲1号楼", "甲一号楼"]


def test_moving_a_building_carries_its_tickets_and_leaves_the_past(world, officer, grids):
    filed = world.file()
    first, second = grids
    before = tree_at(world.session, when=NOW)
    building = move(world, officer, world.place.building, second, NOW + DAY)
    assert building.path == f"{second.path}{building.id}/"
    assert world.session.get_one(Ticket, filed.id).unit_path == building.path
    assert tree_at(world.session, when=NOW) == before
    parents = {row["id"]: row["parent_id"] for row in tree_at(world.session, when=NOW + DAY)}
    assert parents[building.id] == second.id
    note = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "unit.moved")).one()
    assert note.detail == {"parent_id": [first.id, second.id]}


def test_moving_a_neighborhood_carries_everything_below(world):
    filed = world.file()
    subdistrict = world.session.get_one(OrgUnit, world.community.parent_id)
    other = new_unit(world.session, UnitKind.COMMUNITY, "站前社区", subdistrict)
    move(world, None, world.place.neighborhood, other)
    building = world.session.get_one(OrgUnit, world.place.building.id)
    assert building.path.startswith(other.path)
    assert world.session.get_one(Ticket, filed.id).unit_path == building.path
    # What stood beside it did not move.
    assert world.session.get_one(OrgUnit, world.elsewhere.building.id).path.startswith(world.community.path)


@pytest.mark.parametrize(
    ("unit", "parent", "reason"),
    [
        ("building", "grid", "already_there"),
        ("building", "elsewhere", "other_neighborhood"),
        ("grid", "building", "circle"),
        ("neighborhood", "building", "circle"),
    ],
)
def test_moves_that_are_refused_change_nothing(world, unit, parent, reason):
    targets = {"grid": world.place.grid, "building": world.place.building, "elsewhere": world.elsewhere.grid}
    with raises_refusal(Conflict, reason):
        move(world, None, getattr(world.place, unit), targets[parent])


def test_a_name_that_is_taken_there_stops_a_move(world, officer, grids):
    new_unit(world.session, UnitKind.BUILDING, "1号楼", grids[1])
    with raises_refusal(Conflict, "name_taken"):
        move(world, officer, world.place.building, grids[1])


def test_closing_is_refused_with_a_list_of_what_hangs_on_it(world, officer):
    world.file()
    with raises_refusal(Conflict, "unit_in_use") as caught:
        tree.close(world.session, actor=officer, unit_id=world.place.grid.id, now=NOW)
    blocking = {one["kind"]: one["count"] for one in caught.value.facts["blocking"]}
    assert blocking == {"unit": 1, "home": 1, "membership": 1, "ticket": 1}
    assert caught.value.detail == (
        "“第一网格”下面还有：1个下级单位、1套房子、1个在任的人、1张没办完的单子。请先移走或办完，再来撤销。"
    )


def test_a_closed_unit_frees_its_name_and_stays_in_the_past(world, officer):
    def make(now):
        return tree.create(
            world.session, actor=officer, parent_id=world.place.grid.id, kind=UnitKind.BUILDING, name="9号楼", now=now
        )

    first = make(NOW)
    tree.close(world.session, actor=officer, unit_id=first.id, now=NOW + DAY)
    second = make(NOW + DAY)
    there = [{row["id"] for row in tree_at(world.session, when=when)} for when in (NOW, NOW + DAY)]
    assert [(first.id in ids, second.id in ids) for ids in there] == [(True, False), (False, True)]
    with raises_refusal(Conflict, "unit_closed"):
        tree.rename(world.session, actor=officer, unit_id=first.id, name="10号楼", now=NOW + 2 * DAY)


@pytest.mark.parametrize("statement", ["delete from unit_placement", "update unit_placement set ends_at = null"])
def test_the_database_keeps_placements_that_are_over(world, officer, grids, statement):
    move(world, officer, world.place.building, grids[1])
    with pytest.raises(sa.exc.DatabaseError), world.session.begin_nested():
        world.session.execute(sa.text(statement))


STEP = st.tuples(st.sampled_from(["create", "move", "move", "close", "rename"]), st.integers(0, 9), st.integers(0, 9))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=3, max_size=14))
def test_whatever_is_done_paths_agree_with_placements_and_the_past_stays(session, steps):
    """Each example is undone: the session's own work is a savepoint in the test's transaction."""
    with session.begin_nested() as point:
        root = new_unit(session, UnitKind.COMMUNITY, "社区", None)
        hood = new_unit(session, UnitKind.NEIGHBORHOOD, "小区", root, "BX-HY")
        units = [hood, *(new_unit(session, UnitKind.GRID, f"网格{n}", hood) for n in range(2))]
        seen = []
        for number, (what, one, other) in enumerate(steps):
            now = NOW + number * DAY
            try:
                with session.begin_nested():
                    _do(session, what, units, one, other, now)
            except (Conflict, InvalidInput):
                pass
            seen.append((now, tree_at(session, when=now, root_id=root.id)))
        for when, tree_then in seen:
            assert tree_at(session, when=when, root_id=root.id) == tree_then
        _check(session, root, units, seen[-1][1])
        point.rollback()


def _do(session, what, units, one, other, now):
    unit, parent = units[one % len(units)], units[other % len(units)]
    if what == "create":
        kind = (UnitKind.GRID, UnitKind.BUILDING, UnitKind.STAIRWELL)[one % 3]
        units.append(
            tree.create(session, actor=None, parent_id=parent.id, kind=kind, name=f"{kind}{len(units)}", now=now)
        )
    elif what == "move":
        tree.move(session, actor=None, unit_id=unit.id, parent_id=parent.id, now=now)
    elif what == "close":
        tree.close(session, actor=None, unit_id=unit.id, now=now)
    else:
        tree.rename(session, actor=None, unit_id=unit.id, name=f"新{one}{other}", now=now)


def _check(session, root, units, present):
    for unit in units:
        session.refresh(unit)
        open_ones = session.scalars(
            sa.select(UnitPlacement).where(UnitPlacement.unit_id == unit.id, UnitPlacement.ends_at.is_(None))
        ).all()
        assert len(open_ones) == (0 if unit.closed_at else 1)
        assert all(placement.parent_id == unit.parent_id for placement in open_ones)
        parent = session.get_one(OrgUnit, unit.parent_id)
        if unit.closed_at is None:
            assert unit.path == f"{parent.path}{unit.id}/"
    live = {root.id} | {unit.id for unit in units if unit.closed_at is None}
    assert {row["id"] for row in present} == live
    assert {row["id"]: row["name"] for row in present if row["id"] != root.id} == {
        unit.id: unit.name for unit in units if unit.closed_at is None
    }
