"""A robot's turns: what goes out, in which order, and what each answer of WeCom does to the messages and the group."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import Channel, GroupBinding, InboxItem, OutboxMessage, OutboxState, RobotPost
from services import deliveries, outbox
from services.errors import Misconfigured, QuotaExceeded, Rejected, TokenRejected, TryLater
from services.groups import pacing, speaking, switching
from tests.services.test_deliveries import happen

NOW = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)
GONE = Rejected("机器人不在了。", code="robot_removed", provider_code=93000)


@pytest.fixture
def overdue(world):
    """The event of a ticket that is overdue: groups hear of it."""
    return happen(world, "overdue")


def ask(world, group, event, number):
    """Queue a message to a group."""
    outbox.enqueue(
        world.session, channel=Channel.ROBOT, topic="robot", dedupe_key=f"{group.id}:{number}", subject_id=group.id,
        neighborhood_id=group.neighborhood_id, payload={"event_id": event}, now=NOW,
    )  # fmt: skip


def go(world, gateways, now=NOW):
    """Carry out every turn that is due; return how many there were."""
    turns = pacing.claim(world.session, vault=world.vault, now=now, limit=10)
    for turn in turns:
        speaking.settle(world.session, speaking.speak(turn, gateways), now=now)
    world.session.flush()
    world.session.expire_all()
    return len(turns)


def messages(world):
    return list(
        world.session.scalars(
            sa.select(OutboxMessage).where(OutboxMessage.channel == Channel.ROBOT).order_by(OutboxMessage.id)
        )
    )


def states(world):
    return [message.state.value for message in messages(world)]


def test_a_group_hears_through_its_robot(world, gateways, overdue):
    group = world.group("the-key")
    deliveries.expand(world.session, overdue, now=NOW)
    assert go(world, gateways) == 1
    ((key, text),) = gateways.groups.sent
    assert key == "the-key"
    assert "超时" in text
    assert states(world) == ["sent"]
    assert world.session.get_one(GroupBinding, group.id).last_ok_at == NOW


def test_few_messages_go_out_one_by_one_and_in_order(world, gateways, overdue):
    group = world.group()
    for number in range(4):
        ask(world, group, overdue, number)
    go(world, gateways)
    assert states(world) == ["sent"] * 4
    assert len(gateways.groups.sent) == 4


def test_a_crowd_is_joined_and_nothing_of_it_is_missing(world, gateways, overdue):
    group = world.group()
    for number in range(12):
        ask(world, group, overdue, number)
    while go(world, gateways):
        pass
    assert states(world) == ["sent"] * 12
    assert [text.count("单号") for _, text in gateways.groups.sent] == [5, 5, 2]
    assert gateways.groups.sent[0][1].startswith("这会儿消息多，5件事一起说")


def test_the_twenty_first_post_waits_for_its_minute(world, gateways, overdue):
    group = world.group()
    for number in range(21):
        ask(world, group, overdue, number)
        go(world, gateways)
    assert len(gateways.groups.sent) == 20
    assert go(world, gateways, NOW + pacing.WINDOW - SECOND) == 0
    assert go(world, gateways, NOW + pacing.WINDOW) == 1
    assert states(world) == ["sent"] * 21


def test_a_robot_that_is_full_keeps_no_other_waiting(world, gateways, overdue):
    full, other = world.group("full"), world.group("other")
    for number in range(21):
        ask(world, full, overdue, number)
        go(world, gateways)
    gateways.groups.sent.clear()
    ask(world, other, overdue, 0)
    go(world, gateways)
    assert [key for key, _ in gateways.groups.sent] == ["other"]


def test_a_slow_answer_counts_from_its_end(world, gateways, overdue):
    group = world.group()
    for number in range(20):
        ask(world, group, overdue, number)
        (turn,) = pacing.claim(world.session, vault=world.vault, now=NOW, limit=10)
        speaking.settle(world.session, speaking.speak(turn, gateways), now=NOW + 8 * SECOND)
    ask(world, group, overdue, 20)
    assert go(world, gateways, NOW + pacing.WINDOW) == 0
    assert go(world, gateways, NOW + pacing.WINDOW + 8 * SECOND) == 1


def test_one_worker_at_a_time_has_a_robot(world, overdue):
    group = world.group()
    for number in range(6):
        ask(world, group, overdue, number)
    assert len(pacing.claim(world.session, vault=world.vault, now=NOW, limit=10)) == 1
    ask(world, group, overdue, 7)
    assert pacing.claim(world.session, vault=world.vault, now=NOW + SECOND, limit=10) == []


def test_the_turn_of_a_dead_worker_comes_back_and_its_posts_still_count(world, gateways, overdue):
    group = world.group()
    for number in range(20):
        ask(world, group, overdue, number)
        if number < 16:
            go(world, gateways)
    (lost,) = pacing.claim(world.session, vault=world.vault, now=NOW, limit=10)
    assert len(lost.posts) == 4
    gateways.groups.sent.clear()
    assert go(world, gateways, NOW + outbox.LEASE) == 1
    assert len(gateways.groups.sent) == 4
    assert states(world) == ["sent"] * 20
    used = world.session.scalar(sa.select(sa.func.count()).select_from(RobotPost))
    assert used == 8  # those of the dead worker may have been made just before its lease ended


def test_what_comes_late_from_a_worker_thought_dead_changes_nothing(world, gateways, overdue):
    ask(world, world.group(), overdue, 0)
    (late,) = pacing.claim(world.session, vault=world.vault, now=NOW, limit=10)
    go(world, gateways, NOW + outbox.LEASE)
    gateways.groups.error = TryLater()
    speaking.settle(world.session, speaking.speak(late, gateways), now=NOW + outbox.LEASE)
    assert states(world) == ["sent"]


def test_too_many_for_wecom_waits_for_the_next_minute_and_keeps_the_order(world, gateways, overdue):
    group = world.group()
    for number in range(3):
        ask(world, group, overdue, number)
    gateways.groups.error = QuotaExceeded(retry_after=31)
    go(world, gateways)
    assert states(world) == ["waiting"] * 3
    assert [message.attempts for message in messages(world)] == [1, 0, 0]
    gateways.groups.error = None
    assert go(world, gateways, NOW + 30 * SECOND) == 0
    go(world, gateways, NOW + 31 * SECOND)
    assert states(world) == ["sent"] * 3


@pytest.mark.parametrize("error", [TryLater(), TokenRejected(), Misconfigured(), ZeroDivisionError()])
def test_a_robot_in_trouble_tries_again_and_nobody_overtakes(world, gateways, overdue, error):
    group = world.group()
    ask(world, group, overdue, 0)
    gateways.groups.error = error
    go(world, gateways)
    ask(world, group, overdue, 1)
    gateways.groups.error = None
    assert go(world, gateways, NOW + MINUTE - SECOND) == 0
    assert go(world, gateways, NOW + MINUTE) == 1
    assert states(world) == ["sent", "sent"]


def test_a_group_in_trouble_says_since_when_and_stops_saying_so_when_it_is_over(world, gateways, overdue):
    group = world.group()
    ask(world, group, overdue, 0)
    gateways.groups.error = TryLater()
    go(world, gateways)
    go(world, gateways, NOW + MINUTE)
    assert (group.failing_since, group.last_error, group.last_ok_at) == (NOW, "wechat_busy", None)
    gateways.groups.error = None
    go(world, gateways, NOW + 5 * MINUTE)
    assert (group.failing_since, group.last_error, group.last_ok_at) == (None, None, NOW + 5 * MINUTE)


def test_wecom_away_for_an_hour_costs_no_message(world, gateways, overdue):
    group = world.group()
    ask(world, group, overdue, 0)
    ask(world, group, overdue, 1)
    gateways.groups.error = TryLater()
    now = NOW
    while now < NOW + 60 * MINUTE:
        go(world, gateways, now)
        now += MINUTE
    gateways.groups.error = None
    assert go(world, gateways, now + 10 * MINUTE) == 1
    assert states(world) == ["sent", "sent"]


@pytest.mark.parametrize(("error", "tries"), [(TryLater(), 40), (ZeroDivisionError(), 3)])
def test_a_message_that_never_gets_through_is_given_up(world, gateways, overdue, error, tries):
    ask(world, world.group(), overdue, 0)
    gateways.groups.error = error
    now, done = NOW, 0
    while states(world) == ["waiting"]:
        done += go(world, gateways, now)
        now = messages(world)[0].due_at
    assert (states(world), done) == (["failed"], tries)


def test_a_text_that_wecom_refuses_ends_alone(world, gateways, overdue):
    group = world.group()
    for number in range(3):
        ask(world, group, overdue, number)
    (turn,) = pacing.claim(world.session, vault=world.vault, now=NOW, limit=10)
    spoken = speaking.speak(turn, gateways)
    spoken.tried[1] = (spoken.tried[1][0], Rejected("太长。", provider_code=40058))
    speaking.settle(world.session, spoken, now=NOW)
    assert states(world) == ["sent", "failed", "sent"]


def test_a_joined_post_that_is_refused_is_taken_apart(world, gateways, overdue):
    group = world.group()
    for number in range(6):
        ask(world, group, overdue, number)
    gateways.groups.error = Rejected("不行。", provider_code=40058)
    go(world, gateways)
    assert states(world) == ["waiting"] * 6
    gateways.groups.error = None
    while go(world, gateways):
        pass
    assert states(world) == ["sent"] * 6
    assert [text.count("单号") for _, text in gateways.groups.sent] == [1] * 6


def test_a_removed_robot_switches_the_group_off_and_tells_the_station(world, gateways, overdue):
    group = world.group()
    for number in range(8):
        ask(world, group, overdue, number)
    world.session.execute(sa.text("delete from inbox_item"))
    gateways.groups.error = GONE
    go(world, gateways)
    off = world.session.get_one(GroupBinding, group.id)
    assert (off.switched_off_at, off.switched_off_why) == (NOW, "robot_removed")
    assert states(world) == [OutboxState.REFUSED.value] * 8
    items = list(world.session.scalars(sa.select(InboxItem)))
    assert {item.person_id for item in items} == {world.manager.id, world.clerk.id}
    assert {item.title for item in items} == {"群机器人停用了"}
    assert not switching.switch_off(world.session, group.id, why="again", now=NOW + MINUTE)
    assert off.switched_off_why == "robot_removed"


def test_a_group_switched_off_while_a_message_waited_gets_nothing(world, gateways, overdue):
    group = world.group()
    ask(world, group, overdue, 0)
    switching.switch_off(world.session, group.id, why="换群了", now=NOW)
    ask(world, group, overdue, 1)
    go(world, gateways)
    assert gateways.groups.sent == []
    assert [message.last_error for message in messages(world)] == ["换群了", "recipient_gone"]
