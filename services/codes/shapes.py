"""What a sheet is made of: shapes on an A4 page, in millimeters from the upper left corner.

Layouts make shapes; ``pdf`` and ``svg`` draw them.  So both files show the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

A4 = (210.0, 297.0)
INK, GREEN, GRAY, PALE, WHITE = "#1b1f24", "#14532d", "#4b5563", "#eef3ee", "#ffffff"


@dataclass(frozen=True)
class Text:
    """A line of text; ``y`` is its baseline."""

    x: float
    y: float
    text: str
    points: float
    color: str = INK
    centered: bool = True


@dataclass(frozen=True)
class Box:
    """A rectangle, filled, or drawn as an outline when ``line`` (its width) is given."""

    x: float
    y: float
    width: float
    height: float
    color: str
    radius: float = 0.0
    line: float = 0.0


@dataclass(frozen=True)
class Stroke:
    """A thin straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    color: str = GRAY
    dashed: bool = False


@dataclass(frozen=True)
class Picture:
    """A square picture: JPEG or PNG."""

    x: float
    y: float
    size: float
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Dots:
    """A plain QR code, in vectors: rows of dark (true) and light modules, with its quiet zone inside the size."""

    x: float
    y: float
    size: float
    modules: tuple[tuple[bool, ...], ...]


Shape = Text | Box | Stroke | Picture | Dots
Page = Sequence[Shape]
