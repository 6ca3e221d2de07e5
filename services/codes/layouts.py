"""How the sheets look: a poster for a building's door, and small cards, eight to a page, to be cut out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import segno

from services.codes.letters import fitted, line_height
from services.codes.shapes import A4, GRAY, GREEN, INK, PALE, WHITE, Box, Dots, Page, Picture, Shape, Stroke, Text
from services.ports import CodeImage

WIDE, HIGH = A4
MIDDLE = WIDE / 2
HEADLINE = "扫一扫，报修"
EXAMPLES = "灯不亮、门坏了、漏水了，都可以报。"
NO_MONEY = "这个码只管报修，不收钱。请不要撕。"
BASELINE = 0.3
"""How far below the middle of a line its baseline is, in line heights."""
QUIET = 4  # modules of white that a reader needs around a QR code

COLUMNS, ROWS = 2, 4
CARD_WIDE, CARD_HIGH = 92.0, 66.0
LEFT, TOP = (WIDE - COLUMNS * CARD_WIDE) / 2, (HIGH - ROWS * CARD_HIGH) / 2
MARK = 5.0
"""Length of a cut mark."""


@dataclass(frozen=True)
class Item:
    """One code to be printed.  Nothing here is about a person."""

    neighborhood: str
    label: str
    kind_name: str
    number: str
    address: str
    image: CodeImage | None = None
    phone: str | None = None
    """The station's."""


def poster(item: Item) -> Page:
    """Return the sheet of one code: for the door of a building, to be read from two steps away."""
    return [
        Box(0, 0, WIDE, 48, GREEN),
        Text(MIDDLE, 34, HEADLINE, 78, WHITE),
        *_centered(item.neighborhood, 60, 10, largest=28, smallest=15, most_lines=1, color=GRAY),
        *_centered(item.label, 79.5, 28, largest=64, smallest=20, most_lines=2),
        Box(MIDDLE - 57, 96, 114, 114, GREEN, radius=5, line=0.9),
        _code(item, MIDDLE - 53, 100, 106),
        Text(MIDDLE, 224, "打开微信，扫上面的码", 30),
        Text(MIDDLE, 236, EXAMPLES, 23, GRAY),
        Box(18, 243, WIDE - 36, 36, PALE, radius=5),
        *_by_phone(item),
        Text(MIDDLE, 288, NO_MONEY, 16, GRAY),
    ]


def _by_phone(item: Item) -> Iterator[Shape]:
    """What to do without a phone that scans: ring the station, and say the number."""
    said = "不会扫？给服务站打电话，报这个编号" if not item.phone else f"不会扫？打电话 {item.phone}，报这个编号"
    size, (line,) = fitted(said, WIDE - 46, largest=23, smallest=14)
    yield Text(MIDDLE, 254.5, line, size)
    yield Text(MIDDLE, 274, spaced(item.number), 52, GREEN)


def cards(items: Sequence[Item]) -> Iterator[Page]:
    """Return pages of cards with cut marks."""
    on_a_page = COLUMNS * ROWS
    for start in range(0, len(items), on_a_page):
        shapes: list[Shape] = list(_cut_marks())
        for at, item in enumerate(items[start : start + on_a_page]):
            column, row = at % COLUMNS, at // COLUMNS
            shapes += _card(item, LEFT + column * CARD_WIDE, TOP + row * CARD_HIGH)
        yield shapes


def _card(item: Item, x: float, y: float) -> Iterator[Shape]:
    yield Box(x + 4, y + 4, CARD_WIDE - 8, 11, GREEN, radius=2)
    yield Text(x + CARD_WIDE / 2, y + 12.2, HEADLINE, 22, WHITE)
    yield _code(item, x + 4, y + 17, 45)
    left, room = x + 51.5, CARD_WIDE - 55.5
    yield Text(left, y + 23, item.kind_name, 11, GRAY, centered=False)
    size, lines = fitted(item.label, room, largest=26, smallest=11, most_lines=3, high=23)
    for at, line in enumerate(lines):
        yield Text(left, y + 24.5 + (at + 0.82) * line_height(size), line, size, INK, centered=False)
    yield Text(left, y + 52, "编号", 11, GRAY, centered=False)
    yield Text(left, y + 61.2, spaced(item.number), 25, GREEN, centered=False)
    yield from _small(item, x + 4 + 45 / 2, y + 64)


def _small(item: Item, x: float, y: float) -> Iterator[Shape]:
    size, (line,) = fitted(item.neighborhood, 45, largest=10, smallest=6.5)
    yield Text(x, y, line, size, GRAY)


def _cut_marks() -> Iterator[Shape]:
    """Marks outside of the cards, and faint dashes between them."""
    right, bottom = LEFT + COLUMNS * CARD_WIDE, TOP + ROWS * CARD_HIGH
    for column in range(COLUMNS + 1):
        x = LEFT + column * CARD_WIDE
        yield Stroke(x, TOP - 2 - MARK, x, TOP - 2, INK)
        yield Stroke(x, bottom + 2, x, bottom + 2 + MARK, INK)
        yield Stroke(x, TOP, x, bottom, dashed=True)
    for row in range(ROWS + 1):
        y = TOP + row * CARD_HIGH
        yield Stroke(LEFT - 2 - MARK, y, LEFT - 2, y, INK)
        yield Stroke(right + 2, y, right + 2 + MARK, y, INK)
        yield Stroke(LEFT, y, right, y, dashed=True)


def _code(item: Item, x: float, y: float, size: float) -> Shape:
    """WeChat's own picture; while there is none, a QR code of the address, which leads to the same."""
    if item.image is not None:
        return Picture(x, y, size, item.image.content, item.image.content_type)
    drawn = segno.make(item.address, error="m", micro=False)
    return Dots(x, y, size, tuple(tuple(map(bool, row)) for row in drawn.matrix_iter(border=QUIET)))


def _centered(
    text: str, y: float, high: float, *, largest: float, smallest: float, most_lines: int, color: str = INK
) -> Iterator[Shape]:
    """Lines around a height: one or two, as large as there is room for."""
    size, lines = fitted(text, WIDE - 28, largest=largest, smallest=smallest, most_lines=most_lines, high=high)
    step = line_height(size)
    for at, line in enumerate(lines):
        yield Text(MIDDLE, y + (at - (len(lines) - 1) / 2) * step + step * BASELINE, line, size, color)


def spaced(number: str) -> str:
    """Return a number as it is read aloud: digit by digit."""
    return " ".join(number)
