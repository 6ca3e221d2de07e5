"""Numbers that lead to a person are masked in what neighbors read; what leads to nobody stays."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.public_text import FULL_WIDTH, masked

TO_FULL_WIDTH = {narrow: wide for wide, narrow in FULL_WIDTH.items()}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("请打13800008000，随时", "请打138****8000，随时"),
        ("电话138 0000 8000", "电话138****8000"),
        ("138-0000-8000找我", "138****8000找我"),
        ("1 3 8 0 0 0 0 8 0 0 0", "138****8000"),
        ("１３８００００８０００", "138****8000"),
        ("１３８　００００　８０００。", "138****8000。"),
        ("+86 138 0000 8000", "138****8000"),
        ("8613800008000找我", "**** 8000找我"),
        ("13800008000 15900009000", "138****8000 159****9000"),
        ("201室13800008000", "201室138****8000"),
        ("座机024-45678901", "座机024-****8901"),
        ("（024）45678901", "024-****8901"),
        ("0414 4567890", "0414-****7890"),
        ("家里45678901", "家里****01"),
        ("电话4567-8901", "电话****01"),
        ("身份证21050219500101001X", "身份证2105**********001X"),
        ("身份证210502 19500101 0012", "身份证2105**********0012"),
        ("身份证２１０５０２１９５００１０１００１ｘ", "身份证2105**********001X"),
        ("老证210502500101001", "老证**** 1001"),
        ("卡号6222 0212 3456 7890 123", "卡号**** 0123"),
        ("卡号6222-0212-3456-7890", "卡号**** 7890"),
        ("卡号6222021234567890123", "卡号**** 0123"),
        ("辽E12345挡着消防通道", "辽E·**345挡着消防通道"),
        ("辽e·12345", "辽E·**345"),
        ("辽E 1234学", "辽E·**34学"),
        ("新能源车辽AD12345占位", "新能源车辽A·**345占位"),
        ("辽ＡＦ１２３４５", "辽A·**345"),
        ("辽E 1 2 3 4 5", "辽E·**345"),
        ("辽E12345 6号楼前", "辽E·**345 6号楼前"),
    ],
)
def test_a_number_that_leads_to_a_person_is_masked(written, read):
    assert masked(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "1单元门口的灯不亮",
        "1-1-201门口漏水",
        "12号楼3单元1502室",
        "2026-11-26 18:30停水",
        "2026年11月26日晚上",
        "2026-11-26 2026-11-27 都停过",
        "2026/1/5到2026/1/15",
        "20261126报过",
        "换锁120元，门禁卡15.50元",
        "预算1234567元",
        "大修花了3456789元",
        "3000-5000元",
        "3456789.50元",
        "单号WY-2026-0001",
        "单号GS01-202611-00012又坏了",
        "打12345或者110、119、120",
        "400-820-8820",
        "每平方米0.75元，共1234.56元",
        "云A不在这里",
        "第3部电梯E区",
        "新ENGLISH学校门口",
        "20楼到33楼",
    ],
)
def test_what_leads_to_nobody_stays(written):
    assert masked(written) == written


words = st.text(alphabet="灯坏了请来修东门，。 ", max_size=12)
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
gaps = st.sampled_from(["", " ", "-", "－", "　", "·", "—"])


def _spread(number, gap, wide, sizes):
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    said = gap.join([*parts, number[at:]])
    return said.translate(TO_FULL_WIDTH) if wide else said


def _digits(text):
    return re.sub(r"[^0-9X]", "", text.translate(FULL_WIDTH).upper())


@given(words, mobiles, gaps, st.booleans(), st.sampled_from([(), (3, 4), (3, 3), (1,) * 10, (7,)]), words)
def test_a_mobile_phone_never_gets_through_however_it_is_written(before, phone, gap, wide, sizes, after):
    shown = masked(before + _spread(phone, gap, wide, sizes) + after)
    assert _digits(shown) == phone[:3] + phone[-4:]
    assert shown.startswith(before)
    assert shown.endswith(after)


@given(
    words, st.dates(dt.date(1900, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 999), st.sampled_from("0123456789Xx"),
    gaps, st.booleans(), st.sampled_from([(), (6, 8), (6, 4, 4), (1,) * 17]),
)  # fmt: skip
def test_no_birthday_of_an_identity_number_gets_through(before, day, serial, last, gap, wide, sizes):
    number = f"210502{day:%Y%m%d}{serial:03}{last}"
    assert _digits(masked(before + _spread(number, gap, wide, sizes))) == f"2105{serial:03}{last.upper()}"


@given(st.from_regex(r"6[0-9]{15,18}", fullmatch=True), gaps, st.booleans())
def test_of_a_bank_card_at_most_the_last_four_are_read_or_what_an_identity_number_shows(card, gap, wide):
    assert len(_digits(masked(_spread(card, gap, wide, (4, 4, 4, 4))))) in {4, 8}


@given(st.text(alphabet="辽EA0123456789０１ -－·年月日号楼元电话+", max_size=40))
def test_masking_twice_changes_nothing_more(text):
    once = masked(text)
    assert masked(once) == once


@given(st.dates(), st.integers(1, 99), st.integers(1, 9), st.integers(101, 3309), st.integers(0, 999999))
def test_dates_homes_and_prices_are_never_masked(day, building, entrance, home, price):
    said = f"{day.year}年{day.month}月{day.day}日{building}号楼{building}-{entrance}-{home}，{price}元"
    assert masked(said) == said
