"""Positions: a local title and other permissions, never beyond the ceiling of the role."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from models import Membership, PositionPermission, Role
from services.errors import Conflict, InvalidInput, NotFound
from services.hats import hats_of
from services.org import positions
from services.org.offices import HELD_AT
from services.org.persons import Who
from services.permissions import (
    KEY_BASICS,
    KEY_CEILING,
    POSITION_KEEPS,
    POSITION_MAY_ADD,
    ROLE_PERMISSIONS,
    Permission,
    ceiling,
    shaped,
)
from tests.refusals import raises_refusal
from tests.services.org.test_hats import appoint
from tests.world import NOW

# Nobody gets these by a local title: they change what others hold, or end a resident's complaint.
NEVER_BY_TITLE = {Permission.ORG_WRITE, Permission.PARTY_WRITE, Permission.KEY_GIVE, Permission.TICKET_CONFIRM}


def define(world, actor, role=Role.BUILDING_LEADER, title="楼栋长兼调解员", **more):
    return positions.define(
        world.session,
        actor=actor,
        neighborhood_id=world.place.neighborhood.id,
        title=title,
        base_role=role,
        now=NOW,
        **more,
    )


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_whatever_the_rows_say_no_position_goes_beyond_its_ceiling(role, permission):
    allowed = shaped(role, [(permission.value, True)])
    assert allowed <= ceiling(role)
    assert (permission in allowed) == (permission in ROLE_PERMISSIONS[role] | POSITION_MAY_ADD.get(role, frozenset()))
    kept = shaped(role, [(permission.value, False)])
    assert (permission in kept) == (permission in ROLE_PERMISSIONS[role] & POSITION_KEEPS)
    assert ROLE_PERMISSIONS[role] & POSITION_KEEPS <= kept


def test_no_title_gives_what_changes_the_rights_of_others():
    for role, added in POSITION_MAY_ADD.items():
        assert not added & NEVER_BY_TITLE, role
        assert not added & ROLE_PERMISSIONS[role], role


def test_a_key_opens_nothing_that_lists():
    assert ROLE_PERMISSIONS[Role.PROFESSIONAL] == KEY_CEILING | KEY_BASICS
    assert not {Permission.TICKET_LIST, Permission.HOME_LIST, Permission.STATION_READ} & (KEY_CEILING | KEY_BASICS)


@given(st.lists(st.tuples(st.sampled_from([*Permission, "no:such"]), st.booleans()), max_size=8))
def test_any_rows_give_a_set_between_what_everybody_keeps_and_the_ceiling(changes):
    for role in HELD_AT:
        allowed = shaped(role, changes)
        assert ROLE_PERMISSIONS[role] & POSITION_KEEPS <= allowed <= ceiling(role)


def test_a_positions_title_and_permissions_are_in_the_hat(world, officer):
    position = define(world, officer, added=[Permission.TICKET_TRIAGE], removed=[Permission.TICKET_RECORD])
    made = appoint(world, officer, Who(world.resident.id), world.place.building, None, position_id=position.id)
    assert made.role is Role.BUILDING_LEADER
    hat = hats_of(world.session, world.resident.id, NOW)[0]
    assert hat.title == "楼栋长兼调解员"
    assert (hat.allows(Permission.TICKET_TRIAGE), hat.allows(Permission.TICKET_RECORD)) == (True, False)


def test_a_changed_position_changes_every_hat_of_it(world, officer):
    position = define(world, officer, added=[Permission.TICKET_TRIAGE])
    appoint(world, officer, Who(world.resident.id), world.place.building, None, position_id=position.id)
    positions.change(
        world.session, actor=officer, position_id=position.id, now=NOW, added=[Permission.HOME_INVITE], removed=[]
    )
    hat = hats_of(world.session, world.resident.id, NOW)[0]
    assert (hat.allows(Permission.TICKET_TRIAGE), hat.allows(Permission.HOME_INVITE)) == (False, True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"added": [Permission.ORG_WRITE]}, "beyond_ceiling"),
        ({"added": [Permission.TICKET_ASSIGN]}, "beyond_ceiling"),
        ({"removed": [Permission.ME_READ]}, "not_removable"),
        ({"removed": [Permission.TICKET_ASSIGN]}, "not_removable"),
        ({"title": " "}, "title_invalid"),
        ({"role": Role.RESIDENT}, "role_invalid"),
        ({"role": Role.PROFESSIONAL}, "role_invalid"),
    ],
)
def test_what_no_position_can_be(world, officer, changes, reason):
    with raises_refusal(InvalidInput, reason):
        define(world, officer, **changes)


def test_a_title_is_given_once_in_a_neighborhood(world, officer):
    define(world, officer)
    with raises_refusal(Conflict, "title_taken"):
        define(world, officer)


def test_a_position_of_another_neighborhood_cannot_be_given(world, officer):
    position = define(world, officer)
    with raises_refusal(NotFound, "position_not_found"):
        appoint(world, officer, Who(world.stranger.id), world.elsewhere.building, None, position_id=position.id)


def test_only_the_operator_makes_positions_for_all(world, officer):
    shared = positions.define(
        world.session, actor=None, neighborhood_id=None, title="楼组长", base_role=Role.BUILDING_LEADER, now=NOW
    )
    with raises_refusal(NotFound, "position_not_found"):
        positions.retire(world.session, actor=officer, position_id=shared.id, now=NOW)
    listed = positions.listed(world.session, actor=officer, neighborhood_id=world.elsewhere.neighborhood.id)
    assert [row["title"] for row in listed] == ["楼组长"]


def test_a_position_is_retired_when_nobody_holds_it(world, officer):
    position = define(world, officer)
    made = appoint(world, officer, Who(world.resident.id), world.place.building, None, position_id=position.id)
    with raises_refusal(Conflict, "position_in_use"):
        positions.retire(world.session, actor=officer, position_id=position.id, now=NOW)
    world.session.get_one(Membership, made.id).ends_at = NOW.replace(hour=2)
    later = NOW.replace(hour=3)
    assert positions.retire(world.session, actor=officer, position_id=position.id, now=later).ends_at == later


def test_a_permission_that_no_release_knows_counts_for_nothing(world, officer):
    position = define(world, officer)
    world.session.execute(
        sa.insert(PositionPermission).values(position_id=position.id, permission="moon:land", is_added=True)
    )
    appoint(world, officer, Who(world.resident.id), world.place.building, None, position_id=position.id)
    hat = hats_of(world.session, world.resident.id, NOW)[0]
    assert hat.permissions == ROLE_PERMISSIONS[Role.BUILDING_LEADER]
