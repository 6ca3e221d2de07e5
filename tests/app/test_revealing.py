"""Names and phones in full: for a purpose, to those in whose care the person is, on record for the person."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine

from models import AuditEntry, ExportCopy, InboxItem, MergeState, PersonMerge, PrivacyRule, Reveal, RevealPurpose
from services import audit, identity_numbers, people
from services.reading.looks import LOOKS
from tests.app.asking import expect_refusal
from tests.world import LONG_AGO, NOW, move_in, new_person

NUMBER = "210502195503071014"


def ask(client, world, person=None, *, by=None, role=None, **body):
    headers = world.headers(by or world.clerk, role)
    told = {"fields": ["name", "phone"], "purpose": "call_back", **body}
    return client.post(f"/api/v1/persons/{(person or world.resident).id}/reveal", json=told, headers=headers)


def views(client, world, person=None, **query):
    return client.get(
        "/api/v1/me/views", headers=world.headers(person or world.resident), query_string=query
    ).get_json()


def give_number(world, person):
    people.set_id_number(person, identity_numbers.read(NUMBER, today=dt.date(2026, 1, 1)), world.vault)
    world.session.commit()


def limit(world, value):
    world.session.execute(sa.update(PrivacyRule).where(PrivacyRule.code == "reveal.persons_a_day").values(value=value))
    world.session.commit()


def test_the_station_reads_what_it_asks_for_and_nothing_else(client, world):
    phone = world.vault.open(world.resident.phone_sealed, "person.phone")
    both = ask(client, world)
    assert both.status_code == 200, both.get_json()
    assert both.get_json() == {"name": "王桂兰", "phone": phone, "id_number": None, "id_type": None}
    assert ask(client, world, fields=["phone"]).get_json()["name"] is None


def test_the_person_reads_who_looked_when_why_and_at_what(client, world):
    with time_machine.travel(NOW, tick=False):
        ask(client, world, fields=["phone"], purpose="emergency", words="楼上漏水，请您关总阀")
        (look,) = views(client, world)["items"]
    assert look["said"] == (
        "2026年11月23日09:00，彩进小区服务站值班员刘*看了您的电话，用途是：紧急情况联系：楼上漏水，请您关总阀。"
    )
    assert (look["viewer"], look["title"], look["unit"]) == ("刘*", "服务站值班员", "彩进小区")
    assert look["why"] == "紧急情况联系"
    assert look["words"] == "楼上漏水，请您关总阀"


def test_the_words_are_not_in_the_trail_and_not_readable_in_the_database(client, world):
    ask(client, world, purpose="notify", words="请王桂兰来开会")
    entry = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "person.revealed")).one()
    assert entry.about_person_id == world.resident.id
    assert entry.detail == {"fields": ["name", "phone"], "purpose": "notify"}
    kept = world.session.scalars(sa.select(Reveal)).one()
    assert "王桂兰".encode() not in kept.words_sealed
    assert kept.audit_entry_id == entry.id


def test_who_was_merged_reads_the_looks_at_both(client, world):
    ask(client, world, world.neighbor)
    ask(client, world)
    world.session.add(
        PersonMerge(
            state=MergeState.DONE,
            from_person_id=world.neighbor.id,
            into_person_id=world.resident.id,
            asked_at=NOW,
            asked_by_id=world.resident.id,
            filled={},
            done_at=NOW,
            undo_until=NOW + dt.timedelta(days=30),
        )
    )
    world.session.commit()
    assert len(views(client, world)["items"]) == 2
    assert len(views(client, world, world.neighbor)["items"]) == 1


def test_nobody_else_reads_who_looked(client, world):
    ask(client, world)
    assert views(client, world, world.neighbor)["items"] == []


def test_looks_come_in_pages_newest_first(client, world):
    for purpose in ("call_back", "ask_details", "before_visit"):
        ask(client, world, purpose=purpose)
    first = views(client, world, limit=2)
    second = views(client, world, limit=2, cursor=first["next"])
    assert [one["why"] for one in first["items"] + second["items"]] == ["上门以前联系", "问清楚情况", "办完以后回访"]
    assert second["next"] is None


def test_the_number_of_queries_does_not_grow_with_the_looks(client, world, statements):
    headers = world.headers(world.resident)

    def count():
        statements.clear()
        client.get("/api/v1/me/views", headers=headers)
        return len(statements)

    few = count()
    for _ in range(4):
        ask(client, world)
    assert count() == few


@pytest.mark.parametrize("who", ["foreign_manager", "grid_leader_elsewhere"])
def test_who_does_not_look_after_the_person_finds_nobody(client, world, who):
    if who == "foreign_manager":
        answer = ask(client, world, by=world.foreign_manager)
    else:
        answer = ask(client, world, world.stranger, by=world.grid_leader)
    expect_refusal(answer, 404, "person_not_found")
    assert world.session.scalar(sa.select(sa.func.count()).select_from(Reveal)) == 0


def test_who_moved_away_is_in_nobodys_care_any_more(client, world):
    gone = new_person(world.session, world.vault, "孙长河")
    move_in(world.session, gone, world.place.home).ends_at = LONG_AGO + dt.timedelta(days=9)
    expect_refusal(ask(client, world, gone), 404, "person_not_found")


def test_who_reported_something_that_is_open_is_in_the_stations_care(client, world):
    visitor = new_person(world.session, world.vault, "孙长河")
    expect_refusal(ask(client, world, visitor), 404, "person_not_found")
    world.record(person=world.resident)
    filed = world.file()
    world.ticket(filed).reporter_id = visitor.id
    assert ask(client, world, visitor).get_json()["name"] == "孙长河"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"purpose": "curiosity"}, "purpose_unknown", "purpose"),
        ({"purpose": "other"}, "words_missing", "words"),
        ({"purpose": "other", "words": "  "}, "words_missing", "words"),
        ({"fields": ["id_number"]}, "purpose_too_narrow", "fields"),
        ({"purpose": "verify_identity", "fields": ["phone"], "words": "核对"}, "purpose_too_narrow", "fields"),
        ({"fields": []}, "invalid_input", "fields"),
        ({"fields": ["openid"]}, "invalid_input", "fields"),
    ],
)
def test_a_purpose_must_fit(client, world, row_counts, body, code, field):
    assert field in expect_refusal(ask(client, world, **body), 422, code)["errors"]
    assert {row_counts()[table] for table in ("reveal", "audit_entry", "inbox_item")} == {0}


def test_a_purpose_that_a_place_has_given_up_is_not_offered(client, world):
    world.session.execute(
        sa.update(RevealPurpose).where(RevealPurpose.code == "call_back").values(ends_on=dt.date(2026, 1, 1))
    )
    offered = client.get("/api/v1/reveal-purposes", headers=world.headers(world.clerk)).get_json()["items"]
    assert "call_back" not in {one["code"] for one in offered}
    assert next(one for one in offered if one["code"] == "verify_identity")["opens"] == ["name", "id_number"]
    expect_refusal(ask(client, world), 422, "purpose_unknown")


def test_id_numbers_are_for_managers_and_the_owner_is_told_at_once(client, world):
    give_number(world, world.resident)
    wanted = {"fields": ["id_number"], "purpose": "verify_identity", "words": "核对调解书"}
    expect_refusal(ask(client, world, **wanted), 403, "for_managers")
    answer = ask(client, world, by=world.manager, **wanted).get_json()
    assert (answer["id_number"], answer["id_type"], answer["phone"]) == (NUMBER, "resident_id", None)
    told = world.session.scalars(sa.select(InboxItem).where(InboxItem.person_id == world.resident.id)).one()
    assert "核对身份" in told.body
    assert NUMBER not in told.body


def test_children_are_for_managers(client, world):
    world.resident.minor_until = dt.date(2099, 1, 1)
    expect_refusal(ask(client, world), 403, "for_managers")
    assert ask(client, world, by=world.manager).status_code == 200


def test_of_whom_nothing_is_known_nothing_is_put_on_record(client, world):
    expect_refusal(
        ask(client, world, by=world.manager, fields=["id_number"], purpose="verify_identity", words="核对"),
        404,
        "nothing_known",
    )
    assert views(client, world)["items"] == []


def test_restricted_data_are_not_shown(client, world):
    world.resident.restricted_at = NOW
    expect_refusal(ask(client, world), 409, "person_restricted")


def test_a_day_has_an_end_and_urgent_calls_have_none(client, world):
    limit(world, 2)
    assert ask(client, world, world.resident).status_code == 200
    assert ask(client, world, world.neighbor).status_code == 200
    refused = ask(client, world, world.far_neighbor)
    said = expect_refusal(refused, 429, "too_many_reveals")["detail"]
    assert "2位" in said
    assert "紧急情况" in said
    assert 0 < int(refused.headers["Retry-After"]) <= 24 * 3600
    assert ask(client, world, world.resident).status_code == 200  # already known today
    assert ask(client, world, world.far_neighbor, by=world.manager).status_code == 200  # somebody else's day
    assert ask(client, world, world.far_neighbor, purpose="emergency", words="水管爆了").status_code == 200


def test_the_limit_begins_anew_at_midnight_in_shanghai(client, world):
    limit(world, 1)
    with time_machine.travel(dt.datetime(2026, 11, 23, 15, 59, tzinfo=dt.UTC), tick=False):
        assert ask(client, world, world.resident).status_code == 200
        expect_refusal(ask(client, world, world.neighbor), 429, "too_many_reveals")
    with time_machine.travel(dt.datetime(2026, 11, 23, 16, 0, tzinfo=dt.UTC), tick=False):
        assert ask(client, world, world.neighbor).status_code == 200


def test_a_neighborhood_may_set_a_limit_of_its_own(client, world):
    world.session.add(
        PrivacyRule(neighborhood_id=world.place.neighborhood.id, code="reveal.persons_a_day", value=1,
                    since=dt.date(2026, 1, 1), source="居民会议")
    )  # fmt: skip
    assert ask(client, world, world.resident).status_code == 200
    expect_refusal(ask(client, world, world.neighbor), 429, "too_many_reveals")


def test_the_contact_of_a_ticket_goes_through_the_same_log(client, world):
    filed = world.file()
    url, headers = f"/api/v1/tickets/{filed.id}/contact", world.headers(world.manager)
    assert client.post(url, json={"purpose": "before_visit"}, headers=headers).status_code == 200
    (look,) = views(client, world)["items"]
    assert look["what"] == "看了您的姓名、电话"
    assert look["why"] == "上门以前联系"
    assert world.session.scalars(sa.select(Reveal.ticket_id)).one() == filed.id


def test_the_contact_of_an_emergency_is_shown_beyond_the_limit(client, world):
    limit(world, 1)
    usual = world.file()
    urgent = world.file(category="drain", text="下水道往外冒水")
    assert ask(client, world, world.neighbor, by=world.manager).status_code == 200
    headers = world.headers(world.manager)
    urls = [f"/api/v1/tickets/{filed.id}/contact" for filed in (usual, urgent)]
    refused, shown = (client.post(url, json={"purpose": "before_visit"}, headers=headers) for url in urls)
    expect_refusal(refused, 429, "too_many_reveals")
    assert shown.status_code == 200


def test_what_one_does_oneself_is_no_look_of_somebody(client, world):
    ask(client, world, world.resident, by=world.manager)
    audit.note(world.session, actor=world.actor(world.resident), now=NOW, action="person.exported",
               subject=("person", world.resident.id), about_person_id=world.resident.id)  # fmt: skip
    world.session.commit()
    assert [one["what"] for one in views(client, world)["items"]] == ["看了您的姓名、电话"]


def test_workbooks_that_went_out_with_ones_name_are_looks_too(client, world):
    for unit, reference in ((world.place.building, "A1"), (world.place.other_building, "A2")):
        copy = ExportCopy(neighborhood_id=world.place.neighborhood.id, unit_id=unit.id, reference=reference,
                          made_by_id=world.manager.id, made_at=NOW, reason="核对住户", is_readable=True, rows=2,
                          content_hash="h")  # fmt: skip
        world.session.add(copy)
        world.session.flush()
        audit.note(world.session, actor=world.actor(world.manager), now=NOW, action="register.exported",
                   subject=("export_copy", copy.id), purpose="核对住户")  # fmt: skip
    world.session.commit()
    (look,) = views(client, world)["items"]
    assert look["said"].endswith("服务站站长张*导出了一份有您的名单，姓名电话是全的，用途是：核对住户。")
    assert len(views(client, world, world.far_neighbor)["items"]) == 1


def test_every_kind_of_look_is_told_in_words(world):
    for action, words in LOOKS.items():
        assert action.islower()
        assert words({}).startswith(("看", "导出", "从表格", "取", "开始"))
