"""Retention: rules as rows, in batches, nothing that law or ledgers need, and a report of what went."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    InboxItem,
    OutboxMessage,
    OutboxState,
    Person,
    Residency,
    RetentionRule,
    RetentionRun,
    SignIn,
    Ticket,
)
from services import inbox
from services.privacy import retention
from services.privacy.retention import KEPT
from tests.services.acting import put_into
from tests.world import LONG_AGO, NOW

DAY = dt.timedelta(days=1)
NEVER = {
    "audit_entry", "ticket_event", "residency_event", "consent_text", "membership", "residency", "home_right",
    "grant_event",
}  # fmt: skip


def run(world, days):
    return retention.run(world.session, now=NOW + days * DAY)


def letters(world, many):
    for number in range(many):
        inbox.put(
            world.session, person_id=world.resident.id, neighborhood_id=None, title="您好", body="请看看。",
            dedupe_key=f"k{number}", now=NOW,
        )  # fmt: skip


def count(world, model, *where):
    return world.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def test_history_and_ledgers_are_not_on_the_list():
    assert {kept.model.__tablename__ for kept in KEPT.values()} & NEVER == set()


def test_every_rule_that_comes_with_the_system_is_known_and_named(world):
    rules = world.session.scalars(sa.select(RetentionRule)).all()
    assert {rule.subject for rule in rules} == set(KEPT)
    assert all(KEPT[rule.subject].action is rule.action and rule.source for rule in rules)


def test_old_messages_go_and_newer_ones_stay(world):
    letters(world, 2)
    assert run(world, 730) == 0
    assert run(world, 731) == 2
    assert count(world, InboxItem) == 0


def test_a_run_is_one_batch_until_there_is_nothing_left(world, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    letters(world, 5)
    assert [run(world, 800) for _ in range(4)] == [2, 2, 1, 0]
    report = retention.report(world.session, since=dt.date(2026, 1, 1))
    assert [(line["subject"], line["changed"]) for line in report] == [("inbox_item", 5)]


def test_looking_changes_nothing(world):
    letters(world, 3)
    due = {one.subject: one.rows for one in retention.due(world.session, now=NOW + 800 * DAY)}
    assert due["inbox_item"] == 3
    assert count(world, InboxItem) == 3
    assert count(world, RetentionRun) == 0


def test_logs_stay_six_months_whatever_a_rule_says(world):
    world.session.execute(sa.update(RetentionRule).where(RetentionRule.subject == "sign_in").values(keep_days=1))
    actor = world.actor(world.resident)
    world.session.execute(sa.update(SignIn).where(SignIn.id == actor.sign_in_id).values(ended_at=NOW))
    assert run(world, 183) == 0
    assert run(world, 184) == 1
    assert count(world, SignIn) == 0


def test_messages_that_wait_are_never_removed(world):
    world.file()
    world.session.execute(sa.update(OutboxMessage).values(state=OutboxState.WAITING, settled_at=None))
    run(world, 400)
    assert count(world, OutboxMessage) > 0


@pytest.mark.parametrize(("urgency", "days"), [("p2", 1_096), ("p1", 3_653)])
def test_a_ticket_loses_its_reporter_after_its_time(world, urgency, days):
    filed = world.file(home_id=world.place.home.id)
    put_into(world, filed, "closed", rating_words="很好")
    world.session.execute(sa.update(Ticket).values(urgency=urgency))
    run(world, days)
    assert world.ticket(filed).reporter_id == world.resident.id
    run(world, days + 1)
    assert (world.ticket(filed).reporter_id, world.ticket(filed).rating_words) == (None, None)
    assert run(world, days + 1) == 0


def test_an_open_ticket_keeps_its_reporter(world):
    filed = world.file()
    run(world, 9_999)
    assert world.ticket(filed).reporter_id == world.resident.id


def move_out(world, person, at):
    world.session.execute(sa.update(Residency).where(Residency.person_id == person.id).values(ends_at=at))
    world.session.expire_all()


def test_who_moved_away_a_year_ago_loses_the_phone_and_keeps_the_name(world):
    move_out(world, world.far_neighbor, NOW)
    run(world, 365)
    assert world.session.get_one(Person, world.far_neighbor.id).phone_hash is not None
    run(world, 366)
    person = world.session.get_one(Person, world.far_neighbor.id, populate_existing=True)
    assert (person.phone_sealed, person.phone_masked, person.phone_hash) == (None, None, None)
    assert person.name_masked == "钱*英"


def test_who_still_lives_works_or_comes_here_keeps_the_phone(world):
    move_out(world, world.far_neighbor, NOW)
    world.actor(world.far_neighbor)
    world.session.execute(sa.text("update wechat_account set last_seen_at = :at").bindparams(
        sa.bindparam("at", NOW + 300 * DAY, type_=sa.DateTime(timezone=True))))  # fmt: skip
    run(world, 400)
    for person in (world.far_neighbor, world.resident, world.manager):
        assert world.session.get_one(Person, person.id, populate_existing=True).phone_hash is not None


def test_a_rule_of_a_later_release_does_nothing(world):
    world.session.add(
        RetentionRule(subject="holograms", action="delete", keep_days=1, since=LONG_AGO.date(), source="将来的")
    )
    world.session.flush()
    assert "holograms" not in {one.subject for one in retention.due(world.session, now=NOW)}
