"""Makes the sample workbooks beside it: ``python docs/samples/make.py``.

They are messy on purpose, as the papers of a real estate are: merged cells, a title above the heading, formulas, phones as
numbers, a dozen ways to write an address, owners who contradict each other, a CSV in GBK, an old .xls.  Names are made up;
the phones begin with 154, which no operator has.  The same call always makes the same contents.
"""

import csv
import datetime as dt
import io
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
import xlwt
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

HERE = Path(__file__).parent
SURNAMES = "王李张刘赵陈杨孙高徐于马周林吴宋郭韩曲朱姜田石崔谭程丁姚董金"
GIVEN = (
    "桂兰",
    "玉珍",
    "淑芬",
    "秀英",
    "国强",
    "德军",
    "永福",
    "长山",
    "志刚",
    "福海",
    "丽",
    "敏",
    "洋",
    "静",
    "磊",
    "雪梅",
)
FIRST_PHONE = 154_0000_1000
MADE_AT = dt.datetime(2026, 11, 2, 9, 0)  # noqa: DTZ001 - a workbook has no zones
BUILDINGS = (1, 2, 3)
STAIRWELLS, FLOORS, DOORS = 2, 6, 2
ROSTER, MENDED, LIST, LEDGER = "1-业主名册.xlsx", "2-业主名册-改好.xlsx", "3-四号楼五号楼.csv", "4-老台账.xls"


@dataclass
class Home:
    """One made-up home."""

    building: int
    stairwell: int
    floor: int
    door: int
    area: float
    owner: str
    phone: int | None

    @property
    def room(self) -> int:
        """Floor and door: 501."""
        return self.floor * 100 + self.door


def homes(buildings: Sequence[int], rng: random.Random, first: int) -> list[Home]:
    """Return the homes of some buildings; about every eighth owner has no phone."""
    found = []
    for building in buildings:
        for stairwell in range(1, STAIRWELLS + 1):
            areas = [round(rng.uniform(45, 70), 2) for _ in range(DOORS)]
            for floor in range(1, FLOORS + 1):
                for door in range(1, DOORS + 1):
                    name = rng.choice(SURNAMES) + rng.choice(GIVEN)
                    phone = FIRST_PHONE + first + len(found) if rng.random() < 0.875 else None  # noqa: PLR2004
                    found.append(Home(building, stairwell, floor, door, areas[door - 1], name, phone))
    return found


def roster(rows: list[Home], *, mended: bool) -> bytes:
    """Return the station's own list: title, merged buildings, a second sheet with addresses in one column."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    book.set_properties({"created": MADE_AT})
    middle = book.add_format({"align": "center", "valign": "vcenter"})
    columns(book, [row for row in rows if row.building != BUILDINGS[-1]], middle, mended=mended)
    addresses(book, [row for row in rows if row.building == BUILDINGS[-1]], mended=mended)
    book.close()
    return buffer.getvalue()


def columns(book: xlsxwriter.Workbook, rows: list[Home], middle: Format, *, mended: bool) -> None:
    """Write the sheet with a column for each part of the address."""
    sheet = book.add_worksheet("1-2号楼")
    sheet.merge_range(0, 0, 0, 7, "彩进小区1、2号楼业主名册（2026年11月）", middle)
    for at, title in enumerate(("序号", "楼号", "单元", "房号", "产权面积(㎡)", "业主姓名", "联系电话", "备注")):
        sheet.write(1, at, title)
    per_building = STAIRWELLS * FLOORS * DOORS
    for at, row in enumerate(rows):
        line = at + 2
        sheet.write(line, 0, at + 1)
        if at % per_building == 0:
            sheet.merge_range(line, 1, line + per_building - 1, 1, f"{row.building}号楼", middle)
        if at % (FLOORS * DOORS) == 0:
            sheet.merge_range(line, 2, line + FLOORS * DOORS - 1, 2, f"{row.stairwell}单元", middle)
        sheet.write(line, 3, row.room)
        sheet.write(line, 4, row.area)
        sheet.write(line, 5, row.owner)
        if row.phone:
            sheet.write(line, 6, row.phone)  # a number, as spreadsheets make of it
    last = len(rows) + 2
    sheet.write(last, 0, "合计")
    sheet.write_formula(last, 4, f"=SUM(E3:E{last})", None, round(sum(row.area for row in rows), 2))
    if not mended:
        trouble(sheet, rows, book.add_format({"num_format": "m-d"}))


def trouble(sheet: Worksheet, rows: list[Home], day: Format) -> None:
    """Put the usual mistakes into the list."""
    line = 2
    sheet.write(line + 1, 6, "1.54E+10")  # the last digits are gone
    sheet.write(line + 2, 4, 5230)  # the point was forgotten
    sheet.write(line + 3, 6, 1540000123)  # ten digits
    sheet.write_formula(line + 4, 4, "=F7*2", None, "")  # never computed
    sheet.write_datetime(line + 5, 3, dt.datetime(2026, 5, 1), day)  # noqa: DTZ001 - room 5-1 became a date
    sheet.write(line + 6, 5, "见户口本第3页")
    sheet.write_string(line + 7, 7, '=HYPERLINK("http://example.com")')  # would be a formula if it were not text
    sheet.write(line + 8, 3, rows[9].room)  # the same home as the row below it, with another owner


SPELLINGS: tuple[Callable[[Home], str], ...] = (
    lambda one: f"{one.building}号楼{one.stairwell}单元{one.room}室",
    lambda one: f"{one.building}-{one.stairwell}-{one.room}",
    lambda one: f"{one.building}#{one.stairwell}单元{one.room}",
    lambda one: f"彩进小区{one.building}栋{one.stairwell}门{one.room}",
    lambda one: f"{'零一二三四五六'[one.building]}号楼{'零一二三四五六'[one.stairwell]}单元{one.room}",
    lambda one: f"{one.building}号楼{one.stairwell}单元{one.floor}楼{one.door}号",
    lambda one: f"{one.building}幢{one.stairwell}单元{one.room}号",
    lambda one: f"{one.building}－{one.stairwell}－{one.room}",
    lambda one: f"{chr(0xFF10 + one.building)}号楼{chr(0xFF10 + one.stairwell)}单元{one.room}",
    lambda one: f"{one.building} 号楼 {one.stairwell} 单元 {one.room} 室",
    lambda one: f"{one.building}/{one.stairwell}/{one.room}",
    lambda one: f"彩进{one.building}-{one.stairwell}-{one.room}",
)


def addresses(book: xlsxwriter.Workbook, rows: list[Home], *, mended: bool) -> None:
    """Write the sheet in which an address is one column, each one written differently, with the people in two rows."""
    sheet = book.add_worksheet("3号楼")
    for at, title in enumerate(("房屋坐落", "建筑面积", "户主", "手机号码", "共有人", "租户", "租户电话")):
        sheet.write(0, at, title)
    for at, row in enumerate(rows):
        line = at + 1
        sheet.write(line, 0, SPELLINGS[at % len(SPELLINGS)](row))
        sheet.write(line, 1, f"{row.area}㎡" if at % 3 else row.area)
        short = len(row.owner) == 2  # noqa: PLR2004
        sheet.write(line, 2, f"{row.owner[0]} {row.owner[1:]}" if short else row.owner)
        sheet.write(line, 3, spelled_phone(row.phone, at))
        if at % 6 == 1:
            sheet.write(line, 4, "赵永福" if row.owner != "赵永福" else "钱秀英")
        if at % 7 == 2:  # noqa: PLR2004
            sheet.write(line, 5, "冯涛")
            sheet.write(line, 6, FIRST_PHONE + 900 + at)
    if not mended:
        sheet.write(len(rows) + 1, 0, "东头第一家")
        sheet.write(len(rows) + 1, 2, "周正")
        sheet.write(len(rows) + 2, 0, "3号楼1单元车库2")
        sheet.write(len(rows) + 2, 2, "周正")


def spelled_phone(phone: int | None, at: int) -> str:
    """Return a phone as people write it."""
    if phone is None:
        return ("", "无", "没有", "-")[at % 4]
    text = str(phone)
    return (
        text,
        f"{text[:3]}-{text[3:7]}-{text[7:]}",
        f"{text[:3]} {text[3:7]} {text[7:]}",
        f"+86 {text}",
        f"{text}（儿子）",
        "".join(chr(ord(char) + 0xFEE0) for char in text),
    )[at % 6]


def list_of_people(rows: list[Home]) -> bytes:
    """Return a CSV in GBK, as Excel saves it: one row for each person, the building only in the first row of a home."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("栋", "单元号", "层", "户号", "姓名", "与业主关系", "联系方式", "入住时间", "性别"))
    for at, row in enumerate(rows):
        place = (f"{row.building}栋", row.stairwell, row.floor, row.room)
        writer.writerow(
            (*place, row.owner, "业主", spelled_phone(row.phone, at), f"20{10 + at % 10}.{1 + at % 12}", "男")
        )
        if at % 4 == 0:
            writer.writerow((*place, "钱秀英", "配偶", "同上", "", "女"))
        if at % 9 == 3:  # noqa: PLR2004
            writer.writerow((*place, "吴大年", "租客", FIRST_PHONE + 950 + at, "2025-3-1", "男"))
    return text.getvalue().encode("gb18030")


def ledger(rows: list[Home]) -> bytes:
    """Return an old .xls with an index page and buildings that have names of their own."""
    book = xlwt.Workbook()
    cover = book.add_sheet("封面")
    cover.write(2, 2, "彩进小区房屋台账")
    sheet = book.add_sheet("台账")
    for at, title in enumerate(("编号", "楼", "门", "室", "平米数", "产权人", "电话", "房屋用途")):
        sheet.write(0, at, title)
    buildings = ("甲3", "14-1")
    for at, row in enumerate(rows):
        values = (
            at + 1,
            buildings[row.building - 1],
            row.stairwell,
            float(row.room),
            row.area,
            row.owner,
            row.phone or "",
        )
        for column, value in enumerate(values):
            sheet.write(at + 1, column, value)
        sheet.write(at + 1, 7, "住宅")
    shop = len(rows) + 1
    for column, value in enumerate((shop, "甲3", "", "门市1", 86.5, "金磊", FIRST_PHONE + 999, "商铺")):
        sheet.write(shop, column, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def contents() -> dict[str, bytes]:
    """Return every sample by its name."""
    rng = random.Random(20261102)  # noqa: S311 - made-up people
    first = homes(BUILDINGS, rng, 0)
    second = homes((4, 5), rng, 200)
    third = homes((1, 2), rng, 400)
    return {
        ROSTER: roster(first, mended=False),
        MENDED: roster(first, mended=True),
        LIST: list_of_people(second),
        LEDGER: ledger(third),
    }


def main() -> None:
    """Write the samples."""
    for name, content in contents().items():
        (HERE / name).write_bytes(content)
        sys.stdout.write(f"{HERE / name}\n")


if __name__ == "__main__":
    main()
