"""What a single cell says, in any of the disguises in which spreadsheets and people write it.  Pure.

Each reader returns what it understood and, where something is wrong or was left out, the code of a problem
(``services.imports.problems``).  Nothing is guessed where digits are lost.
"""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from models import HomeUse, ResidencyKind
from services.errors import InvalidInput
from services.imports import limits
from services.imports.problems import Code
from services.people import NAME_MOST
from services.vault import normal_phone

NOTHING = frozenset({
    "", "-", "--", "—", "——", "/", "\\", "0", "无", "没有", "暂无", "不详", "不知道", "未知", "空", "空着", "空房", "空置",
    "无人", "无人住", "无电话", "没电话", "待补", "未登记", "NA", "N/A", "NULL", "NONE",
    "#N/A", "#REF!", "#VALUE!", "?", "？",
})  # fmt: skip
"""What people write where there is nothing to write."""
DITTO = frozenset({"同上", "〃", '"', "″", "''", "同前", "同左"})

_MOBILE = re.compile(r"1[3-9]\d{9}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")
_DATE_TEXT = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?: \d{2}:\d{2}(?::\d{2})?)?")
_BETWEEN = re.compile(r"[、,;/|\\和与及]|\s{1,}(?=1[3-9]\d)")
_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]|【[^【】]*】")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_PLAIN_NAME = re.compile(r"(?:(?![和与及])[\u3400-\u9fff]){2,4}")
"""One name beyond doubt: nearly all are."""
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffffA-Za-z·.\s'-]+")

Found = tuple[str | None, Code | None]


def is_nothing(text: str) -> bool:
    """Whether a cell is empty in one of the ways people leave it empty."""
    return text.upper() in NOTHING


@lru_cache(1024)
def phone(text: str) -> Found:
    """Return a phone in E.164.

    ``1.38E+10`` has lost its last digits for good: it is named, never completed.
    """
    if _MOBILE.fullmatch(text):
        return f"+86{text}", None
    if is_nothing(text):
        return None, None
    if _SCIENTIFIC.fullmatch(text.replace(" ", "")):
        return None, Code.PHONE_SCIENTIFIC
    plain = _mobile(text)
    if plain:
        return plain, None
    parts = [part for part in _BETWEEN.split(_BRACKETS.sub("", text)) if re.search(r"\d", part)]
    numbers = [number for part in parts if (number := _mobile(part) or _landline(part))]
    if not numbers:
        joined = _mobile(re.sub(r"\D", "", text)) or _landline(text)
        numbers = [joined] if joined else []
    if not numbers:
        return None, _why_no_phone(text)
    return numbers[0], Code.PHONE_SECOND_LEFT_OUT if len(set(numbers)) > 1 else None


def _mobile(text: str) -> str | None:
    digits = re.sub(r"[\s\-()+.]", "", re.sub(r"\.0+$", "", text.strip()))
    if not digits.isdigit():
        digits = re.sub(r"^[^\d+]+|[^\d]+$", "", digits)  # 手机13800001234
    for front in ("0086", "86"):
        if digits.startswith(front) and _MOBILE.fullmatch(digits[len(front) :]):
            digits = digits[len(front) :]
    return f"+86{digits}" if _MOBILE.fullmatch(digits) else None


def _landline(text: str) -> str | None:
    digits = re.sub(r"\D", "", text)
    if re.fullmatch(r"0[1-9]\d{8,10}", digits):
        return normal_phone(digits)
    return None


def _why_no_phone(text: str) -> Code:
    digits = re.sub(r"\D", "", text)
    if re.fullmatch(r"[2-8]\d{6,7}", digits):
        return Code.PHONE_NO_AREA_CODE
    return Code.PHONE_LENGTH if digits.startswith("1") and len(digits) != len("13800001234") else Code.PHONE_WRONG


@lru_cache(1024)
def area(text: str) -> tuple[int | None, Code | None]:
    """Return an area in 0.01 m²: 60.5, 60.5平米, 1,060.50, 约60."""
    if is_nothing(text):
        return None, None
    found = re.fullmatch(
        r"(?:约|大约|建筑|建筑面积|使用面积|产权面积|面积)?:?\s*(\d[\d,]*(?:\.\d+)?)\s*(?:m2|m²|平方米|平米|平方|平|㎡|米)?左?右?",
        text,
        re.IGNORECASE,
    )
    if found is None:
        return None, Code.AREA_WRONG
    try:
        centi = int((Decimal(found[1].replace(",", "")) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation:
        return None, Code.AREA_WRONG
    if not limits.AREA_LEAST <= centi <= limits.AREA_MOST:
        return None, Code.AREA_IMPOSSIBLE
    return centi, None if limits.AREA_SMALL <= centi <= limits.AREA_LARGE else Code.AREA_UNUSUAL


@lru_cache(4096)
def place(text: str) -> Found:
    """Return part of an address.  Room 5-1 that a spreadsheet turned into 1 May is named: only a person knows better."""
    if text in {"", "-", "/", "无"}:
        return None, None
    return (None, Code.PLACE_BECAME_DATE) if _DATE_TEXT.fullmatch(text) else (text, None)


def names(text: str) -> tuple[tuple[str, ...], Code | None]:
    """Return the names in a cell: 王桂兰、赵永福 are two, 王 桂兰 and 王桂兰(已故) are one."""
    if is_nothing(text):
        return (), None
    if _PLAIN_NAME.fullmatch(text):
        return (text,), None
    plain = _BRACKETS.sub("", text)
    code = Code.NAME_REMARK_LEFT_OUT if plain != text and plain.strip() != text else None
    parts = [
        part.strip() for part in re.split(r"[、,，;；/|\\]|(?<=[\u3400-\u9fff])[和与及](?=[\u3400-\u9fff]{2})", plain)
    ]
    found = [name for part in parts if part for name in _apart(part)]
    if not found or len(found) > limits.PEOPLE_MOST:
        return (), Code.NAME_WRONG
    if any(not _is_name(name) for name in found):
        return (), Code.NAME_WRONG
    return tuple(dict.fromkeys(found)), code


def _apart(part: str) -> list[str]:
    """Return one name or several: spaces stand inside a short name (王 丽) or between whole ones (王丽 赵永福)."""
    pieces = part.split()
    if len(pieces) > 1 and all(_HAN.match(piece) for piece in pieces):
        return pieces if all(len(piece) > 1 for piece in pieces) else ["".join(pieces)]
    return [" ".join(pieces)]


def _is_name(name: str) -> bool:
    return 1 < len(name) <= NAME_MOST and _NAME.fullmatch(name) is not None


_RELATIONS: dict[ResidencyKind, tuple[str, ...]] = {
    ResidencyKind.CO_OWNER: ("共有", "共同产权", "共同所有", "联名", "第二产权"),
    ResidencyKind.TENANT: ("租户", "租客", "承租", "租赁", "租房", "租住", "出租", "租"),
    ResidencyKind.AGENT: ("代管", "代理", "委托", "托管", "受托"),
    ResidencyKind.OCCUPANT: ("使用人", "借住", "居住人", "居住者", "公房", "暂住", "同住", "住户", "保姆"),
    ResidencyKind.FAMILY: (
        "配偶", "妻", "夫", "丈夫", "爱人", "老伴", "儿", "女", "子", "父", "母", "爸", "妈", "孙", "媳", "婿", "兄", "弟",
        "姐", "妹", "家属", "家人", "家庭成员", "亲属", "亲戚", "之妻", "之夫",
    ),
    ResidencyKind.OWNER: ("产权人", "业主", "房主", "户主", "本人", "所有权人", "权利人", "所有人", "房东", "登记人"),
}  # fmt: skip
_NOT_FAMILY = ("业主", "产权", "户主", "本人", "房主")


@lru_cache(1024)
def relation(text: str) -> tuple[ResidencyKind | None, Code | None]:
    """Return what somebody is to a home.  What nobody can place is a problem, not an owner."""
    if is_nothing(text):
        return None, None
    plain = re.sub(r"\s", "", text).removeprefix("是").removesuffix("(代)")
    for kind in (ResidencyKind.OWNER, *_RELATIONS):
        if plain in _RELATIONS[kind]:
            return kind, None
    for kind, words in _RELATIONS.items():
        for word in words:
            # 业主之子, 户主的妻子: the end says what the person is.
            if len(word) > 1 and plain.endswith(word):
                return kind, None
    if plain.endswith(_RELATIONS[ResidencyKind.FAMILY]):
        return ResidencyKind.FAMILY, None
    for kind, words in _RELATIONS.items():
        if any(len(word) > 1 and word in plain for word in words):
            return kind, None
    return None, Code.RELATION_UNKNOWN


_USES: dict[HomeUse, tuple[str, ...]] = {
    HomeUse.DWELLING: ("住宅", "住房", "居住", "民用", "回迁", "成套", "自住", "出租"),
    HomeUse.SHOP: ("商铺", "门市", "商业", "网点", "店", "商用", "营业"),
    HomeUse.OFFICE: ("办公", "写字"),
    HomeUse.STORAGE: ("仓", "库房", "储藏"),
    HomeUse.PUBLIC: ("公用", "公共", "活动室", "物业用房", "社区用房", "配套"),
}


@lru_cache(256)
def use(text: str) -> tuple[HomeUse | None, Code | None]:
    """Return what a home is used for."""
    if is_nothing(text):
        return None, None
    for kind, words in _USES.items():
        if any(word in text for word in words):
            return kind, None
    return None, Code.USE_UNKNOWN


_HALVES = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}


@lru_cache(256)
def share(text: str) -> tuple[tuple[int, int] | None, Code | None]:
    """Return a share of the ownership as numerator and denominator: 1/2, 50%, 0.5, 二分之一, 全部."""
    if is_nothing(text) or text in {"全部", "单独所有", "独有", "共同共有", "100%"}:
        return None, None
    parts: tuple[int, int] | None = None
    if found := re.fullmatch(r"(\d{1,4})\s*/\s*(\d{1,4})", text):
        parts = int(found[1]), int(found[2])
    elif found := re.fullmatch(r"([一二两三四五六七八九十])分之([一二两三四五六七八九十])", text):
        parts = _HALVES[found[2]], _HALVES[found[1]]
    elif found := re.fullmatch(r"(\d{1,2}(?:\.\d{1,2})?)\s*%", text):
        parts = int(Decimal(found[1]) * 100), 10_000
    elif re.fullmatch(r"0?\.\d{1,4}", text):
        parts = int(Decimal(text) * 10_000), 10_000
    if parts is None or not 0 < parts[0] <= parts[1] <= 10_000:  # noqa: PLR2004 - the table takes no finer ones
        return None, Code.SHARE_WRONG
    return parts, None


_DAY_ZERO = dt.date(1899, 12, 30)
_SERIALS = range(10_000, 60_000)  # 1927 to 2064


@lru_cache(1024)
def day(text: str, today: dt.date) -> tuple[dt.date | None, Code | None]:
    """Return a day: 2020-01-05, 2020年1月, 2020.1.5, 20200105, or the number by which spreadsheets count days."""
    if is_nothing(text):
        return None, None
    numbers = re.findall(r"\d+", text)
    found: dt.date | None = None
    try:
        if _DATE_TEXT.fullmatch(text):
            found = dt.date(*(int(number) for number in numbers[:3]))
        elif re.fullmatch(r"\d{8}", text):
            found = dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
        elif re.fullmatch(r"\d{5}", text) and int(text) in _SERIALS:
            found = _DAY_ZERO + dt.timedelta(days=int(text))
        elif re.fullmatch(r"(?:19|20)\d{2}\s*年?", text):
            found = dt.date(int(numbers[0]), 1, 1)
        elif re.fullmatch(r"(?:19|20)\d{2}[年./-]\d{1,2}月?(?:[./-]?\d{1,2}[日号]?)?", text.replace(" ", "")):
            found = dt.date(int(numbers[0]), int(numbers[1]), int(numbers[2]) if len(numbers) > 2 else 1)  # noqa: PLR2004
    except ValueError:
        found = None
    if found is None or not dt.date(1900, 1, 1) <= found <= today:
        return None, Code.DAY_WRONG
    return found, None


def floor(text: str) -> tuple[int | None, Code | None]:
    """Return a floor: 5, 5层, 五楼, -1."""
    if is_nothing(text):
        return None, None
    if text in _HALVES:
        return _HALVES[text], None
    found = re.fullmatch(r"第?(-?\d{1,2})(?:层|楼|F)?", text)
    if found is None and len(text) > 1 and text[0] in _HALVES and text[1:] in {"层", "楼"}:
        return _HALVES[text[0]], None
    return (int(found[1]), None) if found and int(found[1]) else (None, Code.FLOOR_WRONG)


def problem_of(error: InvalidInput) -> Code:
    """Return our code for an identity number that was refused."""
    return Code.ID_CHECK if "校验" in error.detail else Code.ID_DATE if "日期" in error.detail else Code.ID_LENGTH
