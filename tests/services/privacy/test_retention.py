"""Retention: rules as rows, in batches, nothing that law or ledgers need, and a report of what went."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    Channel,
    Consent,
    Home,
    ImportChange,
    ImportRow,
    InboxItem,
    OutboxMessage,
    OutboxState,
    Person,
    Residency,
    ResidencyPhoto,
    ResidencyRequest,
    RetentionRule,
    RetentionRun,
    SignIn,
    StoredFile,
    Ticket,
    TicketPhoto,
    ToldHow,
)
from services import inbox
from services.errors import Conflict, TryLater
from services.imports import batches, moves, undoing
from services.privacy import consents, recording, retention
from services.privacy.recording import Proof
from services.privacy.retention import KEPT
from tests.importing import again, applied, checked, workbook
from tests.services.acting import count_rows, photo, put_into
from tests.services.residencies.claims import another_home, approve, asked, newcomer
from tests.services.test_sending import send_all
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


def in_store(gateways, world, token):
    """A photo with bytes in the store, like one that came by the upload."""
    file = world.session.scalars(sa.select(StoredFile).where(StoredFile.token == token)).one()
    gateways.files.put(file.storage_key, b"jpeg", file.content_type)
    return file.storage_key


def let_files_go(world, gateways, days):
    return send_all(world, gateways, Channel.FILE, NOW + days * DAY)


def test_a_photo_that_was_never_sent_in_goes_after_a_month_with_its_bytes(world, gateways):
    in_store(gateways, world, photo(world, world.resident))
    assert run(world, 30) == 0
    assert run(world, 31) == 1
    assert count(world, StoredFile) == 0
    assert gateways.files.kept != {}  # not before the commit: the outbox does it
    assert let_files_go(world, gateways, 31) == 1
    assert gateways.files.kept == {}


def test_bytes_go_however_long_the_store_is_away(world, gateways):
    in_store(gateways, world, photo(world, world.resident))
    run(world, 31)
    gateways.files.error = TryLater()
    tries, now = 0, NOW + 31 * DAY
    while tries < 20:
        tries += send_all(world, gateways, Channel.FILE, now)
        now = world.session.scalars(sa.select(OutboxMessage.due_at).where(OutboxMessage.channel == Channel.FILE)).one()
    gateways.files.error = None
    send_all(world, gateways, Channel.FILE, now)
    assert gateways.files.kept == {}


def test_photos_of_a_ticket_stay_as_long_as_who_reported_it(world, gateways):
    filed = world.file(home_id=world.place.home.id, photos=[photo(world, world.resident)])
    put_into(world, filed, "closed")
    world.session.execute(sa.update(Ticket).values(urgency="p2"))
    run(world, 1_096)
    assert count(world, StoredFile) == 1
    run(world, 1_097)
    run(world, 1_097)
    assert (count(world, TicketPhoto), count(world, StoredFile)) == (0, 0)


def test_a_photo_of_a_paper_goes_with_the_consent_that_it_proves(world):
    text = next(one.text for one in consents.shown(world.session, now=NOW) if one.kind.code == "care")
    recording.record(
        world.session, actor=world.actor(world.manager), person_id=world.resident.id, text_id=text.id, given=True,
        proof=Proof(ToldHow.PAPER, photo=photo(world, world.manager)), vault=world.vault, now=NOW,
    )  # fmt: skip
    run(world, 9_999)
    assert count(world, StoredFile) == 1
    world.session.execute(sa.update(Consent).values(ended_at=NOW, end_why="erased"))
    world.session.execute(sa.update(Person).where(Person.id == world.resident.id).values(erased_at=NOW))
    run(world, 9_999)
    run(world, 9_999)
    assert (count(world, Consent), count(world, StoredFile)) == (0, 0)


def test_a_paper_of_a_request_goes_three_years_after_its_end_and_the_registration_stays(world):
    person = newcomer(world)
    paper = {"document": None, "photos": [photo(world, person)]}
    request = asked(world, person, home=another_home(world, "305"), **paper)
    approve(world, request)
    run(world, 1_096)
    assert count(world, ResidencyPhoto) == 1
    run(world, 1_097)
    run(world, 1_097)
    assert (count(world, ResidencyPhoto), count(world, StoredFile)) == (0, 0)
    assert world.session.get_one(ResidencyRequest, request.id).residency_id is not None


WORKBOOK = workbook("9号楼,2单元,502,60,赵大力,15400000102")


def test_a_workbook_is_forgotten_after_half_a_year_and_what_it_wrote_stays(world):
    batch = applied(world, WORKBOOK)
    homes = count(world, Home)
    run(world, 180)
    assert again(world, batch).forgotten_at is None
    run(world, 181)
    run(world, 183)
    assert again(world, batch).forgotten_at is not None
    assert (count(world, ImportRow), count(world, ImportChange)) == (0, 0)
    assert count(world, Home) == homes


def test_undoing_a_forgotten_workbook_says_that_it_is_too_late(world):
    batch = applied(world, WORKBOOK)
    run(world, 181)
    before = count_rows(world.session)
    with pytest.raises(Conflict) as refused:
        undoing.undo(
            world.session, actor=None, batch_id=batch.id, reason="表格导错了", vault=world.vault, now=NOW + 181 * DAY
        )
    assert (refused.value.reason, "不能整批撤销" in refused.value.detail) == ("import_forgotten", True)
    assert count_rows(world.session) == before
    assert (moves.actions(batch), moves.next_step(batch)) == ([], refused.value.detail)


def test_a_workbook_that_was_never_imported_is_forgotten_too_and_has_to_be_sent_again(world):
    batch = checked(world, WORKBOOK)
    run(world, 181)
    with pytest.raises(Conflict) as refused:
        batches.start_apply(world.session, actor=None, batch_id=batch.id, now=NOW + 181 * DAY)
    assert "重新传" in refused.value.detail


def test_a_workbook_that_a_worker_has_in_hand_is_left_alone(world):
    batch = checked(world, WORKBOOK)
    batches.start_apply(world.session, actor=None, batch_id=batch.id, now=NOW)
    run(world, 999)
    assert again(world, batch).forgotten_at is None
