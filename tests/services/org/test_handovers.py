"""A change of hands: the list is drawn from what is really open, ticked by one, confirmed by the other."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import EndReason, Handover, HandoverItem, InboxItem, Role
from services.errors import Conflict, NotFound
from services.org import expiring, handovers
from services.org.persons import Who
from tests.refusals import raises_refusal
from tests.services.acting import do
from tests.services.org.test_hats import end, membership_of
from tests.world import NOW

DAY = dt.timedelta(days=1)


@pytest.fixture
def left(world, officer):
    """The repairer has left with two jobs open, and the other one takes over as station manager's helper."""
    for _ in range(2):
        do(world, "assign", world.file())
    end(world, officer, membership_of(world, world.repairer, Role.REPAIRER), reason=EndReason.PASSED_ON,
        successor=Who(world.resident.id))  # fmt: skip
    return world.session.scalars(sa.select(Handover)).one()


def items(world, handover):
    return world.session.scalars(
        sa.select(HandoverItem).where(HandoverItem.handover_id == handover.id).order_by(HandoverItem.place)
    ).all()


def inbox_of(world, person):
    return world.session.scalars(sa.select(InboxItem.body).where(InboxItem.person_id == person.id)).all()


def tick(world, person, handover, item, note=None):
    return handovers.tick(
        world.session, actor=world.actor(person), handover_id=handover.id, item_id=item.id, now=NOW + DAY, note=note
    )


def confirm(world, person, handover, item):
    return handovers.confirm(
        world.session, actor=world.actor(person), handover_id=handover.id, item_id=item.id, now=NOW + DAY
    )


def test_a_repairers_open_jobs_are_on_the_list_and_the_successor_is_told(world, left):
    listed = items(world, left)
    assert [item.subject_kind for item in listed] == ["ticket", "ticket"]
    assert all(item.text.startswith("派给您的单子 BX-") for item in listed)
    assert any("交接单上有2件事" in body for body in inbox_of(world, world.resident))
    assert "李师傅不在这里干了，手上还有2张单子没办完。请在单子列表里改派给别的师傅。" in inbox_of(world, world.manager)


def test_a_managers_list_has_groups_waiting_tickets_and_what_else_they_are(world, officer):
    world.group()
    world.file()
    manager = membership_of(world, world.manager, Role.STATION_MANAGER)
    end(world, officer, manager)
    handover = world.session.scalars(sa.select(Handover)).one()
    assert [item.subject_kind for item in items(world, handover)] == ["ticket", "group_binding"]
    assert handover.to_person_id is None


def test_nothing_open_makes_no_list(world, officer):
    end(world, officer, membership_of(world, world.other_repairer, Role.REPAIRER))
    assert world.session.scalars(sa.select(Handover)).all() == []
    assert inbox_of(world, world.other_repairer) == [
        "您在彩进小区担任的“维修师傅”结束了。谢谢您的付出。没有要交接的事。"
    ]
    assert inbox_of(world, world.manager) == []


def test_a_mistake_has_nothing_to_hand_over(world, officer):
    do(world, "assign", world.file())
    end(world, officer, membership_of(world, world.repairer, Role.REPAIRER), reason=EndReason.MISTAKE)
    assert world.session.scalars(sa.select(Handover)).all() == []


def test_ticked_by_the_one_confirmed_by_the_other_until_it_is_finished(world, left):
    first, second = items(world, left)
    tick(world, world.repairer, left, first, "钥匙也给了")
    confirm(world, world.resident, left, first)
    assert left.finished_at is None
    tick(world, world.repairer, left, second)
    confirm(world, world.resident, left, second)
    assert left.finished_at == NOW + DAY
    shown = handovers.with_items(world.session, actor=world.actor(world.resident), handover_id=left.id)
    assert (shown["open_items"], shown["items"][0].note) == (0, "钥匙也给了")


def test_nobody_confirms_what_they_gave_or_what_was_not_ticked(world, left):
    first, second = items(world, left)
    tick(world, world.repairer, left, first)
    with raises_refusal(Conflict, "own_handover"):
        confirm(world, world.repairer, left, first)
    with raises_refusal(Conflict, "not_ticked"):
        confirm(world, world.resident, left, second)
    with raises_refusal(Conflict, "not_the_one_who_leaves"):
        tick(world, world.resident, left, second)


def test_of_the_dead_the_successor_confirms_alone(world, officer):
    do(world, "assign", world.file())
    end(world, officer, membership_of(world, world.repairer, Role.REPAIRER), reason=EndReason.DECEASED,
        successor=Who(world.resident.id))  # fmt: skip
    handover = world.session.scalars(sa.select(Handover)).one()
    confirm(world, world.resident, handover, items(world, handover)[0])
    assert handover.finished_at is not None
    # Nobody writes to the dead.
    assert not world.session.scalars(sa.select(InboxItem).where(InboxItem.person_id == world.repairer.id)).all()


@pytest.mark.parametrize("name", ["neighbor", "manager", "foreign_manager"])
def test_a_handover_between_others_is_not_there(world, left, name):
    with raises_refusal(NotFound, "handover_not_found"):
        handovers.with_items(world.session, actor=world.actor(getattr(world, name)), handover_id=left.id)


def test_who_stands_above_names_the_successor_later(world, officer):
    do(world, "assign", world.file())
    end(world, officer, membership_of(world, world.repairer, Role.REPAIRER))
    handover = world.session.scalars(sa.select(Handover)).one()
    handovers.name_successor(
        world.session,
        actor=officer,
        handover_id=handover.id,
        who=Who(world.other_repairer.id),
        vault=world.vault,
        now=NOW,
    )
    shown = handovers.with_items(world.session, actor=world.actor(world.other_repairer), handover_id=handover.id)
    assert shown["open_items"] == 1


def test_a_term_that_ran_out_by_itself_is_wound_up_once(world):
    do(world, "assign", world.file())
    membership = membership_of(world, world.repairer, Role.REPAIRER)
    membership.ends_at = NOW
    world.session.flush()
    assert expiring.wind_up_terms(world.session, now=NOW - DAY) == 0
    assert expiring.wind_up_terms(world.session, now=NOW + DAY) == 1
    assert expiring.wind_up_terms(world.session, now=NOW + DAY) == 0
    handover = world.session.scalars(sa.select(Handover)).one()
    assert (handover.reason, membership.end_reason, membership.ends_at) == (
        EndReason.TERM_OVER,
        EndReason.TERM_OVER,
        NOW,
    )


def test_what_ended_long_ago_is_left_alone(world):
    membership = membership_of(world, world.repairer, Role.REPAIRER)
    membership.ends_at = NOW
    world.session.flush()
    assert expiring.wind_up_terms(world.session, now=NOW + 31 * DAY) == 0
