import pytest

from services.imports import sheets
from services.imports.fields import Field, plain
from services.imports.headings import by_title, heading_of

F = Field


def found(text, remembered=None):
    heading = heading_of(sheets.read(text.encode())[0], remembered or {})
    return heading and {column.title: column.guess.field for column in heading.columns}


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("楼号", F.BUILDING), ("栋", F.BUILDING), ("幢号", F.BUILDING), ("单元", F.STAIRWELL), ("门", F.STAIRWELL),
        ("层", F.FLOOR), ("室", F.ROOM), ("房 号", F.ROOM), ("户号", F.ROOM), ("地址", F.ADDRESS), ("房屋坐落", F.ADDRESS),
        ("面积", F.AREA), ("产权面积（㎡）", F.AREA), ("建筑面积(平方米)", F.AREA), ("业主", F.OWNER),
        ("产权人姓名", F.OWNER),        ("姓名", F.NAME), ("电话", F.PHONE),
        ("手机号码*", F.PHONE), ("业主联系电话", F.PHONE), ("联系方式", F.PHONE),
        ("身份", F.RELATION), ("与业主关系", F.RELATION), ("租户", F.TENANT), ("承租人电话", F.TENANT_PHONE),
        ("身份证号码", F.ID_NUMBER), ("序号", F.IGNORE), ("备注", F.IGNORE), ("产权份额", F.SHARE), ("入住时间", F.SINCE),
        ("房屋用途", F.USE), ("问题", F.IGNORE), ("完全没听过", F.IGNORE),
    ],
)  # fmt: skip
def test_headings_are_known(title, field):
    assert by_title(title, {}).field is field


def test_a_heading_that_was_confirmed_comes_first():
    guess = by_title("编 号", {plain("编号"): F.ROOM})
    assert (guess.field, guess.confidence, guess.how) == (F.ROOM, 100, "remembered")


def test_an_unknown_heading_is_guessed_by_what_stands_below():
    columns = found("楼号,房号,怎么找他\n1,101,15400000001\n1,102,154-0000-0002\n1,103,\n")
    assert columns["怎么找他"] is F.PHONE


def test_the_heading_need_not_be_the_first_row():
    assert found("彩进小区业主名册,,\n制表：张丽,,\n楼号,房号,业主\n1,101,王桂兰\n") == {
        "楼号": F.BUILDING,
        "房号": F.ROOM,
        "业主": F.OWNER,
    }


def test_rows_without_a_heading_are_no_table():
    assert found("1,101,王桂兰\n1,102,赵永福\n") is None


def test_two_phones_after_owner_and_tenant_are_told_apart():
    assert found("房号,业主,电话,租户,电话\n101,王桂兰,15400000001,冯涛,15400000002\n") == {
        "房号": F.ROOM,
        "业主": F.OWNER,
        "电话": F.TENANT_PHONE,  # the second one of that name
        "租户": F.TENANT,
    }


def test_one_field_is_one_column():
    heading = heading_of(sheets.read("楼号,房号,建筑面积,使用面积\n1,101,60,50\n1,102,60,\n".encode())[0], {})
    assert [column.guess.field for column in heading.columns] == [F.BUILDING, F.ROOM, F.AREA, F.IGNORE]


def test_a_name_alone_is_the_owner_and_beside_a_relation_a_person():
    assert found("楼号,房号,姓名\n1,101,王桂兰\n")["姓名"] is F.OWNER
    assert found("楼号,房号,姓名,与业主关系\n1,101,王桂兰,本人\n")["姓名"] is F.NAME
