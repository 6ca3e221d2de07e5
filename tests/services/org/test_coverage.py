"""Coverage: what is missing, counted in the tree of the day, against a slow recount; the duties it counts."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import DutyAssignment, Membership, OrgUnit, PartyLink, PartyOrg, Role, ServiceDomain, UnitKind
from services.errors import Conflict, NotFound
from services.org import coverage, duties, leaders, party, tree
from services.org.coverage import Gap
from services.org.persons import Who
from services.reading.pages import PageRequest
from tests.refusals import raises_refusal
from tests.world import LONG_AGO, NOW, hire, new_person, new_unit

DAY = dt.timedelta(days=1)
USUAL = ["security", "cleaning", "greening", "repair", "parking"]


def report(world, actor, unit=None, when=NOW):
    return coverage.report(world.session, actor=actor, unit_id=(unit or world.community).id, when=when)


def gaps(world, actor, gap, when=NOW, unit=None):
    unit_id = (unit or world.community).id
    page = coverage.gaps(world.session, actor=actor, unit_id=unit_id, gap=gap, when=when, page=PageRequest(100))
    return page.items


def domain(world, code):
    return world.session.scalars(sa.select(ServiceDomain).where(ServiceDomain.code == code)).one()


def assign(world, officer, code, person=None, now=NOW):
    return duties.assign(
        world.session, actor=officer, neighborhood_id=world.place.neighborhood.id, domain_id=domain(world, code).id,
        who=Who((person or world.repairer).id), vault=world.vault, now=now,
    )  # fmt: skip


def test_a_grids_leader_covers_its_buildings_and_nobody_the_others(world, officer):
    found = report(world, officer)
    first, second = found["items"]
    assert (first["buildings"], first["without_leader"]) == (2, 1)
    assert (second["buildings"], second["without_leader"]) == (2, 2)
    assert found["total"]["without_leader"] == 3
    lacking = {item["unit_id"] for item in gaps(world, officer, Gap.LEADER)}
    assert lacking == {world.place.other_building.id, world.elsewhere.building.id, world.elsewhere.other_building.id}


def test_a_buildings_own_leader_covers_it(world, officer):
    hire(world.session, world.resident, world.place.other_building, Role.BUILDING_LEADER)
    world.session.flush()
    assert report(world, officer, world.place.neighborhood)["total"]["without_leader"] == 0


def test_last_year_is_counted_in_last_years_tree(world, officer):
    second = world.session.get_one(OrgUnit, world.place.other_building.parent_id)
    tree.move(world.session, actor=officer, unit_id=world.place.building.id, parent_id=second.id, now=NOW)
    place = world.place.neighborhood
    assert report(world, officer, place, NOW - DAY)["total"]["without_leader"] == 1
    assert report(world, officer, place, NOW)["total"]["without_leader"] == 2


def test_a_leader_who_left_covers_no_more(world, officer):
    leader = world.session.scalars(sa.select(Membership).where(Membership.role == Role.GRID_LEADER)).one()
    leader.ends_at = NOW
    world.session.flush()
    place = world.place.neighborhood
    assert report(world, officer, place, NOW - DAY)["total"]["without_leader"] == 1
    assert report(world, officer, place, NOW)["total"]["without_leader"] == 2


def test_a_grid_is_counted_with_the_leader_who_stands_above_it(world, officer):
    hire(world.session, world.resident, world.place.neighborhood, Role.GRID_LEADER)
    world.session.flush()
    second = world.session.get_one(OrgUnit, world.place.other_building.parent_id)
    found = report(world, officer, second)
    assert (found["total"]["buildings"], found["total"]["without_leader"]) == (1, 0)


def test_only_a_group_covers_a_building_not_the_branch_above(world, officer):
    branch = party.create(
        world.session,
        actor=officer,
        level="grid_branch",
        name="支部",
        unit_id=world.place.building.id,
        parent_id=None,
        now=NOW,
    )
    assert report(world, officer, world.place.neighborhood)["total"]["without_party_group"] == 2
    party.create(
        world.session, actor=officer, level="building_group", name="小组", unit_id=world.place.building.id,
        parent_id=branch.id, now=NOW,
    )  # fmt: skip
    place = world.place.neighborhood
    assert report(world, officer, place)["total"]["without_party_group"] == 1
    lacking = [item["unit_name"] for item in gaps(world, officer, Gap.PARTY_GROUP, unit=place)]
    assert lacking == ["2号楼"]


def test_each_usual_domain_wants_a_person(world, officer):
    assign(world, officer, "repair")
    found = report(world, officer, world.place.neighborhood)["total"]
    assert (found["domains"], found["without_person"]) == (5, 4)
    names = {item["name"] for item in gaps(world, officer, Gap.DOMAIN, unit=world.place.neighborhood)}
    assert names == {"治安防范", "卫生保洁", "绿化养护", "停车管理"}


def test_a_neighborhood_chooses_its_five(world, officer):
    place = world.place.neighborhood.id
    for code, is_used in (("parking", False), ("hardship", True)):
        duties.choose(
            world.session,
            actor=officer,
            neighborhood_id=place,
            domain_id=domain(world, code).id,
            is_used=is_used,
            now=NOW,
        )
    own = duties.add_domain(world.session, actor=officer, neighborhood_id=place, name="电梯", now=NOW)
    listed = duties.listed(world.session, actor=officer, neighborhood_id=place, now=NOW)
    used = [one["code"] for one in listed if one["is_used"]]
    assert used == ["security", "cleaning", "greening", "repair", "hardship", own.code]
    elsewhere = duties.listed(world.session, actor=officer, neighborhood_id=world.elsewhere.neighborhood.id, now=NOW)
    assert [one["code"] for one in elsewhere if one["is_used"]] == USUAL
    with raises_refusal(NotFound, "domain_not_found"):
        duties.choose(
            world.session, actor=officer, neighborhood_id=world.elsewhere.neighborhood.id, domain_id=own.id, is_used=True,
            now=NOW,
        )  # fmt: skip


def test_who_answers_for_a_domain_is_dated(world, officer):
    duty = assign(world, officer, "repair")
    with raises_refusal(Conflict, "already_assigned"):
        assign(world, officer, "repair")
    duties.end(world.session, actor=officer, assignment_id=duty.id, now=NOW + DAY)
    world.session.flush()
    place = world.place.neighborhood
    assert [report(world, officer, place, when)["total"]["without_person"] for when in (NOW, NOW + DAY)] == [4, 5]
    with raises_refusal(NotFound, "duty_not_found"):
        duties.end(world.session, actor=officer, assignment_id=duty.id, now=NOW + 2 * DAY)


@pytest.mark.parametrize("grids", [0, 6])
def test_the_report_is_four_statements_whatever_the_size(world, officer, statements, grids):
    for number in range(grids):
        grid = new_unit(world.session, UnitKind.GRID, f"{number}网格", world.place.neighborhood)
        new_unit(world.session, UnitKind.BUILDING, f"{number}号", grid)
    community_id = world.community.id
    statements.clear()
    found = coverage.report(world.session, actor=officer, unit_id=community_id, when=NOW)
    assert found["total"]["buildings"] == 4 + grids
    assert len(statements) == 4  # the unit, its neighborhoods, buildings, domains


def test_the_list_behind_a_number_turns_page_by_page(world, officer):
    seen, cursor = [], None
    while True:
        page = coverage.gaps(
            world.session,
            actor=officer,
            unit_id=world.community.id,
            gap=Gap.DOMAIN,
            when=NOW,
            page=PageRequest(3, cursor),
        )
        seen += [item["id"] for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 10


def test_a_resident_sees_who_looks_after_the_building(world, officer):
    assign(world, officer, "repair")
    actor = world.actor(world.resident)
    found = leaders.of_building(world.session, actor=actor, building_id=world.place.building.id, now=NOW)
    assert [(one["title"], one["unit"], one["name"]) for one in found["leaders"]] == [
        ("网格长", "第一网格", "孙*"),
        ("服务站站长", "彩进小区", "张*"),
    ]
    assert [(one["name"], one["people"]) for one in found["services"] if one["people"]] == [("房屋维修", ["李师傅"])]
    with raises_refusal(NotFound, "unit_not_found"):
        leaders.of_building(world.session, actor=actor, building_id=world.elsewhere.building.id, now=NOW)
    with raises_refusal(NotFound, "building_not_found"):
        leaders.of_building(world.session, actor=actor, building_id=world.place.grid.id, now=NOW)


PLACES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([Role.BUILDING_LEADER, Role.GRID_LEADER, Role.MEDIATOR]),
                            st.integers(-2, 2), st.one_of(st.none(), st.integers(-1, 3))), max_size=6)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=PLACES, linked=st.sets(st.integers(0, 2)), answered=st.sets(st.integers(0, 5)))
def test_the_report_equals_a_slow_recount(session, vault, held, linked, answered):
    """Each example is undone."""
    with session.begin_nested() as point:
        units = _town(session)
        buildings = [unit for unit in units if unit.kind is UnitKind.BUILDING]
        for index, role, begins, ends in held:
            starts_at = NOW + begins * DAY
            ends_at = NOW + ends * DAY if ends is not None and ends > begins else None
            person = new_person(session, vault, "高明")
            session.add(
                Membership(
                    person_id=person.id, unit_id=units[index].id, role=role, starts_at=starts_at, ends_at=ends_at
                )
            )
        for index in linked:
            unit = buildings[index].id
            party.create(
                session, actor=None, level="building_group", name="组", unit_id=unit, parent_id=None, now=LONG_AGO
            )
        for index in answered:
            person = new_person(session, vault, "高明")
            known = session.scalars(sa.select(ServiceDomain).order_by(ServiceDomain.id)).all()[index]
            session.add(
                DutyAssignment(neighborhood_id=units[0].id, domain_id=known.id, person_id=person.id, starts_at=NOW)
            )
        session.flush()
        for when in (NOW, NOW + DAY):
            found = coverage.report(session, actor=None, unit_id=units[0].id, when=when)["total"]
            assert found == _recount(session, units, when)
        point.rollback()


def _town(session):
    hood = new_unit(session, UnitKind.NEIGHBORHOOD, "小区", None, "BX-RC")
    grids = [new_unit(session, UnitKind.GRID, f"{n}网格", hood) for n in range(2)]
    parents = [grids[0], grids[1], hood]
    return [hood, *grids, *(new_unit(session, UnitKind.BUILDING, f"{n}号", one) for n, one in enumerate(parents))]


def _recount(session, units, when):
    """By hand, one row after the other."""

    def holds(one):
        return one.starts_at <= when and (one.ends_at is None or one.ends_at > when)

    buildings = [unit for unit in units if unit.kind is UnitKind.BUILDING]
    memberships = [one for one in session.scalars(sa.select(Membership)) if holds(one)]
    leading = {one.unit_id for one in memberships if one.role in (Role.BUILDING_LEADER, Role.GRID_LEADER)}
    groups = {
        link.unit_id
        for link in session.scalars(sa.select(PartyLink).join(PartyOrg, PartyOrg.id == PartyLink.party_org_id))
        if holds(link)
    }
    used = [one for one in session.scalars(sa.select(ServiceDomain)) if one.is_usual]
    by = {one.domain_id for one in session.scalars(sa.select(DutyAssignment)) if holds(one)}
    return {
        "buildings": len(buildings),
        "without_leader": sum(
            not leading & {int(part) for part in unit.path.strip("/").split("/")} for unit in buildings
        ),
        "without_party_group": sum(unit.id not in groups for unit in buildings),
        "domains": len(used),
        "without_person": sum(one.id not in by for one in used),
    }
