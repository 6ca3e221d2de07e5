"""Many residencies at once: the same rows as one by one, in a fixed number of statements, and the way back."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import HomeRight, LeavingReason, Residency, ResidencyEvent, ResidencyKind, Right, RightSource
from services.residencies import bulk, bulk_ends
from services.residencies.bulk import Row
from tests.services.residencies.claims import another_home, asked, newcomer, residency_of, rights_of
from tests.world import NOW, move_in

K, R = ResidencyKind, Right
SINCE = dt.datetime(2018, 6, 1, tzinfo=dt.UTC)


def settle(world, *rows, source="import:1"):
    return bulk.settle(
        world.session, neighborhood_id=world.place.neighborhood.id, rows=list(rows), source=source, actor=None, now=NOW
    )


@pytest.fixture
def home(world):
    return another_home(world, "401")


def test_a_household_gets_the_rights_that_it_would_get_one_by_one(world, home):
    owner, wife, son, tenant = (newcomer(world) for _ in range(4))
    settled = settle(
        world,
        Row(home.id, wife.id, K.CO_OWNER, SINCE, share=(1, 2)),
        Row(home.id, owner.id, K.OWNER, SINCE, share=(1, 2)),
        Row(home.id, son.id, K.FAMILY, SINCE),
        Row(home.id, tenant.id, K.TENANT, SINCE, pays_fee=True),
    )
    assert (settled.residencies, settled.rights, settled.skipped) == (4, 7, 0)
    assert rights_of(world, owner, home) == {R.VOTE, R.FEE, R.TICKET}
    assert rights_of(world, wife, home) == rights_of(world, son, home) == {R.TICKET}
    assert rights_of(world, tenant, home) == {R.FEE, R.TICKET}
    assert rights_of(world, owner, home, at=SINCE) == {R.VOTE, R.FEE, R.TICKET}
    events = world.session.execute(
        sa.select(ResidencyEvent.action, ResidencyEvent.detail).where(ResidencyEvent.home_id == home.id)
    ).all()
    assert sorted(detail["kind"] for _, detail in events) == ["co_owner", "family", "owner", "tenant"]
    assert {action for action, _ in events} == {"registered"}


def test_where_somebody_votes_already_nobody_else_gets_the_vote(world):
    settle(world, Row(world.place.home.id, newcomer(world).id, K.OWNER, SINCE))
    voters = sa.select(HomeRight.person_id).where(
        HomeRight.home_id == world.place.home.id, HomeRight.right == R.VOTE, HomeRight.ends_at.is_(None)
    )
    assert world.session.scalars(voters).all() == [world.resident.id]


def test_who_is_there_already_is_passed_over_and_a_second_run_changes_nothing(world, home):
    row = Row(home.id, newcomer(world).id, K.OWNER, SINCE)
    assert settle(world, row).residencies == 1
    again = settle(world, row, Row(world.place.home.id, world.resident.id, K.OWNER, SINCE))
    assert (again.residencies, again.rights, again.skipped) == (0, 0, 2)


def test_times_after_now_are_cut_off(world, home):
    person = newcomer(world)
    settle(world, Row(home.id, person.id, K.OWNER, NOW + dt.timedelta(days=9)))
    assert residency_of(world, person, home).starts_at == NOW


def test_the_number_of_statements_does_not_grow(world, home, statements):
    people = [newcomer(world) for _ in range(30)]
    counts = []
    for number, some in enumerate((people[:1], people[1:])):
        world.session.flush()
        statements.clear()
        settle(world, *(Row(home.id, one.id, K.FAMILY, SINCE) for one in some), source=f"import:{number}")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 20


def test_contradictory_owners_are_named_before(world, home):
    one, two, three = (newcomer(world) for _ in range(3))
    found = bulk.contradictions(
        world.session,
        [
            Row(home.id, one.id, K.OWNER, SINCE, share=(2, 3)),
            Row(home.id, two.id, K.OWNER, SINCE, share=(1, 2)),
            Row(world.place.home.id, three.id, K.OWNER, SINCE),
            Row(world.place.other_home.id, three.id, K.CO_OWNER, SINCE),
        ],
    )
    assert {(item.home_id, item.code) for item in found} == {
        (home.id, "owner_contradiction"),
        (home.id, "shares_exceed"),
        (world.place.home.id, "owner_contradiction"),
    }


def test_a_batch_is_taken_back_whole_and_the_history_stays(world, home):
    person = newcomer(world)
    settle(world, Row(home.id, person.id, K.OWNER, SINCE))
    place = world.place.neighborhood.id
    assert bulk_ends.hanging(world.session, neighborhood_id=place, source="import:1") == []
    removed = bulk_ends.take_back(world.session, neighborhood_id=place, source="import:1", actor=None, now=NOW)
    assert removed == {"residency": 1, "home_right": 3}
    assert residency_of(world, person, home) is None
    actions = world.session.scalars(
        sa.select(ResidencyEvent.action).where(ResidencyEvent.person_id == person.id).order_by(ResidencyEvent.id)
    )
    assert list(actions) == ["registered", "taken_back"]
    world.session.delete(person)
    world.session.flush()  # nothing holds the person that came with the batch


@pytest.mark.parametrize("reason", ["residency", "home_right", "residency_request"])
def test_what_happened_since_speaks_against_taking_back(world, home, reason):
    person = newcomer(world)
    settle(world, Row(home.id, person.id, K.OWNER, SINCE))
    residency = residency_of(world, person, home)
    if reason == "residency":
        residency.reconfirm_since = NOW
    if reason == "home_right":
        world.session.scalars(
            sa.select(HomeRight).where(HomeRight.residency_id == residency.id)
        ).first().source = RightSource.STATION
    if reason == "residency_request":
        asked(world, person, home=home, kind=K.CO_OWNER)
    found = bulk_ends.hanging(world.session, neighborhood_id=world.place.neighborhood.id, source="import:1")
    assert found == [(reason, residency.id)]


def test_residencies_that_an_import_ended_go_on_when_it_is_undone(world):
    residency = residency_of(world, world.resident, world.place.home)
    before = rights_of(world, world.resident, world.place.home)
    usual = {"residency_ids": [residency.id], "source": "import:2", "actor": None, "now": NOW}
    bulk_ends.end(world.session, why=LeavingReason.MOVED_OUT, **usual)
    assert rights_of(world, world.resident, world.place.home) == set()
    assert world.actor(world.resident).dwellings == ()
    bulk_ends.reopen(world.session, **usual)
    assert rights_of(world, world.resident, world.place.home) == before
    assert residency_of(world, world.resident, world.place.home).ended_why is None


def test_a_moment_old_residency_can_be_ended_in_the_same_moment(world, home):
    person = newcomer(world)
    settle(world, Row(home.id, person.id, K.OWNER, NOW))
    row = residency_of(world, person, home)
    bulk_ends.end(
        world.session, residency_ids=[row.id], why=LeavingReason.MISTAKE, source="import:1", actor=None, now=NOW
    )
    assert world.session.get(Residency, row.id).ends_at > NOW
    move_in(world.session, person, home, K.FAMILY)
