"""Sheets as PDF, with reportlab: the letters are embedded, as many as are used, so that any printer has them."""

import io
from collections.abc import Iterable
from functools import cache

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from services.codes.letters import FONT_NAME, FONT_PATH, runs, width
from services.codes.shapes import A4, Box, Dots, Page, Picture, Shape, Stroke, Text

WIDE, HIGH = A4
READERS_FONT = "STSong-Light"
"""For characters that our font lacks: readers of PDF bring their own for Chinese."""
HAIR = 0.2  # mm


@cache
def _fonts() -> None:
    pdfmetrics.registerFont(TTFont(FONT_NAME, str(FONT_PATH)))
    pdfmetrics.registerFont(UnicodeCIDFont(READERS_FONT))


def draw(pages: Iterable[Page], *, title: str) -> bytes:
    """Return the file.  The same pages give the same bytes."""
    _fonts()
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(WIDE * mm, HIGH * mm), pageCompression=1, invariant=1, lang="zh-CN")
    canvas.setTitle(title)
    canvas.setAuthor("五有")
    for page in pages:
        for shape in page:
            _draw(canvas, shape)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def _draw(canvas: Canvas, shape: Shape) -> None:
    match shape:
        case Text():
            _write(canvas, shape)
        case Box():
            canvas.setFillColor(HexColor(shape.color))
            canvas.setStrokeColor(HexColor(shape.color))
            canvas.setLineWidth(shape.line * mm)
            where = (shape.x * mm, _up(shape.y + shape.height), shape.width * mm, shape.height * mm)
            canvas.roundRect(*where, shape.radius * mm, stroke=int(shape.line > 0), fill=int(not shape.line))
        case Stroke():
            canvas.setStrokeColor(HexColor(shape.color))
            canvas.setLineWidth(HAIR * mm)
            canvas.setDash([1.5, 3] if shape.dashed else [])
            canvas.line(shape.x1 * mm, _up(shape.y1), shape.x2 * mm, _up(shape.y2))
            canvas.setDash([])
        case Picture():
            picture = ImageReader(io.BytesIO(shape.content))
            size = shape.size * mm
            canvas.drawImage(picture, shape.x * mm, _up(shape.y + shape.size), size, size, mask="auto")
        case Dots():
            _dots(canvas, shape)


def _write(canvas: Canvas, shape: Text) -> None:
    x = shape.x - width(shape.text, shape.points) / 2 if shape.centered else shape.x
    line = canvas.beginText(x * mm, _up(shape.y))
    line.setFillColor(HexColor(shape.color))
    for has, part in runs(shape.text):
        line.setFont(FONT_NAME if has else READERS_FONT, shape.points)
        line.textOut(part)
    canvas.drawText(line)


def _dots(canvas: Canvas, shape: Dots) -> None:
    """One path for all dark modules: drawn one by one they show hairlines between them."""
    step = shape.size / len(shape.modules)
    path = canvas.beginPath()
    for row, modules in enumerate(shape.modules):
        for column, dark in enumerate(modules):
            if dark:
                y = _up(shape.y + (row + 1) * step)
                path.rect((shape.x + column * step) * mm, y, step * mm, step * mm)
    canvas.setFillColor(HexColor("#000000"))
    canvas.drawPath(path, stroke=0, fill=1)


def _up(y: float) -> float:
    """PDF counts from the lower edge."""
    return float((HIGH - y) * mm)
