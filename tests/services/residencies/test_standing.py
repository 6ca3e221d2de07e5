"""Votes, fees and tickets are facts of their own, with dates; the station changes them with a reason."""

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from models import AuditEntry, Evidence, HomeRight, ResidencyKind, Right, RightSource
from services import people
from services.errors import Conflict, InvalidInput, NotFound
from services.org.persons import Who
from services.residencies import changing, invitations, registering, standing
from services.residencies.registering import Entry
from tests.services.residencies.claims import newcomer, read_by, residency_of, rights_of
from tests.world import LONG_AGO, NOW, move_in

K, R = ResidencyKind, Right
LATER = NOW + dt.timedelta(days=2)


def set_right(world, person, right, *, held, now=NOW, by=None, home=None):
    changing.set_right(
        world.session, actor=world.actor(by or world.manager), home_id=(home or world.place.home).id,
        person_id=person.id, right=right, held=held, words="按双方写的协议", now=now,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "rights"),
    [
        (K.CO_OWNER, {R.TICKET}),
        (K.FAMILY, {R.TICKET}),
        (K.TENANT, {R.TICKET}),
        (K.OCCUPANT, {R.TICKET}),
        (K.AGENT, {R.TICKET}),
    ],
)
def test_only_the_first_owner_votes_and_pays_by_default(world, kind, rights):
    person = newcomer(world)
    move_in(world.session, person, world.place.home, kind)
    assert rights_of(world, world.resident, world.place.home) == {R.VOTE, R.FEE, R.TICKET}
    assert rights_of(world, person, world.place.home) == rights


def test_where_there_is_no_owner_the_first_co_owner_is_asked_to_pay_and_nobody_votes(world):
    home = world.elsewhere.other_home
    one, two = newcomer(world), newcomer(world)
    move_in(world.session, one, home, K.CO_OWNER)
    move_in(world.session, two, home, K.CO_OWNER)
    assert rights_of(world, one, home) == {R.FEE, R.TICKET}
    assert rights_of(world, two, home) == {R.TICKET}


def test_rights_are_told_as_of_any_moment(world):
    person = newcomer(world)
    move_in(world.session, person, world.place.home, K.CO_OWNER)
    set_right(world, person, R.VOTE, held=True)
    set_right(world, world.resident, R.VOTE, held=True, now=LATER)

    def voter(at):
        return [
            one.person_id for one in standing.holders(world.session, world.place.home.id, at=at) if one.right is R.VOTE
        ]

    assert voter(LONG_AGO - dt.timedelta(seconds=1)) == []
    assert voter(LONG_AGO) == [world.resident.id]
    assert voter(NOW) == voter(LATER - dt.timedelta(seconds=1)) == [person.id]
    assert voter(LATER) == [world.resident.id]
    home_id = world.place.home.id
    assert standing.has(world.session, person_id=person.id, home_id=home_id, right=R.VOTE, at=NOW)
    assert not standing.has(world.session, person_id=person.id, home_id=home_id, right=R.VOTE, at=LATER)


def test_a_right_is_changed_with_a_reason_that_is_read_and_kept(world):
    set_right(world, world.neighbor, R.TICKET, held=False)
    assert rights_of(world, world.neighbor, world.place.home) == set()
    assert world.actor(world.neighbor).dwellings == ()
    assert read_by(world, world.neighbor)[-1] == (
        "1号楼1单元201室：您以后没有“报修”这一项了，原因：按双方写的协议。有疑问请联系服务站。"
    )
    noted = world.session.scalar(sa.select(AuditEntry.action).where(AuditEntry.about_person_id == world.neighbor.id))
    assert noted == "residency.right_taken"
    set_right(world, world.neighbor, R.TICKET, held=True, now=LATER)
    assert rights_of(world, world.neighbor, world.place.home) == {R.TICKET}


@pytest.mark.parametrize("kind", [K.FAMILY, K.TENANT, K.OCCUPANT, K.AGENT])
def test_whoever_does_not_own_gets_no_vote(world, kind):
    person = newcomer(world)
    move_in(world.session, person, world.place.home, kind)
    with pytest.raises(Conflict) as refused:
        set_right(world, person, R.VOTE, held=True)
    assert refused.value.reason == "vote_needs_owner"


def test_somebody_must_pay(world):
    with pytest.raises(Conflict) as refused:
        set_right(world, world.resident, R.FEE, held=False)
    assert refused.value.reason == "fee_needs_somebody"
    set_right(world, world.neighbor, R.FEE, held=True)
    set_right(world, world.resident, R.FEE, held=False)
    assert rights_of(world, world.neighbor, world.place.home) == {R.FEE, R.TICKET}


def test_who_is_nothing_to_a_home_has_no_rights_there(world):
    with pytest.raises(InvalidInput) as refused:
        set_right(world, world.far_neighbor, R.TICKET, held=True)
    assert refused.value.reason == "not_a_resident"


def test_the_station_changes_nothing_in_another_neighborhood(world):
    with pytest.raises(NotFound):
        set_right(world, world.stranger, R.TICKET, held=False, home=world.elsewhere.home)


def test_the_voter_hands_the_vote_on_to_another_owner(world):
    person = newcomer(world)
    move_in(world.session, person, world.place.home, K.CO_OWNER)

    def hand_on(actor, to):
        changing.hand_on_vote(
            world.session, actor=actor, home_id=world.place.home.id, person_id=to.id, words="家里商量好了", now=NOW
        )

    for actor, to, error in (
        (world.actor(person), person, NotFound),
        (world.actor(world.far_neighbor), person, NotFound),
        (world.actor(world.resident), world.neighbor, Conflict),
        (dataclasses.replace(world.actor(world.resident), agent_id=person.id), person, Conflict),
    ):
        with pytest.raises(error):
            hand_on(actor, to)
    hand_on(world.actor(world.resident), person)
    sources = world.session.scalars(sa.select(HomeRight.source).where(HomeRight.person_id == person.id)).all()
    assert RightSource.NAMED in sources
    assert rights_of(world, world.resident, world.place.home) == {R.FEE, R.TICKET}


def test_at_the_counter_somebody_without_a_phone_app_is_written_down(world):
    entry = Entry(
        who=Who(name="郝大娘", phone="15400001234"), kind=K.CO_OWNER, since=dt.date(2015, 5, 1),
        evidence=Evidence.RESETTLEMENT, share_numerator=1, share_denominator=2,
    )  # fmt: skip
    residency = registering.register(
        world.session, actor=world.actor(world.clerk), home_id=world.place.home.id, entry=entry, vault=world.vault,
        now=NOW,
    )  # fmt: skip
    assert (residency.kind, residency.evidence, residency.share_denominator) == (K.CO_OWNER, Evidence.RESETTLEMENT, 2)
    assert residency.starts_at == dt.datetime(2015, 4, 30, 16, 0, tzinfo=dt.UTC)


def test_two_persons_with_one_phone_stay_two(world):
    """A couple shares a phone: the name tells them apart."""
    phone = world.vault.open(world.resident.phone_sealed, "person.phone")

    def written_down(name):
        entry = Entry(who=Who(name=name, phone=phone), kind=K.CO_OWNER, since=NOW.date())
        return registering.register(
            world.session, actor=world.actor(world.clerk), home_id=world.place.other_home.id, entry=entry,
            vault=world.vault, now=NOW,
        ).person_id  # fmt: skip

    husband = written_down("郝大爷")
    assert husband != world.resident.id
    assert written_down("王桂兰") == world.resident.id


def test_nobody_writes_themselves_down(world):
    entry = Entry(who=Who(person_id=world.manager.id), kind=K.OWNER, since=NOW.date())
    with pytest.raises(InvalidInput) as refused:
        registering.register(
            world.session, actor=world.actor(world.manager), home_id=world.place.other_home.id, entry=entry,
            vault=world.vault, now=NOW,
        )  # fmt: skip
    assert refused.value.reason == "own_request"


def test_an_owners_code_to_a_home_with_an_owner_makes_a_co_owner(world):
    """Two who both say that they are the owner: a code does not decide it."""
    person = newcomer(world)
    made = invitations.invite(
        world.session, actor=world.actor(world.manager), home_id=world.place.home.id, kind=K.OWNER, person_id=None,
        now=NOW,
    )  # fmt: skip
    invitations.redeem(world.session, actor=world.actor(person), code=made.code, now=NOW)
    residency = residency_of(world, person, world.place.home)
    assert (residency.kind, residency.evidence) == (K.CO_OWNER, Evidence.INVITATION)
    assert rights_of(world, person, world.place.home) == {R.TICKET}
    assert people.me(world.session, actor=world.actor(world.resident)).id == world.resident.id
