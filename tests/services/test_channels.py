"""How channels do, as rows and in words; one that hangs holds up no other."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from models import Channel, OutboxMessage
from services import channels, outbox, sending
from services.errors import PersonRefused, Rejected, TryLater
from services.outbox import Claimed
from services.ports import SubscribeMessage
from services.sending import Parcel
from tests.world import NOW

MINUTE = dt.timedelta(minutes=1)


def condition(world, channel=Channel.SUBSCRIBE):
    world.session.expire_all()
    return next(one for one in channels.conditions(world.session) if one.channel == channel)


def test_a_channel_that_was_never_used_is_fine(world):
    assert condition(world).words == "微信通知：还没有发过。"


def test_a_channel_in_trouble_says_since_when_and_that_nothing_is_lost(world):
    channels.note(world.session, Channel.SUBSCRIBE, [None], now=NOW)
    channels.note(world.session, Channel.SUBSCRIBE, [TryLater()], now=NOW + MINUTE)
    channels.note(world.session, Channel.SUBSCRIBE, [TryLater()], now=NOW + 2 * MINUTE)
    found = condition(world)
    assert not found.ok
    assert found.failing_since == NOW + MINUTE
    assert "从11月23日 09:01起发不出去" in found.words
    assert "照常能用" in found.words
    assert channels.in_trouble(channels.conditions(world.session)) == [found]


def test_one_that_got_through_mends_it(world):
    channels.note(world.session, Channel.ROBOT, [TryLater()], now=NOW)
    channels.note(world.session, Channel.ROBOT, [TryLater(), None], now=NOW + MINUTE)
    assert condition(world, Channel.ROBOT).words == "群机器人：正常，最近一次是11月23日 09:01。"


@pytest.mark.parametrize("error", [PersonRefused(), Rejected("不行。")])
def test_a_person_who_refuses_says_nothing_against_the_channel(world, error):
    channels.note(world.session, Channel.SUBSCRIBE, [error], now=NOW)
    assert condition(world).ok


def parcel(number, account):
    message = Claimed(number, Channel.SUBSCRIBE, "ticket_progress", account, None, {}, 1, NOW)
    return Parcel(message, SubscribeMessage(f"o{account}", "ticket_progress", {"n": str(number)}))


def test_messages_to_one_person_go_one_after_the_other_and_in_order(gateways):
    busy, clashes = set(), []
    lock = threading.Lock()
    keep = gateways.messages.send

    def send(message):
        with lock:
            if message.openid in busy:
                clashes.append(message.openid)
            busy.add(message.openid)
        keep(message)
        with lock:
            busy.discard(message.openid)

    gateways.messages.send = send
    turns = sending.in_turn([parcel(number, number % 3) for number in range(30)])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda turn: sending.send_in_turn(turn, gateways), turns))
    assert clashes == []
    for account in range(3):
        numbers = [int(one.values["n"]) for one in gateways.messages.sent if one.openid == f"o{account}"]
        assert numbers == sorted(numbers)
        assert len(numbers) == 10


@pytest.mark.parametrize(
    ("minutes", "error", "hurried"), [(9, "wechat_busy", False), (10, "wechat_busy", True), (60, "wechat_quota", False)]
)
def test_what_waits_goes_out_when_a_channel_opens_that_was_closed_for_long(world, minutes, error, hurried):
    later = NOW + dt.timedelta(hours=5)
    outbox.enqueue(world.session, channel=Channel.SUBSCRIBE, topic="t", dedupe_key="k", now=NOW)
    waiting = world.session.scalars(sa.select(OutboxMessage)).one()
    waiting.due_at, waiting.last_error = later, error
    world.session.flush()
    channels.note(world.session, Channel.SUBSCRIBE, [TryLater()], now=NOW)
    channels.note(world.session, Channel.SUBSCRIBE, [None], now=NOW + minutes * MINUTE)
    world.session.refresh(waiting)
    assert (waiting.due_at < later) == hurried
