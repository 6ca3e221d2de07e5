"""Requests that every test of the API makes."""

from typing import Any

from models import Role
from tests.world import World

PROBLEM = {"type", "status", "code", "title", "detail", "request_id"}
MORE = {"blocking", "conflicts", "errors", "hats", "needed", "source", "state", "version"}

ROLES: dict[Role, str] = {
    Role.RESIDENT: "resident",
    Role.REPAIRER: "repairer",
    Role.STATION_CLERK: "clerk",
    Role.STATION_MANAGER: "manager",
    Role.GRID_LEADER: "grid_leader",
    Role.COMMUNITY_OFFICER: "community_officer",
}
"""Who of the small world wears which hat."""


def report(world: World, **changes: Any) -> dict[str, Any]:
    """A report that is in order, unless changed."""
    body = {"category": "elec", "text": "3单元门口的灯不亮", "building_id": world.place.building.id, **changes}
    return {name: value for name, value in body.items() if value is not None}


def expect_refusal(response: Any, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a whole problem document; return it."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"
    problem: dict[str, Any] = response.get_json()
    assert set(problem) >= PROBLEM
    assert set(problem) <= PROBLEM | MORE
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, "about:blank")
    assert any("\u4e00" <= char <= "\u9fff" for char in problem["title"])
    # A sentence in Chinese, not a fragment.
    assert len(problem["detail"]) > 5
    assert problem["detail"][-1] in "。！"
    assert problem["request_id"] == response.headers["X-Request-Id"]
    return problem
