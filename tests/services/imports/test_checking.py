"""The dry run: what is told of rows, and that nothing is changed."""

import pytest
import sqlalchemy as sa

from models import Home, ImportHeading, ImportRow, ImportState, OrgUnit, Person, Residency, WeChatAccount
from services.errors import Conflict, InvalidInput, NotFound
from services.imports import batches, intake, sheets, viewing
from services.imports.fields import Field
from services.imports.problems import SAID, Code, Problem
from services.reading.pages import PageRequest
from tests.importing import applied, checked, moment, outcomes, rows, uploaded, workbook
from tests.world import NOW

FIRST = "1号楼,1单元,101,52.30,冯大山,15400000101"
PERSONS = "楼号,单元,房号,姓名,与业主关系,电话,份额"


def codes(world, batch, line=2):
    return rows(world, batch)[line][1]


def count(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_a_dry_run_changes_nothing_of_the_register(world):
    before = [count(world.session, model) for model in (Home, Person, Residency, OrgUnit)]
    batch = checked(world, workbook(FIRST, "8号楼,1单元,101,60,赵大力,15400000102"))
    assert batch.state is ImportState.CHECKED
    assert [count(world.session, model) for model in (Home, Person, Residency, OrgUnit)] == before


def test_rows_are_new_changed_or_the_same(world):
    applied(world, workbook(FIRST, "1号楼,1单元,102,60,赵大力,15400000102"))
    batch = checked(
        world,
        workbook(FIRST, "1号楼,1单元,102,61,赵大力,15400000102", "1号楼,1单元,103,60,钱大有,15400000103"),
    )
    assert outcomes(world, batch) == {2: "same", 3: "changed", 4: "new"}
    assert {key: batch.counts[key] for key in ("new", "changed", "same")} == {"new": 1, "changed": 1, "same": 1}


def test_two_rows_of_one_home_with_different_owners_are_both_left_out(world):
    batch = checked(world, workbook(FIRST, FIRST.replace("冯大山", "赵大力").replace("0101", "0102")))
    assert outcomes(world, batch) == {2: "conflict", 3: "conflict"}
    assert codes(world, batch, 2) == codes(world, batch, 3) == ["owners_in_file"]
    assert batch.counts["conflict"] == 2


def test_co_owners_do_not_contradict_each_other(world):
    batch = checked(
        world,
        workbook("1号楼,1单元,101,冯大山,业主,,1/2", "1号楼,1单元,101,赵大力,共有人,,1/2", heading=PERSONS),
    )
    assert outcomes(world, batch) == {2: "new", 3: "new"}


def test_shares_beyond_the_whole_are_an_error(world):
    batch = checked(
        world,
        workbook("1号楼,1单元,101,冯大山,业主,,2/3", "1号楼,1单元,101,赵大力,共有人,,1/2", heading=PERSONS),
    )
    assert rows(world, batch)[3] == ("error", ["shares_exceed"])


def test_an_owner_other_than_the_registered_one_is_a_conflict(world):
    applied(world, workbook(FIRST))
    batch = checked(world, workbook(FIRST.replace("冯大山", "赵大力").replace("0101", "0199")))
    assert rows(world, batch)[2] == ("conflict", ["owner_registered"])


def test_the_same_row_twice_counts_once(world):
    batch = checked(world, workbook(FIRST, FIRST))
    assert rows(world, batch)[3] == ("same", ["row_twice"])


def test_a_couple_may_share_a_phone_and_strangers_are_asked_about(world):
    couple = ("1号楼,1单元,101,冯大山,业主,15400000101,", "1号楼,1单元,101,赵大力,配偶,15400000101,")
    batch = checked(world, workbook(*couple, "1号楼,1单元,102,钱大有,业主,15400000101,", heading=PERSONS))
    assert [codes(world, batch, line) for line in (2, 3, 4)] == [[], [], ["phone_shared"]]
    assert set(outcomes(world, batch).values()) == {"new"}


def test_one_person_with_two_homes_is_one_person(world):
    batch = checked(world, workbook(FIRST, FIRST.replace(",101,", ",102,")))
    assert rows(world, batch)[3] == ("new", ["person_two_homes"])


@pytest.mark.parametrize(
    ("area", "outcome", "code"),
    [
        ("0.00", "error", "area_impossible"),
        ("2.5", "error", "area_impossible"),
        ("5000", "error", "area_impossible"),
        ("12", "new", "area_unusual"),
        ("六十多", "new", "area_wrong"),
    ],
)
def test_impossible_areas_are_errors_and_odd_ones_notes(world, area, outcome, code):
    batch = checked(world, workbook(FIRST.replace("52.30", area)))
    assert rows(world, batch)[2] == (outcome, [code])


def test_two_areas_of_one_home_contradict_each_other(world):
    batch = checked(world, workbook(FIRST, FIRST.replace("52.30", "55")))
    assert rows(world, batch)[3] == ("conflict", ["area_contradicts", "row_twice"])


def test_a_stronger_basis_is_not_overwritten_by_a_weaker_one(world):
    applied(world, workbook(FIRST))
    batch = checked(world, workbook(FIRST.replace("52.30", "50"), heading="楼号,单元,房号,面积,业主,电话"))
    assert rows(world, batch)[2] == ("same", ["area_weaker"])


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("1号楼,1单元,", "place_missing"),
        (",,101", "place_missing"),
        ("1号楼,1单元,2026-05-01", "place_became_date"),
        ("1号楼,1单元,车库3", "place_asset"),
        ("8号楼,1单元,101", "building_unknown"),
    ],
)
def test_places_that_cannot_be_told_are_errors(world, place, code):
    batch = checked(world, workbook(f"{place},52.30,冯大山,15400000101"), new_buildings=False)
    assert rows(world, batch)[2] == ("error", [code])


def test_unknown_buildings_are_listed_and_can_be_made(world):
    content = workbook("8号楼,1单元,101,52.30,冯大山,15400000101", "8号楼,1单元,102,52.30,赵大力,15400000102")
    batch = checked(world, content, new_buildings=False)
    assert batch.counts["buildings"] == [{"name": "8", "rows": 2}]
    assert set(outcomes(world, checked(world, content, new_buildings=True)).values()) == {"new"}


def test_an_address_of_another_neighborhood_is_refused(world):
    batch = checked(world, workbook("新立小区1号楼1单元101,冯大山", heading="地址,业主"))
    assert rows(world, batch)[2] == ("error", ["place_other"])


@pytest.mark.parametrize(
    "address",
    [
        "1号楼1单元201室",
        "1-1-201",
        "1#1单元201",
        "彩进小区1栋1门201",
        "一号楼一单元201",
        "１－１－２０１",
        "彩进1-1-201",
    ],
)
def test_a_home_that_is_there_is_found_however_it_is_written(world, address):
    batch = checked(world, workbook(f"{address},52.30", heading="地址,产权面积"))
    assert outcomes(world, batch) == {2: "same"}


def test_a_building_written_once_counts_for_the_rows_below(world):
    batch = checked(world, workbook(FIRST, ",,102,52.30,赵大力,15400000102"))
    assert rows(world, batch)[3] == ("new", ["carried_down", "carried_down"])


def test_sums_and_signatures_are_no_rows(world):
    batch = checked(world, workbook(FIRST, "合计,,,52.30,,"))
    assert outcomes(world, batch) == {2: "new", 3: None}
    assert batch.counts["skipped"] == 1


def test_a_slip_in_a_name_is_a_change_and_another_name_is_not(world):
    applied(world, workbook(FIRST))
    batch = checked(world, workbook(FIRST.replace("冯大山", "冯大川")))
    assert outcomes(world, batch) == {2: "changed"}
    (row,) = viewing.rows(
        world.session,
        actor=world.actor(world.manager),
        batch_id=batch.id,
        outcome=None,
        vault=world.vault,
        page=PageRequest(),
    ).items
    assert row["changes"] == [{"what": "业主姓名", "old": "冯*山", "new": "冯*川"}]


def test_a_phone_of_somebody_with_wechat_is_theirs_to_change(world):
    batch = checked(world, workbook("1号楼,1单元,201,王桂兰,本人,15499999999,", heading=PERSONS))
    assert outcomes(world, batch) == {2: "changed"}
    world.actor(world.resident)  # has an account from now on
    batch = checked(world, workbook("1号楼,1单元,201,王桂兰,本人,15499999999,", heading=PERSONS))
    assert rows(world, batch)[2] == ("same", ["phone_kept"])


def test_somebody_with_two_wechat_accounts_is_one_person_whose_phone_is_theirs_to_change(world):
    first = world.actor(world.resident).account_id
    world.session.add(
        WeChatAccount(
            person_id=world.resident.id, appid="wx-other", openid="o-second", created_at=NOW, last_seen_at=NOW
        )
    )
    world.session.flush()
    assert first is not None
    people = world.session.scalar(sa.select(sa.func.count()).select_from(Person))
    batch = checked(world, workbook("1号楼,1单元,201,王桂兰,本人,15499999999,", heading=PERSONS))
    assert rows(world, batch)[2] == ("same", ["phone_kept"])
    assert "请本人在小程序里改" in Problem(Code.PHONE_KEPT).sentence
    assert world.session.scalar(sa.select(sa.func.count()).select_from(Person)) == people


def test_identity_numbers_are_taken_only_when_asked_for(world):
    content = workbook("1号楼,1单元,101,冯大山,210502195503071014", heading="楼号,单元,房号,业主,身份证号")
    assert rows(world, checked(world, content))[2] == ("new", [])
    wrong = workbook("1号楼,1单元,101,冯大山,210502195503071015", heading="楼号,单元,房号,业主,身份证号")
    assert rows(world, checked(world, wrong, keep_id_numbers=True))[2] == ("new", ["id_check"])


def test_the_difference_view_is_masked(world):
    batch = checked(world, workbook(FIRST))
    actor = world.actor(world.manager)
    page = viewing.rows(
        world.session, actor=actor, batch_id=batch.id, outcome=None, vault=world.vault, page=PageRequest()
    )
    shown = f"{page.items}{viewing.shown(world.session, actor=actor, batch_id=batch.id, vault=world.vault)}"
    assert "冯*山" in shown
    assert "154****0101" in shown
    assert "冯大山" not in shown
    assert "15400000101" not in shown


def test_what_is_kept_of_a_workbook_is_sealed(world):
    batch = checked(world, workbook(FIRST))
    for row in world.session.query(ImportRow).filter_by(batch_id=batch.id):
        kept = row.cells_sealed + row.plan_sealed + str(row.problems).encode()
        assert "冯大山".encode() not in kept
        assert b"15400000101" not in kept


def test_confirmed_columns_are_remembered_in_the_neighborhood_only(world):
    content = workbook("1号楼,1单元,101,冯大山,15400000101", heading="楼号,单元,房号,谁的,怎么找")
    batch = uploaded(world, content)
    fields = [column["field"] for column in batch.layout["sheets"][0]["columns"]]
    assert fields == ["building", "stairwell", "room", "ignore", "phone"]
    checked(world, content, columns={(0, 3): Field.OWNER})
    guessed = uploaded(world, content).layout["sheets"][0]["columns"][3]
    assert (guessed["field"], guessed["how"]) == ("owner", "remembered")
    elsewhere = uploaded(world, content, neighborhood=world.elsewhere.neighborhood)
    assert elsewhere.layout["sheets"][0]["columns"][3]["field"] == "ignore"
    assert count(world.session, ImportHeading) == 5


def test_columns_that_cannot_be_are_refused(world):
    batch = uploaded(world, workbook(FIRST))
    for columns, code in (
        ({(0, 4): Field.PHONE}, "column_twice"),
        ({(0, 2): Field.IGNORE}, "place_missing"),
        ({(0, 77): Field.PHONE}, "column_unknown"),
        ({(3, 0): Field.PHONE}, "column_unknown"),
    ):
        with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
            batches.confirm(
                world.session,
                actor=None,
                batch_id=batch.id,
                columns=columns,
                left_out=(),
                options=batches.Options(),
                now=moment(),
            )
        assert caught.value.reason == code


def test_a_workbook_without_a_heading_or_without_rows_is_refused(world):
    for content, code in ((b"1,101\n1,102\n", "heading_missing"), (workbook(), "sheet_empty")):
        with pytest.raises(InvalidInput) as caught, world.session.begin_nested():
            uploaded(world, content)
        assert caught.value.reason == code


def test_a_batch_is_reached_by_those_above_it_only(world):
    batch = uploaded(world, workbook(FIRST))
    assert batches.batch_for(world.session, world.actor(world.community_officer), batch.id) is batch
    for person in (world.foreign_manager, world.resident, world.grid_leader):
        with pytest.raises(NotFound):
            batches.batch_for(world.session, world.actor(person), batch.id)


def test_every_problem_says_what_to_do():
    assert set(SAID) == set(Code)
    assert all(sentence.endswith("。") for _, sentence in SAID.values())


def test_a_batch_that_is_checked_again_forgets_what_was_found(world):
    batch = checked(world, workbook("8号楼,1单元,101,52.30,冯大山,15400000101"), new_buildings=False)
    assert batch.counts["error"] == 1
    batches.confirm(
        world.session,
        actor=None,
        batch_id=batch.id,
        columns={},
        left_out=(),
        options=batches.Options(new_buildings=True),
        now=moment(),
    )
    assert batch.counts == {}
    with pytest.raises(Conflict):
        batches.start_apply(world.session, actor=None, batch_id=batch.id, now=moment())


def test_a_sheet_for_each_building_says_which_one_by_its_name(world):
    read = sheets.read(workbook("101,冯大山", heading="房号,业主"))
    read[0].name = "2号楼"
    batch = intake.take_in(
        world.session, actor=None, neighborhood_id=world.place.neighborhood.id, file_name="x.csv", content=b"x",
        sheets=read, vault=world.vault, now=moment(),
    )  # fmt: skip
    assert batch.layout["sheets"][0]["name"] == "2号楼"
