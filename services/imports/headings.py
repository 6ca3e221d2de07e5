"""Which column is what: headings people write, and what the values below them look like.

A guess has a confidence; the person sees it with examples, and confirms or changes it.  What was confirmed in a
neighborhood is remembered there and comes first the next time.
"""

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from services.imports.fields import KNOWN, ONCE, Field, plain
from services.imports.sheets import Line, Sheet

LOOK_FOR_HEADING = 15
LOOK_AT = 200
"""Rows: enough to see what a column holds, few enough for a sheet of 100,000."""
CERTAIN, LIKELY, POSSIBLE = 100, 80, 60
"""Percent."""
ALIKE = 0.75


@dataclass(frozen=True)
class Guess:
    """What a column may be, how sure that is in percent, and how one came to it."""

    field: Field
    confidence: int
    how: str
    """``remembered``, ``heading``, ``similar`` or ``values``; ``unknown`` where nothing fits."""


NOTHING = Guess(Field.IGNORE, 0, "unknown")


@dataclass(frozen=True)
class Column:
    """A column: its position from 0, its heading, the guess, and how many of the rows looked at had a value."""

    at: int
    title: str
    guess: Guess
    filled: int


@dataclass(frozen=True)
class Heading:
    """Where the table of a sheet begins, and its columns."""

    last_line: int
    """The number of the last row of the heading: data follow."""
    columns: tuple[Column, ...]


def heading_of(sheet: Sheet, remembered: Mapping[str, Field]) -> Heading | None:
    """Find the heading of a sheet and guess its columns; nothing when no row looks like a heading."""
    lines = []
    for line in sheet.lines():
        lines.append(line)
        if len(lines) > LOOK_FOR_HEADING + LOOK_AT:
            break
    best = max(
        range(min(len(lines), LOOK_FOR_HEADING)), key=lambda at: (_score(lines[at], remembered), -at), default=None
    )
    if best is None or _score(lines[best], remembered) < 2:  # noqa: PLR2004 - one known word may stand in any sentence
        return None
    titles, last = _titles(lines, best, remembered)
    values = [line for line in lines if line.number > last.number]
    return Heading(last.number, tuple(_columns(titles, values, remembered)))


def by_title(title: str, remembered: Mapping[str, Field]) -> Guess:
    """Guess by the heading alone."""
    key = plain(title)
    if not key:
        return NOTHING
    if key in remembered:
        return Guess(remembered[key], CERTAIN, "remembered")
    if key in KNOWN:
        return Guess(KNOWN[key], CERTAIN, "heading")
    # The longest known word in a longer heading: 业主联系电话号码 holds 联系电话.
    inside = [word for word in KNOWN if len(word) > 1 and word in key]
    if inside:
        longest = max(inside, key=lambda word: (len(word), key.rfind(word)))
        found = KNOWN[longest]
        if found is Field.PHONE and any(word in key for word in ("租", "承租")):
            found = Field.TENANT_PHONE
        return Guess(found, LIKELY if len(longest) * 2 >= len(key) else POSSIBLE, "similar")
    near = difflib.get_close_matches(key, KNOWN, 1, ALIKE)
    return Guess(KNOWN[near[0]], POSSIBLE, "similar") if near else NOTHING


_LOOKS: tuple[tuple[Field, str, int], ...] = (
    (Field.ID_NUMBER, r"\d{17}[\dXx]", 90),
    (Field.PHONE, r"(?:\+?86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-?\d{7,8}", 90),
    (Field.ADDRESS, r".*\d+\s*(?:号楼|栋|幢|#|-).*(?:单元|门|-|#).*\d+.*", 85),
    (Field.AREA, r"\d{2,3}\.\d{1,2}(?:m2|平方?米?)?", 75),
)


def by_values(values: Sequence[str]) -> Guess:
    """Guess by what stands below a heading that says nothing: most of it must look alike."""
    filled = [value for value in values if value]
    for field, pattern, confidence in _LOOKS:
        fitting = sum(re.fullmatch(pattern, value) is not None for value in filled)
        if filled and fitting * 10 >= len(filled) * 6:
            return Guess(field, confidence, "values")
    return NOTHING


def _score(line: Line, remembered: Mapping[str, Field]) -> int:
    """Return how many different things a row would name if it were the heading; a row of data names none."""
    found = set()
    for at, cell in enumerate(line.cells):
        if at in line.merged or not cell or re.fullmatch(r"[\d.\-#]+", cell):
            continue
        key = plain(cell)
        if key in remembered or key in KNOWN:
            found.add((remembered.get(key) or KNOWN[key], key))
    return len(found)


def _titles(lines: Sequence[Line], at: int, remembered: Mapping[str, Field]) -> tuple[list[str], Line]:
    """Return the headings; those of two rows (业主 above 姓名 and 电话) are put together."""
    line = lines[at]
    below = lines[at + 1] if at + 1 < len(lines) and lines[at + 1].number == line.number + 1 else None
    above = lines[at - 1] if at and lines[at - 1].number == line.number - 1 and lines[at - 1].merged else None
    if below is not None and _is_second(line, below, remembered):
        return [_joined(upper, lower) for upper, lower in _pairs(line, below)], below
    if above is not None and _is_second(above, line, remembered):
        return [_joined(upper, lower) for upper, lower in _pairs(above, line)], line
    return list(line.cells), line


def _is_second(upper: Line, lower: Line, remembered: Mapping[str, Field]) -> bool:
    titled = len({cell for cell in upper.cells if cell}) == 1  # one title over the whole table is no heading
    spans = any(
        cell and upper.cells[at - 1] == cell for at, cell in enumerate(upper.cells) if at in upper.merged and at
    )
    return (
        spans
        and not titled
        and _score(lower, remembered) > 0
        and not any(re.search(r"\d{3,}", cell) for cell in lower.cells)
    )


def _pairs(upper: Line, lower: Line) -> list[tuple[str, str]]:
    width = max(len(upper.cells), len(lower.cells))
    one, two = ([*line.cells, *[""] * (width - len(line.cells))] for line in (upper, lower))
    return list(zip(one, two, strict=True))


def _joined(upper: str, lower: str) -> str:
    return lower if upper in {"", lower} else upper if not lower else upper + lower


def _columns(titles: Sequence[str], values: Sequence[Line], remembered: Mapping[str, Field]) -> list[Column]:
    width = max([len(titles), *(len(line.cells) for line in values)])
    found: list[Column] = []
    for at in range(width):
        title = titles[at] if at < len(titles) else ""
        below = [line.cells[at] if at < len(line.cells) else "" for line in values]
        filled = sum(bool(value) for value in below)
        if not title and not filled:
            continue
        guess = by_title(title, remembered)
        if guess.how == "unknown":
            guess = by_values(below)
        found.append(Column(at, title, guess, filled))
    return _untangled(found)


def _untangled(columns: list[Column]) -> list[Column]:
    """Let each field be one column, the surest and fullest one."""
    named = {column.guess.field for column in columns}
    last: Field | None = None
    taken: dict[Field, Column] = {}
    result: list[Column] = []
    for found in columns:
        column = _beside_others(found, named, last)
        field = column.guess.field
        if field is not Field.IGNORE:
            last = field
        result.append(column)
        rival = taken.get(field)
        if field in ONCE and (rival is None or _rank(column) > _rank(rival)):
            taken[field] = column
    return [
        column
        if column.guess.field not in ONCE or taken[column.guess.field] is column
        else replace(column, guess=NOTHING)
        for column in result
    ]


def _beside_others(column: Column, named: Collection[Field], before: Field | None) -> Column:
    """Let a phone after the tenant be the tenant's, and names without an owner or a relation beside them the owners'."""
    guess = column.guess
    if guess.field is Field.PHONE and before is Field.TENANT and Field.TENANT_PHONE not in named:
        return (
            column if guess.how == "remembered" else replace(column, guess=Guess(Field.TENANT_PHONE, LIKELY, "similar"))
        )
    if guess.field is Field.NAME and Field.OWNER not in named and Field.RELATION not in named:
        return replace(column, guess=Guess(Field.OWNER, LIKELY, "similar"))
    return column


def _rank(column: Column) -> tuple[int, int]:
    return column.guess.confidence, column.filled
