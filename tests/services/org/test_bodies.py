"""Stations, councils and committees: seats by organization, terms that do not overlap, hats that come and go with them."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    CommitteeKind,
    CommitteePost,
    CommitteeTerm,
    CouncilSeat,
    CouncilType,
    EndReason,
    Handover,
    HandoverItem,
    Role,
)
from services.errors import Conflict, InvalidInput, NotFound
from services.hats import hats_of
from services.org import committees, councils, expiring, lists, stations
from services.org.persons import Who
from tests.refusals import raises_refusal
from tests.world import NOW, hire

DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 23)


def roles(world, person, now=NOW):
    return [hat.role for hat in hats_of(world.session, person.id, now)]


def test_a_stations_record_is_written_changed_and_closed(world, officer):
    place = world.place.neighborhood.id
    made = stations.put(
        world.session,
        actor=officer,
        neighborhood_id=place,
        name="彩进服务站",
        phone="024-42800000",
        hours="8点到17点",
        now=NOW,
    )
    stations.put(world.session, actor=officer, neighborhood_id=place, station_id=made.id, hours="7点到19点", now=NOW)
    seen = stations.listed(world.session, actor=world.actor(world.resident), neighborhood_id=place)
    assert [(one.name, one.phone, one.hours) for one in seen] == [("彩进服务站", "024-42800000", "7点到19点")]
    with raises_refusal(Conflict, "name_taken"):
        stations.put(world.session, actor=officer, neighborhood_id=place, name="彩进服务站", now=NOW)
    stations.close(world.session, actor=officer, station_id=made.id, now=NOW + DAY)
    assert stations.listed(world.session, actor=officer, neighborhood_id=place) == []


@pytest.fixture
def council(world, officer):
    """A council of the red stewards, as the migration describes its seats."""
    kind = world.session.scalars(sa.select(CouncilType).where(CouncilType.name == "红色管家议事会")).one()
    return councils.set_up(world.session, actor=officer, unit_id=world.place.neighborhood.id, type_id=kind.id, now=NOW)


def seat(world, officer, council, person, organization="业主委员会", now=NOW):
    made = councils.seat(
        world.session, actor=officer, council_id=council.id, organization=organization, who=Who(person.id),
        vault=world.vault, now=now,
    )  # fmt: skip
    world.session.flush()
    return made


def test_seats_are_filled_by_organization_and_the_empty_ones_counted(world, officer, council):
    seat(world, officer, council, world.resident)
    shown = councils.listed(world.session, actor=officer, unit_id=world.place.neighborhood.id)
    assert shown[0]["name"] == "彩进小区红色管家议事会"
    assert [(one["organization"], one["empty"]) for one in shown[0]["seats"]] == [
        ("社区党委", 2), ("工程质量监督队", 2), ("物业服务站", 1), ("业主委员会", 1),
    ]  # fmt: skip
    assert roles(world, world.resident) == [Role.COUNCIL_MEMBER, Role.RESIDENT]


def test_an_organization_has_no_more_people_than_seats(world, officer, council):
    seat(world, officer, council, world.manager, "物业服务站")
    with raises_refusal(Conflict, "seats_taken"):
        seat(world, officer, council, world.clerk, "物业服务站")
    with raises_refusal(InvalidInput, "organization_unknown"):
        seat(world, officer, council, world.clerk, "足球队")
    with raises_refusal(Conflict, "already_seated"):
        seat(world, officer, council, world.manager, "业主委员会")


def test_the_hat_ends_with_the_last_seat(world, officer, council):
    other_kind = world.session.scalars(sa.select(CouncilType).where(CouncilType.name == "三情议事会")).one()
    other = councils.set_up(
        world.session, actor=officer, unit_id=world.place.neighborhood.id, type_id=other_kind.id, now=NOW
    )
    seats = [seat(world, officer, council, world.resident), seat(world, officer, other, world.resident)]
    for one, left in zip(seats, (Role.COUNCIL_MEMBER, Role.RESIDENT), strict=True):
        councils.leave_seat(world.session, actor=officer, seat_id=one.id, reason=EndReason.RESIGNED, now=NOW + DAY)
        assert roles(world, world.resident, NOW + DAY)[0] is left


def test_a_council_is_closed_when_nobody_sits_in_it(world, officer, council):
    seat(world, officer, council, world.resident)
    with raises_refusal(Conflict, "council_in_use"):
        councils.close(world.session, actor=officer, council_id=council.id, now=NOW + DAY)
    one = world.session.scalars(sa.select(CouncilSeat)).one()
    councils.leave_seat(world.session, actor=officer, seat_id=one.id, reason=EndReason.RESIGNED, now=NOW + DAY)
    assert councils.close(world.session, actor=officer, council_id=council.id, now=NOW + DAY).ends_at == NOW + DAY


def test_a_neighborhood_makes_a_type_of_its_own(world, officer):
    made = councils.define_type(
        world.session, actor=officer, neighborhood_id=world.place.neighborhood.id, name="楼门议事会",
        purpose="楼里的事楼里商量。", seats=[("居民", 5)], now=NOW,
    )  # fmt: skip
    with raises_refusal(NotFound, "council_type_not_found"):
        councils.set_up(world.session, actor=officer, unit_id=world.elsewhere.neighborhood.id, type_id=made.id, now=NOW)
    with raises_refusal(InvalidInput, "seats_invalid"):
        councils.define_type(
            world.session, actor=officer, neighborhood_id=world.place.neighborhood.id, name="别的", purpose="别的事。",
            seats=[("居民", 5), ("居民", 2)], now=NOW,
        )  # fmt: skip


def start(world, officer, starts_on=TODAY, **more):
    wanted = {"kind": CommitteeKind.OWNERS, "seats": 5, "basis": "业主大会2026年11月20日决定，已备案"} | more
    return committees.start_term(
        world.session,
        actor=officer,
        neighborhood_id=world.place.neighborhood.id,
        starts_on=starts_on,
        now=NOW,
        **wanted,
    )


def join(world, officer, term, person, post=CommitteePost.MEMBER, now=NOW, **more):
    made = committees.join(
        world.session, actor=officer, term_id=term.id, who=Who(person.id), post=post, vault=world.vault, now=now, **more
    )
    world.session.flush()
    return made


def test_a_term_has_the_usual_length_and_the_next_one_the_next_number(world, officer):
    first = start(world, officer)
    second = start(world, officer, starts_on=first.ends_on, years=5)
    assert (first.number, first.ends_on) == (1, dt.date(2029, 11, 23))
    assert (second.number, second.ends_on) == (2, dt.date(2034, 11, 23))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"years": 6}, "term_too_long"),
        ({"seats": 4}, "seats_invalid"),
        ({"seats": 6}, "seats_invalid"),
        ({"seats": 13}, "seats_invalid"),
        ({"kind": CommitteeKind.INTERIM, "seats": 7, "years": 4}, "term_too_long"),
    ],
)
def test_terms_that_the_rule_does_not_allow(world, officer, changes, reason):
    with raises_refusal(InvalidInput, reason) as caught:
        start(world, officer, **changes)
    assert "默认值" in caught.value.facts["source"]


@pytest.mark.parametrize("starts_on", [TODAY - 400 * DAY, TODAY + DAY, TODAY + 3 * 365 * DAY])
def test_overlapping_terms_are_refused_by_the_service(world, officer, starts_on):
    start(world, officer)
    with raises_refusal(Conflict, "terms_overlap"):
        start(world, officer, starts_on=starts_on, kind=CommitteeKind.INTERIM, seats=7)


def test_overlapping_terms_are_refused_by_the_database(world, officer):
    term = start(world, officer)
    day = {"starts_on": term.starts_on + DAY, "ends_on": term.ends_on, "planned_ends_on": term.ends_on}
    row = {"neighborhood_id": term.neighborhood_id, "kind": "interim", "number": 1, "seats": 7, "basis": "-"}
    with pytest.raises(sa.exc.DatabaseError, match="overlap"), world.session.begin_nested():
        world.session.execute(sa.insert(CommitteeTerm), [row | day])


def test_a_term_of_29_february_ends_on_a_day_that_exists(world, officer):
    assert start(world, officer, starts_on=dt.date(2028, 2, 29)).ends_on == dt.date(2031, 3, 1)


def test_members_have_posts_and_their_hats_end_with_the_term(world, officer):
    term = start(world, officer)
    join(world, officer, term, world.resident, CommitteePost.CHAIR)
    with raises_refusal(Conflict, "chair_there"):
        join(world, officer, term, world.neighbor, CommitteePost.CHAIR)
    join(world, officer, term, world.neighbor)
    shown = lists.committee_terms(world.session, actor=officer, neighborhood_id=world.place.neighborhood.id)
    assert (shown[0]["name"], shown[0]["empty"]) == ("第1届业主委员会", 3)
    assert [one["post_name"] for one in shown[0]["members"]] == ["主任", "委员"]
    last = dt.datetime(2029, 11, 22, 15, 59, tzinfo=dt.UTC)  # a minute before midnight in Benxi
    assert roles(world, world.resident, last)[0] is Role.COMMITTEE_MEMBER
    assert roles(world, world.resident, last + dt.timedelta(minutes=1)) == [Role.RESIDENT]


def test_no_more_members_than_seats(world, officer):
    term = start(world, officer)
    for number in range(5):
        who = Who(name=f"高{number}", phone=f"1540000800{number}")
        committees.join(
            world.session,
            actor=officer,
            term_id=term.id,
            who=who,
            post=CommitteePost.MEMBER,
            vault=world.vault,
            now=NOW,
        )
    with raises_refusal(Conflict, "seats_taken"):
        join(world, officer, term, world.resident)


def test_a_member_who_leaves_passes_the_post_on(world, officer):
    term = start(world, officer)
    chair = join(world, officer, term, world.resident, CommitteePost.CHAIR)
    committees.leave(
        world.session, actor=officer, member_id=chair.id, reason=EndReason.RESIGNED, now=NOW + DAY, vault=world.vault,
        successor=Who(world.neighbor.id),
    )  # fmt: skip
    shown = lists.committee_terms(world.session, actor=officer, neighborhood_id=world.place.neighborhood.id)[0]
    assert [(one["person_id"], one["post"], one["end_reason"]) for one in shown["members"]] == [
        (world.resident.id, "chair", "resigned"),
        (world.neighbor.id, "chair", None),
    ]
    assert roles(world, world.resident, NOW + DAY) == [Role.RESIDENT]
    assert roles(world, world.neighbor, NOW + DAY)[0] is Role.COMMITTEE_MEMBER
    handover = world.session.scalars(sa.select(Handover)).one()
    assert (handover.from_person_id, handover.to_person_id) == (world.resident.id, world.neighbor.id)
    items = world.session.scalars(sa.select(HandoverItem.text)).all()
    assert items == ["第1届业主委员会的印章、档案和账目"]


def test_a_term_that_ends_early_takes_the_hats_with_it_and_makes_room(world, officer):
    term = start(world, officer, starts_on=TODAY - 100 * DAY)
    join(world, officer, term, world.resident)
    ends = TODAY + 10 * DAY
    committees.end_term(world.session, actor=officer, term_id=term.id, ends_on=ends, note="业主大会重选", now=NOW)
    assert roles(world, world.resident, NOW + 9 * DAY)[0] is Role.COMMITTEE_MEMBER
    assert roles(world, world.resident, NOW + 10 * DAY) == [Role.RESIDENT]
    assert start(world, officer, starts_on=ends).number == 2


def test_a_term_that_ends_today_ends_its_hats_at_once(world, officer):
    term = start(world, officer, starts_on=TODAY - 100 * DAY)
    join(world, officer, term, world.resident, now=NOW - DAY)
    committees.end_term(world.session, actor=officer, term_id=term.id, ends_on=TODAY, note="业主大会罢免", now=NOW)
    assert roles(world, world.resident) == [Role.RESIDENT]


def test_a_treasurer_in_the_committee_needs_a_reason(world, officer):
    hire(world.session, world.resident, world.place.neighborhood, Role.TREASURER)
    term = start(world, officer)
    with raises_refusal(Conflict, "conflict_of_interest"):
        join(world, officer, term, world.resident)
    assert join(world, officer, term, world.resident, conflict_reason="只此一人会记账，由社区复核").id


def test_a_chair_whose_term_ran_out_hands_over_the_seals(world, officer):
    term = start(world, officer, starts_on=TODAY - 100 * DAY)
    join(world, officer, term, world.resident, CommitteePost.CHAIR, now=NOW - 50 * DAY)
    committees.end_term(world.session, actor=officer, term_id=term.id, ends_on=TODAY + DAY, note="重选", now=NOW)
    world.session.flush()
    assert expiring.wind_up_terms(world.session, now=NOW + 2 * DAY) == 1
    assert world.session.scalars(sa.select(HandoverItem.text)).all() == ["第1届业主委员会的印章、档案和账目"]
