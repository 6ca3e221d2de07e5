"""Numbers of identity papers: read as people write them, checked, and taken apart.

Asked for only where a purpose needs it (a dossier of mediation, relief, certain ballots), never to sign in.  For the
citizens' number (GB 11643) the date and the check digit decide.  The area code is only a hint: libraries that look it up
reject people of Benxi who were born before their district was given its number.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from models import IdType
from services.errors import InvalidInput
from services.masking import mask_id_number

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
PROVINCES = frozenset({*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)})
"""GB/T 2260, first two digits."""
OLD_LENGTH = 15
OLDEST_YEAR = 1890

TYPE_NAMES: dict[IdType, str] = {
    IdType.RESIDENT: "居民身份证",
    IdType.HK_MO_TW_RESIDENCE: "港澳台居民居住证",
    IdType.HK_MO_PERMIT: "港澳居民来往内地通行证",
    IdType.TW_PERMIT: "台湾居民来往大陆通行证",
    IdType.FOREIGN_RESIDENCE: "外国人永久居留身份证",
    IdType.PASSPORT: "护照",
}

# What a number of each kind looks like.  Those of 18 digits are checked like the citizens' number.
PATTERNS: dict[IdType, str] = {
    IdType.RESIDENT: r"[1-6]\d{16}[\dX]",
    IdType.HK_MO_TW_RESIDENCE: r"8[123]0000\d{11}[\dX]",
    IdType.HK_MO_PERMIT: r"[HM]\d{8}(\d{2})?",
    IdType.TW_PERMIT: r"\d{8}(\d{2})?",
    IdType.FOREIGN_RESIDENCE: r"9\d{16}[\dX]|[A-Z]{3}\d{12}",
    IdType.PASSPORT: r"[A-Z0-9]{6,15}",
}
CHECKED = re.compile(r"\d{17}[\dX]")

LENGTH_WRONG = "身份证号应当是18位（老证15位），请照着证件再核对一遍。"
DATE_WRONG = "身份证号里的出生日期不对，请照着证件再核对一遍。"
CHECK_WRONG = "身份证号有一位写错了：最后一位校验码对不上，请照着证件再核对一遍。"


@dataclass(frozen=True)
class IdentityNumber:
    """A number that is in order; of a citizen always in 18 digits."""

    type: IdType
    number: str
    born_on: dt.date | None = None
    """Nothing where the paper does not say."""
    is_male: bool | None = None
    is_area_usual: bool = True
    """Whether the province exists: a hint to look again, never a reason to refuse."""

    @property
    def masked(self) -> str:
        """As lists show it."""
        return mask_id_number(self.number)


def normalized(text: str) -> str:
    """Return a number without what people put in between: spaces, dashes, full-width digits, a small x."""
    return re.sub(r"[\s\-—－]", "", unicodedata.normalize("NFKC", text)).upper()


def read(text: str, id_type: IdType = IdType.RESIDENT, *, today: dt.date) -> IdentityNumber:
    """Return the number that is meant.  Old numbers of 15 digits become 18.

    Raises ``InvalidInput`` (``id_number_invalid``) that says what is wrong, without repeating the number.
    """
    number = normalized(text)
    if id_type is IdType.RESIDENT and re.fullmatch(rf"\d{{{OLD_LENGTH}}}", number):
        number = from_old(number)
    if not re.fullmatch(PATTERNS[id_type], number):
        raise _wrong(
            LENGTH_WRONG
            if id_type is IdType.RESIDENT
            else f"{TYPE_NAMES[id_type]}的号码格式不对，请照着证件再核对一遍。"
        )
    if not CHECKED.fullmatch(number):
        return IdentityNumber(id_type, number)
    born_on = _born_on(number)
    if born_on is None or born_on.year < OLDEST_YEAR or born_on > today:
        raise _wrong(DATE_WRONG)
    if check_digit(number) != number[-1]:
        raise _wrong(CHECK_WRONG)
    usual = id_type is not IdType.RESIDENT or int(number[:2]) in PROVINCES
    return IdentityNumber(id_type, number, born_on, int(number[16]) % 2 == 1, usual)


def check_digit(number: str) -> str:
    """Return the check digit of the first 17 digits: ISO 7064 MOD 11-2, as GB 11643 has it."""
    return CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True)) % 11]


def from_old(number: str) -> str:
    """Return a number of 15 digits in 18: the century was left out, and there was no check digit."""
    longer = f"{number[:6]}19{number[6:]}"
    return longer + check_digit(longer)


def age_on(born_on: dt.date, day: dt.date) -> int:
    """Return the age in full years (周岁).  Who is born on 29 February has the birthday on 1 March of other years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def birthday(born_on: dt.date, age: int) -> dt.date:
    """Return the day on which somebody becomes so old."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:  # 29 February
        return dt.date(born_on.year + age, 3, 1)


def _born_on(number: str) -> dt.date | None:
    try:
        return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _wrong(said: str) -> InvalidInput:
    return InvalidInput(said, code="id_number_invalid", errors={"id_number": [said]})
