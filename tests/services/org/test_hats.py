"""Who holds what: appointing, extending, ending, and what speaks against it."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import AuditEntry, ConflictAcceptance, EndReason, InboxItem, Membership, Person, Role, UnitKind
from services.errors import Conflict, InvalidInput, NotFound, WrongHat
from services.hats import hats_of
from services.org import conflicts, hats
from services.org.offices import APPOINTS, HELD_AT, WITH_A_SEAT, Post
from services.org.persons import Who
from tests.refusals import raises_refusal
from tests.world import NOW, hire, new_person, new_unit

DAY = dt.timedelta(days=1)
REASON = "暂时没有别人，单子由社区来结。"


def appoint(world, actor, who, unit, role, now=NOW, **more):
    post = {name: more.pop(name) for name in ("position_id", "starts_at", "ends_at") if name in more}
    made = hats.appoint(
        world.session, actor=actor, who=who, post=Post(unit.id, role, **post), vault=world.vault, now=now, **more
    )
    world.session.flush()
    return made


def membership_of(world, person, role):
    return world.session.scalars(
        sa.select(Membership).where(Membership.person_id == person.id, Membership.role == role)
    ).one()


def end(world, actor, membership, now=NOW, reason=EndReason.RESIGNED, **more):
    ended = hats.end(
        world.session, actor=actor, membership_id=membership.id, reason=reason, now=now, vault=world.vault, **more
    )
    world.session.flush()
    return ended


def test_a_resident_becomes_leader_of_the_building_and_is_told(world, officer):
    made = appoint(world, officer, Who(world.resident.id), world.place.building, Role.BUILDING_LEADER)
    hat = next(hat for hat in hats_of(world.session, world.resident.id, NOW) if hat.membership_id == made.id)
    assert (hat.role, hat.title, hat.unit_name) == (Role.BUILDING_LEADER, "楼长", "1号楼")
    assert made.appointed_by_id == world.community_officer.id
    item = world.session.scalars(sa.select(InboxItem).where(InboxItem.person_id == world.resident.id)).one()
    assert item.body == ("您在1号楼担任“楼长”，从2026年11月23日起。请在“我的身份”里切换使用。如果有误，请联系社区。")
    note = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "membership.started")).one()
    assert (note.about_person_id, note.subject_id) == (world.resident.id, made.id)


def test_somebody_new_is_named_by_name_and_phone_and_the_same_words_are_the_same_person(world, officer):
    who = Who(name="高明", phone="154 0000 7777")
    first = appoint(world, officer, who, world.place.building, Role.BUILDING_LEADER)
    second = appoint(world, officer, who, world.place.other_building, Role.BUILDING_LEADER)
    assert first.person_id == second.person_id
    assert world.session.get_one(Person, first.person_id).phone_masked == "154****7777"


def test_two_who_share_a_phone_stay_two(world, officer):
    phone = "15400007777"
    made = [
        appoint(world, officer, Who(name=name, phone=phone), world.place.building, Role.BUILDING_LEADER)
        for name in ("高明", "李红")
    ]
    assert made[0].person_id != made[1].person_id


@pytest.mark.parametrize("who", [Who(), Who(name="高明"), Who(phone="15400007777"), Who(name="高明", phone="12")])
def test_nobody_is_not_appointed(world, officer, who):
    with raises_refusal(InvalidInput, "person_missing"):
        appoint(world, officer, who, world.place.building, Role.BUILDING_LEADER)


def test_a_person_elsewhere_cannot_be_guessed_by_number(world):
    manager = world.actor(world.foreign_manager)
    with raises_refusal(NotFound, "person_not_found"):
        appoint(world, manager, Who(world.resident.id), world.elsewhere.neighborhood, Role.REPAIRER)


@pytest.mark.parametrize("role", HELD_AT)
@pytest.mark.parametrize("kind", UnitKind)
def test_each_role_is_held_at_its_own_kinds_of_units_only(world, role, kind):
    if role in WITH_A_SEAT:
        pytest.skip("comes with a seat")
    unit = world.place.neighborhood
    while unit is not None and unit.kind is not kind:
        unit = world.session.get(type(unit), unit.parent_id) if unit.parent_id else None
    unit = unit or {
        UnitKind.GRID: world.place.grid,
        UnitKind.BUILDING: world.place.building,
        UnitKind.STAIRWELL: new_unit(world.session, UnitKind.STAIRWELL, "1单元", world.place.building),
    }.get(kind)
    person = new_person(world.session, world.vault, "高明")
    if kind in HELD_AT[role]:
        assert appoint(world, None, Who(person.id), unit, role).role is role
    else:
        with raises_refusal(InvalidInput, "role_misplaced"):
            appoint(world, None, Who(person.id), unit, role)


def test_nobody_makes_their_own_equal_or_more():
    rank = [Role.STATION_MANAGER, Role.COMMUNITY_OFFICER, Role.SUBDISTRICT_OFFICER, Role.DISTRICT_OFFICER]
    assert list(APPOINTS) == rank
    for place, role in enumerate(rank):
        assert not APPOINTS[role] & set(rank[place:])


def test_who_may_not_give_a_role_is_told_who_may(world, officer):
    with raises_refusal(WrongHat, "not_yours_to_give") as caught:
        appoint(world, officer, Who(world.resident.id), world.community, Role.COMMUNITY_OFFICER)
    assert caught.value.facts["needed"] == ["subdistrict_officer", "district_officer"]


def test_nobody_appoints_themselves(world, officer):
    with raises_refusal(Conflict, "own_appointment"):
        appoint(world, officer, Who(world.community_officer.id), world.place.grid, Role.GRID_LEADER)


def test_the_same_role_is_not_held_twice_at_once_but_again_later(world, officer):
    who, building = Who(world.resident.id), world.place.building
    first = appoint(world, officer, who, building, Role.BUILDING_LEADER, ends_at=NOW + 30 * DAY)
    with raises_refusal(Conflict, "already_holds"):
        appoint(world, officer, who, building, Role.BUILDING_LEADER, now=NOW + DAY)
    again = appoint(world, officer, who, building, Role.BUILDING_LEADER, now=NOW + DAY, starts_at=first.ends_at)
    roles = [hat.membership_id for hat in hats_of(world.session, world.resident.id, NOW + 31 * DAY)]
    assert roles == [again.id, None]


@pytest.mark.parametrize("ends", [NOW, NOW - DAY])
def test_an_end_lies_ahead(world, officer, ends):
    with raises_refusal(InvalidInput, "dates_invalid"):
        appoint(world, officer, Who(world.resident.id), world.place.building, Role.BUILDING_LEADER, ends_at=ends)


def test_a_term_runs_out_by_itself_and_can_be_extended_before(world, officer):
    made = appoint(
        world, officer, Who(world.resident.id), world.place.building, Role.BUILDING_LEADER, ends_at=NOW + DAY
    )
    hats.extend(world.session, actor=officer, membership_id=made.id, ends_at=NOW + 3 * DAY, now=NOW)
    assert len(hats_of(world.session, world.resident.id, NOW + 2 * DAY)) == 2
    assert len(hats_of(world.session, world.resident.id, NOW + 3 * DAY)) == 1
    with raises_refusal(Conflict, "membership_over"):
        hats.extend(world.session, actor=officer, membership_id=made.id, ends_at=None, now=NOW + 3 * DAY)


def test_ending_ends_the_hat_at_once_and_says_thank_you(world, officer):
    leader = membership_of(world, world.grid_leader, Role.GRID_LEADER)
    end(world, officer, leader)
    assert [hat.role for hat in hats_of(world.session, world.grid_leader.id, NOW)] == [Role.RESIDENT]
    assert (leader.end_reason, leader.ended_by_id) == (EndReason.RESIGNED, world.community_officer.id)
    item = world.session.scalars(sa.select(InboxItem).where(InboxItem.person_id == world.grid_leader.id)).one()
    assert item.title == "任职结束"
    with raises_refusal(Conflict, "membership_over"):
        end(world, officer, leader, now=NOW + DAY)


def test_a_successor_gets_the_same_post_at_once(world, officer):
    leader = membership_of(world, world.grid_leader, Role.GRID_LEADER)
    end(world, officer, leader, reason=EndReason.PASSED_ON, successor=Who(world.resident.id))
    hat = hats_of(world.session, world.resident.id, NOW)[0]
    assert (hat.role, hat.unit_id) == (Role.GRID_LEADER, world.place.grid.id)


def test_a_membership_elsewhere_is_not_there(world):
    leader = membership_of(world, world.grid_leader, Role.GRID_LEADER)
    with raises_refusal(NotFound, "membership_not_found"):
        end(world, world.actor(world.foreign_manager), leader)


def test_a_conflict_of_interest_asks_for_a_reason_which_stays(world, officer):
    who = Who(world.repairer.id)
    with raises_refusal(Conflict, "conflict_of_interest") as caught:
        appoint(world, officer, who, world.place.neighborhood, Role.STATION_MANAGER)
    assert [one["code"] for one in caught.value.facts["conflicts"]] == ["repairer_manager"]
    made = appoint(
        world,
        officer,
        who,
        world.place.neighborhood,
        Role.STATION_MANAGER,
        conflict_reason=REASON,
    )
    kept = world.session.scalars(sa.select(ConflictAcceptance)).one()
    assert (kept.membership_id, kept.reason) == (made.id, REASON)
    rows = conflicts.report(world.session, actor=officer, unit_id=world.community.id, now=NOW)
    assert [(row["code"], row["person_id"], row["reason"]) for row in rows] == [
        ("repairer_manager", world.repairer.id, REASON)
    ]


def test_the_same_two_roles_in_two_neighborhoods_are_no_conflict(world, officer):
    appoint(world, officer, Who(world.repairer.id), world.elsewhere.neighborhood, Role.TREASURER)
    assert conflicts.report(world.session, actor=officer, unit_id=world.community.id, now=NOW) == []


def test_a_mediator_who_lives_in_the_building_is_flagged_for_that_building_only(world, officer):
    who = Who(world.resident.id)
    with raises_refusal(Conflict, "conflict_of_interest"):
        appoint(world, officer, who, world.place.building, Role.MEDIATOR)
    appoint(world, officer, who, world.place.other_building, Role.MEDIATOR)


@pytest.mark.parametrize("people", [1, 4])
def test_the_report_of_conflicts_is_two_statements(world, officer, statements, people):
    for number in range(people):
        person = new_person(world.session, world.vault, f"高{number}")
        for role in (Role.TREASURER, Role.REPAIRER):
            hire(world.session, person, world.place.neighborhood, role)
    world.session.flush()
    community_id = world.community.id
    statements.clear()
    rows = conflicts.report(world.session, actor=officer, unit_id=community_id, now=NOW)
    assert len(rows) == people
    assert len(statements) == 2
