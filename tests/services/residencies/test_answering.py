"""Vouching, the owner's word, the station's review, and who must keep out of it."""

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    AuditEntry,
    Evidence,
    Membership,
    RequestState,
    ResidencyEvent,
    ResidencyKind,
    ResidencyVouch,
    Right,
    Role,
)
from services import jobs
from services.errors import Conflict, InvalidInput, StaleVersion
from services.org import handover_items
from services.residencies import answering, asking
from tests.services.residencies.claims import (
    another_home,
    approve,
    asked,
    claim,
    neighbors,
    newcomer,
    read_by,
    request_of,
    residency_of,
    rights_of,
    vouch,
)
from tests.world import NOW, hire, move_in

K, S, R = ResidencyKind, RequestState, Right
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def wanted(world):
    """A request of somebody whose home has no deed: neighbors must vouch."""
    return asked(world, newcomer(world), home=another_home(world, "501"), evidence=Evidence.VOUCHING)


def test_two_neighbors_of_different_homes_are_enough(world, wanted):
    one, two = neighbors(world)
    assert vouch(world, one, wanted).state is S.WAITING_VOUCHERS
    assert vouch(world, two, wanted).state is S.SUBMITTED
    words = world.session.scalars(sa.select(ResidencyVouch.words)).all()
    assert words == ["他家住了十年了。"] * 2
    assert approve(world, wanted).state is S.APPROVED


def test_a_couple_counts_as_one_neighbor(world, wanted):
    assert vouch(world, world.resident, wanted).state is S.WAITING_VOUCHERS
    assert vouch(world, world.neighbor, wanted).state is S.WAITING_VOUCHERS


def test_the_grid_leaders_word_is_enough_alone(world, wanted):
    assert vouch(world, world.grid_leader, wanted, Role.GRID_LEADER).state is S.SUBMITTED


def test_nobody_vouches_twice(world, wanted):
    vouch(world, world.resident, wanted)
    with pytest.raises(Conflict) as refused:
        vouch(world, world.resident, wanted)
    assert refused.value.reason == "vouched_already"


def test_nobody_vouches_for_their_own_household(world, wanted):
    applicant = wanted.person_id
    move_in(world.session, world.resident, another_home(world, "601"), K.FAMILY)
    roommate = newcomer(world)
    elsewhere = another_home(world, "602")
    move_in(world.session, roommate, elsewhere)
    move_in(world.session, world.session.get(type(roommate), applicant), elsewhere, K.FAMILY)
    with pytest.raises(Conflict) as refused:
        vouch(world, roommate, wanted)
    assert refused.value.reason == "own_household"


def test_nobody_vouches_in_anothers_name(world, wanted):
    actor = dataclasses.replace(world.actor(world.resident), agent_id=world.neighbor.id)
    with pytest.raises(Conflict) as refused:
        answering.vouch(world.session, actor=actor, request_id=wanted.id, words="我认识他。", now=NOW)
    assert refused.value.reason == "in_person_only"


def test_who_vouched_cannot_review(world, wanted):
    vouch(world, world.grid_leader, wanted, Role.GRID_LEADER)
    with pytest.raises(Conflict) as refused:
        approve(world, wanted, by=world.grid_leader)
    assert refused.value.reason == "vouched_for"
    assert approve(world, wanted).state is S.APPROVED


def test_nobody_reviews_their_own_request(world):
    request = asked(world, world.manager, home=another_home(world, "501"))
    with pytest.raises(Conflict) as refused:
        approve(world, request)
    assert refused.value.reason == "own_request"
    assert approve(world, request, by=world.clerk).state is S.APPROVED


def test_nobody_reviews_what_they_filed_for_somebody(world):
    person = newcomer(world)
    actor = dataclasses.replace(world.actor(person), agent_id=world.manager.id)
    request = asking.ask(
        world.session, actor=actor, home_id=another_home(world, "501").id, claim=claim(),
        vault=world.vault, now=NOW,
    )  # fmt: skip
    assert request.filed_by_id == world.manager.id
    with pytest.raises(Conflict) as refused:
        approve(world, request)
    assert refused.value.reason == "own_request"


def test_nobody_reviews_for_their_own_home(world):
    hire(world.session, world.neighbor, world.place.neighborhood, Role.STATION_CLERK)
    request = asked(world, newcomer(world), home=world.place.home, kind=K.CO_OWNER)
    with pytest.raises(Conflict) as refused:
        approve(world, request, by=world.neighbor)
    assert refused.value.reason == "own_household"


def test_an_owners_yes_makes_a_tenant(world):
    person = newcomer(world)
    request = asked(world, person, home=world.place.home, kind=K.TENANT, pays_fee=True)
    answering.confirm(world.session, actor=world.actor(world.resident), request_id=request.id, now=NOW)
    residency = residency_of(world, person, world.place.home)
    assert (residency.kind, residency.evidence) == (K.TENANT, Evidence.OWNER_WORD)
    assert rights_of(world, person, world.place.home) == {R.TICKET, R.FEE}
    assert "登记好了" in read_by(world, person)[-1]


def test_an_owners_no_goes_to_the_station_when_it_is_handed_in_again(world):
    person = newcomer(world)
    request = asked(world, person, home=world.place.home, kind=K.TENANT)
    owner = world.actor(world.resident)
    answering.decline(world.session, actor=owner, request_id=request.id, words="不认识这个人", now=NOW)
    assert "房主退回了，原因：不认识这个人" in read_by(world, person)[-1]
    again = asking.resubmit(
        world.session,
        actor=world.actor(person),
        request_id=request.id,
        claim=claim(K.TENANT),
        vault=world.vault,
        now=NOW,
    )
    assert again.state is S.SUBMITTED


def test_who_acts_for_the_owner_cannot_confirm_themselves(world):
    person = newcomer(world)
    request = asked(world, person, home=world.place.home, kind=K.TENANT)
    actor = dataclasses.replace(world.actor(world.resident), agent_id=person.id)
    with pytest.raises(Conflict) as refused:
        answering.confirm(world.session, actor=actor, request_id=request.id, now=NOW)
    assert refused.value.reason == "own_request"


def test_after_three_days_of_silence_the_station_decides(world):
    person = newcomer(world)
    request = asked(world, person, home=world.place.home, kind=K.TENANT)
    before = answering.refer(world.session, now=NOW + dt.timedelta(days=3) - HOUR)
    assert (before, request_of(world, request).state) == (0, S.WAITING_OWNER)
    job = next(job for job in jobs.TIMETABLE if job.name == "refer_residencies")
    assert job.run(world.session, now=NOW + dt.timedelta(days=3)) == 1
    assert request_of(world, request).state is S.SUBMITTED
    assert answering.refer(world.session, now=NOW + dt.timedelta(days=3)) == 0
    assert "服务站最晚" in read_by(world, person)[-1]
    assert approve(world, request, now=NOW + dt.timedelta(days=4)).state is S.APPROVED


def test_before_that_the_station_writes_what_the_owner_said_on_the_phone(world):
    request = asked(world, newcomer(world), home=world.place.home, kind=K.TENANT)
    with pytest.raises(Conflict) as refused:
        approve(world, request)
    assert refused.value.reason == "owner_not_asked"
    assert approve(world, request, words="房主电话里说同意").reason == "房主电话里说同意"


def test_an_older_version_is_refused(world):
    request = asked(world, newcomer(world), home=world.place.home, kind=K.CO_OWNER)
    with pytest.raises(StaleVersion):
        approve(world, request, version=9)
    assert approve(world, request, version=1).version == 2


def test_a_second_first_owner_is_a_contradiction_until_the_home_was_sold(world):
    buyer = newcomer(world)
    request = asked(world, buyer, home=world.place.home)
    with pytest.raises(Conflict) as refused:
        approve(world, request)
    assert refused.value.reason == "owner_contradiction"
    assert residency_of(world, world.resident, world.place.home).kind is K.OWNER
    approve(world, request, replaces_owner=True)
    assert residency_of(world, world.resident, world.place.home) is None
    assert rights_of(world, buyer, world.place.home) == {R.VOTE, R.FEE, R.TICKET}


def test_only_a_new_first_owner_replaces_anybody(world):
    request = asked(world, newcomer(world), home=world.place.home, kind=K.CO_OWNER)
    with pytest.raises(InvalidInput) as refused:
        approve(world, request, replaces_owner=True)
    assert refused.value.reason == "replaces_nobody"


def test_shares_beyond_the_whole_are_not_approved(world):
    one = asked(world, newcomer(world), home=world.place.home, kind=K.CO_OWNER, share_numerator=2, share_denominator=3)
    two = asked(world, newcomer(world), home=world.place.home, kind=K.CO_OWNER, share_numerator=1, share_denominator=2)
    approve(world, one)
    with pytest.raises(Conflict) as refused:
        approve(world, two)
    assert refused.value.reason == "shares_exceed"
    assert "只剩3分之1" in refused.value.detail


def test_the_owner_hears_of_who_was_registered(world):
    approve(world, asked(world, newcomer(world), home=world.place.home, kind=K.CO_OWNER))
    assert "新登记了共有人马*兰" in read_by(world, world.resident)[-1]


def test_every_step_stands_in_the_history_and_the_audit_trail(world):
    request = asked(world, newcomer(world), home=world.place.home, kind=K.CO_OWNER)
    answering.send_back(
        world.session, actor=world.actor(world.clerk), request_id=request.id, words="照片看不清", now=NOW
    )
    applicant = world.session.get_one(type(world.clerk), request.person_id)
    asking.resubmit(
        world.session, actor=world.actor(applicant), request_id=request.id, claim=claim(K.CO_OWNER), vault=world.vault,
        now=NOW,
    )  # fmt: skip
    approve(world, request)
    world.session.flush()
    events = world.session.execute(
        sa.select(ResidencyEvent.action, ResidencyEvent.role)
        .where(ResidencyEvent.request_id == request.id)
        .order_by(ResidencyEvent.id)
    ).all()
    assert events == [
        ("asked", "resident"), ("returned", "station_clerk"), ("resubmitted", "resident"),
        ("registered", "station_manager"), ("approved", "station_manager"),
    ]  # fmt: skip
    noted = world.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.about_person_id == request.person_id).order_by(AuditEntry.id)
    ).all()
    assert noted == ["residency.returned", "residency.approved"]


def test_whoever_leaves_the_station_hands_over_what_waits(world):
    asked(world, newcomer(world), home=another_home(world, "501"))
    asked(world, newcomer(world), home=world.place.home, kind=K.TENANT)
    membership = world.session.scalars(sa.select(Membership).where(Membership.person_id == world.manager.id)).one()
    items = handover_items.open_items(world.session, membership, world.place.neighborhood, NOW)
    assert [text for kind, _, text in items if kind == "residency_request"] == ["等着审核的住户申请：1号楼1单元501室"]
