"""What can be wrong with a row, as data: how grave it is, and the sentence that says what to do.

A problem is kept as its code, the column and some numbers, never as words of the row: rows of this table are not sealed.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


class Grade(enum.IntEnum):
    """How grave a problem is."""

    NOTE = 0
    """Something was done that the person should know of."""
    LEFT_OUT = 1
    """The row is taken, this value of it is not."""
    ERROR = 2
    """The row is not taken."""


class Code(enum.StrEnum):
    """Everything that is told about a row."""

    MERGED = "merged"
    CARRIED_DOWN = "carried_down"
    DITTO = "ditto"
    FORMULA_WITHOUT_RESULT = "formula_without_result"
    PLACE_MISSING = "place_missing"
    PLACE_BECAME_DATE = "place_became_date"
    PLACE_UNCLEAR = "place_unclear"
    PLACE_AMBIGUOUS = "place_ambiguous"
    PLACE_ASSET = "place_asset"
    PLACE_OTHER = "place_other"
    BUILDING_UNKNOWN = "building_unknown"
    HOME_GONE = "home_gone"
    AREA_WRONG = "area_wrong"
    AREA_IMPOSSIBLE = "area_impossible"
    AREA_UNUSUAL = "area_unusual"
    AREA_CONTRADICTS = "area_contradicts"
    NAME_WRONG = "name_wrong"
    NAME_REMARK_LEFT_OUT = "name_remark_left_out"
    PHONE_SCIENTIFIC = "phone_scientific"
    PHONE_LENGTH = "phone_length"
    PHONE_NO_AREA_CODE = "phone_no_area_code"
    PHONE_WRONG = "phone_wrong"
    PHONE_SECOND_LEFT_OUT = "phone_second_left_out"
    PHONE_WITHOUT_NAME = "phone_without_name"
    PHONE_SHARED = "phone_shared"
    PHONE_MISSING = "phone_missing"
    RELATION_UNKNOWN = "relation_unknown"
    USE_UNKNOWN = "use_unknown"
    SHARE_WRONG = "share_wrong"
    SHARES_EXCEED = "shares_exceed"
    DAY_WRONG = "day_wrong"
    FLOOR_WRONG = "floor_wrong"
    ID_LENGTH = "id_length"
    ID_DATE = "id_date"
    ID_CHECK = "id_check"
    ID_CONTRADICTS = "id_contradicts"
    ROW_TWICE = "row_twice"
    OWNERS_IN_FILE = "owners_in_file"
    OWNER_REGISTERED = "owner_registered"
    KIND_REGISTERED = "kind_registered"
    PERSON_TWO_HOMES = "person_two_homes"
    PHONE_OF_OTHER = "phone_of_other"
    PHONE_KEPT = "phone_kept"
    AREA_WEAKER = "area_weaker"


C, N, L, E = Code, Grade.NOTE, Grade.LEFT_OUT, Grade.ERROR
SAID: Mapping[Code, tuple[Grade, str]] = {
    C.MERGED: (N, "这一格是合并的，按合并的内容“照抄”到了这一行。请核对。"),
    C.CARRIED_DOWN: (N, "这一格空着，按上面一行的楼号、单元算的。不对就请填上。"),
    C.DITTO: (N, "写的是“同上”，按上面一行算的。不对就请填上。"),
    C.FORMULA_WITHOUT_RESULT: (L, "这一格是公式，没有算出结果，没有导入。请直接填上数字或文字。"),
    C.PLACE_MISSING: (E, "看不出是哪一套房子。请填楼号、单元和房号，或者填完整的地址。"),
    C.PLACE_BECAME_DATE: (E, "房号被表格软件变成了日期（比如5-1变成5月1日）。请把这一列设成“文本”，重新填房号。"),
    C.PLACE_UNCLEAR: (E, "地址里有看不懂的字。请写成“14号楼2单元501”这样。"),
    C.PLACE_AMBIGUOUS: (E, "这个地址有好几种读法，不敢乱猜。请写成“14号楼2单元501”这样，楼、单元、室都写上。"),
    C.PLACE_ASSET: (E, "这一行是仓房、车库或者车位，不是住房，没有导入。请在系统里单独登记。"),
    C.PLACE_OTHER: (E, "地址前面写的是别的小区。请核对，是本小区就把小区名改对或者删掉。"),
    C.BUILDING_UNKNOWN: (E, "系统里还没有这栋楼。楼号没写错的话，确认列名时勾上“新建没有的楼”，再检查一次。"),
    C.HOME_GONE: (E, "这套房子在系统里已经合并或者拆除了。请先在房屋页面核对。"),
    C.AREA_WRONG: (L, "面积看不懂，没有导入。请只填数字，单位是平方米，比如60.5。"),
    C.AREA_IMPOSSIBLE: (E, "面积不可能是这么多。请填3到1000之间的数，单位是平方米。"),
    C.AREA_UNUSUAL: (N, "面积特别小或者特别大，请再看一眼。没有错就不用改。"),
    C.AREA_CONTRADICTS: (E, "同一套房子在第{line}行写的面积不一样。请改成一样，或者只在一行里写。"),
    C.NAME_WRONG: (L, "姓名看不懂，这个人没有导入。请只写姓名，两个人之间用顿号隔开。"),
    C.NAME_REMARK_LEFT_OUT: (N, "姓名后面括号里的话没有导入。"),
    C.PHONE_SCIENTIFIC: (L, "电话变成了1.38E+10这样，后几位已经丢了，没有导入。请把这一列设成“文本”，重填11位号码。"),
    C.PHONE_LENGTH: (L, "手机号不是11位，没有导入。请照着原件补全。"),
    C.PHONE_NO_AREA_CODE: (L, "座机没有区号，没有导入。请写成024-12345678这样。"),
    C.PHONE_WRONG: (L, "电话不对，没有导入。请填11位手机号，或者带区号的座机号。"),
    C.PHONE_SECOND_LEFT_OUT: (N, "写了两个电话，只导入了第一个。"),
    C.PHONE_WITHOUT_NAME: (L, "有电话没有姓名，电话没有导入。请填上是谁的电话。"),
    C.PHONE_SHARED: (N, "这个电话和第{line}行另一家的人一样。一家人合用不要紧，不是一家就请核对。"),
    C.PHONE_MISSING: (N, "没有电话。以后请补上，不然有急事找不到人。"),
    C.RELATION_UNKNOWN: (L, "看不懂和房子是什么关系，这个人没有导入。请写：产权人、共有人、家属、租户、使用人或代管人。"),
    C.USE_UNKNOWN: (L, "用途看不懂，没有导入。请写：住宅、商铺、办公、仓储或者公用。"),
    C.SHARE_WRONG: (L, "份额看不懂，没有导入。请写成1/2或者50%。"),
    C.SHARES_EXCEED: (E, "这套房子各人的份额加起来超过了全部。请核对。"),
    C.DAY_WRONG: (L, "日期不对，没有导入。请写成2020-01-05这样，不能晚于今天。"),
    C.FLOOR_WRONG: (L, "楼层看不懂，没有导入。请只填数字。"),
    C.ID_LENGTH: (L, "身份证号不是18位，没有导入。请照着证件核对。"),
    C.ID_DATE: (L, "身份证号里的出生日期不对，没有导入。请照着证件核对。"),
    C.ID_CHECK: (L, "身份证号有一位写错了（最后一位校验对不上），没有导入。请照着证件核对。"),
    C.ID_CONTRADICTS: (L, "系统里登记的这个人是另一个身份证号，没有改。请核对是不是同一个人。"),
    C.ROW_TWICE: (N, "和第{line}行是同一套房子、同一个人，只算一次。"),
    C.OWNERS_IN_FILE: (E, "这套房子在第{line}行写的是另一位业主。两人共有，请在“身份”里写“共有人”；换了人，请只留一行。"),
    C.OWNER_REGISTERED: (E, "系统里登记的业主是另一位。写错了请改；真的换了业主，请先在系统里办“过户”，再导入。"),
    C.KIND_REGISTERED: (E, "这个人在系统里登记的身份和表里的不一样。请核对；真的变了，请在系统里改。"),
    C.PERSON_TWO_HOMES: (N, "这个人在第{line}行还有一套房子，算同一个人。"),
    C.PHONE_OF_OTHER: (N, "这个电话在系统里是另一个人的。一家人合用不要紧，不是一家就请核对。"),
    C.PHONE_KEPT: (L, "这个人自己在小程序里用着，登记的电话没有改。要改请本人在小程序里改。"),
    C.AREA_WEAKER: (L, "系统里的面积有更硬的依据，没有改。要改请在房屋页面改，写上依据。"),
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """One problem of a row; ``column`` counts from 0 and is empty where it concerns the whole row."""

    code: Code
    column: int | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)

    @property
    def grade(self) -> Grade:
        """How grave it is."""
        return SAID[self.code][0]

    @property
    def sentence(self) -> str:
        """What the person reads."""
        return SAID[self.code][1].format(**self.numbers)

    def kept(self) -> dict[str, Any]:
        """Return it as it is kept in the database."""
        return {"code": self.code.value, "column": self.column, "numbers": dict(self.numbers)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Problem":
        """Read what was kept."""
        return cls(Code(kept["code"]), kept["column"], kept["numbers"])


def gravest(problems: Iterable[Problem]) -> Grade | None:
    """Return the grade of the gravest problem."""
    return max((problem.grade for problem in problems), default=None)
