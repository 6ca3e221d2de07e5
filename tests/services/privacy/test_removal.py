"""Erasing a person: what may go goes, what the law or a ledger needs stays without a name, and nothing is half done."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import (
    AuditEntry,
    Base,
    Consent,
    InboxItem,
    Mandate,
    Membership,
    Person,
    Residency,
    RightsKind,
    RightsState,
    SignIn,
    Ticket,
    WeChatAccount,
)
from services import inbox
from services.errors import Conflict
from services.privacy import answering, consents, desk, exporting, removal
from services.privacy.about import TABLES, Erase
from services.privacy.desk import Asking
from services.privacy.desk_moves import DeskAction
from tests.proxies import mandate
from tests.services.acting import put_into
from tests.world import NOW, account_of

LATER = NOW + dt.timedelta(days=1)


def erase(world, person, by=None):
    actor = world.actor(by) if by else None
    return removal.erase(world.session, person_id=person.id, actor=actor, now=LATER)


def letter(world, person):
    inbox.put(
        world.session, person_id=person.id, neighborhood_id=None, title="您好", body="请看看。", dedupe_key="k", now=NOW
    )


def fresh(world, person):
    return world.session.get_one(Person, person.id, populate_existing=True)


def settled_ticket(world):
    filed = world.file(home_id=world.place.home.id)
    put_into(world, filed, "closed", rating_words="修得好", place_note="敲门轻点")
    return filed


def test_nothing_of_a_family_member_can_be_read_afterwards(world):
    openid = account_of(world.session, world.neighbor).openid
    letter(world, world.neighbor)
    erase(world, world.neighbor, by=world.manager)
    person = fresh(world, world.neighbor)
    empty = {name.name for name in Base.metadata.tables["person"].c if getattr(person, name.name) is None}
    assert empty >= {"name_sealed", "name_masked", "phone_sealed", "phone_masked", "phone_hash", "id_sealed"}
    assert (person.erased_at, person.restricted_at) == (LATER, LATER)
    assert world.session.scalar(sa.select(sa.func.count()).where(InboxItem.person_id == person.id)) == 0
    account = world.session.scalars(sa.select(WeChatAccount).where(WeChatAccount.person_id == person.id)).one()
    assert account.openid != openid
    assert account.session_key_sealed is None


def test_sign_ins_end_and_the_home_is_left(world):
    actor = world.actor(world.neighbor)
    erase(world, world.neighbor)
    assert world.session.get_one(SignIn, actor.sign_in_id).ended_at == LATER
    residency = world.session.scalars(sa.select(Residency).where(Residency.person_id == world.neighbor.id)).one()
    assert residency.ends_at == LATER


def test_an_owner_keeps_the_name_and_the_home(world):
    done = erase(world, world.resident)
    person = fresh(world, world.resident)
    assert done.keeps_name
    assert world.vault.open(person.name_sealed, "person.name") == "王桂兰"
    assert (person.phone_sealed, person.erased_at) == (None, None)
    assert person.restricted_at == LATER
    residency = world.session.scalars(sa.select(Residency).where(Residency.person_id == person.id)).one()
    assert residency.ends_at is None


def test_tickets_stay_without_their_words(world):
    filed = settled_ticket(world)
    erase(world, world.resident)
    ticket = world.ticket(filed)
    assert (ticket.place_note, ticket.rating_words, ticket.contact_sealed) == (None, None, None)
    assert ticket.text == "3单元门口的灯不亮"


def test_open_tickets_are_in_the_way_with_their_numbers(world):
    filed = world.file()
    with pytest.raises(Conflict) as refused:
        erase(world, world.resident)
    assert world.ticket(filed).number in refused.value.detail
    assert refused.value.facts["blocking"]
    assert fresh(world, world.resident).phone_sealed is not None


def test_an_office_is_in_the_way(world):
    with pytest.raises(Conflict) as refused:
        erase(world, world.clerk)
    assert "卸任" in refused.value.detail
    world.session.execute(sa.update(Membership).where(Membership.person_id == world.clerk.id).values(ends_at=NOW))
    world.session.expire_all()
    erase(world, world.clerk)


def test_what_others_do_for_the_person_ends_and_they_are_told(world):
    given = mandate(world, world.resident, principal=world.neighbor)
    erase(world, world.neighbor)
    ended = world.session.get_one(Mandate, given.id, populate_existing=True)
    assert (ended.state, ended.ended_side, ended.ended_at) == ("withdrawn", "principal", LATER)
    assert world.session.scalar(sa.select(sa.func.count()).where(InboxItem.person_id == world.resident.id)) > 0


def test_consents_end(world):
    text = next(one.text for one in consents.shown(world.session, now=NOW) if one.kind.code == "share")
    consents.answer(world.session, actor=world.actor(world.neighbor), text_id=text.id, given=True, now=NOW)
    erase(world, world.neighbor)
    consent = world.session.scalars(sa.select(Consent)).one()
    assert (consent.end_why, consent.ended_at) == ("erased", LATER)


def test_the_record_says_how_many_rows_and_no_word(world):
    letter(world, world.neighbor)
    erase(world, world.neighbor, by=world.manager)
    entry = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "person.erased")).one()
    assert entry.detail["erased"]["inbox_item"] == 1
    assert "赵" not in str(entry.detail)


def test_the_desk_deletes_and_says_what_stays(world):
    settled_ticket(world)
    asked = desk.ask(
        world.session, actor=world.actor(world.resident), asking=Asking(RightsKind.DELETE), vault=world.vault, now=NOW
    )
    told = {"actor": world.actor(world.manager), "request_id": asked.id, "now": LATER}
    answering.take(world.session, **told)
    done = answering.settle(world.session, action=DeskAction.GRANT, answer=None, vault=world.vault, **told)
    assert done.state is RightsState.PARTLY
    words = world.vault.open(done.answer_sealed, desk.ANSWER_LABEL)
    assert "业主名册" in words
    assert "报修（1条）" in words


@pytest.mark.parametrize("line", [line for line in TABLES if line.erase is Erase.DELETE], ids=lambda line: line.table)
def test_what_is_to_be_deleted_can_be_deleted(world, line):
    """No table that refuses deletes (history) is on the list, nor one that holds others fast."""
    table = Base.metadata.tables[line.table]
    assert removal.delete_with_children(world.session, table, sa.false()) == 0


def export(world, person):
    return exporting.own(world.session, actor=world.actor(person), vault=world.vault, now=NOW)


def test_a_person_gets_everything_about_themselves_readable(world):
    filed = settled_ticket(world)
    letter(world, world.resident)
    file = export(world, world.resident)
    sections = {section["table"]: section["rows"] for section in file["sections"]}
    assert sections["person"][0]["name_sealed"] == "王桂兰"
    assert sections["ticket"][0]["number"] == world.ticket(filed).number
    assert sections["residency"][0]["kind"] == "owner"
    text = exporting.as_text(file)
    assert "姓名：王桂兰" in text
    assert "请看看。" in text
    assert "_" not in text


def test_an_export_has_no_secret_and_nobody_else(world):
    world.file(home_id=world.place.home.id)
    file = export(world, world.resident)
    columns = {column for section in file["sections"] for row in section["rows"] for column in row}
    assert not {name for name in columns if name.endswith("_hash")}
    assert not columns & {"session_key_sealed", "openid", "assignee_id", "actor_id", "person_id"}
    said = str(file)
    for other in (world.manager, world.repairer, world.neighbor):
        assert world.vault.open(other.name_sealed, "person.name") not in said


def test_an_export_stands_in_the_record(world):
    export(world, world.resident)
    entry = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "person.exported")).one()
    assert entry.about_person_id == world.resident.id


def test_every_table_about_a_person_can_be_exported(world):
    """Each line is asked, so a column that cannot be read fails here and not before a resident."""
    account_of(world.session, world.resident)
    rows = {
        line.table: exporting._rows_of(world.session, line, {world.resident.id}, world.vault)
        for line in TABLES
        if line.about and line.exported
    }
    assert {"residency", "wechat_account"} <= {table for table, found in rows.items() if found}


def test_a_plan_changes_nothing(world):
    world.file()
    plan = removal.plan(world.session, person_id=world.resident.id, now=NOW)
    assert plan.blocking
    assert {part.table for part in plan.stays} >= {"ticket", "residency"}
    assert world.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1
    assert fresh(world, world.resident).phone_sealed is not None
