"""What stands in a code, and what stands beside it for people who cannot scan.

The token says nothing and cannot be guessed (131 bits).  The number is short, and its last digit checks the others (Damm's
algorithm), so that a digit misheard on the phone is noticed, not taken for another place.
"""

import re
import secrets
import string
from urllib.parse import parse_qs, unquote, urlsplit

from stdnum import damm

from services.errors import InvalidInput

PAGE = "pages/scan/index"
"""The page of the mini-program that every code opens."""
ALPHABET = string.digits + string.ascii_letters
LENGTH = 22
SERIAL_DIGITS = 3
NUMBER_MOST = 9
_TOKEN = re.compile(rf"[0-9A-Za-z]{{{LENGTH}}}")
_NUMBER = re.compile(rf"\d{{{SERIAL_DIGITS + 1},{NUMBER_MOST}}}")
UNREADABLE = "没认出这个码。请对准码再扫一次；还是不行，就输入码下面的编号，或者打服务站电话。"
MISHEARD = "编号不对，可能看错了一位。请照着码下面的数字再输一遍。"


def new_token() -> str:
    """Return a token that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def scene(token: str) -> str:
    """Return what a code carries: 24 of the 32 characters that WeChat allows."""
    return f"h={token}"


def number_of(serial: int) -> int:
    """Return the number of a serial: the serial and its check digit."""
    return int(f"{serial}{damm.calc_check_digit(str(serial))}")


def printed(number: int) -> str:
    """Return a number as it is printed, read aloud and typed: at least four digits."""
    return f"{number:0{SERIAL_DIGITS + 1}}"


def heard(text: str) -> str | int:
    """Return the token or the number in what was scanned or typed.

    Takes the scene of a code, encoded or not, the query of a link, the address that is printed, a bare token, and a number
    as people type it.  Raises ``InvalidInput``.
    """
    said = unquote(unquote(text)).strip()
    plain = re.sub(r"[\s\-－—]", "", said)
    if _NUMBER.fullmatch(plain):
        if not damm.is_valid(plain):
            raise InvalidInput(MISHEARD, code="code_number_wrong", errors={"scanned": [MISHEARD]})
        return int(plain)
    parts = urlsplit(said)
    query = parse_qs(parts.query or said)
    for found in (*query.get("h", ()), *query.get("scene", ()), parts.path.rpartition("/")[2]):
        token: str = found.removeprefix("h=")
        if _TOKEN.fullmatch(token):
            return token
    raise InvalidInput(UNREADABLE, code="code_unreadable", errors={"scanned": [UNREADABLE]})
