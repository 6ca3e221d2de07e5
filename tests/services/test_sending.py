"""From claimed rows to the ports and back: what each answer of WeChat does to the row, the grant and the group."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import Channel, OutboxMessage, OutboxState, SubscriptionGrant
from services import deliveries, grants, sending
from services.deliveries import PROGRESS, WORK
from services.errors import Misconfigured, PersonRefused, QuotaExceeded, Rejected, TokenRejected, TryLater
from services.notices import NOTICE
from tests.services.acting import do, put_into
from tests.services.test_deliveries import happen, newest_event
from tests.world import NOW, account_of

MINUTE = dt.timedelta(minutes=1)


def send_all(world, gateways, channel, now=NOW):
    parcels = sending.prepare(world.session, channel=channel, now=now, limit=10, link=str)
    sending.settle(world.session, [sending.send(parcel, gateways) for parcel in parcels], now=now)
    world.session.flush()
    world.session.expire_all()
    return len(parcels)


def message(world, channel):
    return world.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.channel == channel)).one()


def left(world):
    return world.session.scalar(sa.select(SubscriptionGrant.remaining))


@pytest.fixture
def finished(world):
    """A message to the resident waits, with two grants left."""
    world.grant(world.resident, PROGRESS, 2)
    deliveries.expand(world.session, happen(world, "finish"), now=NOW)


def test_what_was_sent_costs_a_grant(world, gateways, finished):
    assert send_all(world, gateways, Channel.SUBSCRIBE) == 1
    assert len(gateways.messages.sent) == 1
    assert message(world, Channel.SUBSCRIBE).state is OutboxState.SENT
    assert left(world) == 1
    assert send_all(world, gateways, Channel.SUBSCRIBE) == 0


def test_a_refusal_is_final_and_sets_the_grants_to_nothing(world, gateways, finished):
    gateways.messages.refuse()
    send_all(world, gateways, Channel.SUBSCRIBE)
    kept = message(world, Channel.SUBSCRIBE)
    assert (kept.state, kept.last_error) == (OutboxState.REFUSED, "person_refused")
    assert left(world) == 0


@pytest.mark.parametrize(
    ("error", "state", "reason", "wait"),
    [
        (TryLater(), OutboxState.WAITING, "wechat_busy", MINUTE),
        (TokenRejected(), OutboxState.WAITING, "wechat_token", MINUTE),
        (Misconfigured(), OutboxState.WAITING, "wechat_misconfigured", MINUTE),
        (QuotaExceeded(retry_after=3600), OutboxState.WAITING, "wechat_quota", 60 * MINUTE),
        (Rejected("不行。"), OutboxState.FAILED, "wechat_rejected", None),
        (ZeroDivisionError(), OutboxState.WAITING, "ZeroDivisionError", MINUTE),
    ],
)
def test_an_error_is_tried_again_or_given_up(world, gateways, finished, error, state, reason, wait):
    gateways.messages.error = error
    send_all(world, gateways, Channel.SUBSCRIBE)
    kept = message(world, Channel.SUBSCRIBE)
    assert (kept.state, kept.last_error) == (state, reason)
    assert kept.due_at == NOW + wait if wait else kept.settled_at == NOW
    assert left(world) == 2


def test_after_six_tries_a_message_has_failed(world, gateways, finished):
    gateways.messages.error = TryLater()
    now, tries = NOW, 0
    while send_all(world, gateways, Channel.SUBSCRIBE, now):
        tries += 1
        now = max(now, message(world, Channel.SUBSCRIBE).due_at)
        if message(world, Channel.SUBSCRIBE).settled_at:
            break
    assert tries == 6
    assert message(world, Channel.SUBSCRIBE).state is OutboxState.FAILED


def answered(world, *, accepted, person=None, kind=PROGRESS):
    actor = world.actor(person or world.resident)
    return grants.answered(world.session, actor=actor, kind=kind, accepted=accepted, now=NOW)


def test_grants_follow_the_persons_answers(world):
    assert [answered(world, accepted=yes) for yes in (True, True, False, True)] == [1, 2, 0, 1]


def test_a_first_reject_is_nothing(world):
    assert answered(world, accepted=False) == 0


def test_grants_never_fall_below_zero(world):
    answered(world, accepted=False)
    account = account_of(world.session, world.resident).id
    grants.settle(world.session, spent=[(account, PROGRESS)] * 2, refused=[], now=NOW)
    assert left(world) == 0


@pytest.mark.parametrize(
    ("name", "kinds"), [("resident", [NOTICE, PROGRESS]), ("repairer", [WORK, NOTICE]), ("manager", [NOTICE, PROGRESS])]
)
def test_each_is_asked_for_what_is_useful_to_them(world, name, kinds):
    person = getattr(world, name)
    world.grant(person, PROGRESS, 3)
    wanted = grants.wanted(world.session, actor=world.actor(person), known=grants.KINDS)
    assert wanted == [(kind, 3 if kind == PROGRESS else 0) for kind in kinds]


def test_a_residents_last_grant_is_kept_for_the_end(world, gateways):
    world.grant(world.resident, PROGRESS, 1)
    filed = world.file()
    for action in ("assign", "accept", "arrive", "start", "finish"):
        do(world, action, filed)
        deliveries.expand(world.session, newest_event(world), now=NOW)
        send_all(world, gateways, Channel.SUBSCRIBE)
    assert [sent.values["state"] for sent in gateways.messages.sent] == ["待确认"]
    assert left(world) == 0


def test_a_refusal_by_one_person_does_not_touch_anothers_grants(world, gateways):
    world.grant(world.resident, PROGRESS, 2)
    world.grant(world.repairer, WORK, 2)
    filed = world.file()
    put_into(world, filed, "triaged")
    do(world, "assign", filed)
    deliveries.expand(world.session, newest_event(world), now=NOW)
    parcels = sending.prepare(world.session, channel=Channel.SUBSCRIBE, now=NOW, limit=10, link=str)
    refused_kind = {parcel.message.topic: parcel for parcel in parcels}
    results = [
        sending.Result(refused_kind[PROGRESS], PersonRefused("对方没有订阅。")),
        sending.Result(refused_kind[WORK]),
    ]
    sending.settle(world.session, results, now=NOW)
    rows = world.session.execute(sa.select(SubscriptionGrant.kind, SubscriptionGrant.remaining))
    assert dict(rows.all()) == {PROGRESS: 0, WORK: 1}
