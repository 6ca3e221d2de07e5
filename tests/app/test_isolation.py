"""No route shows or changes anything of another neighborhood.  Generated: a new route is tried without being named here."""

import re

import pytest
import sqlalchemy as sa

from models import AssetKind, ResidencyKind, Role, SpotKind, Ticket, ToldHow
from services.groups import chats, mass
from services.homes import aliases, assets
from services.privacy import consents, recording
from services.privacy.recording import Proof
from services.tickets import prices
from tests import paying
from tests.app.bodies import body_for, query_for
from tests.app.test_routes import GUARDED, NOBODYS
from tests.coding import code_of, spot_code
from tests.importing import uploaded, workbook
from tests.proxies import mandate, to_call
from tests.services.acting import photo
from tests.services.residencies.claims import asked, newcomer
from tests.world import NOW, hire, move_in, new_person

MARKS = ("彩进小区", "3单元门口的灯不亮", "王*兰", "赵*福", "钱*英", "孙*", "李师傅")
"""What only the first neighborhood has; none of it may reach the second one."""

FOREIGN = (
    ("stranger", Role.RESIDENT),
    ("foreign_manager", Role.STATION_MANAGER),
    ("foreign_repairer", Role.REPAIRER),
    ("stranger", Role.GRID_LEADER),
)
SHARES = 4
"""So many parts, so that both cores have work."""


def given_anew(world):
    """A mandate of the resident for somebody who has none yet."""
    return mandate(world, new_person(world.session, world.vault, "李红"))


def bound(world):
    """A WeChat group of the first neighborhood."""
    place = world.place.neighborhood.id
    return chats.bind(
        world.session, actor=None, neighborhood_id=place, unit_id=place, opengid="tG", name="彩进小区业主群", now=NOW
    )


def priced(world):
    """A line of the first neighborhood's price list."""
    return prices.add(
        world.session,
        actor=world.actor(world.manager),
        now=NOW,
        neighborhood_id=world.place.neighborhood.id,
        name="换水龙头",
        unit="个",
        price_fen=2_500,
        source="2026年居民代表会定的",
    )


def written(world):
    """A mass message to a group of the first neighborhood."""
    return mass.write(
        world.session,
        actor=None,
        neighborhood_id=world.place.neighborhood.id,
        sender="ZhangLi",
        text="周三上午停水。",
        chat_ids=[bound(world).id],
        page="",
        now=NOW,
    )


def signed(world):
    """A consent of the resident with a photo of the signed paper."""
    text = next(one.text for one in consents.shown(world.session, now=NOW) if one.kind.code == "share")
    return recording.record(
        world.session,
        actor=world.actor(world.manager),
        person_id=world.resident.id,
        text_id=text.id,
        given=True,
        proof=Proof(ToldHow.PAPER, photo=photo(world, world.manager)),
        vault=world.vault,
        now=NOW,
    )


# How to make a row of the first neighborhood, by the name of the parameter that takes its id.
ROWS = {
    "batch_id": lambda world: uploaded(world, workbook("1号楼,1单元,101,60,王桂兰,")).id,
    "alias_id": lambda world: (
        aliases.add(
            world.session, actor=world.actor(world.manager), home_id=world.place.home.id, text="老锅炉房", now=NOW
        ).id
    ),
    "asset_id": lambda world: (
        assets.create(
            world.session,
            actor=world.actor(world.manager),
            neighborhood_id=world.place.neighborhood.id,
            kind=AssetKind.SHED,
            number="3",
            building_id=None,
            home_id=world.place.home.id,
            area_centi=None,
            now=NOW,
        ).id
    ),
    "building_id": lambda world: world.place.building.id,
    "consent_id": lambda world: signed(world).id,
    "charge_id": lambda world: paying.charge(world).id,
    "chat_id": lambda world: bound(world).id,
    "group_id": lambda world: world.group().id,
    "code_id": lambda world: code_of(world).id,
    "difference_id": lambda world: paying.difference(world).id,
    "home_id": lambda world: world.place.home.id,
    "item_id": lambda world: 1,
    "mass_message_id": lambda world: written(world).id,
    "mandate_id": lambda world: given_anew(world).id,
    "neighborhood_id": lambda world: world.place.neighborhood.id,
    "payment_order_id": lambda world: paying.paid(world).id,
    "person_id": lambda world: world.resident.id,
    "price_item_id": lambda world: priced(world).id,
    "read_back_id": lambda world: to_call(world, given_anew(world)).id,
    "refund_id": lambda world: paying.refund(world, paying.paid(world)).id,
    "request_id": lambda world: asked(world, newcomer(world), home=world.place.home, kind=ResidencyKind.TENANT).id,
    "residency_id": lambda world: move_in(world.session, newcomer(world), world.place.home, ResidencyKind.TENANT).id,
    "spot_id": lambda world: spot_code(world, kind=SpotKind.CHECKPOINT).spot_id,
    "ticket_id": lambda world: world.file().id,
    "token": lambda world: "no-such-photo",
    "unit_id": lambda world: world.place.grid.id,
}
# Rows under these ids belong to the organization, whose own tests try them from outside (tests/app/test_org.py).
ROUTES = [route[:2] for route in GUARDED if not any(f"<id:{name}>" in route[1] for name in NOBODYS)]


@pytest.fixture(scope="session")
def descriptions():
    """The API's description, asked for once per application."""
    return {}


def described(client, descriptions):
    key = id(client.application)
    if key not in descriptions:
        descriptions[key] = client.get("/api/v1/openapi.json").get_json()
    return descriptions[key]


def address(world, rule):
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(ROWS[found.group(1)](world)), rule)


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_of_one_neighborhood_reaches_another(client, world, descriptions, share):
    hire(world.session, world.stranger, world.elsewhere.grid, Role.GRID_LEADER)
    filed = world.file()
    version = sa.select(Ticket.version).where(Ticket.id == filed.id)
    connection = world.session.get_bind()
    spec = described(client, descriptions)
    own_ids = {"ticket_id": filed.id, "home_id": world.place.home.id, "person_id": world.resident.id}
    signed_in = [(f"{name} {role.value}", world.headers(getattr(world, name), role)) for name, role in FOREIGN]
    addresses = {rule: address(world, rule) for _, rule in ROUTES[share::SHARES]}
    world.session.commit()
    before, leaks = connection.scalar(version), []
    for method, rule in ROUTES[share::SHARES]:
        asked = {"query_string": query_for(spec, method, rule)}
        if (body := body_for(spec, method, rule, **own_ids)) is not None:
            asked["json"] = body
        for name, headers in signed_in:
            savepoint = connection.begin_nested()
            try:
                response = client.open(addresses[rule], method=method, headers=headers, **asked)
                changed = connection.scalar(version) != before
            finally:
                world.session.rollback()
                savepoint.rollback()
            text = response.get_data(as_text=True)
            shown = [mark for mark in MARKS if mark in text]
            # The row is there and the body is in order: only the wall between neighborhoods can be in the way.
            walled = "<" not in rule or "<token>" in rule or "item_id" in rule or response.status_code in {403, 404}
            if shown or changed or not walled:
                leaks.append((method, rule, name, response.status_code, shown, text[:300]))
    assert leaks == []
