"""Words of residents as neighbors may read them: numbers that lead to a person are masked, the rest stays as written.

Hidden are phones, numbers of identity papers, car plates and bank cards, also with full-width digits, spaces or dashes in
between.  Ticket numbers, dates, homes (1-1-201) and prices are no one's secret and stay.  In doubt a number is hidden.
"""

import re
from collections.abc import Callable

from services import identity_numbers
from services.masking import mask_bank_account, mask_id_number, mask_phone, mask_plate

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Full-width signs and the sign of one byte that each stands for: one for one, so that positions stay the same."""
BETWEEN = r"[\s\-‐‑–—−.·•\u200b]"
"""What people put between the digits of a number."""
GAP = BETWEEN + "?"
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
UNITS = "元块圆角分万千百米吨度斤平㎡步次个号户室楼栋幢"
"""What follows an amount or a place, never a phone."""
MOBILE_LENGTH = 11

ID = GAP.join(
    [r"(?<!\d)[1-9]", *[r"\d"] * 5, rf"(?:1{GAP}[89]|2{GAP}0)", r"\d", r"\d", rf"(?:0{GAP}[1-9]|1{GAP}[0-2])",
     rf"(?:0{GAP}[1-9]|[12]{GAP}\d|3{GAP}[01])", *[r"\d"] * 3, r"[\dX](?![\dA-Z])"]
)  # fmt: skip
"""A citizen's number: the birthday has to look like one; the check digit may be mistyped."""

# The first kind that fits at a position wins; what ``KEPT`` names stays.
KINDS: tuple[tuple[str, str], ...] = (
    ("ticket", r"(?<![A-Z0-9])[A-Z][A-Z0-9]{1,15}-20\d\d(?:0[1-9]|1[0-2])?-\d{4,5}(?!\d)"),
    ("home", r"(?<!\d)\d{1,2}-\d{1,2}-\d{3,4}(?![\d\-])"),
    ("date", r"(?<!\d)(?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9])(?!\d)"),
    ("mobile", r"(?<!\d)1[3-9]\d{9}(?!\d)"),
    ("id", ID),
    ("card", rf"(?<!\d)\d{{4}}(?:{GAP}\d{{4}}){{3}}(?:{GAP}\d{{1,3}})?(?!\d)"),
    ("long", r"(?<!\d)\d{12,}X?"),
    ("spaced_mobile", rf"(?:(?:\+|00)86{GAP})?(?<!\d)1{GAP}[3-9](?:{GAP}\d){{9}}(?!\d)"),
    ("landline", rf"(?<!\d)\(?0(?:10|2\d|[3-9]\d\d)\)?{GAP}[2-8]\d{{2,3}}{GAP}\d{{4}}(?!\d)"),
    ("local", rf"(?<![\d.])(?:[3-8]\d{{6,7}}|2[1-9]\d{{5,6}})(?![\d{UNITS}]|\.\d)"),
    ("told_local", r"(?<=[话机系拨打])[:是为 ]?[2-8]\d{2,3}[\s\-]\d{4}(?!\d)"),
    ("plate", rf"[{PROVINCES}]{GAP}[A-Z]{GAP}(?=[A-Z]*\d)[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9学警港澳挂](?![A-Z0-9])"),
    (
        "spaced_plate",
        rf"[{PROVINCES}]{GAP}[A-Z](?:{GAP}[A-HJ-NP-Z0-9]){{4,5}}{GAP}[A-HJ-NP-Z0-9学警港澳挂](?![A-Z0-9])",
    ),
)
KEPT = frozenset({"ticket", "home", "date"})
_SCAN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in KINDS), re.IGNORECASE)


def _id_or_card(number: str) -> str:
    return mask_id_number(number) if identity_numbers.CHECKED.fullmatch(number) else mask_bank_account(number)


def _phone(number: str) -> str:
    digits = re.sub(r"\D", "", number).removeprefix("00")
    if len(digits) > MOBILE_LENGTH:
        digits = digits.removeprefix("86")
    return mask_phone(f"+86{digits.removeprefix('0')}")


def _told(number: str) -> str:
    said = re.match(r"\D*", number)
    return (said.group() if said else "") + _phone(number)


HIDE: dict[str, Callable[[str], str]] = {
    "mobile": _phone,
    "id": _id_or_card,
    "card": mask_bank_account,
    "long": _id_or_card,
    "spaced_mobile": _phone,
    "landline": _phone,
    "local": _phone,
    "told_local": _told,
    "plate": mask_plate,
    "spaced_plate": mask_plate,
}


def masked(text: str) -> str:
    """Return a text as neighbors may read it.  Doing it twice changes nothing more."""
    plain = text.translate(FULL_WIDTH)
    parts, end = [], 0
    for found in _SCAN.finditer(plain):
        kind = str(found.lastgroup)
        if kind in KEPT:
            continue
        parts += [text[end : found.start()], HIDE[kind](re.sub(BETWEEN, "", found.group()).upper())]
        end = found.end()
    return "".join([*parts, text[end:]])
