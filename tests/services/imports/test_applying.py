"""Writing, writing again, and taking back."""

import pytest
import sqlalchemy as sa

from models import (
    AuditEntry,
    Home,
    HomeArea,
    HomeRight,
    ImportPerson,
    ImportState,
    InboxItem,
    OrgUnit,
    Person,
    PersonSearchKey,
    Residency,
    ResidencyKind,
    UnitKind,
)
from services.errors import Conflict, InvalidInput
from services.imports import applying, batches, moves, undoing
from services.imports.moves import MOVES, Action
from tests.importing import again, applied, apply, checked, moment, outcomes, steps, workbook

FIRST = "1号楼,1单元,101,52.30,冯大山,15400000101"
SECOND = "9号楼,2单元,502,60,赵大力、钱大有,15400000102"
TABLES = (Home, HomeArea, HomeRight, Residency, PersonSearchKey)


def home(world, code):
    return world.session.scalar(
        sa.select(Home).where(Home.code == code, Home.neighborhood_id == world.place.neighborhood.id)
    )


def residents(world, code):
    rows = world.session.execute(
        sa.select(Person, Residency.kind)
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.home_id == home(world, code).id, Residency.ends_at.is_(None))
        .order_by(Residency.id)
    )
    return [(world.vault.open(row.Person.name_sealed, "person.name"), row.kind) for row in rows]


def counts(world):
    return {
        model.__tablename__: world.session.scalar(sa.select(sa.func.count()).select_from(model)) for model in TABLES
    }


def undo(world, batch, *, actor=None, reason="表格导错了"):
    return undoing.undo(world.session, actor=actor, batch_id=batch.id, reason=reason, vault=world.vault, now=moment())


def test_homes_units_owners_phones_and_areas_are_written(world):
    batch = applied(world, workbook(FIRST, SECOND))
    assert batch.state is ImportState.APPLIED
    made = home(world, "9-2-502")
    assert (made.label, made.floor, made.room, made.area_centi) == ("9号楼2单元502室", 5, "502", 6000)
    assert residents(world, "9-2-502") == [("赵大力", ResidencyKind.OWNER), ("钱大有", ResidencyKind.CO_OWNER)]
    assert residents(world, "1-1-101") == [("冯大山", ResidencyKind.OWNER)]
    building = world.session.get_one(OrgUnit, made.building_id)
    assert (building.name, building.parent_id) == ("9号楼", world.place.neighborhood.id)
    assert world.session.get_one(OrgUnit, made.stairwell_id).kind is UnitKind.STAIRWELL
    area = world.session.scalars(sa.select(HomeArea).where(HomeArea.home_id == made.id)).one()
    assert (area.area_centi, area.basis.value) == (6000, "registered")
    assert batch.counts["written"]["homes"] == 2
    assert batch.counts["written"]["residencies"] == 3


def test_the_new_people_can_be_looked_for_and_have_their_rights(world):
    applied(world, workbook(FIRST))
    person = world.session.scalar(
        sa.select(Person)
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.home_id == home(world, "1-1-101").id)
    )
    assert person.phone_hash == world.vault.fingerprint("+8615400000101", "person.phone")
    assert {row.kind.value for row in person.search_keys} == {"name", "surname", "initials", "phone_tail"}
    rights = world.session.scalars(sa.select(HomeRight.right).where(HomeRight.person_id == person.id))
    assert {right.value for right in rights} == {"vote", "fee", "ticket"}


def test_the_same_file_again_changes_nothing(world):
    applied(world, workbook(FIRST, SECOND))
    before = counts(world)
    batch = checked(world, workbook(FIRST, SECOND))
    assert set(outcomes(world, batch).values()) == {"same"}
    with pytest.raises(Conflict, match="没有可以导入的行"):
        batches.start_apply(world.session, actor=None, batch_id=batch.id, now=moment())
    assert counts(world) == before


def test_a_corrected_file_updates_what_is_there(world):
    applied(world, workbook(FIRST))
    batch = applied(
        world, workbook(FIRST.replace("52.30", "55").replace("0101", "0155").replace("冯大山", "冯大山、赵大力"))
    )
    assert home(world, "1-1-101").area_centi == 5500
    assert residents(world, "1-1-101")[1:] == [("赵大力", ResidencyKind.CO_OWNER)]
    owner = world.session.scalar(
        sa.select(Person)
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.home_id == home(world, "1-1-101").id)
        .order_by(Person.id)
    )
    assert world.vault.open(owner.phone_sealed, "person.phone") == "+8615400000155"
    assert batch.counts["written"] | {"homes_changed": 1, "persons_changed": 1} == batch.counts["written"]
    assert world.session.scalar(sa.select(sa.func.count()).where(HomeArea.home_id == home(world, "1-1-101").id)) == 2


def test_one_person_with_two_homes_is_written_once(world):
    applied(world, workbook(FIRST, FIRST.replace(",101,", ",102,")))
    ids = {
        row.person_id
        for code in ("1-1-101", "1-1-102")
        for row in world.session.scalars(sa.select(Residency).where(Residency.home_id == home(world, code).id))
    }
    assert len(ids) == 1


def test_somebody_who_lives_here_already_is_the_same_person(world):
    phone = world.vault.open(world.resident.phone_sealed, "person.phone").removeprefix("+86")
    applied(world, workbook(f"1号楼,1单元,303,50,王桂兰,{phone}"))
    row = world.session.scalars(sa.select(Residency).where(Residency.home_id == home(world, "1-1-303").id)).one()
    assert row.person_id == world.resident.id


def test_somebody_of_another_neighborhood_stays_unknown_here(world):
    phone = world.vault.open(world.stranger.phone_sealed, "person.phone").removeprefix("+86")
    batch = checked(world, workbook(f"1号楼,1单元,303,50,吴大年,{phone}"))
    assert outcomes(world, batch) == {2: "new"}
    apply(world, batch)
    row = world.session.scalars(sa.select(Residency).where(Residency.home_id == home(world, "1-1-303").id)).one()
    assert row.person_id != world.stranger.id


def test_rows_with_errors_stay_out_and_the_others_go_in(world):
    applied(world, workbook(FIRST, "1号楼,1单元,102,5000,赵大力,15400000102"))
    assert home(world, "1-1-101") is not None
    assert home(world, "1-1-102") is None


def test_a_register_that_changed_since_the_dry_run_is_not_written_over(world):
    batch = checked(world, workbook(FIRST))
    applied(world, workbook(FIRST))
    with pytest.raises(Conflict) as caught, world.session.begin_nested():
        apply(world, batch)
    assert caught.value.reason == "import_stale"


def test_the_uploader_is_told_when_it_is_done(world):
    actor = world.actor(world.manager)
    batch = applied(world, workbook(FIRST), actor=actor)
    item = world.session.scalars(sa.select(InboxItem).where(InboxItem.person_id == world.manager.id)).one()
    assert item.page == f"/imports/{batch.id}"
    assert "新增房屋1套" in item.body


def test_every_step_is_in_the_audit_trail_without_anything_personal(world):
    batch = applied(world, workbook(FIRST))
    undo(world, batch)
    entries = world.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.subject_kind == "import_batch", AuditEntry.subject_id == batch.id)
    ).all()
    actions = [entry.action for entry in entries]
    assert actions == [
        "import.uploaded", "import.confirmed", "import.checked", "import.apply_asked", "import.applied", "import.undone",
    ]  # fmt: skip
    assert "冯大山" not in str([entry.detail for entry in entries])


def test_a_batch_is_taken_back_whole(world):
    before = counts(world)
    batch = applied(world, workbook(FIRST, SECOND))
    people = world.session.scalars(sa.select(ImportPerson.person_id).where(ImportPerson.batch_id == batch.id)).all()
    undo(world, batch)
    assert again(world, batch).state is ImportState.UNDONE
    assert counts(world) == before
    assert home(world, "9-2-502") is None
    for person_id in people:
        person = world.session.get_one(Person, person_id)
        assert (person.name_sealed, person.phone_hash, person.name_masked) == (None, None, None)
    live = sa.select(OrgUnit).where(OrgUnit.name == "9号楼", OrgUnit.closed_at.is_(None))
    assert world.session.scalar(live) is None


def test_after_taking_back_the_same_file_can_be_imported_again(world):
    undo(world, applied(world, workbook(FIRST, SECOND)))
    applied(world, workbook(FIRST, SECOND))
    assert residents(world, "9-2-502")[0] == ("赵大力", ResidencyKind.OWNER)


def test_taking_back_corrections_restores_area_phone_and_name(world):
    applied(world, workbook(FIRST))
    at = home(world, "1-1-101").id
    owner_id = world.session.scalar(sa.select(Residency.person_id).where(Residency.home_id == at))
    batch = applied(world, workbook(FIRST.replace("52.30", "55").replace("冯大山", "冯大川")))
    assert home(world, "1-1-101").area_centi == 5500
    assert residents(world, "1-1-101")[0][0] == "冯大川"
    undo(world, batch)
    world.session.expire_all()
    assert home(world, "1-1-101").area_centi == 5230
    assert residents(world, "1-1-101")[0][0] == "冯大山"
    opened = world.session.scalars(
        sa.select(HomeArea).where(HomeArea.home_id == at, HomeArea.ends_on.is_(None), HomeArea.voided_at.is_(None))
    ).one()
    assert opened.area_centi == 5230
    person = world.session.get_one(Person, owner_id)
    name_key = [row for row in person.search_keys if row.kind.value == "name"]
    assert len(name_key) == 1


def blocking(world, batch):
    with pytest.raises(Conflict) as caught, world.session.begin_nested():
        undo(world, batch)
    assert caught.value.reason == "import_in_use"
    return {one["kind"]: one for one in caught.value.facts["blocking"]}


def test_homes_with_tickets_keep_their_batch(world):
    batch = applied(world, workbook(FIRST, SECOND))
    filed = world.file(home_id=None, building_id=home(world, "9-2-502").building_id)
    found = blocking(world, batch)
    assert found["ticket"]["count"] == 1
    assert found["ticket"]["labels"] == [filed.number]
    assert home(world, "1-1-101") is not None


def test_people_who_bound_their_phone_keep_their_batch(world):
    batch = applied(world, workbook(FIRST))
    person = world.session.scalar(
        sa.select(Person)
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.home_id == home(world, "1-1-101").id)
    )
    world.actor(person)
    assert blocking(world, batch)["wechat_account"]["labels"] == ["冯*山"]


def test_a_later_import_must_be_taken_back_first(world):
    first = applied(world, workbook(FIRST))
    second = applied(world, workbook(FIRST.replace("52.30", "55")))
    assert {"import", "home_area"} & set(blocking(world, first))
    undo(world, second)
    undo(world, first)
    assert home(world, "1-1-101") is None


def test_taking_back_needs_a_reason(world):
    batch = applied(world, workbook(FIRST))
    with pytest.raises(InvalidInput):
        undo(world, batch, reason="错")


def test_what_failed_leaves_no_person_behind(world):
    batch = checked(world, workbook(FIRST))
    batches.start_apply(world.session, actor=None, batch_id=batch.id, now=moment())
    people = applying.People(world.session, batch, vault=world.vault)
    steps(world, batch, people)
    made = world.session.scalars(sa.select(ImportPerson.person_id).where(ImportPerson.batch_id == batch.id)).one()
    undoing.forget_people(world.session, batch)
    world.session.expire_all()
    assert world.session.get_one(Person, made).name_sealed is None


@pytest.mark.parametrize("state", list(ImportState))
@pytest.mark.parametrize("action", list(Action))
def test_every_state_and_action_is_decided(world, state, action):
    batch = again(world, checked(world, workbook(FIRST)))
    batch.state = state
    if (state, action) in MOVES:
        moves.move(batch, action)
        assert batch.state is MOVES[state, action]
    else:
        with pytest.raises(Conflict) as caught:
            moves.move(batch, action)
        assert caught.value.facts["state"] == state.value
    world.session.expunge(batch)
