"""What WeChat tells us: kept once, acted upon once, whatever comes twice, late or in another order."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    Channel,
    GrantEvent,
    InboxItem,
    OutboxMessage,
    Person,
    PushEvent,
    PushState,
    RightsKind,
    RightsRequest,
    Role,
    SubscriptionGrant,
    WeChatAccount,
)
from services import grants, pushes
from services.deliveries import PROGRESS
from tests.fakes import FakePushes
from tests.world import NOW, account_of, hire

READ = FakePushes().opened
MINUTE = dt.timedelta(minutes=1)


def fields(world, event, **more):
    account = account_of(world.session, world.resident)
    return {"FromUserName": account.openid, "CreateTime": 1620963428, "Event": event, **more}


def keep(world, given, now=NOW):
    return pushes.keep(world.session, READ(given), vault=world.vault, now=now)


def handle(world, now=NOW):
    about = pushes.Surroundings("wx-test", {"T-progress": PROGRESS}, now)
    newest = world.session.scalar(sa.select(sa.func.max(PushEvent.id)))
    pushes.handle(world.session, newest, read=READ, vault=world.vault, about=about)
    world.session.flush()
    return world.session.get_one(PushEvent, newest)


def told(world, event, now=NOW, **more):
    assert keep(world, fields(world, event, **more), now)
    return handle(world, now)


def answer(status, template="T-progress"):
    return {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": "0"}


def left(world):
    account = account_of(world.session, world.resident).id
    found = world.session.scalar(
        sa.select(SubscriptionGrant.remaining).where(
            SubscriptionGrant.account_id == account, SubscriptionGrant.kind == PROGRESS
        )
    )
    in_book = world.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(GrantEvent.change), 0)).where(
            GrantEvent.account_id == account, GrantEvent.kind == PROGRESS
        )
    )
    assert (found or 0) == in_book
    return in_book


def by_client(world, *, accepted=True, now=NOW):
    actor = world.actor(world.resident)
    return grants.answered(world.session, actor=actor, kind=PROGRESS, accepted=accepted, now=now)


def test_a_push_that_comes_again_changes_nothing(world):
    given = fields(world, "subscribe_msg_popup_event", List=[answer("accept")])
    assert keep(world, given)
    handle(world)
    assert not keep(world, given, NOW + MINUTE)
    assert not keep(world, dict(reversed(given.items())))
    assert left(world) == 1
    assert world.session.scalar(sa.select(sa.func.count()).where(OutboxMessage.channel == Channel.PUSH)) == 1


def test_two_taps_in_one_second_are_two_pushes(world):
    for template in ("T-progress", "T-other"):
        assert keep(world, fields(world, "subscribe_msg_popup_event", List=answer("accept", template)))


def test_what_has_been_dealt_with_is_kept_without_its_content(world):
    event = told(world, "subscribe_msg_popup_event", List=answer("accept"))
    assert (event.state, event.outcome, event.payload_sealed) == (PushState.DONE, "counted_1", None)
    account = account_of(world.session, world.resident)
    assert account.openid not in event.key


@pytest.mark.parametrize("wechat_first", [True, False])
def test_client_and_wechat_tell_of_the_same_tap_and_it_counts_once(world, wechat_first):
    steps = [
        lambda: told(world, "subscribe_msg_popup_event", List=answer("accept")),
        lambda: by_client(world, now=NOW + MINUTE),
    ]
    for step in steps if wechat_first else reversed(steps):
        step()
    assert left(world) == 1


def test_two_taps_told_by_both_sides_count_twice(world):
    by_client(world)
    by_client(world)
    for moment in (1, 2):
        told(world, "subscribe_msg_popup_event", List=answer("accept"), CreateTime=moment)
    assert left(world) == 2
    told(world, "subscribe_msg_popup_event", List=answer("accept"), CreateTime=3)
    assert left(world) == 3


def test_a_tap_an_hour_later_is_another_one(world):
    by_client(world)
    told(world, "subscribe_msg_popup_event", NOW + 60 * MINUTE, List=answer("accept"))
    assert left(world) == 2


def test_a_reject_or_a_switch_in_the_settings_leaves_nothing(world):
    by_client(world)
    told(world, "subscribe_msg_popup_event", List=answer("reject"))
    assert left(world) == 0
    by_client(world, now=NOW + 60 * MINUTE)
    told(world, "subscribe_msg_change_event", List=[answer("reject")])
    assert left(world) == 0


def test_a_template_that_is_not_ours_is_passed_over(world):
    assert told(world, "subscribe_msg_popup_event", List=answer("accept", "T-foreign")).outcome == "counted_0"


def test_a_delivery_result_changes_no_grant(world):
    by_client(world)
    ok = told(world, "subscribe_msg_sent_event", List={"ErrorCode": "0", "MsgID": "1"})
    bad = told(world, "subscribe_msg_sent_event", List={"ErrorCode": "20001", "MsgID": "2"})
    assert (ok.outcome, bad.outcome, left(world)) == ("delivered", "not_delivered", 1)


def test_an_unknown_event_is_ignored(world):
    event = told(world, "debug_demo")
    assert (event.state, event.outcome) == (PushState.IGNORED, "unknown_event")


def test_a_result_that_is_faster_than_our_commit_is_tried_again(world):
    assert keep(world, fields(world, "wxa_media_check", trace_id="not-yet"))
    with pytest.raises(pushes.NotYet):
        handle(world)
    late = handle(world, NOW + pushes.PATIENCE)
    assert (late.state, late.outcome) == (PushState.IGNORED, "unknown_subject")


def test_the_phone_is_forgotten_when_the_person_tells_wechat(world):
    account = account_of(world.session, world.resident)
    account.session_key_sealed = world.vault.seal("k", "wechat.session_key")
    event = told(world, "user_authorization_revoke", OpenID=account.openid, RevokeInfo="8", FromUserName="service")
    person = world.session.get_one(Person, world.resident.id)
    assert event.outcome == "phone_forgotten"
    assert (person.phone_sealed, person.phone_masked, person.phone_hash) == (None, None, None)
    assert world.session.get_one(WeChatAccount, account.id).session_key_sealed is None


def test_what_else_is_taken_back_leaves_the_phone(world):
    account = account_of(world.session, world.resident)
    told(world, "user_authorization_revoke", OpenID=account.openid, RevokeInfo="13")
    assert world.session.get_one(Person, world.resident.id).phone_sealed is not None


def test_a_closed_wechat_account_is_a_request_for_deletion(world):
    account = account_of(world.session, world.resident)
    assert told(world, "user_authorization_cancellation", OpenID=account.openid).outcome == "deletion_requested"
    request = world.session.scalars(sa.select(RightsRequest)).one()
    assert (request.person_id, request.kind) == (world.resident.id, RightsKind.DELETE)


def test_trade_notices_reach_the_highest_officers_and_are_kept(world):
    hire(world.session, world.stranger, world.community, Role.DISTRICT_OFFICER)
    world.session.flush()
    event = told(world, "trade_manage_remind_shipping", merchant_trade_no="1")
    items = world.session.scalars(sa.select(InboxItem).where(InboxItem.title == "微信平台的通知")).all()
    assert [item.person_id for item in items] == [world.stranger.id]
    assert event.payload_sealed is not None


def test_old_pushes_are_forgotten_but_not_those_about_money(world):
    told(world, "debug_demo")
    told(world, "trade_manage_order_settlement")
    pushes.forget_old(world.session, now=NOW + dt.timedelta(days=31))
    assert list(world.session.scalars(sa.select(PushEvent.event))) == ["trade_manage_order_settlement"]
