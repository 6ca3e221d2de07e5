"""No page of the console shows or changes anything of another neighborhood.  Generated: a new page is tried by itself."""

import re

import pytest

from models import Role
from tests.app.console.rows import FORMS, ROWS
from tests.app.test_isolation import MARKS
from tests.services.acting import count_rows
from tests.world import hire

FOREIGN = {"foreign_manager": Role.STATION_MANAGER, "foreign_repairer": Role.REPAIRER, "stranger": Role.GRID_LEADER}
OWN = {"/console/sign-ins/<id:sign_in_id>/end"}
"""Ends one's own only: tests of their own try somebody else's."""


def routes(app):
    return sorted(
        (method, rule.rule, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/console") and app.view_functions[rule.endpoint].access.permission is not None
        for method in rule.methods - {"HEAD", "OPTIONS"}
    )


def counts(world):
    """Rows of every table but those that signing in writes."""
    found = count_rows(world.session)
    world.session.commit()
    return {
        table: count
        for table, count in found.items()
        if table
        not in {"attempt_count", "audit_entry", "console_request", "sign_in", "wechat_account", "rights_change"}
    }


@pytest.mark.parametrize("name", FOREIGN)
def test_nothing_of_one_neighborhood_reaches_another(app, browser, world, name):
    hire(world.session, world.stranger, world.elsewhere.grid, Role.GRID_LEADER)
    rows = {parameter: make(world) for parameter, make in ROWS.items()}
    browser.enter(world, getattr(world, name), FOREIGN[name])
    token, before = browser.token, counts(world)
    for method, rule, endpoint in routes(app):
        if rule in OWN or rule in {"/console/sign-out", "/console/sign-ins/end-all"}:
            continue
        url = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(rows[found.group(1)]), rule)
        asked = f"{url}?neighborhood={rows['neighborhood_id']}" if "<" not in rule else url
        page = browser.get(asked) if method == "GET" else browser.post(asked, csrf=token, **FORMS.get(endpoint, {}))
        assert [mark for mark in MARKS if mark in page] == [], (method, rule)
        if "<" in rule:
            # The row is there and the form is in order: only the wall between neighborhoods can be in the way.
            assert browser.status in {403, 404}, (method, rule, browser.status, page)
        assert browser.status != 500, (method, rule)
        if endpoint == "console_me.put_on":  # the form without a membership puts the resident's hat on
            browser.post("/console/hats", csrf=token, membership_id=membership_of(world, name))
    assert counts(world) == before


def membership_of(world, name):
    found = world.actor(getattr(world, name), FOREIGN[name]).hat.membership_id
    world.session.commit()
    return found


def test_every_parameter_has_a_row_and_every_form_its_fields(app):
    parameters = {name for _, rule, _ in routes(app) for name in re.findall(r"<id:(\w+)>", rule)}
    assert parameters - {"sign_in_id"} <= set(ROWS)
    assert set(FORMS) <= {endpoint for _, _, endpoint in routes(app)}
