"""WeChat is away for an hour, or its allowance is used up: people work on, and nothing is lost or doubled."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import ContentCheck, ContentState, InboxItem, OutboxMessage, OutboxState
from services.errors import PersonRefused
from tests.flows.away import MINUTE, town

AWAY = {"gateway in trouble": {"http": 502}, "busy": {"errcode": -1}}


@pytest.fixture
def place(databases):
    with town(databases) as found:
        yield found


@pytest.mark.parametrize("fault", AWAY)
def test_wechat_away_for_an_hour(place, fault):
    numbers = [place.repair("一直好的时候报的灯")]
    place.pass_time(MINUTE)
    before = place.received("wang"), place.received("li")
    assert (sum(before[0].values()) > 0, sum(before[1].values())) == (True, 1)

    place.go_away(AWAY[fault])
    for number in range(6):
        # Filing, assigning, working and confirming answer as always; the whole way in one go.
        numbers.append(place.repair(f"断网时报的第{number}盏灯"))
        place.pass_time(10 * MINUTE)
    assert place.received("wang") == before[0]
    assert place.states()["failed"] == 0
    assert place.states()["waiting"] > 0
    held = len(place.read(sa.select(OutboxMessage.id).where(OutboxMessage.state == OutboxState.WAITING)))
    assert held >= 12
    ready = place.ready()
    assert ready["status"] == "degraded"
    assert "发不出去，消息都留着" in ready["channels"]["subscribe"]["words"]
    assert (
        "微信通知：从11月23日 09:11起发不出去，消息都留着，恢复后会接着发。报修、派单、确认照常能用。"
        in place.first_page()
    )
    newcomer = place.app.test_client().post("/api/v1/sign-in", json={"code": place.wechat.phones.login_code("wang")})
    assert (newcomer.status_code, newcomer.get_json()["detail"][-1]) == (503, "。")

    place.wechat.faults.clear()
    numbers.append(place.repair("微信回来以后报的灯"))
    for _ in range(8):
        place.pass_time(5 * MINUTE)

    assert place.not_sent() == []
    for phone in ("wang", "li"):
        assert set(place.received(phone).values()) == {1}
    work = [number for content in place.received("li") for number in content if number in numbers]
    assert sorted(work) == sorted(numbers)
    # Of each repair the resident heard the same as of the one before, when all was well.
    heard = {number: {content[1] for content in place.received("wang") if content[0] == number} for number in numbers}
    assert heard == dict.fromkeys(numbers, heard[numbers[0]])
    assert set(place.heard_in_group().values()) == {1}
    assert {number for number, _ in place.heard_in_group()} == set(numbers)
    place.run_jobs()
    assert place.ready()["status"] == "ok"
    assert "发不出去" not in place.first_page()


def test_what_wechat_could_not_check_goes_to_people_and_stays_there(place):
    place.go_away({"http": 502})
    place.repair("断网时写的话")
    place.pass_time(MINUTE)
    place.pass_time(31 * MINUTE)
    place.run_jobs()
    states = place.read(sa.select(ContentCheck.state))
    assert set(states) == {ContentState.REVIEW}
    assert place.read(sa.select(ContentCheck.why)) == ["wechat_away"] * len(states)
    place.wechat.faults.clear()
    place.pass_time(2 * dt.timedelta(hours=1))
    # It is a person's business now: WeChat is not asked behind their back.
    assert set(place.read(sa.select(ContentCheck.state))) == {ContentState.REVIEW}


@pytest.mark.parametrize("errcode", [45009])
def test_a_days_allowance_that_is_used_up_leaves_messages_in_the_inbox(place, errcode):
    place.go_away({"errcode": errcode}, "send")
    number = place.repair("额度用完时报的灯")
    place.pass_time(MINUTE)
    refused = place.read(sa.select(OutboxMessage.last_error).where(OutboxMessage.state == OutboxState.REFUSED))
    assert refused
    assert set(refused) == {"wechat_quota"}
    told = place.read(sa.select(InboxItem.person_id).where(InboxItem.body.contains(number)))
    assert {place.people["resident"], place.people["repairer"]} <= set(told)
    assert place.states()["waiting"] == 0
    # The group's robot has its own allowance and was heard.
    assert {named for named, _ in place.heard_in_group()} == {number}
    # Nothing comes late, when it would only confuse.
    place.wechat.faults.clear()
    place.pass_time(dt.timedelta(hours=16))
    assert place.received("li") == {}


def test_a_minutes_allowance_is_waited_for(place):
    place.go_away({"errcode": 45011}, "send")
    number = place.repair("太频繁时报的灯")
    place.pass_time(MINUTE)
    assert place.states()["refused"] == 0
    place.wechat.faults.clear()
    place.pass_time(2 * MINUTE)
    assert [content[0] for content in place.received("li")] == [number]


def test_a_person_who_refuses_is_told_in_the_inbox_and_the_channel_is_well(place):
    place.go_away({"errcode": 43101}, "send")
    number = place.repair("不让发通知的人报的灯")
    place.pass_time(MINUTE)
    assert place.read(sa.select(OutboxMessage.last_error).where(OutboxMessage.state == OutboxState.REFUSED))
    assert PersonRefused.code in place.read(sa.select(OutboxMessage.last_error))
    assert place.ready()["channels"]["subscribe"]["ok"]
    assert place.read(sa.select(InboxItem.id).where(InboxItem.body.contains(number)))
