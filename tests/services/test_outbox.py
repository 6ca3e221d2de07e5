"""The outbox: asked once, leased, settled, tried again later, given up in the end."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import create_app
from app.extensions import db
from models import Channel, OutboxMessage, OutboxState
from services import outbox
from services.outbox import Outcome
from tests.databases import settings_for
from tests.fakes import fake_gateways
from tests.world import NOW

MINUTE = dt.timedelta(minutes=1)


def enqueue(session, key, *, channel=Channel.ROBOT, due=NOW):
    outbox.enqueue(session, channel=channel, topic="robot", dedupe_key=key, subject_id=1, payload={"n": key}, now=due)


def claim(session, *, channel=Channel.ROBOT, now=NOW, limit=10):
    return outbox.claim(session, channel=channel, now=now, limit=limit)


def row(session, key):
    return session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.dedupe_key == key), execution_options={"populate_existing": True}
    ).one()


def test_the_same_key_is_queued_once(session):
    for _ in range(2):
        enqueue(session, "a")
    assert [message.payload for message in claim(session)] == [{"n": "a"}]


def test_a_claimed_message_is_leased_to_nobody_else(session):
    enqueue(session, "a")
    (message,) = claim(session)
    assert claim(session) == []
    kept = row(session, "a")
    assert (kept.state, kept.leased_until, kept.attempts) == (OutboxState.SENDING, NOW + 2 * MINUTE, 1)
    assert message.lease == kept.leased_until


def test_the_work_of_a_dead_worker_comes_back_when_its_lease_ends(session):
    enqueue(session, "a")
    claim(session)
    assert claim(session, now=NOW + 2 * MINUTE - dt.timedelta(seconds=1)) == []
    (again,) = claim(session, now=NOW + 2 * MINUTE)
    assert again.attempts == 2


def test_messages_are_claimed_in_order_by_channel_and_up_to_the_limit(session):
    enqueue(session, "late", due=NOW + MINUTE)
    enqueue(session, "second")
    enqueue(session, "first", due=NOW - MINUTE)
    enqueue(session, "other", channel=Channel.SUBSCRIBE)
    assert [message.payload["n"] for message in claim(session, limit=1)] == ["first"]
    assert [message.payload["n"] for message in claim(session)] == ["second"]
    assert [message.payload["n"] for message in claim(session, now=NOW + MINUTE)] == ["late"]


@pytest.mark.parametrize("state", [OutboxState.SENT, OutboxState.REFUSED, OutboxState.FAILED])
def test_a_settled_message_is_never_claimed_again(session, state):
    enqueue(session, "a")
    (message,) = claim(session)
    assert outbox.settle(session, [Outcome(message, state, "why")], now=NOW) == 1
    kept = row(session, "a")
    assert (kept.state, kept.settled_at, kept.leased_until, kept.last_error) == (state, NOW, None, "why")
    assert claim(session, now=NOW + dt.timedelta(days=30)) == []


def test_a_message_to_be_tried_again_waits_until_then(session):
    enqueue(session, "a")
    (message,) = claim(session)
    outbox.settle(session, [Outcome(message, OutboxState.WAITING, "busy", NOW + 5 * MINUTE)], now=NOW)
    assert row(session, "a").settled_at is None
    assert claim(session, now=NOW + 4 * MINUTE) == []
    assert [again.attempts for again in claim(session, now=NOW + 5 * MINUTE)] == [2]


def test_settling_leaves_alone_what_another_worker_has_taken_over(session):
    enqueue(session, "a")
    enqueue(session, "b")
    slow = claim(session)
    assert [message.payload["n"] for message in slow] == ["a", "b"]
    outbox.settle(session, [Outcome(slow[1], OutboxState.SENT)], now=NOW)
    (taken,) = claim(session, now=NOW + 3 * MINUTE)
    late = [Outcome(message, OutboxState.FAILED, "late") for message in slow]
    assert outbox.settle(session, late, now=NOW + 4 * MINUTE) == 0
    assert row(session, "a").state is OutboxState.SENDING
    assert outbox.settle(session, [Outcome(taken, OutboxState.SENT)], now=NOW + 4 * MINUTE) == 1
    assert outbox.settle(session, [], now=NOW) == 0


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 720), (6, None), (7, None)])
def test_waits_grow_until_it_is_given_up(attempts, minutes):
    expected = None if minutes is None else NOW + minutes * MINUTE
    assert outbox.next_try(attempts, NOW) == expected


def test_a_wait_the_provider_asks_for_is_kept():
    assert outbox.next_try(1, NOW, 90.0) == NOW + dt.timedelta(seconds=90)


@pytest.mark.slow
def test_two_workers_never_claim_the_same_message(databases):
    """With real connections: on PostgreSQL both claim at the same time, on SQLite the second one waits."""
    app = create_app(settings_for(databases.fresh()), fake_gateways())
    with app.app_context():
        engine = db.engine
        with Session(engine) as session, session.begin():
            for number in range(20):
                enqueue(session, f"m{number}")
        with Session(engine) as one:
            first = claim(one, limit=12)
            if databases.kind == "sqlite":
                one.commit()
            with Session(engine) as two, two.begin():
                second = claim(two, limit=12)
            one.commit()
        assert (len(first), len(second)) == (12, 8)
        assert {message.id for message in first}.isdisjoint(message.id for message in second)
        engine.dispose()
