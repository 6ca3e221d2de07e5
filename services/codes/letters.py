"""The letters of printed sheets: how wide they are, how a line is made to fit, and their outlines.

The font comes with us, because a bare machine has none with Chinese characters: Noto Sans SC, cut down to GB 2312 and what
names of places need beside it (``docs/decisions/0026-codes-and-sheets.md``).  A character it does not have is left to the
fonts of whoever opens the file.
"""

import math
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

FONT_NAME = "NotoSansSC-Medium"
FONT_PATH = Path(__file__).parent / "fonts" / f"{FONT_NAME}.ttf"
MM_PER_POINT = 25.4 / 72
ELLIPSIS = "…"


@cache
def _font() -> TTFont:
    return TTFont(FONT_PATH, lazy=True)


@cache
def _cmap() -> dict[int, str]:
    found: dict[int, str] = _font().getBestCmap()
    return found


@lru_cache(maxsize=4096)
def _advance(char: str) -> float:
    """Return the width of a character in ems; one that the font lacks is as wide as any Chinese one."""
    glyph = _cmap().get(ord(char))
    if glyph is None:
        return 1.0
    return float(_font()["hmtx"][glyph][0]) / float(_font()["head"].unitsPerEm)


@lru_cache(maxsize=4096)
def outline(char: str) -> str:
    """Return the outline of a character the font has, as the path of an SVG in font units, y upwards."""
    glyphs = _font().getGlyphSet()
    pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.0f}")
    glyphs[_cmap()[ord(char)]].draw(pen)
    return str(pen.getCommands())


def units_per_em() -> int:
    """Return the font units of an em."""
    return int(_font()["head"].unitsPerEm)


def runs(text: str) -> Iterator[tuple[bool, str]]:
    """Split a text into stretches that the font has (true) and that it lacks."""
    for has, chars in groupby(text, key=lambda char: ord(char) in _cmap()):
        yield has, "".join(chars)


def width(text: str, points: float) -> float:
    """Return how wide a text is, in millimeters."""
    return sum(map(_advance, text)) * points * MM_PER_POINT


def fitted(
    text: str, room: float, *, largest: float, smallest: float, most_lines: int = 1, high: float = math.inf
) -> tuple[float, list[str]]:
    """Return the size in points and the lines in which a text fits into ``room`` by ``high`` millimeters.

    As large as it can be, in lines of about the same length; what does not even fit in the smallest letters is cut, and
    ends with an ellipsis.
    """
    size = largest
    while size > smallest:
        lines = _broken(text, room, size)
        if len(lines) <= most_lines and len(lines) * line_height(size) <= high:
            return size, _even(text, lines, room, size)
        size = max(size * 0.95, smallest)
    lines = _broken(text, room, smallest)
    if len(lines) <= most_lines:
        return smallest, _even(text, lines, room, smallest)
    kept = lines[most_lines - 1]
    while kept and width(kept + ELLIPSIS, smallest) > room:
        kept = kept[:-1]
    return smallest, [*lines[: most_lines - 1], kept + ELLIPSIS]


def line_height(points: float) -> float:
    """Return how far lines stand apart, in millimeters."""
    return points * MM_PER_POINT * 1.18


def _even(text: str, lines: list[str], room: float, points: float) -> list[str]:
    """Return as many lines, none much shorter than the others: no character stands alone on the last one."""
    while len(lines) > 1:
        room *= 0.97
        narrower = _broken(text, room, points)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def _broken(text: str, room: float, points: float) -> list[str]:
    """Break a text into lines: at a space where there is one, else between any two characters, as Chinese is."""
    lines, rest = [], text.strip()
    while rest:
        fits = 1
        while fits < len(rest) and width(rest[: fits + 1], points) <= room:
            fits += 1
        space = rest.rfind(" ", 0, fits + 1) if fits < len(rest) else -1
        at = space if space >= fits / 2 else fits  # not after a single character
        lines.append(rest[:at].strip())
        rest = rest[at:].strip()
    return lines
