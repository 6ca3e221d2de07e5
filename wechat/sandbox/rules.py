"""Checks template values as WeChat does (the table 参数值内容限制 on the page 发送订阅消息).

This is written apart from the formatter that fits values before sending, so that each shows the other's mistakes.
"""

import re
from collections.abc import Mapping

from wechat.sandbox.refusal import Refusal

HAN = r"㐀-䶿一-鿿"
CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
DAY = r"(\d{4}年)?\d{1,2}月\d{1,2}日|(\d{4}[-/.])?\d{1,2}[-/.]\d{1,2}"
DIGIT = "[0-9]"

PATTERNS: Mapping[str, str] = {
    "thing": r".{1,20}",
    "number": r"(?=.{1,32}$)[0-9]+(\.[0-9]+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": rf"[^\sA-Za-z0-9{HAN}]{{1,5}}",
    "character_string": r"[!-~]{1,32}",
    "time": rf"(({DAY}) ?)?{CLOCK}(~(({DAY}) ?)?{CLOCK})?",
    "date": rf"({DAY})( ?{CLOCK})?(~({DAY})( ?{CLOCK})?)?",
    "amount": rf"[￥¥$€£]?(?={DIGIT}{{1,10}}元?$|(?={DIGIT}+\.)[0-9.]{{3,11}}元?$){DIGIT}+(\.{DIGIT}+)?元?",
    "phone_number": r"[0-9+\-()#*]{1,17}",
    "car_number": rf"[{HAN}A-Z0-9]([A-Z0-9]{{0,6}}[{HAN}A-Z0-9])?",
    "name": rf"(?=.*[{HAN}])[^0-9]{{1,10}}|[^0-9{HAN}]{{1,20}}",
    "phrase": rf"[{HAN}]{{1,5}}",
    "enum": r".{1,20}",
}
_COMPILED = {kind: re.compile(pattern) for kind, pattern in PATTERNS.items()}
_KEY = re.compile(r"([a-z_]+?)[0-9]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def check_values(data: object, keys: frozenset[str]) -> dict[str, str]:
    """Return the values by field key.

    Raises the refusal 47003 that names the first field which is missing, not in the template, empty or against its
    type.
    """
    if not isinstance(data, Mapping):
        raise Refusal(47003, "argument invalid! data is not an object")
    for key in data:
        if key not in keys:
            raise Refusal(47003, f"argument invalid! data.{key} is not in the template")
    return {key: _value(key, data.get(key)) for key in sorted(keys)}


def _value(key: str, item: object) -> str:
    value = item.get("value") if isinstance(item, Mapping) else None
    if not isinstance(value, str) or not value.strip():
        raise Refusal(47003, f"argument invalid! data.{key}.value is empty")
    if not fits(key, value):
        raise Refusal(47003, f"argument invalid! data.{key}.value invalid")
    return value


def fits(key: str, value: str) -> bool:
    """Whether a value is within the limits of its key's type."""
    kind = _KEY.fullmatch(key)
    pattern = _COMPILED.get(kind.group(1)) if kind else None
    # Characters outside the basic plane count twice, as they do in the JavaScript of the client.
    doubled = re.sub("[\U00010000-\U0010ffff]", "xx", value) if kind and kind.group(1) == "thing" else value
    return bool(pattern and pattern.fullmatch(doubled)) and not _CONTROL.search(value)
