"""Writing workbooks that cannot hurt: whatever a cell begins with, it is text and nothing else.

A name such as ``=HYPERLINK(…)`` comes from somebody who wants the station's computer to run it (CSV injection, OWASP).
"""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
SHEET_NAME_MOST = 31


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet program could take a text for a formula, now or after saving it as CSV."""
    return text.startswith(DANGEROUS)


class SafeWorkbook:
    """A workbook in memory, written row by row: a sheet of 63,000 rows takes a few megabytes."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book: Workbook = xlsxwriter.Workbook(self._buffer, options)
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._names: set[str] = set()

    def sheet(self, name: str) -> Worksheet:
        """Add a sheet; its name is fitted to what spreadsheet programs take."""
        plain = "".join(" " if char in "[]:*?/\\'" else char for char in name).strip()[:SHEET_NAME_MOST] or "表"
        unique, number = plain, 2
        while unique.lower() in self._names:
            unique, number = f"{plain[: SHEET_NAME_MOST - 4]} {number}", number + 1
        self._names.add(unique.lower())
        return self.book.add_worksheet(unique)

    def look(self, **how: Any) -> Format:
        """Return a format, made once."""
        key = tuple(sorted(how.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"num_format": "@", "font_size": 12, **how})
        return self._formats[key]

    def row(self, sheet: Worksheet, at: int, cells: Sequence[str | float | None], **how: Any) -> None:
        """Write a row from the left.  Text is marked as text where it could be taken for a formula."""
        for column, value in enumerate(cells):
            if value is None or value == "":
                if how:
                    sheet.write_blank(at, column, None, self.look(**how))
            elif isinstance(value, str):
                prefix = {"quote_prefix": True} if is_dangerous(value) else {}
                sheet.write_string(at, column, value, self.look(**how, **prefix))
            else:
                sheet.write_number(at, column, value, self.look(**{"num_format": "0.00", **how}))

    def content(self) -> bytes:
        """Finish it and return its bytes."""
        self.book.close()
        return self._buffer.getvalue()
