"""WeChat groups bound to the tree: dated, one place at a time, counted and never listed by person."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from models import AuditEntry, ChatBinding, ChatReach
from services.errors import Conflict, InvalidInput, NotFound
from services.groups import chats
from tests.world import NOW

DAY = dt.timedelta(days=1)


def bind(world, unit=None, actor=None, opengid="tG1"):
    unit = unit or world.place.building
    return chats.bind(
        world.session, actor=actor or world.actor(world.manager), neighborhood_id=world.place.neighborhood.id,
        opengid=opengid, unit_id=unit.id, name="1号楼业主群", now=NOW,
    )  # fmt: skip


def open_it(world, now=NOW, opengid="tG1"):
    return chats.opened(world.session, opengid=opengid, now=now)


def listed(world, person=None, now=NOW):
    place = world.place.neighborhood.id
    actor = world.actor(person or world.manager)
    return chats.listing(world.session, actor=actor, neighborhood_id=place, now=now)


def test_a_manager_binds_a_group_to_a_building(world):
    bind(world)
    (chat,) = listed(world)
    assert (chat.name, chat.unit_name, chat.openings) == ("1号楼业主群", "1号楼", 0)
    assert open_it(world) == "1号楼"


def test_openings_are_counted_by_day_and_nothing_else_is_kept(world):
    bind(world)
    for days in (0, 0, 3, 9):
        open_it(world, NOW + days * DAY)
    (chat,) = listed(world, now=NOW + 9 * DAY)
    assert (chat.openings, chat.openings_week) == (4, 2)
    assert set(ChatReach.__table__.columns.keys()) == {"chat_id", "day", "openings"}


def test_a_group_nobody_bound_is_not_counted(world):
    assert open_it(world, opengid="tG-unknown") is None
    assert listed(world) == []


def test_a_group_belongs_to_one_place_at_a_time(world):
    first = bind(world)
    with pytest.raises(Conflict) as caught:
        bind(world, world.place.other_building)
    assert caught.value.reason == "chat_bound"
    manager = world.actor(world.manager)
    ended = chats.unbind(world.session, actor=manager, chat_id=first.id, reason="群散了", now=NOW + DAY)
    assert (ended.ended_at, ended.end_reason) == (NOW + DAY, "群散了")
    bind(world, world.place.other_building)
    assert open_it(world, NOW + DAY) == "2号楼"
    assert [chat.unit_name for chat in listed(world)] == ["2号楼", "1号楼"]


def test_a_binding_ends_once(world):
    chat = bind(world)
    manager = world.actor(world.manager)
    chats.unbind(world.session, actor=manager, chat_id=chat.id, reason="群散了", now=NOW)
    with pytest.raises(Conflict):
        chats.unbind(world.session, actor=manager, chat_id=chat.id, reason="又散了", now=NOW)
    actions = sa.select(AuditEntry.action, AuditEntry.purpose).where(AuditEntry.subject_kind == "chat_binding")
    rows = world.session.execute(actions.order_by(AuditEntry.id))
    assert [tuple(row) for row in rows] == [("chat.bind", None), ("chat.unbind", "群散了")]


def test_a_manager_binds_below_the_own_node_only(world):
    foreign = world.actor(world.foreign_manager)
    with pytest.raises(NotFound):
        bind(world, actor=foreign)
    with pytest.raises(NotFound):
        chats.unbind(world.session, actor=foreign, chat_id=bind(world).id, reason="x", now=NOW)


def test_a_group_is_bound_inside_a_neighborhood(world):
    with pytest.raises(InvalidInput):
        bind(world, world.community, actor=world.actor(world.community_officer))
    with pytest.raises(InvalidInput):
        bind(world, world.elsewhere.building, actor=world.actor(world.community_officer))


@pytest.mark.parametrize("change", [{"ended_at": NOW}, {"ended_at": NOW - DAY, "end_reason": "群散了"}])
def test_the_database_wants_a_reason_and_a_later_end(world, change):
    chat = bind(world)
    with pytest.raises(IntegrityError), world.session.begin_nested():
        world.session.execute(sa.update(ChatBinding).where(ChatBinding.id == chat.id).values(**change))
