"""Sheds, garages and parking spaces."""

import pytest
import sqlalchemy as sa

from models import AssetKind, Home, Role
from services.errors import Conflict, InvalidInput, NotFound
from services.homes import assets
from tests.refusals import raises_refusal
from tests.world import NOW, hire, new_person


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


def test_a_leader_of_one_building_writes_down_nothing_for_the_whole_neighborhood(world):
    person = new_person(world.session, world.vault, "郭强")
    hire(world.session, person, world.place.building, Role.BUILDING_LEADER)
    with raises_refusal(InvalidInput, "building_missing"):
        make_asset(world, AssetKind.SHED, "9", person=person)
    assert world.session.scalar(sa.select(sa.func.count()).select_from(Home)) >= 4
