"""Sheets as SVG: letters are outlines, so that the file looks alike wherever it is opened."""

import base64
from html import escape

from services.codes.letters import MM_PER_POINT, outline, runs, units_per_em, width
from services.codes.shapes import A4, Box, Dots, Page, Picture, Shape, Stroke, Text

WIDE, HIGH = A4
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}mm" height="{high:g}mm" viewBox="0 0 {wide:g} {high:g}" '
    'lang="zh-CN" role="img"><title>{title}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
)


def draw(page: Page, *, title: str) -> bytes:
    """Return one page as a file."""
    head = HEAD.format(wide=WIDE, high=HIGH, title=escape(title))
    return (head + "\n".join(map(_drawn, page)) + "\n</svg>\n").encode()


def _drawn(shape: Shape) -> str:
    match shape:
        case Text():
            return _written(shape)
        case Box():
            ink = (
                f'fill="none" stroke="{shape.color}" stroke-width="{shape.line:g}"'
                if shape.line
                else f'fill="{shape.color}"'
            )
            where = f'x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:g}" height="{shape.height:g}"'
            return f'<rect {where} rx="{shape.radius:g}" {ink}/>'
        case Stroke():
            dashes = ' stroke-dasharray="0.5 1"' if shape.dashed else ""
            where = f'x1="{shape.x1:g}" y1="{shape.y1:g}" x2="{shape.x2:g}" y2="{shape.y2:g}"'
            return f'<line {where} stroke="{shape.color}" stroke-width="0.2"{dashes}/>'
        case Picture():
            content = base64.b64encode(shape.content).decode()
            where = f'x="{shape.x:g}" y="{shape.y:g}" width="{shape.size:g}" height="{shape.size:g}"'
            return f'<image {where} href="data:{shape.content_type};base64,{content}"/>'
        case Dots():
            return _dots(shape)


def _written(shape: Text) -> str:
    """Letters as paths, with the text beside them for whoever has it read aloud."""
    x = shape.x - width(shape.text, shape.points) / 2 if shape.centered else shape.x
    size = shape.points * MM_PER_POINT
    scale = size / units_per_em()
    drawn = []
    for has, part in runs(shape.text):
        for char in part:
            if has:
                move = f"translate({x:.3f} {shape.y:g}) scale({scale:.6f} {-scale:.6f})"
                drawn.append(f'<path transform="{move}" d="{outline(char)}"/>')
            else:
                drawn.append(f'<text x="{x:.3f}" y="{shape.y:g}" font-size="{size:.3f}">{escape(char)}</text>')
            x += width(char, shape.points)
    return f'<g fill="{shape.color}" aria-label="{escape(shape.text)}">{"".join(drawn)}</g>'


def _dots(shape: Dots) -> str:
    step = shape.size / len(shape.modules)
    path = "".join(
        f"M{column} {row}h1v1h-1z"
        for row, modules in enumerate(shape.modules)
        for column, dark in enumerate(modules)
        if dark
    )
    return f'<path transform="translate({shape.x:g} {shape.y:g}) scale({step:.6f})" d="{path}"/>'
