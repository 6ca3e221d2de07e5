"""Leaving ends rights at once; a sale keeps the tenant and leaves every account alone."""

import datetime as dt

import pytest

from models import Invitation, LeavingReason, ResidencyKind, Right
from services.errors import Conflict, InvalidInput, NotFound
from services.residencies import invitations, leaving, registering
from services.residencies.registering import Entry, Who
from tests.services.residencies.claims import newcomer, read_by, residency_of, rights_of
from tests.world import LONG_AGO, NOW, move_in

K, L, R = ResidencyKind, LeavingReason, Right
SOLD_ON = dt.date(2026, 11, 1)
SOLD_AT = dt.datetime(2026, 10, 31, 16, 0, tzinfo=dt.UTC)


@pytest.fixture
def tenant(world):
    person = newcomer(world, "孟祥瑞")
    move_in(world.session, person, world.place.home, K.TENANT)
    return person


def sell(world, buyer, on=SOLD_ON):
    entry = Entry(who=Who(person_id=buyer.id), kind=K.OWNER, since=on, replaces_owner=True)
    registering.register(
        world.session, actor=world.actor(world.manager), home_id=world.place.home.id, entry=entry, vault=world.vault,
        now=NOW,
    )  # fmt: skip


@pytest.fixture
def buyer(world):
    """Somebody who is known in the neighborhood."""
    return world.far_neighbor


def test_whoever_leaves_has_no_rights_any_more(world):
    leaving.leave(
        world.session, actor=world.actor(world.resident), home_id=world.place.home.id, why=L.MOVED_OUT, now=NOW
    )
    assert rights_of(world, world.resident, world.place.home) == set()
    assert world.actor(world.resident).dwellings == ()


def test_an_owner_ends_a_tenant_who_reads_why(world, tenant):
    residency = residency_of(world, tenant, world.place.home)
    owner = world.actor(world.resident)
    leaving.end_by_owner(world.session, actor=owner, residency_id=residency.id, words="租期到了", now=NOW)
    assert rights_of(world, tenant, world.place.home) == set()
    assert "说明：租期到了" in read_by(world, tenant)[-1]


def test_an_owner_does_not_end_family_or_others_homes(world, tenant):
    owner = world.actor(world.resident)
    family = residency_of(world, world.neighbor, world.place.home)
    with pytest.raises(Conflict) as refused:
        leaving.end_by_owner(world.session, actor=owner, residency_id=family.id, words="吵架了", now=NOW)
    assert refused.value.reason == "not_under_owner"
    theirs = residency_of(world, tenant, world.place.home)
    for somebody in (world.far_neighbor, world.neighbor, world.stranger):
        with pytest.raises(NotFound):
            leaving.end_by_owner(
                world.session, actor=world.actor(somebody), residency_id=theirs.id, words="请走", now=NOW
            )


def test_the_station_ends_with_a_reason_but_not_in_its_own_home(world):
    move_in(world.session, world.clerk, world.place.home, K.FAMILY)
    residency = residency_of(world, world.neighbor, world.place.home)
    with pytest.raises(Conflict) as refused:
        leaving.end_by_station(
            world.session, actor=world.actor(world.clerk), residency_id=residency.id, why=L.MISTAKE, words="错了",
            now=NOW,
        )  # fmt: skip
    assert refused.value.reason == "own_household"
    leaving.end_by_station(
        world.session, actor=world.actor(world.manager), residency_id=residency.id, why=L.MISTAKE, words="登记错了房",
        now=NOW,
    )  # fmt: skip
    assert residency_of(world, world.neighbor, world.place.home) is None
    assert "原因：登记错了，说明：登记错了房" in read_by(world, world.neighbor)[-1]


@pytest.mark.parametrize("on", [dt.date(2019, 12, 31), dt.date(2026, 11, 24)])
def test_nobody_leaves_before_they_came_or_tomorrow(world, on):
    with pytest.raises(InvalidInput) as refused:
        leaving.leave(
            world.session, actor=world.actor(world.resident), home_id=world.place.home.id, why=L.SOLD, on=on, now=NOW
        )
    assert refused.value.reason == "day_invalid"


def test_a_code_for_the_home_does_not_lead_back_in(world):
    made = invitations.invite(
        world.session, actor=world.actor(world.manager), home_id=world.place.home.id, kind=K.OWNER,
        person_id=world.resident.id, now=NOW,
    )  # fmt: skip
    leaving.leave(world.session, actor=world.actor(world.resident), home_id=world.place.home.id, why=L.SOLD, now=NOW)
    invitation = world.session.get_one(Invitation, made.invitation.id, populate_existing=True)
    assert invitation.expires_at == NOW
    with pytest.raises(NotFound):
        invitations.redeem(world.session, actor=world.actor(world.far_neighbor), code=made.code, now=NOW)


def test_a_sale_ends_the_old_owner_and_keeps_the_tenant(world, tenant, buyer):
    sell(world, buyer)
    assert residency_of(world, world.resident, world.place.home) is None
    assert residency_of(world, tenant, world.place.home).reconfirm_since == NOW
    assert rights_of(world, tenant, world.place.home) == {R.TICKET}
    assert rights_of(world, buyer, world.place.home) == {R.VOTE, R.FEE, R.TICKET}
    assert "该交的还要交" in read_by(world, world.resident)[-1]
    assert "换了房主" in read_by(world, tenant)[-1]


def test_paying_follows_the_deed_and_voting_follows_the_books(world, buyer):
    sell(world, buyer)
    home = world.place.home
    day_before, between = SOLD_AT - dt.timedelta(hours=1), NOW - dt.timedelta(days=1)
    assert R.FEE in rights_of(world, world.resident, home, day_before)
    assert rights_of(world, world.resident, home, between) == {R.VOTE, R.TICKET}
    assert rights_of(world, buyer, home, day_before) == set()
    assert rights_of(world, buyer, home, between) == {R.FEE}
    assert rights_of(world, buyer, home, NOW) == {R.VOTE, R.FEE, R.TICKET}
    assert rights_of(world, world.resident, home, NOW) == set()
    assert rights_of(world, world.resident, home, LONG_AGO) == {R.VOTE, R.FEE, R.TICKET}


def test_the_new_owner_says_who_is_still_there(world, tenant, buyer):
    sell(world, buyer)
    residency = residency_of(world, tenant, world.place.home)
    with pytest.raises(NotFound):
        leaving.reconfirm(world.session, actor=world.actor(world.resident), residency_id=residency.id, now=NOW)
    leaving.reconfirm(world.session, actor=world.actor(buyer), residency_id=residency.id, now=NOW)
    assert residency_of(world, tenant, world.place.home).reconfirm_since is None
    assert "新房主确认" in read_by(world, tenant)[-1]


def test_when_the_voter_leaves_the_others_are_asked_to_name_one(world):
    other = newcomer(world)
    move_in(world.session, other, world.place.home, K.CO_OWNER)
    leaving.leave(
        world.session, actor=world.actor(world.resident), home_id=world.place.home.id, why=L.MOVED_OUT, now=NOW
    )
    assert rights_of(world, other, world.place.home) == {R.TICKET}
    assert "没有投票人" in read_by(world, other)[-1]
