"""What a merge carries over, and how it is taken back."""

import pytest
import sqlalchemy as sa

from models import (
    Base,
    Consent,
    InboxItem,
    Membership,
    MergeState,
    Person,
    PersonMergeStep,
    Residency,
    ResidencyKind,
)
from services import merged, people
from services.errors import Conflict, NotFound
from services.org.persons import Who, person_for
from services.people_merge import conflicts
from services.privacy import consents
from services.privacy.about import TABLES
from tests.services.people_merge.merging import DAY, by_phones, decide, everything, fill, propose, undo
from tests.world import NOW, move_in


def test_every_row_is_carried_over(world, second):
    fill(world, second)
    decide(world, propose(world, second, world.resident))
    for line in TABLES:
        table = Base.metadata.tables[line.table]
        for column in conflicts.columns_to_move(line):
            left = world.session.scalar(
                sa.select(sa.func.count()).select_from(table).where(table.c[column] == second.id)
            )
            assert left == 0, (line.table, column)
    homes = world.session.scalars(sa.select(Residency.home_id).where(Residency.person_id == world.resident.id)).all()
    assert sorted(homes) == sorted([world.place.home.id, world.place.other_home.id])
    assert merged.all_ids(world.session, world.resident.id) == {world.resident.id, second.id}


def test_nobody_finds_the_one_who_was_given_up(world, second):
    people.set_name(second, "王桂兰", world.vault)
    people.set_phone(second, "+8615411112222", world.vault)
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    world.session.flush()
    decide(world, propose(world, second, world.resident))
    found = person_for(
        world.session, actor=None, who=Who(name="王桂兰", phone="15411112222"), vault=world.vault, now=NOW
    )
    assert found.id != second.id


def test_what_is_missing_is_taken_over(world, second):
    world.session.execute(
        sa.update(Person)
        .where(Person.id == world.resident.id)
        .values(phone_sealed=None, phone_masked=None, phone_hash=None)
    )
    world.session.expire_all()
    people.set_phone(second, "+8615411112222", world.vault)
    by_phones(world, world.resident, second)
    person = world.session.get_one(Person, world.resident.id)
    assert person.phone_masked == "154****2222"
    assert world.vault.open(person.name_sealed, "person.name") == "王桂兰"


def test_undoing_leaves_no_trace(world, second):
    fill(world, second)
    before = everything(world)
    merge = decide(world, propose(world, second, world.resident))
    assert everything(world) != before
    undo(world, merge, world.resident)
    assert merge.state is MergeState.UNDONE
    after = everything(world)
    for table in before:
        assert after[table] == before[table], table


def test_both_answered_the_same_question(world, second):
    text = next(one.text for one in consents.shown(world.session, now=NOW) if one.kind.code == "notice")
    for person in (world.resident, second):
        consents.answer(world.session, actor=world.actor(person), text_id=text.id, given=True, now=NOW)
    before = world.session.execute(sa.select(Consent.id, Consent.about_person_id, Consent.ended_at)).all()
    merge = by_phones(world, world.resident, second)
    open_ones = world.session.scalars(sa.select(Consent.about_person_id).where(Consent.ended_at.is_(None))).all()
    assert open_ones == [world.resident.id]
    undo(world, merge, world.resident)
    assert world.session.execute(sa.select(Consent.id, Consent.about_person_id, Consent.ended_at)).all() == before


def test_what_came_since_stays_with_the_one_who_stayed(world, second):
    merge = by_phones(world, world.resident, second)
    filed = world.file()
    undo(world, merge, world.resident)
    assert world.ticket(filed).reporter_id == world.resident.id


def test_undoing_has_an_end(world, second):
    merge = by_phones(world, world.resident, second)
    with pytest.raises(Conflict) as refused:
        undo(world, merge, world.resident, now=NOW + 30 * DAY)
    assert refused.value.reason == "undo_late"


def test_a_stranger_cannot_undo(world, second):
    merge = by_phones(world, world.resident, second)
    with pytest.raises(NotFound):
        undo(world, merge, world.neighbor)


def test_steps_name_real_rows(world, second):
    fill(world, second)
    decide(world, propose(world, second, world.resident))
    steps = world.session.execute(sa.select(PersonMergeStep.table_name, PersonMergeStep.column_name)).all()
    assert {table for table, _ in steps} >= {"residency", "ticket", "inbox_item", "consent", "wechat_account"}
    assert world.session.scalar(sa.select(sa.func.count()).where(InboxItem.person_id == second.id)) == 0
    assert world.session.scalar(sa.select(sa.func.count()).where(Membership.person_id == second.id)) == 0
