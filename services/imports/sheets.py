"""The sheets of a file as rows of text, one after the other: numbers, dates and merged cells as a person reads them.

Every value becomes text here, in one way for all kinds of files; what the text means is decided later, by its column.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from xml.parsers import expat

import python_calamine as calamine

from services.errors import InvalidInput
from services.imports import limits
from services.imports.opening import SAVE_AS, Kind, decode, kind_of

SPLIT = f"请按楼栋分成几个表，每个不超过{limits.ROWS_MOST // 10_000}万行，一个一个导入。"
_Cell = tuple[int, int]  # row and column from 0
_NOWHERE: frozenset[int] = frozenset()
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True)
class Line:
    """One row: its number as the spreadsheet shows it, its cells, and what was done to some of them."""

    number: int
    cells: tuple[str, ...]
    merged: frozenset[int] = frozenset()
    """Columns whose value was carried here from the cell they are merged with."""
    broken: frozenset[int] = frozenset()
    """Columns with a formula that has no result."""


@dataclass
class Sheet:
    """One sheet.  ``lines`` may be walked once or many times."""

    name: str
    height: int
    _source: Any
    _merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    _broken: frozenset[tuple[int, int]] = frozenset()

    def lines(self) -> Iterator[Line]:
        """Walk the rows that are not empty."""
        carried: dict[_Cell, str] = {}
        origins = set(self._merged.values())
        width = max((column for _, column in self._merged), default=-1) + 1
        for row, values in enumerate(self._source()):
            texts = [text_of(value) for value in values[: limits.COLUMNS_MOST]]
            texts += [""] * (width - len(texts))  # the reader leaves out what is empty at the right
            merged = self._carry(row, texts, carried, origins) if origins else frozenset()
            broken = _NOWHERE
            if self._broken:
                broken = frozenset(column for column in range(len(texts)) if (row, column) in self._broken)
            own = any(text for column, text in enumerate(texts) if column not in merged)
            if own or broken:
                yield Line(row + 1, tuple(texts), merged, broken)

    def _carry(self, row: int, texts: list[str], carried: dict[_Cell, str], origins: set[_Cell]) -> frozenset[int]:
        """Fill the cells that are merged with an earlier one; return their columns."""
        merged = set()
        for column in range(len(texts)):
            origin = self._merged.get((row, column))
            if origin is not None and not texts[column]:
                texts[column] = carried.get(origin, "")
                merged.add(column)
            if (row, column) in origins:
                carried[row, column] = texts[column]
        return frozenset(merged)


def read(content: bytes) -> list[Sheet]:
    """Return the visible sheets of a file that hold something.

    Raises ``InvalidInput`` for what is no sheet, is damaged, locked, or too large.
    """
    kind = kind_of(content)
    sheets = _from_csv(content) if kind is Kind.CSV else _from_workbook(content, kind)
    if not sheets:
        raise InvalidInput("这个表里没有内容。请核对是不是选错了文件。", code="sheet_empty")
    if len(sheets) > limits.SHEETS_MOST:
        raise InvalidInput(f"这个文件有{len(sheets)}个工作表，太多了。{SPLIT}", code="too_many_sheets")
    rows = sum(sheet.height for sheet in sheets)
    if rows > limits.ROWS_MOST + len(sheets) * 20:  # titles and headings do not count
        raise InvalidInput(f"这个表有{rows}行，一次放不下。{SPLIT}", code="too_many_rows")
    return sheets


def text_of(value: Any) -> str:
    """Return a cell as text: 101.0 is 101, a date is its ISO form, full-width signs are plain ones."""
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dt.datetime) and value.time() != dt.time():
        return value.isoformat(" ", "minutes")
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    return "" if value is None else _plain(str(value))


@lru_cache(4096)  # 2单元, 产权人, 无: the same few words fill most cells
def _plain(text: str) -> str:
    """Return a text with plain instead of full-width signs, without control characters, with single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " if char.isspace() else "" for char in text)
    return " ".join(text.split())[: limits.CELL_MOST]


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - only NaN differs from itself
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(round(value, 6))  # noqa: PLR2004


def _from_csv(content: bytes) -> list[Sheet]:
    text = decode(content)
    sample = text[:20_000]
    separator = max(",\t;，", key=sample.count)
    lines = text.count("\n") + 1
    if lines > limits.ROWS_MOST + 20:
        raise InvalidInput(f"这个表有{lines}行，一次放不下。{SPLIT}", code="too_many_rows")
    csv.field_size_limit(1_000_000)

    def rows() -> Iterator[list[str]]:
        try:
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
                # Excel's way to keep a phone a text: ="13800001234"
                yield [re.sub(r'^="(.*)"$', r"\1", cell) for cell in row]
        except csv.Error as error:
            raise InvalidInput(f"这个表的格式乱了，读不下去。{SAVE_AS}", code="file_broken") from error

    return [Sheet("表", lines, rows)] if text.strip() else []


def _from_workbook(content: bytes, kind: Kind) -> list[Sheet]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = [
            meta.name
            for meta in book.sheets_metadata
            if meta.visible == calamine.SheetVisibleEnum.Visible and meta.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        paths = _sheet_paths(content) if kind is Kind.XLSX else {}
        sheets = [_sheet(content, book, name, paths.get(name)) for name in shown]
    except calamine.PasswordError as error:
        raise InvalidInput(f"这个文件加了密码。请去掉密码：{SAVE_AS}", code="file_locked") from error
    except (calamine.CalamineError, OSError, ValueError, KeyError, expat.ExpatError) as error:
        raise InvalidInput(f"这个文件坏了，打不开。{SAVE_AS}", code="file_broken") from error
    return [sheet for sheet in sheets if sheet.height]


def _sheet(content: bytes, book: calamine.CalamineWorkbook, name: str, path: str | None) -> Sheet:
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return Sheet(name, 0, list)
    # The reader leaves out empty columns at the left, but no empty rows at the top.
    offset = sheet.start[1]
    if (sheet.end[0] if sheet.end else 0) > limits.ROWS_MOST * 2:
        raise InvalidInput(f"这个表有{sheet.total_height}行，一次放不下。{SPLIT}", code="too_many_rows")

    def rows() -> Iterator[list[Any]]:
        for row in sheet.iter_rows():
            yield [""] * offset + row if offset else row

    merged = _merged(sheet.merged_cell_ranges or [])
    broken = _formulas_without_result(content, path) if path else frozenset()
    return Sheet(name, sheet.height, rows, merged, broken)


def _merged(ranges: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each covered cell the one that holds the value."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (bottom, right) in ranges:
        right = min(right, limits.COLUMNS_MOST)  # noqa: PLW2901 - a whole row merged across 16,384 columns
        if len(found) + (bottom - top + 1) * (right - left + 1) > limits.MERGED_MOST:
            raise InvalidInput(
                f"这个表里合并的格子太多了。请取消合并，把每一格填上，再传一次。{SAVE_AS}", code="too_many_merged"
            )
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    found[row, column] = (top, left)
    return found


def _sheet_paths(content: bytes) -> dict[str, str]:
    """Return which part of an .xlsx holds which sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets: dict[str, str] = {}
        targets: dict[str, str] = {}

        def on_sheet(tag: str, attributes: dict[str, str]) -> None:
            if tag.rpartition(":")[2] == "sheet":
                sheets[attributes.get("name", "")] = attributes.get("r:id", "")

        def on_relation(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship":
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        for path, handler in (("xl/workbook.xml", on_sheet), ("xl/_rels/workbook.xml.rels", on_relation)):
            if path in archive.namelist():
                _parser(handler).Parse(archive.read(path), True)  # noqa: FBT003 - the parser takes no names
        names = set(archive.namelist())
    found = {name: targets.get(relation, "") for name, relation in sheets.items()}
    placed = {name: target.lstrip("/") if target.startswith("/") else f"xl/{target}" for name, target in found.items()}
    return {name: path for name, path in placed.items() if path in names}


def _formulas_without_result(content: bytes, path: str) -> frozenset[tuple[int, int]]:
    """Return the cells of a sheet whose formula was never computed, or ended in an error.

    The reader gives such cells as empty; somebody who typed a formula must be told why nothing came of it.
    """
    found: set[tuple[int, int]] = set()
    cell: dict[str, Any] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            cell.clear()
            cell.update(attributes)
        elif tag == "f":
            cell["has f"] = True
        cell["at"] = tag

    def text(data: str) -> None:
        if cell.get("at") == "v" and data:
            cell["has v"] = True

    def end(tag: str) -> None:
        cell["at"] = ""
        if tag == "c" and "has f" in cell and ("has v" not in cell or cell.get("t") == "e"):
            match = _CELL.fullmatch(cell.get("r", ""))
            if match:
                found.add((int(match[2]) - 1, _column(match[1])))

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        with archive.open(path) as stream:
            if not _holds(stream, b"<f"):
                return frozenset()
        parser = _parser(start)
        parser.EndElementHandler, parser.CharacterDataHandler = end, text
        with archive.open(path) as stream:
            parser.ParseFile(stream)
    return frozenset(found)


def _holds(stream: Any, wanted: bytes) -> bool:
    last = b""
    while piece := stream.read(1024 * 1024):
        if wanted in last + piece:
            return True
        last = piece[-8:]
    return False


def _parser(start: Any) -> Any:
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        raise ValueError("a workbook declares no entities")

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    return parser


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
