"""Content safety: nothing unchecked before neighbors' eyes, and filing never waits for it."""

import datetime as dt
import itertools

import pytest
import sqlalchemy as sa

from models import (
    AuditEntry,
    Channel,
    ContentCheck,
    ContentState,
    ContentSubject,
    InboxItem,
    OutboxMessage,
    OutboxState,
    StoredFile,
    TicketEvent,
    TicketPhoto,
)
from services import access, deliveries, sending
from services.content import checking, reviewing
from services.content.moves import MOVES, Word
from services.errors import Conflict, InvalidInput, NotFound, Rejected, TryLater
from services.reading import board
from services.reading import tickets as reading
from services.reading.pages import PageRequest
from services.tickets import filing
from services.tickets.filing import Report
from tests.services.acting import do, photo, put_into
from tests.services.test_deliveries import newest_event
from tests.world import NOW

S = ContentState
HALF_AN_HOUR = dt.timedelta(minutes=30)


def expand(world):
    """Let the worker hear of everything that has happened."""
    for event_id in world.session.scalars(sa.select(TicketEvent.id)).all():
        deliveries.expand(world.session, event_id, now=NOW)


def check_all(world, gateways, now=NOW):
    parcels = sending.prepare(
        world.session,
        channel=Channel.CHECK,
        now=now,
        limit=50,
        link=lambda token: f"https://x/{token}",
    )
    sending.settle(world.session, [sending.send(parcel, gateways) for parcel in parcels], now=now)
    world.session.flush()
    world.session.expire_all()
    return len(parcels)


def checks(world):
    found = world.session.scalars(sa.select(ContentCheck).order_by(ContentCheck.id))
    return {check.subject_kind: check for check in found}


def seen_by(world, person, filed):
    connection = world.session.connection()
    return reading.one(connection, actor=world.actor(person), ticket_id=filed.id, now=NOW)


@pytest.fixture
def filed(world):
    """A report with words, a place note and a photo, about a common part."""
    report = Report(
        category="elec",
        text="3单元门口的灯不亮",
        place_note="信箱旁边",
        building_id=world.place.building.id,
        photos=(photo(world, world.resident),),
    )
    made = filing.file_ticket(world.session, actor=world.actor(world.resident), report=report, now=NOW)
    world.session.flush()
    return made


def push(world, trace_id, suggest="pass", **more):
    fields = {"trace_id": trace_id, "errcode": 0, "result": {"suggest": suggest, "label": 100}, **more}
    return checking.heard(world.session, fields, now=NOW)


@pytest.mark.parametrize(("state", "word"), list(itertools.product(ContentState, Word)))
def test_every_state_times_every_word_is_decided(state, word):
    target = MOVES.get((state, word))
    settled_by_people = state in {S.APPROVED, S.REFUSED}
    assert target is None or not settled_by_people
    assert target is not S.PENDING
    if word in {Word.APPROVE, Word.REFUSE}:
        assert (target is not None) == (state in {S.RISKY, S.REVIEW})
    if state is S.PASSED:
        assert target is None


def test_until_they_are_checked_neighbors_see_neither_words_nor_photos(world, filed):
    seen = seen_by(world, world.neighbor, filed)
    assert seen["text"] == board.NOT_CHECKED_YET
    assert seen["place_note"] is None
    assert [event["photos"] for event in seen["timeline"]] == [[]]
    near = board.of_common_parts(
        world.session.connection(),
        actor=world.actor(world.neighbor),
        around=board.Around.BUILDING,
        page=PageRequest(),
        now=NOW,
    )
    assert [(item["text"], item["place_note"]) for item in near.items] == [(board.NOT_CHECKED_YET, None)]
    for person in (world.resident, world.manager, world.clerk, world.grid_leader):
        whole = seen_by(world, person, filed)
        assert (whole["text"], whole["place_note"]) == ("3单元门口的灯不亮", "信箱旁边")
        assert len(whole["timeline"][0]["photos"]) == 1


def test_what_passed_is_seen_by_neighbors(world, gateways, filed):
    expand(world)
    assert check_all(world, gateways) == 2
    assert {check.state for check in checks(world).values()} == {S.PASSED, S.PENDING}
    seen = seen_by(world, world.neighbor, filed)
    assert (seen["text"], seen["place_note"]) == ("3单元门口的灯不亮", "信箱旁边")
    assert seen["timeline"][0]["photos"] == []
    assert push(world, checks(world)[ContentSubject.PHOTO].trace_id) == "pass"
    assert len(seen_by(world, world.neighbor, filed)["timeline"][0]["photos"]) == 1


def test_a_photo_that_was_not_checked_cannot_be_fetched_by_a_neighbor(world, gateways, filed):
    token = world.session.scalar(sa.select(StoredFile.token).join(TicketPhoto, TicketPhoto.file_id == StoredFile.id))
    with pytest.raises(NotFound):
        access.photo_for(world.session, world.actor(world.neighbor), token)
    assert access.photo_for(world.session, world.actor(world.manager), token)
    expand(world)
    check_all(world, gateways)
    push(world, checks(world)[ContentSubject.PHOTO].trace_id)
    assert access.photo_for(world.session, world.actor(world.neighbor), token)


def test_wechat_is_asked_with_the_authors_openid_and_an_address_it_can_fetch(world, gateways, filed):
    expand(world)
    check_all(world, gateways)
    (text, one), (address, other) = gateways.content.asked
    assert text == "信箱旁边\n3单元门口的灯不亮"
    assert address.startswith("https://x/")
    assert one == other


def test_registering_twice_asks_once(world, gateways, filed):
    expand(world)
    expand(world)
    assert check_all(world, gateways) == 2
    assert check_all(world, gateways) == 0


def test_a_note_is_checked_before_neighbors_read_it(world, gateways, filed):
    do(world, "note", filed)
    note = world.session.scalar(sa.select(TicketEvent.note).where(TicketEvent.id == newest_event(world)))
    expand(world)
    assert [event["note"] for event in seen_by(world, world.neighbor, filed)["timeline"]] == [None, None]
    check_all(world, gateways)
    assert [event["note"] for event in seen_by(world, world.neighbor, filed)["timeline"]] == [None, note]


def test_what_wechat_finds_risky_goes_to_the_station(world, gateways, filed):
    gateways.content.risky = {"灯"}
    expand(world)
    check_all(world, gateways)
    check = checks(world)[ContentSubject.TICKET]
    assert (check.state, check.label, check.why) == (S.RISKY, 20003, "wechat_risky")
    told = world.session.scalars(sa.select(InboxItem).where(InboxItem.title == "有内容要核对")).all()
    assert {item.person_id for item in told} == {world.manager.id, world.clerk.id}
    assert seen_by(world, world.neighbor, filed)["text"] == board.NOT_CHECKED_YET


def test_the_reviewers_list_says_why_and_what(world, gateways, filed):
    gateways.content.risky = {"灯"}
    expand(world)
    check_all(world, gateways)
    page = reviewing.waiting(world.session.connection(), actor=world.actor(world.manager), page=PageRequest())
    (item,) = page.items
    assert (item["text"], item["place_note"]) == ("3单元门口的灯不亮", "信箱旁边")
    assert (item["why"], item["label"], item["photo"]) == ("微信认为不合适", "辱骂", None)
    nothing = reviewing.waiting(
        world.session.connection(), actor=world.actor(world.foreign_manager), page=PageRequest()
    )
    assert nothing.items == []


def test_an_approved_text_is_seen_and_a_refused_one_is_not(world, gateways, filed):
    gateways.content.risky = {"灯"}
    expand(world)
    check_all(world, gateways)
    check = checks(world)[ContentSubject.TICKET]
    with pytest.raises(NotFound):
        reviewing.approve(world.session, actor=world.actor(world.foreign_manager), check_id=check.id, now=NOW)
    reviewing.approve(world.session, actor=world.actor(world.manager), check_id=check.id, now=NOW)
    assert seen_by(world, world.neighbor, filed)["text"] == "3单元门口的灯不亮"
    with pytest.raises(Conflict) as settled:
        reviewing.refuse(world.session, actor=world.actor(world.manager), check_id=check.id, reason="不", now=NOW)
    assert settled.value.reason == "review_settled"
    assert world.session.scalar(sa.select(AuditEntry.action).where(AuditEntry.subject_kind == "content_check")) == (
        "content.approved"
    )


def test_the_author_is_told_kindly_and_the_original_stays(world, gateways, filed):
    gateways.content.risky = {"灯"}
    expand(world)
    check_all(world, gateways)
    check = checks(world)[ContentSubject.TICKET]
    with pytest.raises(InvalidInput):
        reviewing.refuse(world.session, actor=world.actor(world.clerk), check_id=check.id, reason=" ", now=NOW)
    reviewing.refuse(
        world.session, actor=world.actor(world.clerk), check_id=check.id, reason="写了别人的名字。", now=NOW
    )
    item = world.session.scalars(
        sa.select(InboxItem).where(InboxItem.person_id == world.resident.id, InboxItem.title.contains("没有公开"))
    ).one()
    assert "原因：写了别人的名字。" in item.body
    assert "单子照常办理" in item.body
    assert world.ticket(filed).text == "3单元门口的灯不亮"
    assert seen_by(world, world.neighbor, filed)["text"] == board.NOT_CHECKED_YET


@pytest.mark.parametrize("code", ["wechat_openid_unseen", "wechat_rejected"])
def test_what_wechat_will_not_judge_goes_to_people(world, gateways, filed, code):
    gateways.content.error = Rejected("要请人看一看。", code=code)
    expand(world)
    check_all(world, gateways)
    assert {(check.state, check.why) for check in checks(world).values()} == {(S.REVIEW, code)}
    rows = world.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.channel == Channel.CHECK))
    assert {row.state for row in rows} == {OutboxState.REFUSED}


def test_what_somebody_without_wechat_wrote_goes_to_people(world, gateways):
    world.record(name="老王", phone="13900000000")
    world.session.execute(sa.text("update wechat_account set openid = 'gone' || id, unbound_at = created_at"))
    expand(world)
    check_all(world, gateways)
    assert checks(world)[ContentSubject.TICKET].why == "no_openid"


def test_while_wechat_is_away_it_is_tried_again_and_then_given_to_people(world, gateways, filed):
    gateways.content.error = TryLater()
    expand(world)
    check_all(world, gateways)
    assert {check.state for check in checks(world).values()} == {S.PENDING}
    assert checking.hand_over_late(world.session, now=NOW + HALF_AN_HOUR) == 0
    assert checking.hand_over_late(world.session, now=NOW + HALF_AN_HOUR + dt.timedelta(seconds=1)) == 2
    assert {(check.state, check.why) for check in checks(world).values()} == {(S.REVIEW, "wechat_away")}
    gateways.content.error = None
    assert check_all(world, gateways, now=NOW + 2 * HALF_AN_HOUR) == 2
    assert gateways.content.asked == []


def test_a_result_that_comes_late_still_counts_while_nobody_has_looked(world, gateways, filed):
    expand(world)
    check_all(world, gateways)
    trace_id = checks(world)[ContentSubject.PHOTO].trace_id
    checking.hand_over_late(world.session, now=NOW + 2 * HALF_AN_HOUR)
    assert checks(world)[ContentSubject.PHOTO].why == "no_result"
    push(world, trace_id)
    assert checks(world)[ContentSubject.PHOTO].state is S.PASSED


def test_a_persons_word_stands_against_a_late_result(world, gateways, filed):
    expand(world)
    check_all(world, gateways)
    check = checks(world)[ContentSubject.PHOTO]
    checking.hand_over_late(world.session, now=NOW + 2 * HALF_AN_HOUR)
    reviewing.refuse(world.session, actor=world.actor(world.manager), check_id=check.id, reason="拍到了人", now=NOW)
    push(world, check.trace_id)
    assert checks(world)[ContentSubject.PHOTO].state is S.REFUSED


@pytest.mark.parametrize(
    ("more", "state", "why"),
    [
        ({"suggest": "risky"}, S.RISKY, "wechat_risky"),
        ({"suggest": "review"}, S.REVIEW, "wechat_unsure"),
        ({"suggest": "something new"}, S.REVIEW, "wechat_unsure"),
        ({"errcode": -1008}, S.REVIEW, "wechat_could_not_look"),
        ({"errcode": "-1008"}, S.REVIEW, "wechat_could_not_look"),
        ({"result": None}, S.REVIEW, "wechat_unsure"),
    ],
)
def test_what_wechat_pushes_about_a_photo(world, gateways, filed, more, state, why):
    expand(world)
    check_all(world, gateways)
    push(world, checks(world)[ContentSubject.PHOTO].trace_id, **more)
    check = checks(world)[ContentSubject.PHOTO]
    assert (check.state, check.why) == (state, why)


def test_a_result_about_something_unknown_is_no_result(world):
    assert push(world, "nobody's") is None


def test_a_homes_words_are_checked_like_others(world, gateways):
    filed = world.file(home_id=world.place.home.id)
    put_into(world, filed, "submitted")
    expand(world)
    check_all(world, gateways)
    assert world.ticket(filed).text_shown is True


def test_neighbors_read_no_number_that_leads_to_a_person(world, gateways):
    report = Report(
        category="elec", text="灯不亮，电话13800008000", place_note="辽E12345车旁", building_id=world.place.building.id
    )
    filed = filing.file_ticket(world.session, actor=world.actor(world.resident), report=report, now=NOW)
    do(world, "note", filed, text="改打１３９　００００　８０００")
    expand(world)
    check_all(world, gateways)
    seen = seen_by(world, world.neighbor, filed)
    assert (seen["text"], seen["place_note"]) == ("灯不亮，电话138****8000", "辽E·**345车旁")
    assert [event["note"] for event in seen["timeline"]] == [None, "改打139****8000"]
    whole = seen_by(world, world.manager, filed)
    assert (whole["text"], whole["place_note"]) == ("灯不亮，电话13800008000", "辽E12345车旁")
