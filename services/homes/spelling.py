"""Text made even before anything is understood: full-width letters, Chinese numerals, every kind of dash.  Pure."""

import re
import unicodedata
from functools import lru_cache

# The characters of an address that old papers write in the traditional form.
_SIMPLE = str.maketrans("棟樓號單層門區東車庫倉舊間戶", "栋楼号单层门区东车库仓旧间户")
_CAPITALS = str.maketrans("壹贰貳叁參肆伍陆陸柒捌玖拾佰〇○幺兩", "一二二三三四五六六七八九十百零零一两")
_DASHES = re.compile(r"[\-‐-―−－ー~∼～_/\\|,，、。.·;；:：]+")
_BRACKETS = re.compile(r"[()\[\]【】《》“”\"'‘’]")
_ROUND_DASH = re.compile(r"\s*-\s*")
_IDLE_SPACE = re.compile(r"(?<![0-9A-Z]) | (?![0-9A-Z])")
"""A space says something only between two numbers: 14 2 501."""
_NUMERAL = re.compile(r"[零一二三四五六七八九十百两廿卅]+")
_POSITIONAL = re.compile(
    r"(?:([一二三四五六七八九两])百)?(?:(零)|([一二三四五六七八九]?)(十)|(廿)|(卅))?([一二三四五六七八九两]?)"
)
_VALUES = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {"两": "2"}


@lru_cache(4096)  # 14号楼, 2单元, 501: in a workbook the same few texts come again and again
def fold(text: str) -> str:
    """Return a text made even: half-width, capitals, simplified, one kind of dash, Arabic digits, few spaces.

    Two texts that differ only in how they are typed fold to the same one; that is what aliases are kept by.
    """
    text = unicodedata.normalize("NFKC", text).upper().translate(_SIMPLE).translate(_CAPITALS)
    text = _BRACKETS.sub(" ", text)
    text = _DASHES.sub("-", text)
    text = _NUMERAL.sub(lambda found: " ".join(digits(found.group())), text)
    text = _ROUND_DASH.sub("-", " ".join(text.split()))
    text = _IDLE_SPACE.sub("", text)
    return text.strip("-")


def digits(numeral: str) -> list[str]:
    """Return the numbers in a run of Chinese numerals, as digits.

    Said one by one (一零一) they are one number, 101.  With 十 or 百 the longest well-formed number is taken first, and
    what follows is the next one: 十四二零一 is 14 and 201.
    """
    found: list[str] = []
    while numeral:
        positional = _POSITIONAL.match(numeral)
        if positional is None or not re.search(r"[十百廿卅]", positional.group()):
            head = re.match(r"[零一二三四五六七八九两]*?(?=[一二三四五六七八九两]?[十百]|[廿卅]|$)", numeral)
            run = head.group() if head and head.group() else numeral[0]
            found.append("".join(_VALUES.get(char, "") for char in run))
            numeral = numeral[len(run) :]
        else:
            found.append(str(_value(positional)))
            numeral = numeral[positional.end() :]
    return [number for number in found if number]


def _value(found: re.Match[str]) -> int:
    hundreds, zero, tens, ten, twenty, thirty, ones = found.groups()
    value = 100 * int(_VALUES[hundreds]) if hundreds else 0
    if ten:
        value += 10 * int(_VALUES[tens] if tens else 1)
    value += 20 if twenty else 30 if thirty else 0
    if ones:
        # 一百二 is a hundred and twenty; 一百零二 is a hundred and two.
        bare = hundreds and not (zero or ten or twenty or thirty)
        value += int(_VALUES[ones]) * (10 if bare else 1)
    return value


def chinese(number: int) -> str:
    """Return a number below a hundred as people say it: 14 is 十四."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_said(tens)}十"
    return f"{head}{_said(ones) if ones or not tens else ''}"


def one_by_one(numerals: str) -> str:
    """Return digits as they are said one by one: 501 is 五零一."""
    return "".join(_said(int(digit)) for digit in numerals)


def _said(digit: int) -> str:
    return "零一二三四五六七八九"[digit]
