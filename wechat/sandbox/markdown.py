"""Shows the little markdown of group robots as HTML.  Everything that is not one of its few marks is escaped."""

import re

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_FONT = re.compile(r"&lt;font color=&#34;(info|comment|warning)&#34;&gt;(.*?)&lt;/font&gt;")
_HEADING = re.compile(r"#{1,6} +(.*)")


def render(text: str) -> Markup:
    """Return headings, quotes, bold and font colours as HTML, a line for each line, the rest as plain text."""
    return Markup("").join(_line(line) for line in text.split("\n"))


def _line(line: str) -> Markup:
    heading = _HEADING.fullmatch(line)
    if heading:
        return _element("p", "md-heading", heading.group(1))
    if line.startswith(">"):
        return _element("p", "md-quote", line[1:].strip())
    return _element("p", "md-line", line)


def _element(tag: str, css: str, text: str) -> Markup:
    return Markup('<{tag} class="{css}">{content}</{tag}>').format(tag=tag, css=css, content=_inline(text))


def _inline(text: str) -> Markup:
    """Escape first; then put elements in place of the marks, whose parts are escaped by now."""
    safe = str(escape(text))
    safe = _FONT.sub(r'<span class="md-\1">\2</span>', safe)
    return Markup(  # noqa: S704 - escaped above; only our own elements were added
        _BOLD.sub(r"<strong>\1</strong>", safe)
    )
