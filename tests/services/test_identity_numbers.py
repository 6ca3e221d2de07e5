"""Numbers of identity papers, as people write them; all made up."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import IdType, Person
from services import people
from services.errors import InvalidInput
from services.identity_numbers import age_on, birthday, check_digit, read

TODAY = dt.date(2026, 11, 25)


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",
        "210503199006150023",
        "210502198001010012",
        "210502195503071014",  # born before 平山区 had this number: libraries refuse it
    ],
)
def test_numbers_in_order_are_taken(number):
    assert read(number, today=TODAY).number == number


@pytest.mark.parametrize(
    "written",
    ["11010519491231002x", "110105 19491231 002X", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002x"],
)
def test_a_number_may_be_written_as_people_write(written):
    assert read(written, today=TODAY).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("110105194912310021", "校验码"),
        ("210502198002300019", "出生日期"),
        ("21050219800101001", "18位"),
        ("2105021980010100123", "18位"),
        ("", "18位"),
        ("abc", "18位"),
        ("910502198001010012", "18位"),
        ("21050220990101001X", "出生日期"),
        ("210502180001010012", "出生日期"),
    ],
)
def test_what_is_wrong_is_said_without_repeating_the_number(number, said):
    with pytest.raises(InvalidInput) as refused:
        read(number, today=TODAY)
    assert refused.value.reason == "id_number_invalid"
    assert said in refused.value.detail
    assert not number or number not in refused.value.detail


def test_an_old_number_of_fifteen_digits_becomes_eighteen():
    old = read("210502550307101", today=TODAY)
    assert old.number == "210502195503071014"
    assert old.born_on == dt.date(1955, 3, 7)


def test_birth_and_sex_are_read_and_an_odd_province_is_only_a_hint():
    found = read("210503199006150023", today=TODAY)
    assert (found.born_on, found.is_male, found.is_area_usual) == (dt.date(1990, 6, 15), False, True)
    odd = "29" + "0101195503071"
    odd = odd + "01"
    assert read(odd + check_digit(odd), today=TODAY).is_area_usual is False


@pytest.mark.parametrize(
    ("kind", "number", "taken"),
    [
        (IdType.HK_MO_PERMIT, "H12345678", True),
        (IdType.HK_MO_PERMIT, "h1234567800", True),
        (IdType.HK_MO_PERMIT, "X12345678", False),
        (IdType.TW_PERMIT, "12345678", True),
        (IdType.TW_PERMIT, "1234567", False),
        (IdType.PASSPORT, "E12345678", True),
        (IdType.PASSPORT, "E1", False),
        (IdType.FOREIGN_RESIDENCE, "USA123456789012", True),
        (IdType.FOREIGN_RESIDENCE, "210502195503071014", False),
        (IdType.RESIDENT, "H12345678", False),
    ],
)
def test_other_papers_have_patterns_of_their_own(kind, number, taken):
    if taken:
        assert read(number, kind, today=TODAY).number == number.upper()
    else:
        with pytest.raises(InvalidInput):
            read(number, kind, today=TODAY)


def test_a_residence_permit_of_hong_kong_is_checked_like_a_citizens_number():
    start = "81000019900615002"
    assert read(start + check_digit(start), IdType.HK_MO_TW_RESIDENCE, today=TODAY).born_on == dt.date(1990, 6, 15)
    wrong = "0" if check_digit(start) != "0" else "1"
    with pytest.raises(InvalidInput):
        read(start + wrong, IdType.HK_MO_TW_RESIDENCE, today=TODAY)


@given(st.dates(dt.date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(born, sequence, place, shift):
    start = f"210502{born:%Y%m%d}{sequence:03}"
    number = start + check_digit(start)
    assert read(number, today=TODAY).born_on == born
    broken = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(InvalidInput):
        read(broken, today=TODAY)


def test_ages_are_full_years():
    assert age_on(dt.date(2012, 11, 26), TODAY) == 13
    assert age_on(dt.date(2012, 11, 25), TODAY) == 14
    assert birthday(dt.date(2016, 2, 29), 14) == dt.date(2030, 3, 1)


def test_a_number_is_kept_sealed_masked_and_findable(vault):
    person = Person()
    people.set_id_number(person, read("210502195503071014", today=TODAY), vault)
    assert person.id_masked == "2105**********1014"
    assert b"1955" not in person.id_sealed
    assert vault.open(person.id_sealed, "person.id_number") == "210502195503071014"
    assert person.id_hash == vault.fingerprint("210502195503071014", "person.id_number")
