"""What personal data looks like where it need not be read: one rule per kind, and nowhere another.

Stars stand for no particular number of characters, except in the ID number, whose length everybody knows.
"""

import re

COMPOUND_SURNAMES = frozenset({
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文",
    "司徒", "司空", "夏侯", "轩辕", "端木", "百里", "呼延", "南宫", "西门", "东郭", "独孤", "拓跋",
    "完颜", "叶赫", "那拉", "钟离", "申屠", "公冶", "太史", "闻人", "澹台", "濮阳", "淳于", "单于",
    "赫连", "鲜于", "闾丘", "亓官", "仲孙", "乐正", "公西", "万俟", "第五",
})  # fmt: skip
"""Surnames of two characters (《百家姓》, and Manchu ones of Liaoning)."""
DOTS = "·•・．"
MOBILE = re.compile(r"1\d{10}")
LANDLINE = re.compile(r"(10|2\d|[3-9]\d\d)(\d{7,8})")
SHORT = 4


def mask_name(name: str) -> str:
    """Return a name as lists show it: 张*国, 王*, 欧阳*, 阿*·买*, J* S*."""
    name = name.strip()
    parts = re.split(f"[{DOTS} ]+", name)
    if len(parts) > 1:
        return ("·" if any(dot in name for dot in DOTS) else " ").join(f"{part[:1]}*" for part in parts)
    if len(name) <= 1 or name.isascii():
        return f"{name[:1]}*" if name.isascii() and len(name) > 1 else "*"
    surname = name[:2] if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else name[:1]  # noqa: PLR2004 - two characters are surname and name
    hidden = name[len(surname) :]
    return f"{surname}*{hidden[-1]}" if len(hidden) > 1 else f"{surname}*"


def mask_phone(phone: str) -> str:
    """Return a phone (E.164) as lists show it: 138****8000, 024-****2345, +852****1234."""
    if not phone.startswith("+86") and phone.startswith("+"):
        return f"{phone[:4]}****{phone[-4:]}" if len(phone) > 2 * SHORT else "****"
    digits = phone.removeprefix("+86")
    if landline := LANDLINE.fullmatch(digits):
        return f"0{landline.group(1)}-****{digits[-4:]}"
    return f"{digits[:3]}****{digits[-4:]}" if MOBILE.fullmatch(digits) else f"****{digits[-2:]}"


def mask_id_number(number: str) -> str:
    """Return the number of a paper: 2105**********0012; of shorter ones two characters at each end."""
    if len(number) == 18:  # noqa: PLR2004 - GB 11643
        return f"{number[:4]}{'*' * 10}{number[-4:]}"
    return f"{number[:2]}****{number[-2:]}" if len(number) > 2 * SHORT - 2 else "****"


def mask_plate(plate: str) -> str:
    """Return a number plate: 辽E·**123 (place, and the last three)."""
    return f"{plate[:2]}·**{plate[-3:]}" if len(plate) > 2 * SHORT - 2 else "****"


def mask_bank_account(number: str) -> str:
    """Return a bank account: **** 1234, the last four and no more."""
    digits = re.sub(r"\D", "", number)
    return f"**** {digits[-4:]}" if len(digits) > 2 * SHORT else "****"
