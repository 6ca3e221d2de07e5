"""Numerals as they are said."""

import pytest

from services.homes.spelling import digits


@pytest.mark.parametrize(
    ("numeral", "numbers"),
    [
        ("十", ["10"]), ("十四", ["14"]), ("二十", ["20"]), ("两百", ["200"]), ("一百二", ["120"]), ("一百零二", ["102"]),
        ("五百零一", ["501"]), ("一零一", ["101"]), ("十四二零一", ["14", "201"]), ("廿四", ["24"]),
        ("二十四五零一", ["24", "501"]),
    ],
)  # fmt: skip
def test_numbers_as_they_are_said(numeral, numbers):
    assert digits(numeral) == numbers
