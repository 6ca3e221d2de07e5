"""Amounts as people read them, and numbers that WeChat and we know an order by."""

import base64
import datetime as dt
import secrets

from services.clocks import SHANGHAI

FEN = 100
RANDOM_BYTES = 10


def yuan(fen: int) -> str:
    """Return an amount for people: 123.45元."""
    return f"{fen // FEN}.{fen % FEN:02}元"


def new_number(letter: str, now: dt.datetime) -> str:
    """Return a number that nobody had and nobody can guess: P261126 and sixteen letters.

    WeChat takes 6 to 32 letters and digits, unique in a merchant, under a provider over all its merchants; ours are unique
    everywhere.
    """
    serial = base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode()
    return f"{letter}{now.astimezone(SHANGHAI):%y%m%d}{serial}"
