import datetime as dt
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import HomeUse, ResidencyKind
from services.imports import cells
from services.imports.problems import Code
from services.imports.sheets import text_of

TODAY = dt.date(2026, 11, 23)
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
DISGUISES = (
    "{0}", " {0} ", "{1}-{2}-{3}", "{1} {2} {3}", "+86{0}", "86 {0}", "0086-{0}", "{0}.0", "手机{0}", "{0}（儿子）",
    "({0})",    "电话：{0}", "{wide}",
)  # fmt: skip


@given(MOBILES, st.sampled_from(DISGUISES))
@settings(max_examples=200)
def test_a_mobile_is_found_in_any_disguise(number, disguise):
    wide = "".join(chr(ord(char) + 0xFEE0) for char in number)
    written = disguise.format(number, number[:3], number[3:7], number[7:], wide=wide)
    assert cells.phone(text_of(written)) == (f"+86{number}", None)


@given(MOBILES)
@settings(max_examples=50)
def test_a_phone_that_lost_its_digits_is_never_completed(number):
    lossy = f"{int(number):.2E}"
    assert cells.phone(text_of(lossy)) == (None, Code.PHONE_SCIENTIFIC)
    assert cells.phone(text_of(float(number))) == (f"+86{number}", None)  # as a number nothing is lost


@given(MOBILES, st.integers(1, 10))
@settings(max_examples=50)
def test_a_phone_of_another_length_is_refused(number, cut):
    assert cells.phone(number[:-cut])[0] is None
    assert cells.phone(number + "1" * cut)[0] is None


@given(st.text(max_size=30))
@settings(max_examples=300)
def test_whatever_stands_in_a_phone_cell_a_result_is_a_phone(text):
    found, _ = cells.phone(text_of(text))
    assert found is None or (found.startswith("+86") and found[3:].isdigit() and 11 <= len(found) - 3 + 1 <= 13)


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [
        ("024-43212345", "+862443212345", None),
        ("(024)43212345", "+862443212345", None),
        ("43212345", None, Code.PHONE_NO_AREA_CODE),
        ("15400000001/15400000002", "+8615400000001", Code.PHONE_SECOND_LEFT_OUT),
        ("15400000001、15400000001", "+8615400000001", None),
        ("无", None, None),
        ("没有", None, None),
        ("0", None, None),
        ("1.54E+10", None, Code.PHONE_SCIENTIFIC),
        ("12345", None, Code.PHONE_LENGTH),
        ("他儿子有", None, Code.PHONE_WRONG),
    ],
)
def test_phones(text, expected, code):
    assert cells.phone(text) == (expected, code)


@given(st.integers(300, 100_000), st.sampled_from(["{}", "{}m2", "{}平方米", "{}㎡", " {} ", "约{}", "{}平"]))
@settings(max_examples=150)
def test_an_area_is_found_in_any_disguise(centi, disguise):
    found, code = cells.area(text_of(disguise.format(f"{centi / 100:.2f}")))
    assert found == centi
    assert code in {None, Code.AREA_UNUSUAL}


@given(st.integers(300, 100_000))
@settings(max_examples=50)
def test_an_area_that_came_as_a_number_is_the_same(centi):
    assert cells.area(text_of(centi / 100))[0] == centi


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [
        ("60.5", 6050, None),
        ("60.005", 6001, None),
        ("1,060.50", None, Code.AREA_IMPOSSIBLE),
        ("0", None, None),
        ("0.00", None, Code.AREA_IMPOSSIBLE),
        ("2.9", None, Code.AREA_IMPOSSIBLE),
        ("3", 300, Code.AREA_UNUSUAL),
        ("5000", None, Code.AREA_IMPOSSIBLE),
        ("-60", None, Code.AREA_WRONG),
        ("六十", None, Code.AREA_WRONG),
        ("60+5", None, Code.AREA_WRONG),
        ("", None, None),
    ],
)
def test_areas(text, expected, code):
    assert cells.area(text) == (expected, code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王桂兰", ("王桂兰",)),
        ("王 丽", ("王丽",)),
        ("王桂兰、赵永福", ("王桂兰", "赵永福")),
        ("王桂兰 赵永福", ("王桂兰", "赵永福")),
        ("王桂兰和赵永福", ("王桂兰", "赵永福")),
        ("和平", ("和平",)),
        ("王桂兰(已故)", ("王桂兰",)),
        ("阿依古丽·买买提", ("阿依古丽·买买提",)),
        ("John Smith", ("John Smith",)),
        ("无", ()),
        ("空置", ()),
        ("见户口本第3页", ()),
        ("15400000001", ()),
        ("=cmd", ()),
    ],
)
def test_names(text, expected):
    assert cells.names(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("业主", ResidencyKind.OWNER), ("产权人", ResidencyKind.OWNER), ("户主", ResidencyKind.OWNER),
        ("本人", ResidencyKind.OWNER), ("共有人", ResidencyKind.CO_OWNER), ("共有", ResidencyKind.CO_OWNER),
        ("配偶", ResidencyKind.FAMILY), ("妻", ResidencyKind.FAMILY), ("业主之子", ResidencyKind.FAMILY),
        ("户主的妻子", ResidencyKind.FAMILY), ("儿媳", ResidencyKind.FAMILY), ("租客", ResidencyKind.TENANT),
        ("承租人", ResidencyKind.TENANT), ("使用人", ResidencyKind.OCCUPANT), ("代管人", ResidencyKind.AGENT),
        ("委托代理人", ResidencyKind.AGENT), ("物业", None),
    ],
)  # fmt: skip
def test_relations(text, expected):
    found, code = cells.relation(text)
    assert found is expected
    assert (code is Code.RELATION_UNKNOWN) == (expected is None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/2", (1, 2)), ("50%", (5000, 10000)), ("0.25", (2500, 10000)), ("二分之一", (1, 2)), ("三分之二", (2, 3)),
        ("全部", None), ("3/2", None), ("0/2", None), ("一半多", None),
    ],
)  # fmt: skip
def test_shares(text, expected):
    assert cells.share(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-01-05", dt.date(2020, 1, 5)), ("2020年1月5日", dt.date(2020, 1, 5)), ("2020.1.5", dt.date(2020, 1, 5)),
        ("2020/1", dt.date(2020, 1, 1)), ("20200105", dt.date(2020, 1, 5)), ("43835", dt.date(2020, 1, 5)),
        ("2020", dt.date(2020, 1, 1)), ("2020-02-30", None), ("2030-01-01", None), ("去年", None),
    ],
)  # fmt: skip
def test_days(text, expected):
    assert cells.day(text, TODAY)[0] == expected


def test_a_room_that_became_a_date_is_named():
    assert cells.place(text_of(dt.date(2026, 5, 1))) == (None, Code.PLACE_BECAME_DATE)


def test_uses_and_floors():
    assert cells.use("门市房")[0] is HomeUse.SHOP
    assert cells.use("飞船") == (None, Code.USE_UNKNOWN)
    assert [cells.floor(text)[0] for text in ("5", "5层", "五楼", "-1", "")] == [5, 5, 5, -1, None]


@given(st.text(max_size=40))
@settings(max_examples=200)
def test_no_cell_is_too_strange_for_any_reader(text):
    plain = text_of(text)
    for read in (
        cells.phone,
        cells.area,
        cells.names,
        cells.relation,
        cells.share,
        cells.use,
        cells.floor,
        cells.place,
    ):
        read(plain)
    cells.day(plain, TODAY)
    assert unicodedata.is_normalized("NFKC", plain) or plain.isascii() or len(text) > 0
