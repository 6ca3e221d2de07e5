"""The rights desk: clock, states, what granting does, and who may answer."""

import datetime as dt
import itertools

import pytest
import sqlalchemy as sa

from models import (
    CalendarOverride,
    InboxItem,
    Person,
    PrivacyRule,
    RightsKind,
    RightsRequest,
    RightsState,
    Standing,
    ToldHow,
    WeChatAccount,
)
from services.clocks import local_day
from services.errors import Conflict, InvalidInput, NotFound, WrongHat
from services.privacy import answering, desk, desk_lists, erasure
from services.privacy.answering import Corrections
from services.privacy.desk import Asking
from services.privacy.desk_moves import MOVES, DeskAction
from services.reading.pages import PageRequest
from tests.world import NOW, account_of, new_person

DAY = dt.timedelta(days=1)


def ask(world, kind=RightsKind.RESTRICT, words="请先别用", person=None, now=NOW):
    return desk.ask(
        world.session,
        actor=world.actor(person or world.resident),
        asking=Asking(kind, words),
        vault=world.vault,
        now=now,
    )


def settle(world, request, action=DeskAction.GRANT, answer=None, by=None, now=NOW, **corrections):
    actor = world.actor(by or world.manager)
    answering.take(world.session, actor=actor, request_id=request.id, now=now)
    return answering.settle(
        world.session, actor=actor, request_id=request.id, action=action, answer=answer,
        corrections=Corrections(**corrections), vault=world.vault, now=now,
    )  # fmt: skip


def answer_of(world, request):
    return world.vault.open(request.answer_sealed, desk.ANSWER_LABEL)


def inbox_of(world, person):
    return world.session.scalars(
        sa.select(InboxItem.title).where(InboxItem.person_id == person.id).order_by(InboxItem.id)
    ).all()


def test_fifteen_working_days_over_weekends(world):
    assert local_day(ask(world).due_at) == dt.date(2026, 12, 14)


def test_a_place_may_promise_less_and_its_days_off_count(world):
    place = world.place.neighborhood.id
    world.session.add(
        PrivacyRule(
            neighborhood_id=place, code="desk.working_days", value=2, since=dt.date(2026, 1, 1), source="本站承诺"
        )
    )
    world.session.add(CalendarOverride(day=dt.date(2026, 11, 24), is_working=False, source="停水抢修放假"))
    world.session.flush()
    assert local_day(ask(world).due_at) == dt.date(2026, 11, 26)
    assert local_day(ask(world, person=world.stranger).due_at) == dt.date(2026, 12, 15)


def test_to_see_is_answered_at_once(world):
    request = ask(world, RightsKind.SEE, None)
    assert request.state is RightsState.GRANTED
    assert "下载" in answer_of(world, request)
    assert inbox_of(world, world.manager) == []


def test_the_desk_is_told_without_a_name(world):
    ask(world)
    body = world.session.scalars(sa.select(InboxItem.body).where(InboxItem.person_id == world.manager.id)).one()
    assert "先别用我的资料" in body
    assert "王" not in body


@pytest.mark.parametrize("kind", [RightsKind.CORRECT, RightsKind.EXPLAIN])
def test_what_is_to_be_corrected_or_explained_must_be_said(world, kind):
    with pytest.raises(InvalidInput):
        ask(world, kind, "  ")


def test_the_same_is_not_asked_twice(world):
    ask(world)
    with pytest.raises(Conflict) as refused:
        ask(world)
    assert refused.value.reason == "request_open"


def test_correcting_puts_name_and_phone_right(world):
    request = settle(world, ask(world, RightsKind.CORRECT, "名字写错了"), name="王桂兰香", phone="154 0000 9999")
    person = world.session.get_one(Person, world.resident.id)
    assert world.vault.open(person.name_sealed, "person.name") == "王桂兰香"
    assert person.phone_masked == "154****9999"
    assert request.outcome == {"corrected": ["name", "phone"]}
    assert inbox_of(world, world.resident) == ["您的申请有答复了"]


def test_a_phone_that_cannot_be_one_changes_nothing(world):
    before = world.resident.phone_masked
    with pytest.raises(InvalidInput):
        settle(world, ask(world, RightsKind.CORRECT, "电话不对"), phone="12")
    assert world.resident.phone_masked == before


def test_restricting_marks_the_person(world):
    settle(world, ask(world))
    assert world.session.get_one(Person, world.resident.id).restricted_at == NOW


@pytest.mark.parametrize("action", [DeskAction.REFUSE, DeskAction.PARTLY])
def test_a_no_gives_its_reasons(world, action):
    request = ask(world)
    with pytest.raises(InvalidInput) as refused:
        settle(world, request, action, "  ")
    assert refused.value.reason == "answer_missing"
    done = settle(world, request, action, "欠费还没有结清，合同还在，先不能停用。")
    assert done.state is MOVES[action].target
    assert "合同" in answer_of(world, done)


def test_nobody_answers_their_own(world):
    request = ask(world, person=world.manager)
    with pytest.raises(WrongHat) as refused:
        settle(world, request)
    assert refused.value.reason == "own_request"
    settle(world, request, by=world.community_officer)


def test_a_desk_elsewhere_finds_nothing(world):
    request = ask(world)
    with pytest.raises(NotFound):
        answering.take(world.session, actor=world.actor(world.foreign_manager), request_id=request.id, now=NOW)
    page = desk_lists.below(
        world.session, actor=world.actor(world.foreign_manager), settled=False, now=NOW, page=PageRequest()
    )
    assert page.items == []


def put(world, request, state):
    done = state in {RightsState.GRANTED, RightsState.PARTLY, RightsState.REFUSED, RightsState.WITHDRAWN}
    world.session.execute(
        sa.update(RightsRequest)
        .where(RightsRequest.id == request.id)
        .values(
            state=state, settled_at=NOW if done else None, handled_by_id=world.manager.id,
            answer_sealed=world.vault.seal("好的", desk.ANSWER_LABEL),
        )
    )  # fmt: skip
    world.session.expire_all()


def do(world, request, action):
    told = {"request_id": request.id, "now": NOW}
    if action is DeskAction.TAKE:
        return answering.take(world.session, actor=world.actor(world.manager), **told)
    if action is DeskAction.WITHDRAW:
        return answering.withdraw(world.session, actor=world.actor(world.resident), **told)
    return answering.settle(
        world.session, actor=world.actor(world.manager), action=action, answer="这样答复。", vault=world.vault, **told
    )


def test_the_whole_grid_of_states_and_actions(world):
    for state, action in itertools.product(RightsState, DeskAction):
        request = ask(world)
        put(world, request, state)
        if state in MOVES[action].sources:
            assert do(world, request, action).state is MOVES[action].target, (state, action)
        else:
            with pytest.raises(Conflict) as refused:
                do(world, request, action)
            assert refused.value.facts["state"] == state.value, (state, action)
            assert refused.value.detail.endswith("。")
        put(world, request, RightsState.WITHDRAWN)


def record(world, **more):
    asking = Asking(RightsKind.RESTRICT, **more)
    return desk.record(
        world.session, actor=world.actor(world.manager), person_id=world.resident.id, asking=asking,
        how=ToldHow.SPOKEN, asked_by_id=world.neighbor.id, vault=world.vault, now=NOW,
    )  # fmt: skip


def test_an_heir_shows_a_paper(world):
    with pytest.raises(InvalidInput) as refused:
        record(world, standing=Standing.HEIR)
    assert refused.value.reason == "proof_missing"
    made = record(world, standing=Standing.HEIR, standing_proof="户口本和死亡证明")
    assert (made.asked_by_id, made.recorded_by_id) == (world.neighbor.id, world.manager.id)


def test_the_clock_reminds_once_before_and_once_after(world):
    request = ask(world)
    told = [desk_lists.remind(world.session, now=request.due_at + days * DAY) for days in (-9, -2, -1, 1, 2)]
    assert told == [0, 1, 0, 1, 0]
    assert inbox_of(world, world.manager)[-1] == "个人信息申请快到期了"
    assert inbox_of(world, world.community_officer) == ["个人信息申请超期了"]


def test_wechat_says_that_somebody_wants_to_be_forgotten(world):
    account = account_of(world.session, world.resident)
    actor = world.actor(world.resident)
    (request,) = erasure.requested_by_wechat(world.session, openid=account.openid, now=NOW)
    assert (request.kind, request.how, request.state) == (RightsKind.DELETE, ToldHow.WECHAT, RightsState.RECEIVED)
    assert erasure.requested_by_wechat(world.session, openid=account.openid, now=NOW + DAY) == [request]
    ended = world.session.scalar(sa.text("select ended_at from sign_in where id = :id").bindparams(id=actor.sign_in_id))
    assert ended is not None
    assert erasure.requested_by_wechat(world.session, openid="o-nobody", now=NOW) == []


def test_who_belongs_nowhere_is_forgotten_at_once(world):
    somebody = new_person(world.session, world.vault, "过路人")
    account = account_of(world.session, somebody)
    openid = account.openid
    (request,) = erasure.requested_by_wechat(world.session, openid=openid, now=NOW)
    assert request.state is RightsState.GRANTED
    assert world.session.get_one(Person, somebody.id).name_sealed is None
    assert world.session.scalar(sa.select(sa.func.count()).where(WeChatAccount.openid == openid)) == 0


def test_a_list_of_the_desk_shows_masked_people(world):
    ask(world)
    page = desk_lists.below(
        world.session, actor=world.actor(world.community_officer), settled=False, now=NOW, page=PageRequest()
    )
    assert [(item["name"], item["is_late"]) for item in page.items] == [("王*兰", False)]
