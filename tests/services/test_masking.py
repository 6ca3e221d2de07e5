"""What names, phones, papers, plates and accounts look like in lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.masking import mask_bank_account, mask_id_number, mask_name, mask_phone, mask_plate


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张建国", "张*国"),
        ("王伟", "王*"),
        ("张", "*"),
        ("欧阳修", "欧阳*"),
        ("欧阳明日", "欧阳*日"),
        ("欧阳", "欧*"),
        ("司马相如", "司马*如"),
        ("爱新觉罗", "爱*罗"),
        ("阿依古丽·买买提", "阿*·买*"),
        ("阿依古丽•买买提", "阿*·买*"),
        ("John Smith", "J* S*"),
        ("Madonna", "M*"),
        (" 王伟 ", "王*"),
        ("", "*"),
    ],
)
def test_a_name_keeps_what_is_needed_to_recognize_a_neighbor(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+8613800138000", "138****8000"),
        ("+862443212345", "024-****2345"),
        ("+861065001234", "010-****1234"),
        ("+8641412345678", "0414-****5678"),
        ("+85291234567", "+852****4567"),
        ("+8612345", "****45"),
        ("+1234", "****"),
    ],
)
def test_a_phone_keeps_its_ends(phone, masked):
    assert mask_phone(phone) == masked


def test_other_numbers_keep_little():
    assert mask_id_number("210502195503071014") == "2105**********1014"
    assert mask_id_number("E12345678") == "E1****78"
    assert mask_id_number("12345") == "****"
    assert mask_plate("辽E12345") == "辽E·**345"
    assert mask_bank_account("6222 0212 3456 7890") == "**** 7890"


@given(st.text("王桂兰欧阳·abc", min_size=2, max_size=20))
def test_no_name_is_ever_shown_whole(name):
    assert mask_name(name) != name.strip() or not name.strip(" ·")


@given(st.from_regex(r"\+(86)?[1-9]\d{5,12}", fullmatch=True))
def test_no_phone_shows_more_than_seven_digits(phone):
    assert sum(one.isdigit() for one in mask_phone(phone)) <= 8
