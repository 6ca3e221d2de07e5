"""Texts cut to a number of UTF-8 bytes: never inside a character or a mark, at the end of a sentence where there is one."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

CUT_MARK = "…"
MOST_LOST = 4
"""A sentence's end is chosen as the place to cut when at most a quarter of the text before the limit is lost by it."""
ENDS = frozenset("\n。！？；!?;")

BOLD, FONT_END = "**", "</font>"
_FONT = re.compile(r'<font color="[a-z]{1,16}">')
_WHOLE = re.compile(
    r"\[[^\[\]\n]{0,500}\]\([^()\s]{0,1000}\)"  # a link
    r"|`[^`\n]{1,500}`"  # inline code
    r"|<@[^<>\s]{1,64}>"  # somebody is called
    r'|<font color="[a-z]{1,16}">|</font>|\*\*'
)
_JOINER = "\u200d"
_MODIFIERS = re.compile("[\ufe00-\ufe0f\u200d\U0001f3fb-\U0001f3ff]")


@dataclass(frozen=True)
class _Place:
    """Where a text may be cut: after so many of its characters, with what must be closed there."""

    at: int
    closing: str
    size: int
    is_end: bool


def cut_text(text: str, limit: int) -> str:
    """Return a plain text within so many bytes; one that was cut ends with an ellipsis."""
    return _cut(text, limit, _characters(text, 0))


def cut_markdown(text: str, limit: int) -> str:
    """Return WeCom's markdown within so many bytes; bold and colours that are open at the cut are closed."""
    return _cut(text, limit, _marks(text))


def _cut(text: str, limit: int, atoms: Iterator[str]) -> str:
    clean = text.encode("utf-8", "replace").decode("utf-8")
    if len(clean.encode()) <= limit:
        return clean
    last = end = _Place(0, "", 0, is_end=True)
    for place in _places(atoms):
        if place.size + len(CUT_MARK.encode()) > limit:
            break
        last = place
        end = place if place.is_end else end
    chosen = end if end.size * MOST_LOST >= limit * (MOST_LOST - 1) else last
    # Half a pair is one character here and one question mark outside: positions are the same in both.
    return clean[: chosen.at].rstrip("\n ") + CUT_MARK + chosen.closing


def _places(atoms: Iterator[str]) -> Iterator[_Place]:
    """Walk over a text; after each atom it may be cut.  ``size`` is bytes up to there with what must be closed."""
    open_marks: list[str] = []
    at = size = 0
    for atom in atoms:
        _note(atom, open_marks)
        at += len(atom)
        size += len(atom.encode("utf-8", "replace"))
        closing = "".join(reversed(open_marks))
        yield _Place(at, closing, size + len(closing), atom in ENDS)


def _note(atom: str, open_marks: list[str]) -> None:
    """Remember what is open: bold ends where it began, a colour at its closing mark."""
    if atom == BOLD:
        if BOLD in open_marks:
            open_marks.remove(BOLD)
        else:
            open_marks.append(BOLD)
    elif _FONT.fullmatch(atom):
        open_marks.append(FONT_END)
    elif atom == FONT_END and FONT_END in open_marks:
        open_marks.remove(FONT_END)


def _marks(text: str) -> Iterator[str]:
    """Split markdown into marks that must stay whole, and characters."""
    at = 0
    for found in _WHOLE.finditer(text):
        yield from _characters(text[: found.start()], at)
        yield found.group()
        at = found.end()
    yield from _characters(text, at)


def _characters(text: str, at: int) -> Iterator[str]:
    """Split a text, from a place on, into what people see as one character each."""
    together = ""
    for character in text[at:]:
        joined = together.endswith(_JOINER) or _MODIFIERS.fullmatch(character) or unicodedata.combining(character)
        if together and not joined:
            yield together
            together = ""
        together += character
    if together:
        yield together
