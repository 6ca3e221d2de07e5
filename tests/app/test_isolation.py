"""No route shows or changes anything of another neighborhood.  Generated: a new route is tried without being named here."""

import re

import pytest

from models import Role
from tests.app.bodies import body_for, query_for
from tests.app.test_routes import GUARDED, NOBODYS
from tests.world import hire

MARKS = ("彩进小区", "3单元门口的灯不亮", "王*兰", "赵*福", "钱*英", "孙*", "李师傅")
"""What only the first neighborhood has; none of it may reach the second one."""

FOREIGN = {
    "stranger": Role.RESIDENT,
    "foreign_manager": Role.STATION_MANAGER,
    "foreign_repairer": Role.REPAIRER,
}

# How to make a row of the first neighborhood, by the name of the parameter that takes its id.
ROWS = {
    "building_id": lambda world: world.place.building.id,
    "home_id": lambda world: world.place.home.id,
    "item_id": lambda world: 1,
    "neighborhood_id": lambda world: world.place.neighborhood.id,
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


@pytest.mark.parametrize(("method", "rule"), ROUTES, ids=lambda value: value)
def test_nothing_of_one_neighborhood_reaches_another(client, world, descriptions, method, rule):
    hire(world.session, world.stranger, world.elsewhere.grid, Role.GRID_LEADER)
    filed = world.file()
    url = address(world, rule)
    own_ids = {"ticket_id": filed.id, "home_id": world.place.home.id, "person_id": world.resident.id}
    spec = described(client, descriptions)
    body = body_for(spec, method, rule, **own_ids)
    query = query_for(spec, method, rule)
    before = world.ticket(filed).version
    for name, role in {**FOREIGN, "stranger ": Role.GRID_LEADER}.items():
        headers = world.headers(getattr(world, name.strip()), role)
        response = client.open(
            url, method=method, query_string=query, headers=headers, **({} if body is None else {"json": body})
        )
        text = response.get_data(as_text=True)
        assert [mark for mark in MARKS if mark in text] == [], (name, response.status_code)
        if "<" in rule and "<token>" not in rule and "item_id" not in rule:
            # The row is there and the body is in order: only the wall between neighborhoods can be in the way.
            assert response.status_code in {403, 404}, (name, response.status_code, text)
    assert world.ticket(filed).version == before
