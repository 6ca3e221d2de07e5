"""Mass messages: the grid of their states, the month, the reminders, and what people are told."""

import datetime as dt
from itertools import product

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from models import Channel, InboxItem, MassMessage, MassState, MassTarget, TargetState
from services import sending
from services.errors import Conflict, InvalidInput, NotFound, Rejected, TooMany, TryLater
from services.group_ports import Fate
from services.groups import chats, mass, mass_sending
from services.groups.mass_moves import MOVES, Step, move, step_for
from services.groups.mass_sending import LASTS, LOOK_EVERY
from tests.world import NOW

OVER = {MassState.SENT, MassState.PARTLY, MassState.EXPIRED, MassState.FAILED}


@pytest.fixture
def groups(world):
    """Two bound groups."""
    place = world.place.neighborhood.id
    return [
        chats.bind(
            world.session, actor=None, neighborhood_id=place, opengid=one, unit_id=place, name=f"{one}群", now=NOW
        ).id
        for one in ("tG1", "tG2")
    ]


def write(world, chat_ids, now=NOW, actor=None):
    return mass.write(
        world.session, actor=actor or world.actor(world.manager), neighborhood_id=world.place.neighborhood.id,
        sender="ZhangLi", text="周三上午停水，请先接好水。", chat_ids=chat_ids, page="", now=now,
    )  # fmt: skip


def work(world, gateways, now=NOW):
    """What the worker does with the channel; return how many errands there were."""
    parcels = sending.prepare(world.session, channel=Channel.MASS, now=now, limit=10, link=str)
    sending.settle(world.session, [sending.send(parcel, gateways) for parcel in parcels], now=now)
    world.session.flush()
    world.session.expire_all()
    return len(parcels)


def look(world, gateways, now):
    mass_sending.look_after(world.session, now=now)
    work(world, gateways, now)


def state(world, message):
    return world.session.get_one(MassMessage, message.id).state


def told(world):
    return list(world.session.scalars(sa.select(InboxItem.title).order_by(InboxItem.id)))


@pytest.mark.parametrize(("before", "step"), list(product(MassState, Step)))
def test_what_is_not_in_the_table_changes_nothing(before, step):
    assert move(before, step) is MOVES.get((before, step), before)
    assert before not in OVER or move(before, step) is before


def test_every_state_can_be_reached_and_every_end_is_one():
    assert {MassState.PREPARED, *MOVES.values()} == set(MassState)
    assert OVER.isdisjoint(before for before, _ in MOVES)


@pytest.mark.parametrize(
    ("targets", "over", "step"),
    [
        ("s", False, Step.ALL_SENT),
        ("ss", True, Step.ALL_SENT),
        ("sf", False, Step.SOME_SENT),
        ("ff", False, Step.NONE_SENT),
        ("sw", False, None),
        ("ww", False, None),
        ("sw", True, Step.SOME_SENT),
        ("wf", True, Step.RUN_OUT),
    ],
)
def test_the_groups_decide_what_became_of_the_message(targets, over, step):
    known = {"s": TargetState.SENT, "f": TargetState.FAILED, "w": TargetState.WAITING}
    assert step_for([known[one] for one in targets], over=over) is step


def test_a_message_waits_for_the_member_and_is_sent_after_the_confirmation(world, gateways, groups):
    message = write(world, groups)
    assert told(world) == []
    assert work(world, gateways) == 1
    assert state(world, message) is MassState.WAITING
    assert told(world) == ["有一条群消息等您确认"]
    look(world, gateways, NOW)
    assert state(world, message) is MassState.WAITING
    gateways.mass.fates = {"wr-tG1": Fate.SENT, "wr-tG2": Fate.SENT}
    look(world, gateways, NOW + LOOK_EVERY)
    assert state(world, message) is MassState.SENT
    assert world.session.get_one(MassMessage, message.id).sender is None


def test_a_group_that_is_not_the_companys_makes_it_partly_sent(world, gateways, groups):
    gateways.mass.unknown = {"tG2"}
    message = write(world, groups)
    work(world, gateways)
    gateways.mass.fates = {"wr-tG1": Fate.SENT}
    look(world, gateways, NOW)
    shown = mass.shown(world.session, message.id)
    assert (shown.state, shown.groups, shown.sent) == (MassState.PARTLY, 2, 1)


def test_what_nobody_confirms_is_over_after_three_days(world, gateways, groups):
    message = write(world, groups)
    work(world, gateways)
    look(world, gateways, NOW + LASTS - dt.timedelta(minutes=1))
    assert state(world, message) is MassState.WAITING
    look(world, gateways, NOW + LASTS)
    assert state(world, message) is MassState.EXPIRED
    assert told(world)[-1] == "群消息过期了"


def test_a_refusal_ends_the_message_and_is_told(world, gateways, groups):
    gateways.mass.error = Rejected("没有这个成员。", code="wecom_member_unknown")
    message = write(world, groups)
    work(world, gateways)
    kept = world.session.get_one(MassMessage, message.id)
    assert (kept.state, kept.error) == (MassState.FAILED, "wecom_member_unknown")
    assert told(world) == ["群消息没有发成"]


def test_trouble_of_wecom_is_tried_again(world, gateways, groups):
    gateways.mass.error = TryLater("企业微信正忙。")
    message = write(world, groups)
    work(world, gateways)
    assert state(world, message) is MassState.PREPARED
    gateways.mass.error = None
    work(world, gateways, NOW + dt.timedelta(hours=1))
    assert state(world, message) is MassState.WAITING


def test_the_member_is_reminded_three_times_and_no_more(world, gateways, groups):
    message, manager = write(world, groups), world.actor(world.manager)
    with pytest.raises(Conflict):
        mass.remind(world.session, actor=manager, message_id=message.id, now=NOW)
    work(world, gateways)
    for _ in range(3):
        mass.remind(world.session, actor=manager, message_id=message.id, now=NOW)
    work(world, gateways)
    assert len(gateways.mass.reminded) == 3
    with pytest.raises(TooMany):
        mass.remind(world.session, actor=manager, message_id=message.id, now=NOW)


def test_a_group_gets_as_many_messages_a_month_as_the_month_has_days(world, groups):
    for _ in range(30):
        write(world, groups[:1])
    with pytest.raises(TooMany) as full:
        write(world, groups)
    assert full.value.reason == "mass_month_full"
    write(world, groups[1:])
    december = dt.datetime(2026, 11, 30, 16, tzinfo=dt.UTC)
    assert write(world, groups, now=december).groups == 2


def test_a_message_that_never_went_out_does_not_count(world, gateways, groups):
    gateways.mass.error = Rejected("没有这个成员。")
    for _ in range(30):
        write(world, groups[:1])
    while work(world, gateways):
        pass
    assert write(world, groups[:1]).groups == 1


def test_groups_of_others_and_strangers_are_refused(world, groups):
    message = write(world, groups)
    with pytest.raises(InvalidInput):
        write(world, [*groups, 999_999])
    with pytest.raises(NotFound):
        mass.remind(world.session, actor=world.actor(world.stranger), message_id=message.id, now=NOW)


def test_the_database_forgets_who_confirms_with_the_end(world, groups):
    message = write(world, groups)
    ended = sa.update(MassMessage).where(MassMessage.id == message.id).values(state=MassState.EXPIRED, ended_at=NOW)
    with pytest.raises(IntegrityError), world.session.begin_nested():
        world.session.execute(ended)


def test_the_database_knows_no_sent_group_without_a_name(world, groups):
    message = write(world, groups)
    sent = sa.update(MassTarget).where(MassTarget.message_id == message.id).values(state=TargetState.SENT)
    with pytest.raises(IntegrityError), world.session.begin_nested():
        world.session.execute(sent)
