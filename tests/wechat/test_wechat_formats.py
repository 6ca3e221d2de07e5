"""Values fitted to field types: whatever goes in, WeChat's table is kept."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wechat.formats import clean, cut, fit, units
from wechat.sandbox.rules import PATTERNS, fits

NOW = dt.datetime(2026, 11, 23, 7, 1, tzinfo=dt.UTC)

any_text = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789.:-/年月日～~ 元￥¥T+Z", max_size=30),
    st.text(alphabet="张王李一栋abcXYZ 09！!(（\n\t\u200b𠮷😀", max_size=40),
)


@pytest.mark.parametrize("kind", sorted(PATTERNS))
@settings(deadline=None)
@given(value=any_text)
def test_any_text_is_fitted_to_what_wechat_takes(kind: str, value: str) -> None:
    fitted = fit(f"{kind}7", value, NOW)
    assert fits(f"{kind}7", fitted), fitted


@settings(deadline=None)
@given(value=any_text)
def test_fitting_twice_changes_nothing_more(value: str) -> None:
    for kind in PATTERNS:
        once = fit(f"{kind}1", value, NOW)
        assert fit(f"{kind}1", once, NOW) == once, kind


@pytest.mark.parametrize(
    ("key", "value", "fitted"),
    [
        ("thing2", "三楼楼道灯不亮", "三楼楼道灯不亮"),
        ("thing2", "水" * 20, "水" * 20),
        ("thing2", "水" * 21, "水" * 19 + "…"),
        ("thing2", "第一行\r\n第二行\t完", "第一行 第二行 完"),
        ("thing2", "  ", "无"),
        ("phrase3", "已派单", "已派单"),
        ("phrase3", "处理中（2）", "处理中"),
        ("phrase3", "等待住户确认", "等待住户确"),
        ("phrase3", "OK", "无"),
        ("character_string1", "BX-CX-2611-00042", "BX-CX-2611-00042"),
        ("character_string1", "ＢＸ－１", "BX-1"),
        ("character_string1", "一栋101", "101"),
        ("character_string1", "A" * 33, "A" * 29 + "..."),
        ("character_string1", "一栋", "-"),
        ("time4", "2026-11-23T07:01:00+00:00", "2026年11月23日 15:01"),
        ("time4", "2026-11-23T07:01:00Z", "2026年11月23日 15:01"),
        ("time4", "2026/1/5 9:05", "2026年1月5日 09:05"),
        ("time4", "15:01", "15:01"),
        ("time4", "8：00～9：30", "08:00~09:30"),
        ("time4", "2019年10月1日", "2019年10月1日 00:00"),
        ("time4", "待定", "2026年11月23日 15:01"),
        ("time4", "2026-11-23 15:01左右", "2026年11月23日 15:01"),
        ("time4", "2026-13-41 15:01", "15:01"),
        ("amount1", "9" * 40, "￥9999999999"),
        ("time4", "25:70", "2026年11月23日 15:01"),
        ("date1", "2026-11-23", "2026年11月23日"),
        ("date1", "11月5日", "2026年11月5日"),
        ("date1", "2026-02-30", "2026年11月23日"),
        ("date1", "2026-01-05~2026-01-09", "2026年1月5日~2026年1月9日"),
        ("number1", "共 1,234.5 件", "1234.5"),
        ("number1", "", "0"),
        ("amount1", "1,234.5元", "￥1234.50"),
        ("amount1", "¥88", "￥88.00"),
        ("amount1", "123456789.55", "￥123456789"),
        ("amount1", "", "￥0.00"),
        ("letter1", "栋A座b", "Ab"),
        ("symbol1", "好！?", "！?"),
        ("phone_number1", "+86 138 0000 0000", "+8613800000000"),
        ("car_number1", "粤a8z888挂", "粤A8Z888挂"),
        ("car_number1", "粤京A1", "粤A1"),
        ("name1", "欧阳修文", "欧阳修文"),
        ("name1", "1栋王阿姨", "一栋王阿姨"),
        ("name1", "Alexander von Humboldt", "Alexander von Humbo…"),
        ("name1", "", "无"),
        ("unknown9", "水" * 21, "水" * 19 + "…"),
    ],
)
def test_each_type_reads_well(key: str, value: str, fitted: str) -> None:
    assert fit(key, value, NOW) == fitted


def test_a_character_of_two_units_is_counted_as_two() -> None:
    assert units("𠮷a") == 3
    assert cut("𠮷" * 11, 20) == "𠮷" * 9 + "…"


def test_marks_that_turn_the_writing_direction_are_dropped() -> None:
    assert clean("安全\u202e\u200b通知") == "安全通知"
