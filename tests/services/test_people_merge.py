"""Merging: by both phones or two of the station, every row carried over or a list of why not, undone without a trace."""

import datetime as dt
import itertools

import pytest
import sqlalchemy as sa

from models import (
    Base,
    Consent,
    InboxItem,
    Membership,
    MergeState,
    Person,
    PersonMerge,
    PersonMergeStep,
    Residency,
    ResidencyKind,
    Role,
    Ticket,
    WeChatAccount,
)
from services import inbox, merged, people, sign_in
from services.errors import Conflict, InvalidInput, NotFound, WrongHat
from services.org.persons import Who, person_for
from services.people_merge import asking, conflicts, deciding
from services.people_merge.moves import MOVES, MergeAction, require
from services.privacy import consents
from services.privacy.about import TABLES
from services.reading.pages import PageRequest
from tests.world import LONG_AGO, NOW, account_of, hire, move_in

DAY = dt.timedelta(days=1)


@pytest.fixture
def second(world):
    """The resident again: another WeChat account, no name yet."""
    person = Person(created_at=LONG_AGO)
    world.session.add(person)
    world.session.flush()
    for one in (person, world.resident, world.manager, world.community_officer):
        account_of(world.session, one)
    return person


def by_phones(world, first, other, *, yes=True, now=NOW):
    asked = asking.ask(world.session, actor=world.actor(first), now=now)
    asking.join(world.session, actor=world.actor(other), code=asked.code, now=now)
    return asking.confirm(
        world.session, actor=world.actor(first), merge_id=asked.merge.id, yes=yes, vault=world.vault, now=now
    )


def propose(world, goes, stays, by=None, evidence="本人到场，看过证件原件"):
    return deciding.propose(
        world.session, actor=world.actor(by or world.manager), from_person_id=goes.id, into_person_id=stays.id,
        evidence=evidence, vault=world.vault, now=NOW,
    )  # fmt: skip


def decide(world, merge, by=None, *, approve=True, why=None):
    return deciding.decide(
        world.session, actor=world.actor(by or world.community_officer), merge_id=merge.id, approve=approve, why=why,
        vault=world.vault, now=NOW,
    )  # fmt: skip


def undo(world, merge, person, now=NOW + DAY):
    return deciding.undo(
        world.session, actor=world.actor(person), merge_id=merge.id, why="弄错了", vault=world.vault, now=now, own=True
    )


def everything(world):
    """Every row of every table but those that only grow, to compare before and after."""
    grow = {"audit_entry", "person_merge", "person_merge_step", "rights_change", "inbox_item", "sign_in"}
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in grow:
            rows = world.session.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings()
            found[table.name] = [dict(row) for row in rows]
    return found


def test_two_phones_become_one_person(world, second):
    device = world.actor(second)
    merge = by_phones(world, world.resident, second)
    assert (merge.state, merge.from_person_id, merge.into_person_id) == (
        MergeState.DONE, second.id, world.resident.id,
    )  # fmt: skip
    accounts = world.session.scalars(sa.select(WeChatAccount.person_id).where(WeChatAccount.id == device.account_id))
    assert accounts.one() == world.resident.id
    again = sign_in.actor_again(world.session, device, now=NOW)
    assert again.person_id == world.resident.id
    assert again.dwellings


def test_whoever_asks_the_one_with_the_home_stays(world, second):
    merge = by_phones(world, second, world.resident)
    assert (merge.from_person_id, merge.into_person_id) == (second.id, world.resident.id)


def test_a_wrong_or_old_code_does_nothing(world, second):
    asked = asking.ask(world.session, actor=world.actor(world.resident), now=NOW)
    for code, now in (("22222222", NOW), (asked.code, NOW + dt.timedelta(minutes=15))):
        with pytest.raises(NotFound):
            asking.join(world.session, actor=world.actor(second), code=code, now=now)


def test_a_new_code_makes_the_old_one_worthless(world, second):
    first = asking.ask(world.session, actor=world.actor(world.resident), now=NOW)
    asking.ask(world.session, actor=world.actor(world.resident), now=NOW)
    with pytest.raises(NotFound):
        asking.join(world.session, actor=world.actor(second), code=first.code, now=NOW)


def test_the_same_phone_is_no_second_one(world):
    asked = asking.ask(world.session, actor=world.actor(world.resident), now=NOW)
    with pytest.raises(InvalidInput):
        asking.join(world.session, actor=world.actor(world.resident), code=asked.code, now=NOW)


def test_entering_the_code_is_not_enough(world, second):
    asked = asking.ask(world.session, actor=world.actor(world.resident), now=NOW)
    asking.join(world.session, actor=world.actor(second), code=asked.code, now=NOW)
    assert world.session.get_one(WeChatAccount, world.actor(second).account_id).person_id == second.id
    with pytest.raises(NotFound):
        asking.confirm(
            world.session, actor=world.actor(second), merge_id=asked.merge.id, yes=True, vault=world.vault, now=NOW
        )


def test_a_no_ends_it(world, second):
    assert by_phones(world, world.resident, second, yes=False).state is MergeState.REFUSED


@pytest.mark.parametrize("why", ["another name", "an office", "two homes"])
def test_where_more_hangs_on_it_the_station_looks_too(world, second, why):
    if why == "another name":
        people.set_name(second, "别人", world.vault)
    if why == "an office":
        hire(world.session, second, world.place.grid, Role.GRID_LEADER)
    if why == "two homes":
        move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    world.session.flush()
    merge = by_phones(world, world.resident, second)
    assert merge.state is MergeState.PROPOSED
    assert decide(world, merge).state is MergeState.DONE


def fill(world, second):
    """Things that hang on the second person."""
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    people.set_phone(second, "+8615411112222", world.vault)
    inbox.put(
        world.session, person_id=second.id, neighborhood_id=None, title="您好", body="请看看。", dedupe_key="k", now=NOW
    )
    text = next(one.text for one in consents.shown(world.session, now=NOW) if one.kind.code == "share")
    consents.answer(world.session, actor=world.actor(second), text_id=text.id, given=True, now=NOW)
    filed = world.file()
    world.session.execute(sa.update(Ticket).where(Ticket.id == filed.id).values(reporter_id=second.id))
    world.session.flush()


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


def both_in_office(world, second):
    for person in (world.resident, second):
        hire(world.session, person, world.place.grid, Role.GRID_LEADER)


def both_in_one_home(world, second):
    move_in(world.session, second, world.place.home, ResidencyKind.FAMILY)


@pytest.mark.parametrize(("make", "name"), [(both_in_one_home, "房屋"), (both_in_office, "任职")])
def test_doubles_are_refused_with_a_list_and_nothing_changes(world, second, make, name):
    make(world, second)
    world.session.flush()
    before = everything(world)
    with pytest.raises(Conflict) as refused:
        propose(world, second, world.resident)
    assert refused.value.reason == "merge_conflict"
    assert any(name in said for said in refused.value.facts["blocking"])
    assert everything(world) == before


def test_nobody_decides_their_own_proposal(world, second):
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    merge = propose(world, second, world.resident)
    with pytest.raises(WrongHat) as refused:
        decide(world, merge, by=world.manager)
    assert refused.value.reason == "own_proposal"


def test_a_no_of_the_station_gives_its_reason(world, second):
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    merge = propose(world, second, world.resident)
    with pytest.raises(InvalidInput):
        decide(world, merge, approve=False)
    assert decide(world, merge, approve=False, why="照片不是同一个人").state is MergeState.REFUSED


def test_a_station_elsewhere_neither_proposes_nor_decides(world, second):
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    world.session.flush()
    with pytest.raises(NotFound):
        propose(world, second, world.resident, by=world.foreign_manager)
    merge = propose(world, second, world.resident)
    with pytest.raises(NotFound):
        decide(world, merge, by=world.foreign_manager)


def test_without_evidence_nothing_is_proposed(world, second):
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    world.session.flush()
    with pytest.raises(InvalidInput):
        propose(world, second, world.resident, evidence=" ")


def test_the_lists_show_masked_names_and_states(world, second):
    move_in(world.session, second, world.place.other_home, ResidencyKind.FAMILY)
    propose(world, second, world.resident)
    waiting = deciding.below(world.session, actor=world.actor(world.manager), waiting=True, page=PageRequest())
    assert [(item["into_name"], item["state_name"]) for item in waiting.items] == [("王*兰", "等服务站核对")]
    mine = deciding.mine(world.session, actor=world.actor(world.resident), page=PageRequest())
    assert len(mine.items) == 1


def test_the_whole_grid_of_states_and_actions():
    for state, action in itertools.product(MergeState, MergeAction):
        merge = PersonMerge(state=state)
        if state in MOVES[action].sources:
            require(merge, action)
        else:
            with pytest.raises(Conflict) as refused:
                require(merge, action)
            assert refused.value.facts["state"] == state.value


def test_every_unique_rule_is_looked_at():
    """A rule with a person in it that the conflicts do not see would break a merge half way."""
    seen = {
        (line.table, column): len(list(conflicts.unique_rules(Base.metadata.tables[line.table], column)))
        for line in TABLES
        for column in conflicts.columns_to_move(line)
    }
    assert seen["residency", "person_id"] == 1
    assert seen["membership", "person_id"] == 1
    assert seen["inbox_item", "person_id"] == 1


def test_steps_name_real_rows(world, second):
    fill(world, second)
    decide(world, propose(world, second, world.resident))
    steps = world.session.execute(sa.select(PersonMergeStep.table_name, PersonMergeStep.column_name)).all()
    assert {table for table, _ in steps} >= {"residency", "ticket", "inbox_item", "consent", "wechat_account"}
    assert world.session.scalar(sa.select(sa.func.count()).where(InboxItem.person_id == second.id)) == 0
    assert world.session.scalar(sa.select(sa.func.count()).where(Membership.person_id == second.id)) == 0
