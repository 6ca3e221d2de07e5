"""What goes out: the workbook of problems, and copies of the register."""

import io

import openpyxl
import pytest
import sqlalchemy as sa

from models import AuditEntry, ExportCopy
from services import exports
from services.errors import InvalidInput, NotFound
from services.imports import workbooks
from services.reading.pages import PageRequest
from services.spreadsheets import DANGEROUS, SafeWorkbook
from tests.importing import applied, checked, moment, outcomes, uploaded, workbook

FIRST = "1号楼,1单元,101,52.30,冯大山,15400000101"


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def problems(world, batch):
    return workbooks.problems(world.session, actor=None, batch_id=batch.id, vault=world.vault)


@pytest.mark.parametrize("begin", DANGEROUS)
def test_no_cell_can_be_taken_for_a_formula(begin):
    book = SafeWorkbook()
    book.row(book.sheet("表"), 0, [f"{begin}cmd|' /C calc'!A0", 1.5, None])
    cell = opened(book.content())["表"]["A1"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.value.endswith("calc'!A0")


def test_the_problem_workbook_is_the_same_sheet_with_a_column_more(world):
    batch = checked(world, workbook(FIRST, "1号楼,1单元,102,5000,=1+1,15400000102", "1号楼,1单元,103,60,钱大有,154"))
    sheet = opened(problems(world, batch))["表"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("楼号", "单元", "房号", "产权面积", "业主", "电话", "问题")
    assert rows[1][:6] == tuple(FIRST.split(","))
    assert rows[1][6] is None
    assert "面积不可能是这么多" in rows[2][6]
    assert "【电话】手机号不是11位" in rows[3][6]
    assert sheet["A2"].fill.fgColor.rgb != sheet["A3"].fill.fgColor.rgb != sheet["A4"].fill.fgColor.rgb
    assert all(cell.data_type in {"s", "n"} for row in sheet.iter_rows() for cell in row)


def test_the_mended_problem_workbook_can_be_sent_again(world):
    batch = checked(world, workbook(FIRST, "1号楼,1单元,102,5000,赵大力,15400000102"))
    book = opened(problems(world, batch))
    book["表"]["D3"] = "50.00"
    buffer = io.BytesIO()
    book.save(buffer)
    assert outcomes(world, checked(world, buffer.getvalue())) == {2: "new", 3: "new"}


def test_before_the_check_there_is_no_problem_workbook(world):
    batch = uploaded(world, workbook(FIRST))
    with pytest.raises(Exception, match="还没有检查完"):
        problems(world, batch)


def made(world, *, actor=None, unit=None, readable=False, reason="核对选民名册"):
    copy = exports.prepare(
        world.session,
        actor=actor or world.actor(world.community_officer),
        neighborhood_id=world.place.neighborhood.id,
        unit_id=unit and unit.id,
        reason=reason,
        is_readable=readable,
        now=moment(),
    )
    content, rows = exports.build(world.session, copy, world.vault)
    exports.record(world.session, actor=actor, copy=copy, content=content, rows=rows)
    return copy, [row for sheet in opened(content) for row in sheet.iter_rows(values_only=True)], opened(content)


def test_a_masked_copy_shows_homes_and_masked_people(world):
    applied(world, workbook(FIRST))
    copy, rows, book = made(world)
    text = str(rows)
    assert "冯*山" in text
    assert "154****0101" in text
    assert "冯大山" not in text
    assert "新立小区" not in text
    sheet = book.worksheets[0]
    for part in (rows[0][0], sheet.oddHeader.center.text):
        assert copy.reference in part
        assert "核对选民名册" in part
        assert "周*" in part
    assert copy.reference in sheet.oddFooter.left.text


def test_a_readable_copy_shows_them_in_full(world):
    applied(world, workbook(FIRST))
    _, rows, _ = made(world, readable=True)
    line = next(row for row in rows if row[1] == "1-1-101")
    assert line[:7] == ("1号楼1单元101室", "1-1-101", 52.3, "住宅", "业主", "冯大山", "15400000101")


def test_a_name_that_is_a_formula_stays_a_name(world):
    applied(world, workbook(FIRST))
    resident = world.resident
    resident.name_masked = "=HYPERLINK"
    world.session.flush()
    _, _, book = made(world)
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert [cell.data_type for cell in cells] == ["s"]


def test_a_copy_of_a_building_holds_its_homes_only(world):
    _, rows, _ = made(world, unit=world.place.other_building)
    assert {row[1] for row in rows[2:]} == {"2-1-201"}


def test_each_line_of_each_copy_has_a_code_of_its_own(world):
    one, rows, _ = made(world)
    other, again, _ = made(world)
    assert not {row[8] for row in rows[2:]} & {row[8] for row in again[2:]}
    line = rows[2]
    found = exports.traced(world.session, vault=world.vault, code=line[8], home_code=line[1])
    assert found.reference == one.reference != other.reference


def test_a_copy_is_on_record_with_its_reason_and_found_by_its_reference(world):
    copy, _, _ = made(world)
    entry = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "register.exported")).one()
    assert entry.purpose == "核对选民名册"
    assert entry.detail["reference"] == copy.reference
    actor = world.actor(world.manager)
    asked = {"actor": actor, "neighborhood_id": world.place.neighborhood.id, "page": PageRequest()}
    assert [
        one["reference"] for one in exports.listed(world.session, reference=copy.reference.lower(), **asked).items
    ] == [copy.reference]
    assert exports.listed(world.session, reference="DC-000000-AAAAAA", **asked).items == []
    assert world.session.scalars(sa.select(ExportCopy)).one().rows == 3


def test_a_copy_needs_a_reason_and_a_unit_below_oneself(world):
    with pytest.raises(InvalidInput):
        made(world, reason="看看")
    with pytest.raises(NotFound):
        made(world, actor=world.actor(world.foreign_manager))
    with pytest.raises(NotFound):
        made(world, unit=world.elsewhere.building)
