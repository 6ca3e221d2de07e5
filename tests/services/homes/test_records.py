"""What the station writes down about homes: areas, uses, whether they are there."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    EVER,
    AreaBasis,
    AuditEntry,
    HomeArea,
    HomeStatus,
    HomeUse,
    HomeUsePeriod,
    Residency,
)
from services.errors import Conflict, InvalidInput, NotFound
from services.homes import offers, records
from services.homes.records import Document
from tests.refusals import raises_refusal
from tests.world import NOW

TODAY = dt.date(2026, 11, 23)
DEED = Document("不动产权证", "辽(2020)本溪市不动产权第0001234号", dt.date(2020, 5, 1))


def set_area(world, area_centi, since=None, *, actor=None, now=NOW, basis=AreaBasis.REGISTERED, document=DEED):
    return records.set_area(
        world.session,
        actor=actor or world.actor(world.manager),
        home_id=world.place.home.id,
        area_centi=area_centi,
        basis=basis,
        document=document,
        since=since,
        now=now,
    )


def periods(world):
    rows = world.session.execute(
        sa.select(HomeArea.area_centi, HomeArea.starts_on, HomeArea.ends_on)
        .where(HomeArea.home_id == world.place.home.id, HomeArea.voided_at.is_(None))
        .order_by(HomeArea.starts_on)
    )
    return [tuple(row) for row in rows]


def test_the_first_area_counts_since_ever(world):
    set_area(world, 5_230)
    assert periods(world) == [(5_230, EVER, None)]
    assert records.area_at(world.session, world.place.home.id, dt.date(2019, 1, 1)) == 5_230


def test_a_new_area_leaves_old_days_their_own(world):
    set_area(world, 5_230)
    set_area(world, 5_418, dt.date(2026, 7, 1))
    home = world.place.home
    assert home.area_centi == 5_418
    assert records.area_at(world.session, home.id, dt.date(2026, 6, 30)) == 5_230
    assert records.area_at(world.session, home.id, dt.date(2026, 7, 1)) == 5_418


def test_a_slip_of_the_same_day_is_voided_and_never_counted(world):
    set_area(world, 5_230)
    set_area(world, 54_180, TODAY)
    set_area(world, 5_418, TODAY, now=NOW + dt.timedelta(minutes=1))
    assert periods(world) == [(5_230, EVER, TODAY), (5_418, TODAY, None)]
    assert records.area_at(world.session, world.place.home.id, TODAY) == 5_418


def test_an_area_before_the_present_one_is_refused(world):
    set_area(world, 5_230, dt.date(2026, 7, 1))
    with raises_refusal(Conflict, "before_the_present"):
        set_area(world, 5_418, dt.date(2026, 6, 30))


@pytest.mark.parametrize("area", [0, -5, 52, 523_000_0])
def test_impossible_areas_are_refused(world, area):
    with raises_refusal(InvalidInput, "area_impossible"):
        set_area(world, area)


def test_a_basis_needs_its_paper_but_the_residents_word_needs_none(world):
    with raises_refusal(InvalidInput, "document_missing"):
        set_area(world, 5_230, document=Document())
    with raises_refusal(InvalidInput, "document_in_future"):
        set_area(world, 5_230, document=Document("不动产权证", None, TODAY + dt.timedelta(days=1)))
    set_area(world, 5_230, basis=AreaBasis.SELF_DECLARED, document=Document())


def test_what_an_area_said_cannot_be_written_over(world):
    row = set_area(world, 5_230)
    world.session.flush()
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), world.session.begin_nested():
        world.session.execute(sa.update(HomeArea).where(HomeArea.id == row.id).values(area_centi=9_999))


def test_a_home_has_one_open_area(world):
    row = set_area(world, 5_230)
    values = {
        "neighborhood_id": row.neighborhood_id, "home_id": row.home_id, "area_centi": 1_000,
        "basis": AreaBasis.SURVEYED, "starts_on": TODAY, "recorded_at": NOW,
    }  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), world.session.begin_nested():
        world.session.execute(sa.insert(HomeArea).values(**values))


def test_each_act_stands_in_the_audit_trail(world):
    set_area(world, 5_418)
    entry = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "home.area_set")).one()
    assert (entry.subject_id, entry.detail) == (
        world.place.home.id, {"area_centi": [5_230, 5_418], "basis": "registered"},
    )  # fmt: skip


def test_a_use_has_its_days_from_the_first_row_on(world):
    home = world.place.home
    actor = world.actor(world.clerk)
    records.set_use(world.session, actor=actor, home_id=home.id, use=HomeUse.SHOP, since=dt.date(2026, 7, 1), now=NOW)
    rows = world.session.execute(
        sa.select(HomeUsePeriod.use, HomeUsePeriod.starts_on, HomeUsePeriod.ends_on)
        .where(HomeUsePeriod.home_id == home.id)
        .order_by(HomeUsePeriod.starts_on)
    )
    assert [tuple(row) for row in rows] == [
        (HomeUse.DWELLING, EVER, dt.date(2026, 7, 1)),
        (HomeUse.SHOP, dt.date(2026, 7, 1), None),
    ]
    assert home.use is HomeUse.SHOP
    with raises_refusal(Conflict, "same_use"):
        records.set_use(world.session, actor=actor, home_id=home.id, use=HomeUse.SHOP, since=None, now=NOW)


def set_status(world, status, into=None, home=None):
    return records.set_status(
        world.session,
        actor=world.actor(world.manager),
        home_id=(home or world.place.home).id,
        status=status,
        merged_into_id=into.id if into else None,
        why="两套打通了",
        now=NOW,
    )


def empty(world, home):
    world.session.execute(sa.update(Residency).where(Residency.home_id == home.id).values(ends_at=NOW))


def test_a_home_with_people_or_open_tickets_cannot_go(world):
    world.file(home_id=world.place.home.id)
    with raises_refusal(Conflict, "home_in_use") as found:
        set_status(world, HomeStatus.MERGED, world.place.other_home)
    assert [(one["kind"], one["count"]) for one in found.value.facts["blocking"]] == [("residency", 2), ("ticket", 1)]


def test_an_empty_home_goes_into_another_and_comes_back(world):
    home, target = world.place.home, world.place.other_home
    empty(world, home)
    assert set_status(world, HomeStatus.MERGED, target).merged_into_id == target.id
    with raises_refusal(Conflict, "home_gone"):
        set_area(world, 5_230)
    empty(world, target)
    with raises_refusal(Conflict, "home_in_use"):
        set_status(world, HomeStatus.DEMOLISHED, home=target)
    assert set_status(world, HomeStatus.IN_USE).merged_into_id is None


@pytest.mark.parametrize("into", ["home", "foreign", "none"])
def test_a_home_goes_only_into_another_one_of_the_neighborhood(world, into):
    target = {"home": world.place.home, "foreign": world.elsewhere.home, "none": None}[into]
    empty(world, world.place.home)
    with pytest.raises((InvalidInput, NotFound)):
        set_status(world, HomeStatus.MERGED, target)


def test_what_is_offered_follows_the_role_and_the_status(world):
    manager, leader = world.actor(world.manager), world.actor(world.grid_leader)
    assert set(offers.offered(HomeStatus.IN_USE, manager)) == set(offers.HomeAction)
    assert offers.offered(HomeStatus.IN_USE, leader) == [offers.HomeAction.INVITE]
    assert offers.offered(HomeStatus.DEMOLISHED, manager) == [
        offers.HomeAction.ADD_ALIAS, offers.HomeAction.SET_STATUS,
    ]  # fmt: skip
    assert offers.offered(HomeStatus.IN_USE, world.actor(world.resident)) == []
