"""What the station writes down about homes: areas, uses, whether they are there, other names, sheds, new homes."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    EVER,
    AreaBasis,
    AssetKind,
    AuditEntry,
    Home,
    HomeArea,
    HomeStatus,
    HomeUse,
    HomeUsePeriod,
    Residency,
    Role,
    UnitKind,
)
from services.errors import Conflict, InvalidInput, NotFound
from services.homes import aliases, assets, making, offers, records
from services.homes.records import Document
from tests.refusals import raises_refusal
from tests.world import NOW, hire, new_person, new_unit

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


def create(world, room, *, person=None, role=None, building=None, stairwell=None, floor=None):
    return making.create(
        world.session,
        actor=world.actor(person or world.manager, role),
        building_id=(building or world.place.building).id,
        stairwell_id=stairwell and stairwell.id,
        room=room,
        floor=floor,
        use=HomeUse.DWELLING,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("room", "floor", "code", "label", "on"),
    [
        ("0501室", None, "1-2-501", "1号楼2单元501室", 5),
        ("五零二", None, "1-2-502", "1号楼2单元502室", 5),
        ("1", 3, "1-2-301", "1号楼2单元301室", 3),
        ("5号", None, "1-2-5号", "1号楼2单元5号", None),
        ("门市3", None, "1-2-门市3", "1号楼2单元门市3", None),
    ],
)
def test_a_home_is_made_under_its_canonical_code(world, room, floor, code, label, on):
    stairwell = new_unit(world.session, UnitKind.STAIRWELL, "2单元", world.place.building)
    home = create(world, room, stairwell=stairwell, floor=floor)
    assert (home.code, home.label, home.floor) == (code, label, on)


@pytest.mark.parametrize("room", ["", "0", "仓房3", "2-501-3-4", "%"])
def test_a_room_that_is_none_is_refused(world, room):
    with raises_refusal(InvalidInput, "room_invalid"):
        create(world, room)


def test_a_home_is_made_once_and_only_below_ones_node(world):
    create(world, "301")
    with raises_refusal(Conflict, "home_exists"):
        create(world, "三零一室")
    with raises_refusal(NotFound, "unit_not_found"):
        create(world, "302", person=world.foreign_manager)
    elsewhere = new_unit(world.session, UnitKind.STAIRWELL, "1单元", world.place.other_building)
    with raises_refusal(InvalidInput, "stairwell_wrong"):
        create(world, "302", stairwell=elsewhere)
    with raises_refusal(InvalidInput, "not_a_building"):
        create(world, "302", building=world.place.grid)


def test_a_home_that_was_in_the_wrong_place_is_found_under_both_codes(world):
    home = create(world, "301")
    making.move(
        world.session,
        actor=world.actor(world.clerk),
        home_id=home.id,
        stairwell_id=None,
        room="302",
        floor=None,
        now=NOW,
    )
    assert (home.code, home.label) == ("1-302", "1号楼302室")
    assert [alias.key for alias in aliases.of_home(world.session, home.id)] == ["1-301"]
    with raises_refusal(Conflict, "home_exists"):  # the old number still means the first one
        create(world, "301")


def add_alias(world, text, home=None):
    return aliases.add(
        world.session, actor=world.actor(world.clerk), home_id=(home or world.place.home).id, text=text, now=NOW
    )


def test_one_name_means_one_home(world):
    add_alias(world, "3栋101")
    for same in ("三栋一零一", "3-101", "3#101室"):
        with raises_refusal(Conflict, "alias_taken"):
            add_alias(world, same, world.place.other_home)
    with raises_refusal(Conflict, "alias_taken"):
        add_alias(world, "2号楼1单元201")  # the code of the other home
    with raises_refusal(Conflict, "alias_is_code"):
        add_alias(world, "1号楼1单元201室")


def test_a_name_that_was_taken_away_can_be_given_anew(world):
    alias = add_alias(world, "老锅炉房")
    actor = world.actor(world.clerk)
    aliases.end(world.session, actor=actor, home_id=world.place.home.id, alias_id=alias.id, now=NOW)
    assert add_alias(world, "老 锅炉房", world.place.other_home).key == "老锅炉房"
    with raises_refusal(NotFound, "alias_not_found"):
        aliases.end(world.session, actor=actor, home_id=world.place.home.id, alias_id=alias.id, now=NOW)


def make_asset(world, kind, number, *, building=None, home=None, area=None, person=None):
    return assets.create(
        world.session,
        actor=world.actor(person or world.manager),
        neighborhood_id=world.place.neighborhood.id,
        kind=kind,
        number=number,
        building_id=building and building.id,
        home_id=home and home.id,
        area_centi=area,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        (AssetKind.SHED, "03号", "1-仓房3"), (AssetKind.GARAGE, "车库12", "1-车库12"),
        (AssetKind.PARKING_SPACE, "a１２", "1-车位A12"),
    ],
)  # fmt: skip
def test_sheds_garages_and_spaces_have_a_code_of_their_own(world, kind, number, code):
    assert make_asset(world, kind, number, building=world.place.building).code == code


def test_an_asset_belongs_to_a_home_or_to_nobody_and_its_code_is_its_own(world):
    asset = make_asset(world, AssetKind.SHED, "3", home=world.place.home, area=620)
    with raises_refusal(Conflict, "asset_exists"):
        make_asset(world, AssetKind.SHED, "三")
    actor = world.actor(world.manager)
    assets.change(world.session, actor=actor, asset_id=asset.id, home_id=None, area_centi=None, now=NOW)
    assert (asset.home_id, asset.area_centi) == (None, None)
    assets.end(world.session, actor=actor, asset_id=asset.id, why="拆了", now=NOW)
    with raises_refusal(NotFound, "asset_not_found"):
        assets.change(world.session, actor=actor, asset_id=asset.id, home_id=None, area_centi=None, now=NOW)
    make_asset(world, AssetKind.SHED, "3")


def test_assets_of_elsewhere_are_not_there(world):
    asset = make_asset(world, AssetKind.SHED, "3")
    with raises_refusal(NotFound, "asset_not_found"):
        assets.end(world.session, actor=world.actor(world.foreign_manager), asset_id=asset.id, why="拆了", now=NOW)
    with raises_refusal(NotFound, "home_not_found"):
        make_asset(world, AssetKind.SHED, "4", home=world.elsewhere.home)
    with raises_refusal(InvalidInput, "asset_number_invalid"):
        make_asset(world, AssetKind.SHED, "仓房")
    with raises_refusal(InvalidInput, "area_impossible"):
        make_asset(world, AssetKind.SHED, "5", area=62_000)


def test_what_is_offered_follows_the_role_and_the_status(world):
    manager, leader = world.actor(world.manager), world.actor(world.grid_leader)
    assert set(offers.offered(HomeStatus.IN_USE, manager)) == set(offers.HomeAction)
    assert offers.offered(HomeStatus.IN_USE, leader) == [offers.HomeAction.INVITE]
    assert offers.offered(HomeStatus.DEMOLISHED, manager) == [
        offers.HomeAction.ADD_ALIAS, offers.HomeAction.SET_STATUS,
    ]  # fmt: skip
    assert offers.offered(HomeStatus.IN_USE, world.actor(world.resident)) == []


def test_a_leader_of_one_building_writes_down_nothing_for_the_whole_neighborhood(world):
    person = new_person(world.session, world.vault, "郭强")
    hire(world.session, person, world.place.building, Role.BUILDING_LEADER)
    with raises_refusal(InvalidInput, "building_missing"):
        make_asset(world, AssetKind.SHED, "9", person=person)
    assert world.session.scalar(sa.select(sa.func.count()).select_from(Home)) >= 4
