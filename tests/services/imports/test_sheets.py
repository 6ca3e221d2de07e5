import datetime as dt
import io

import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from services.imports import sheets


def written(fill):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    fill(book)
    book.close()
    return buffer.getvalue()


def lines(content, sheet=0):
    return [line.cells for line in sheets.read(content)[sheet].lines()]


def test_a_workbook_is_read_as_text():
    def fill(book):
        sheet = book.add_worksheet("一号楼")
        sheet.write_row(0, 0, ["1号楼", 101, 60.5, 15400000001, True, "　全角１２３"])
        sheet.write_datetime(1, 0, dt.date(2026, 5, 1), book.add_format({"num_format": "m-d"}))

    assert lines(written(fill)) == [
        ("1号楼", "101", "60.5", "15400000001", "是", "全角123"),
        ("2026-05-01", "", "", "", "", ""),
    ]


def test_an_old_xls_is_read_and_keeps_its_columns():
    book = xlwt.Workbook()
    sheet = book.add_sheet("台账")
    sheet.write(2, 1, 101.0)
    sheet.write(2, 2, "王桂兰")
    buffer = io.BytesIO()
    book.save(buffer)
    (line,) = sheets.read(buffer.getvalue())[0].lines()
    assert (line.number, line.cells) == (3, ("", "101", "王桂兰"))


def test_merged_cells_are_carried_down_and_across_and_noted():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 2, 0, "3号楼")
        sheet.merge_range(0, 2, 0, 3, "左右")
        for row in range(3):
            sheet.write(row, 1, 101 + row)

    found = list(sheets.read(written(fill))[0].lines())
    assert [line.cells for line in found] == [
        ("3号楼", "101", "左右", "左右"),
        ("3号楼", "102", "", ""),
        ("3号楼", "103", "", ""),
    ]
    assert [line.merged for line in found] == [{3}, {0}, {0}]


def test_a_formula_gives_its_result_and_one_without_is_noted():
    book = openpyxl.Workbook()
    book.active.append(["=1+1", 5])
    buffer = io.BytesIO()
    book.save(buffer)
    (line,) = sheets.read(buffer.getvalue())[0].lines()
    assert line.broken == {0}

    def fill(made):
        made.add_worksheet().write_formula(0, 0, "=1+1", None, 2)

    assert lines(written(fill)) == [("2",)]


def test_hidden_and_empty_sheets_are_left_out():
    def fill(book):
        book.add_worksheet("空的")
        book.add_worksheet("有").write(0, 0, "x")
        hidden = book.add_worksheet("藏的")
        hidden.write(0, 0, "x")
        hidden.hide()

    assert [sheet.name for sheet in sheets.read(written(fill))] == ["有"]


def test_empty_rows_keep_the_numbers_of_the_others():
    assert [line.number for line in sheets.read(b"a,b\n\n,\nc,d\n")[0].lines()] == [1, 4]


@pytest.mark.parametrize("separator", [",", "\t", ";", "，"])
def test_a_csv_is_read_whatever_separates_its_cells(separator):
    assert lines(separator.join(["楼号", "房号"]).encode("gb18030")) == [("楼号", "房号")]


def test_the_way_excel_keeps_phones_in_a_csv_is_understood():
    assert lines('电话\n"=""15400000001"""\n'.encode()) == [("电话",), ("15400000001",)]


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes(), st.none()))
@settings(max_examples=150)
def test_any_value_becomes_text_that_can_be_kept(value):
    text = sheets.text_of(value)
    assert text.isprintable()
    assert text == text.strip()
    assert "\x00" not in text


@given(st.integers(-(10**12), 10**12))
@settings(max_examples=50)
def test_a_whole_number_is_the_same_whether_it_came_as_float_or_not(number):
    assert sheets.text_of(float(number)) == sheets.text_of(number) == str(number)
