"""Fits our values to the field types of subscribe messages.

WeChat refuses the whole message (47003) when one value breaks its type's limit, so a value is cut, cleaned or replaced
by a placeholder rather than lost.  The limits are those of the table 参数值内容限制 on the page 发送订阅消息.

Lengths are counted in UTF-16 units: the page says "characters" and a client written in JavaScript counts those, so the
rare characters that take two are counted as two.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from wechat.clock import BEIJING

CUT_MARK = "…"
NOTHING = "无"
AMOUNT_MOST = 11  # ten digits and the point

_KEY = re.compile(r"([a-z_]+?)\d+")
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_DATE = re.compile(r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_MONTH_DAY = re.compile(r"(?<![\d:])(\d{1,2})\s*[-/月]\s*(\d{1,2})\s*日?")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CURRENCY = re.compile(r"[￥¥$€£]")
_HAN_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")


def field_type(key: str) -> str:
    """Return the type in a field key: ``thing`` for ``thing2``."""
    match = _KEY.fullmatch(key)
    return match.group(1) if match else key


def fit(key: str, value: str, now: dt.datetime) -> str:
    """Return the value as the field takes it, never empty.

    ``now`` (aware) stands in for a time or date that cannot be read: nearly right, and the message still arrives.
    """
    shape = _SHAPES.get(field_type(key), _thing)
    return shape(clean(value), now)


def clean(value: str) -> str:
    """Return the value on one line, without control characters, marks of writing direction or doubled spaces."""
    spaced = (" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in value)
    visible = (char for char in spaced if unicodedata.category(char) not in {"Cf", "Cs", "Co", "Cn"})
    return " ".join("".join(visible).split())


def units(text: str) -> int:
    """Return the length in UTF-16 units."""
    return len(text) + sum(char > "\uffff" for char in text)


def cut(text: str, limit: int, mark: str = CUT_MARK) -> str:
    """Return the text within so many UTF-16 units, ending with the mark when something was cut off."""
    if units(text) <= limit:
        return text
    kept, room = "", limit - len(mark)
    for char in text:
        room -= units(char)
        if room < 0:
            break
        kept += char
    return kept.rstrip() + mark


def _plain(text: str) -> str:
    """Turn full-width letters, digits and signs into the ordinary ones."""
    return unicodedata.normalize("NFKC", text)


def _thing(value: str, _now: dt.datetime) -> str:
    return cut(value, 20) or NOTHING


def _phrase(value: str, _now: dt.datetime) -> str:
    return _NOT_HAN.sub("", value)[:5] or NOTHING


def _character_string(value: str, _now: dt.datetime) -> str:
    visible = "".join(char for char in _plain(value).replace(" ", "-") if "!" <= char <= "~")
    return cut(visible, 32, mark="...") or "-"


def _letter(value: str, _now: dt.datetime) -> str:
    return "".join(char for char in _plain(value) if char.isascii() and char.isalpha())[:32] or "NA"


def _symbol(value: str, _now: dt.datetime) -> str:
    return "".join(char for char in value if unicodedata.category(char)[0] in "PS" and char <= "\uffff")[:5] or "-"


def _number(value: str, _now: dt.datetime) -> str:
    match = _NUMBER.search(_ascii_digits(value).replace(",", ""))
    return match.group()[:32].rstrip(".") if match else "0"


def _ascii_digits(value: str) -> str:
    """Drop the digits of other scripts: the patterns here would take them, WeChat would not."""
    return "".join(char for char in _plain(value) if char.isascii() or not char.isdigit())


def _amount(value: str, _now: dt.datetime) -> str:
    currency = _CURRENCY.search(value)
    match = _NUMBER.search(_ascii_digits(value).replace(",", ""))
    try:
        sum_of_money = Decimal(match.group()) if match else Decimal(0)
        text = f"{sum_of_money:.2f}"
    except InvalidOperation:
        text = "9999999999.00"
    # Ten digits in all, fen included; a larger sum loses its fen, then is capped: nobody is billed ten billion.
    if len(text) > AMOUNT_MOST:
        text = str(min(int(text[:-3]), 9_999_999_999))
    return (currency.group() if currency else "￥").replace("¥", "￥") + text


def _phone_number(value: str, _now: dt.datetime) -> str:
    return "".join(char for char in _plain(value) if char in "0123456789+-()#*")[:17] or "0"


def _car_number(value: str, _now: dt.datetime) -> str:
    kept = [char for char in _plain(value).upper() if _HAN.match(char) or (char.isascii() and char.isalnum())][:8]
    inside = [char for char in kept[1:-1] if char.isascii()]
    return "".join(kept[:1] + inside + (kept[-1:] if len(kept) > 1 else [])) or NOTHING


def _name(value: str, _now: dt.datetime) -> str:
    """Ten characters with 汉字 among them, twenty without; digits are not allowed, so "1栋" becomes "一栋"."""
    text = value if not _HAN.search(value) and not any(map(str.isdigit, value)) else value.translate(_HAN_DIGITS)
    text = "".join(char for char in text if not char.isnumeric() or _HAN.match(char))
    return cut(clean(text), 20 if text.isascii() else 10) or NOTHING


def _when(text: str, now: dt.datetime) -> tuple[dt.date | None, dt.time | None]:
    """Read a date, a time of day or both; a moment with an offset is read as Beijing time."""
    iso = _ISO.search(text)
    if iso:
        try:
            moment = dt.datetime.fromisoformat(iso.group())
        except ValueError:
            moment = None
        if moment is not None:
            moment = moment.astimezone(BEIJING) if moment.tzinfo else moment
            return moment.date(), moment.time()
    return _date(text, now), _clock(text)


def _date(text: str, now: dt.datetime) -> dt.date | None:
    """Read year, month and day, or month and day of the present year."""
    whole, short = _DATE.search(text), _MONTH_DAY.search(text)
    parts = whole.groups() if whole else (now.astimezone(BEIJING).year, *short.groups()) if short else None
    try:
        return dt.date(*(int(part) for part in parts)) if parts else None
    except ValueError:
        return None


def _clock(text: str) -> dt.time | None:
    match = _CLOCK.search(text)
    try:
        return dt.time(int(match.group(1)), int(match.group(2))) if match else None
    except ValueError:
        return None


def _moment(text: str, now: dt.datetime) -> str:
    day, clock = _when(text, now)
    if clock is None:
        clock = dt.time() if day else now.astimezone(BEIJING).time()
        day = day or now.astimezone(BEIJING).date()
    return f"{_day(day)} {clock:%H:%M}" if day else f"{clock:%H:%M}"


def _calendar(text: str, now: dt.datetime) -> str:
    day, clock = _when(text, now)
    day = day or now.astimezone(BEIJING).date()
    return f"{_day(day)} {clock:%H:%M}" if clock else _day(day)


def _day(day: dt.date) -> str:
    return f"{day.year:04d}年{day.month}月{day.day}日"


def _range(one: Callable[[str, dt.datetime], str]) -> Callable[[str, dt.datetime], str]:
    """Let a type take two values joined by ``~``."""

    def both(value: str, now: dt.datetime) -> str:
        start, tilde, end = _plain(value).partition("~")
        return f"{one(start, now)}~{one(end, now)}" if tilde and start.strip() and end.strip() else one(start, now)

    return both


_SHAPES: dict[str, Callable[[str, dt.datetime], str]] = {
    "thing": _thing,
    "phrase": _phrase,
    "character_string": _character_string,
    "letter": _letter,
    "symbol": _symbol,
    "number": _number,
    "amount": _amount,
    "phone_number": _phone_number,
    "car_number": _car_number,
    "name": _name,
    "time": _range(_moment),
    "date": _range(_calendar),
}

KNOWN_TYPES = frozenset(_SHAPES)
"""The types of fields that a value can be fitted to."""
