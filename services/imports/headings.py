"""Which column is what: headings people write, and what the values below them look like.

A guess has a confidence; the person sees it with examples, and confirms or changes it.  What was confirmed in a
neighborhood is remembered there and comes first the next time.
"""

import difflib
import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.imports.sheets import Line, Sheet

LOOK_FOR_HEADING = 15
LOOK_AT = 200
"""Rows: enough to see what a column holds, few enough for a sheet of 100,000."""
EXAMPLES = 3
CERTAIN, LIKELY, POSSIBLE = 100, 80, 60
"""Percent."""
ALIKE = 0.75


class Field(enum.StrEnum):
    """What a column can be."""

    ADDRESS = "address"
    BUILDING = "building"
    STAIRWELL = "stairwell"
    FLOOR = "floor"
    ROOM = "room"
    AREA = "area"
    USE = "use"
    OWNER = "owner"
    NAME = "name"
    RELATION = "relation"
    PHONE = "phone"
    CO_OWNER = "co_owner"
    TENANT = "tenant"
    TENANT_PHONE = "tenant_phone"
    SHARE = "share"
    SINCE = "since"
    ID_NUMBER = "id_number"
    IGNORE = "ignore"


F = Field
FIELD_NAMES: Mapping[Field, str] = {
    F.ADDRESS: "地址（楼、单元、室写在一起）",
    F.BUILDING: "楼号",
    F.STAIRWELL: "单元",
    F.FLOOR: "楼层",
    F.ROOM: "房号",
    F.AREA: "面积",
    F.USE: "用途",
    F.OWNER: "业主姓名",
    F.NAME: "姓名（身份另有一列）",
    F.RELATION: "和房子的关系",
    F.PHONE: "电话",
    F.CO_OWNER: "共有人姓名",
    F.TENANT: "租户姓名",
    F.TENANT_PHONE: "租户电话",
    F.SHARE: "份额",
    F.SINCE: "从哪天起",
    F.ID_NUMBER: "身份证号",
    F.IGNORE: "不导入",
}
ONCE = frozenset(Field) - {F.IGNORE}
"""Fields that one column of a sheet can be at most."""

SYNONYMS: Mapping[Field, tuple[str, ...]] = {
    F.ADDRESS: (
        "地址", "房屋地址", "住址", "家庭住址", "详细地址", "房屋坐落", "坐落", "房产地址", "房屋位置", "位置",
        "楼栋房号",
        "门牌", "门牌号", "门牌地址", "楼门号", "现住址", "居住地址", "房屋编号", "房屋信息", "楼单元室", "房产坐落",
    ),
    F.BUILDING: (
        "楼号", "楼", "栋", "栋号", "楼栋", "楼栋号", "幢", "幢号", "座", "楼宇", "楼座", "几号楼", "所在楼栋",
        "楼房号",
    ),
    F.STAIRWELL: ("单元", "单元号", "门", "门洞", "几单元", "所在单元", "梯"),
    F.FLOOR: ("层", "楼层", "层数", "所在层", "几层", "层号", "楼层号"),
    F.ROOM: ("室", "房号", "室号", "户号", "房间号", "房间", "门号", "户室", "房屋号", "室户号", "几室", "房间编号"),
    F.AREA: (
        "面积", "产权面积", "建筑面积", "房屋面积", "使用面积", "建面", "实测面积", "套内面积", "面积平方米",
        "面积平米", "平方",
        "平米", "平米数", "平方数", "住房面积", "房产面积", "合同面积", "证载面积", "计费面积",
    ),
    F.USE: ("用途", "房屋用途", "使用性质", "房屋性质", "性质", "规划用途", "房屋类型", "物业类型"),
    F.OWNER: (
        "业主", "业主姓名", "产权人", "产权人姓名", "房主", "房主姓名", "户主", "户主姓名", "所有权人", "权利人",
        "房东",
        "产权所有人", "业主名称", "房产证姓名", "产权登记人", "业主名字", "房屋所有权人",
    ),
    F.NAME: (
        "姓名", "名字", "住户", "住户姓名", "居民", "居民姓名", "人员", "人员姓名", "居住人", "成员姓名",
        "家庭成员",
    ),
    F.RELATION: (
        "身份", "关系", "与业主关系", "与户主关系", "与产权人关系", "与房主关系", "人员类别", "人员类型",
        "住户类型", "居住性质",
        "类别", "住户身份", "人房关系", "居住类型",
    ),
    F.PHONE: (
        "电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "联系电话", "业主电话", "业主手机",
        "移动电话", "联系号码",
        "联络电话", "业主联系方式", "电话手机", "户主电话", "产权人电话", "房主电话", "号码", "住户电话",
    ),
    F.CO_OWNER: ("共有人", "共有人姓名", "共同产权人", "第二产权人", "共有权人", "其他产权人"),
    F.TENANT: ("租户", "租户姓名", "租客", "租客姓名", "承租人", "承租人姓名", "租房人", "租住人"),
    F.TENANT_PHONE: (
        "租户电话", "租客电话", "承租人电话", "租户手机", "租客手机", "租户联系方式", "租客联系方式",
        "承租人联系方式",
    ),
    F.SHARE: ("份额", "产权份额", "共有份额", "占比", "所占份额", "产权比例", "共有比例"),
    F.SINCE: (
        "入住时间", "入住日期", "登记日期", "登记时间", "起始日期", "取得日期", "交房日期", "交房时间", "入户时间",
        "发证日期", "进户日期",
    ),
    F.ID_NUMBER: ("身份证", "身份证号", "身份证号码", "证件号", "证件号码", "公民身份号码", "身份号码"),
    F.IGNORE: (
        "问题", "序号", "编号", "备注", "说明", "合计", "小区", "小区名称", "社区", "街道", "网格", "网格员", "楼长",
        "性别", "年龄", "民族",
        "出生日期", "政治面貌", "工作单位", "户籍", "户籍地", "人口数", "常住人口", "车牌", "车牌号", "物业费",
        "是否党员", "其他",
    ),
}  # fmt: skip
_KNOWN = {word: found for found, words in SYNONYMS.items() for word in words}


@dataclass(frozen=True)
class Guess:
    """What a column may be, how sure that is in percent, and how one came to it."""

    field: Field
    confidence: int
    how: str
    """``remembered``, ``heading``, ``similar`` or ``values``; ``unknown`` where nothing fits."""


@dataclass(frozen=True)
class Column:
    """A column: its position from 0, its heading, the guess, and how many of the rows looked at had a value."""

    at: int
    title: str
    guess: Guess
    filled: int


@dataclass(frozen=True)
class Heading:
    """Where the table of a sheet begins, and its columns."""

    last_line: int
    """The number of the last row of the heading: data follow."""
    columns: tuple[Column, ...]


def plain(title: str) -> str:
    """Return a heading without spaces, signs and remarks: 联系 电话(必填)* is 联系电话."""
    without = re.sub(r"[(（\[【].*?[)）\]】]", "", title) or title
    return re.sub(r"[\W_]", "", without)[:64]


def heading_of(sheet: Sheet, remembered: Mapping[str, Field]) -> Heading | None:
    """Find the heading of a sheet and guess its columns; nothing when no row looks like a heading."""
    lines = []
    for line in sheet.lines():
        lines.append(line)
        if len(lines) > LOOK_FOR_HEADING + LOOK_AT:
            break
    best = max(
        range(min(len(lines), LOOK_FOR_HEADING)), key=lambda at: (_score(lines[at], remembered), -at), default=None
    )
    if best is None or _score(lines[best], remembered) < 2:  # noqa: PLR2004 - one known word may stand in any sentence
        return None
    titles, last = _titles(lines, best, remembered)
    values = [line for line in lines if line.number > last.number]
    return Heading(last.number, tuple(_columns(titles, values, remembered)))


def by_title(title: str, remembered: Mapping[str, Field]) -> Guess:
    """Guess by the heading alone."""
    key = plain(title)
    if not key:
        return Guess(Field.IGNORE, 0, "unknown")
    if key in remembered:
        return Guess(remembered[key], CERTAIN, "remembered")
    if key in _KNOWN:
        return Guess(_KNOWN[key], CERTAIN, "heading")
    # The longest known word in a longer heading: 业主联系电话号码 holds 联系电话.
    inside = [word for word in _KNOWN if len(word) > 1 and word in key]
    if inside:
        longest = max(inside, key=lambda word: (len(word), key.rfind(word)))
        found = _KNOWN[longest]
        if found is Field.PHONE and any(word in key for word in ("租", "承租")):
            found = Field.TENANT_PHONE
        return Guess(found, LIKELY if len(longest) * 2 >= len(key) else POSSIBLE, "similar")
    near = difflib.get_close_matches(key, _KNOWN, 1, ALIKE)
    return Guess(_KNOWN[near[0]], POSSIBLE, "similar") if near else Guess(Field.IGNORE, 0, "unknown")


_LOOKS: tuple[tuple[Field, str, int], ...] = (
    (Field.ID_NUMBER, r"\d{17}[\dXx]", 90),
    (Field.PHONE, r"(?:\+?86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-?\d{7,8}", 90),
    (Field.ADDRESS, r".*\d+\s*(?:号楼|栋|幢|#|-).*(?:单元|门|-|#).*\d+.*", 85),
    (Field.AREA, r"\d{2,3}\.\d{1,2}(?:m2|平方?米?)?", 75),
)


def by_values(values: Sequence[str]) -> Guess:
    """Guess by what stands below a heading that says nothing: most of it must look alike."""
    filled = [value for value in values if value]
    for field, pattern, confidence in _LOOKS:
        fitting = sum(re.fullmatch(pattern, value) is not None for value in filled)
        if filled and fitting * 10 >= len(filled) * 6:
            return Guess(field, confidence, "values")
    return Guess(Field.IGNORE, 0, "unknown")


def _score(line: Line, remembered: Mapping[str, Field]) -> int:
    """Return how many different things a row would name if it were the heading; a row of data names none."""
    found = set()
    for at, cell in enumerate(line.cells):
        if at in line.merged or not cell or re.fullmatch(r"[\d.\-#]+", cell):
            continue
        key = plain(cell)
        if key in remembered or key in _KNOWN:
            found.add((remembered.get(key) or _KNOWN[key], key))
    return len(found)


def _titles(lines: Sequence[Line], at: int, remembered: Mapping[str, Field]) -> tuple[list[str], Line]:
    """Return the headings; those of two rows (业主 above 姓名 and 电话) are put together."""
    line = lines[at]
    below = lines[at + 1] if at + 1 < len(lines) and lines[at + 1].number == line.number + 1 else None
    above = lines[at - 1] if at and lines[at - 1].number == line.number - 1 and lines[at - 1].merged else None
    if below is not None and _is_second(line, below, remembered):
        return [_joined(upper, lower) for upper, lower in _pairs(line, below)], below
    if above is not None and _is_second(above, line, remembered):
        return [_joined(upper, lower) for upper, lower in _pairs(above, line)], line
    return list(line.cells), line


def _is_second(upper: Line, lower: Line, remembered: Mapping[str, Field]) -> bool:
    titled = len({cell for cell in upper.cells if cell}) == 1  # one title over the whole table is no heading
    spans = any(
        cell and upper.cells[at - 1] == cell for at, cell in enumerate(upper.cells) if at in upper.merged and at
    )
    return (
        spans
        and not titled
        and _score(lower, remembered) > 0
        and not any(re.search(r"\d{3,}", cell) for cell in lower.cells)
    )


def _pairs(upper: Line, lower: Line) -> list[tuple[str, str]]:
    width = max(len(upper.cells), len(lower.cells))
    one, two = ([*line.cells, *[""] * (width - len(line.cells))] for line in (upper, lower))
    return list(zip(one, two, strict=True))


def _joined(upper: str, lower: str) -> str:
    return lower if upper in {"", lower} else upper if not lower else upper + lower


def _columns(titles: Sequence[str], values: Sequence[Line], remembered: Mapping[str, Field]) -> list[Column]:
    width = max([len(titles), *(len(line.cells) for line in values)])
    found: list[Column] = []
    for at in range(width):
        title = titles[at] if at < len(titles) else ""
        below = [line.cells[at] if at < len(line.cells) else "" for line in values]
        filled = sum(bool(value) for value in below)
        if not title and not filled:
            continue
        guess = by_title(title, remembered)
        if guess.how == "unknown":
            guess = by_values(below)
        found.append(Column(at, title, guess, filled))
    return _untangled(found)


def _untangled(columns: list[Column]) -> list[Column]:
    """Let each field be one column: the surest and fullest one; and a phone after the tenant be the tenant's."""
    named = {column.guess.field for column in columns}
    last: Field | None = None
    taken: dict[Field, Column] = {}
    result: list[Column] = []
    for column in columns:
        field = column.guess.field
        if field is F.PHONE and last is F.TENANT and F.TENANT_PHONE not in named and column.guess.how != "remembered":
            column = Column(column.at, column.title, Guess(F.TENANT_PHONE, LIKELY, "similar"), column.filled)  # noqa: PLW2901
            field = F.TENANT_PHONE
        if field is F.NAME and not named & {F.OWNER, F.RELATION}:
            column = Column(column.at, column.title, Guess(F.OWNER, LIKELY, "similar"), column.filled)  # noqa: PLW2901
            field = F.OWNER
        if field is not F.IGNORE:
            last = field
        result.append(column)
        rival = taken.get(field)
        if field in ONCE and (rival is None or _rank(column) > _rank(rival)):
            taken[field] = column
    return [
        column if column.guess.field not in ONCE or taken[column.guess.field] is column else _left(column)
        for column in result
    ]


def _rank(column: Column) -> tuple[int, int]:
    return column.guess.confidence, column.filled


def _left(column: Column) -> Column:
    return Column(column.at, column.title, Guess(Field.IGNORE, 0, "unknown"), column.filled)
