"""What a column can be, what it is called, and the headings people write above it."""

import enum
import re
from collections.abc import Mapping


class Field(enum.StrEnum):
    """What a column can be."""

    ADDRESS = "address"
    BUILDING = "building"
    STAIRWELL = "stairwell"
    FLOOR = "floor"
    ROOM = "room"
    AREA = "area"
    USE = "use"
    OWNER = "owner"
    NAME = "name"
    RELATION = "relation"
    PHONE = "phone"
    CO_OWNER = "co_owner"
    TENANT = "tenant"
    TENANT_PHONE = "tenant_phone"
    SHARE = "share"
    SINCE = "since"
    ID_NUMBER = "id_number"
    IGNORE = "ignore"


F = Field
FIELD_NAMES: Mapping[Field, str] = {
    F.ADDRESS: "地址（楼、单元、室写在一起）",
    F.BUILDING: "楼号",
    F.STAIRWELL: "单元",
    F.FLOOR: "楼层",
    F.ROOM: "房号",
    F.AREA: "面积",
    F.USE: "用途",
    F.OWNER: "业主姓名",
    F.NAME: "姓名（身份另有一列）",
    F.RELATION: "和房子的关系",
    F.PHONE: "电话",
    F.CO_OWNER: "共有人姓名",
    F.TENANT: "租户姓名",
    F.TENANT_PHONE: "租户电话",
    F.SHARE: "份额",
    F.SINCE: "从哪天起",
    F.ID_NUMBER: "身份证号",
    F.IGNORE: "不导入",
}
ONCE = frozenset(Field) - {F.IGNORE}
"""Fields that one column of a sheet can be at most."""

SYNONYMS: Mapping[Field, tuple[str, ...]] = {
    F.ADDRESS: (
        "地址", "房屋地址", "住址", "家庭住址", "详细地址", "房屋坐落", "坐落", "房产地址", "房屋位置", "位置",
        "楼栋房号",
        "门牌", "门牌号", "门牌地址", "楼门号", "现住址", "居住地址", "房屋编号", "房屋信息", "楼单元室", "房产坐落",
    ),
    F.BUILDING: (
        "楼号", "楼", "栋", "栋号", "楼栋", "楼栋号", "幢", "幢号", "座", "楼宇", "楼座", "几号楼", "所在楼栋",
        "楼房号",
    ),
    F.STAIRWELL: ("单元", "单元号", "门", "门洞", "几单元", "所在单元", "梯"),
    F.FLOOR: ("层", "楼层", "层数", "所在层", "几层", "层号", "楼层号"),
    F.ROOM: ("室", "房号", "室号", "户号", "房间号", "房间", "门号", "户室", "房屋号", "室户号", "几室", "房间编号"),
    F.AREA: (
        "面积", "产权面积", "建筑面积", "房屋面积", "使用面积", "建面", "实测面积", "套内面积", "面积平方米",
        "面积平米", "平方",
        "平米", "平米数", "平方数", "住房面积", "房产面积", "合同面积", "证载面积", "计费面积",
    ),
    F.USE: ("用途", "房屋用途", "使用性质", "房屋性质", "性质", "规划用途", "房屋类型", "物业类型"),
    F.OWNER: (
        "业主", "业主姓名", "产权人", "产权人姓名", "房主", "房主姓名", "户主", "户主姓名", "所有权人", "权利人",
        "房东",
        "产权所有人", "业主名称", "房产证姓名", "产权登记人", "业主名字", "房屋所有权人",
    ),
    F.NAME: (
        "姓名", "名字", "住户", "住户姓名", "居民", "居民姓名", "人员", "人员姓名", "居住人", "成员姓名",
        "家庭成员",
    ),
    F.RELATION: (
        "身份", "关系", "与业主关系", "与户主关系", "与产权人关系", "与房主关系", "人员类别", "人员类型",
        "住户类型", "居住性质",
        "类别", "住户身份", "人房关系", "居住类型",
    ),
    F.PHONE: (
        "电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "联系电话", "业主电话", "业主手机",
        "移动电话", "联系号码",
        "联络电话", "业主联系方式", "电话手机", "户主电话", "产权人电话", "房主电话", "号码", "住户电话",
    ),
    F.CO_OWNER: ("共有人", "共有人姓名", "共同产权人", "第二产权人", "共有权人", "其他产权人"),
    F.TENANT: ("租户", "租户姓名", "租客", "租客姓名", "承租人", "承租人姓名", "租房人", "租住人"),
    F.TENANT_PHONE: (
        "租户电话", "租客电话", "承租人电话", "租户手机", "租客手机", "租户联系方式", "租客联系方式",
        "承租人联系方式",
    ),
    F.SHARE: ("份额", "产权份额", "共有份额", "占比", "所占份额", "产权比例", "共有比例"),
    F.SINCE: (
        "入住时间", "入住日期", "登记日期", "登记时间", "起始日期", "取得日期", "交房日期", "交房时间", "入户时间",
        "发证日期", "进户日期",
    ),
    F.ID_NUMBER: ("身份证", "身份证号", "身份证号码", "证件号", "证件号码", "公民身份号码", "身份号码"),
    F.IGNORE: (
        "问题", "序号", "编号", "备注", "说明", "合计", "小区", "小区名称", "社区", "街道", "网格", "网格员", "楼长",
        "性别", "年龄", "民族",
        "出生日期", "政治面貌", "工作单位", "户籍", "户籍地", "人口数", "常住人口", "车牌", "车牌号", "物业费",
        "是否党员", "其他",
    ),
}  # fmt: skip
KNOWN = {word: found for found, words in SYNONYMS.items() for word in words}
"""Which field a heading means that is written in one of the usual ways."""


def plain(title: str) -> str:
    """Return a heading without spaces, signs and remarks: 联系 电话(必填)* is 联系电话."""
    without = re.sub(r"[(（\[【].*?[)）\]】]", "", title) or title
    return re.sub(r"[\W_]", "", without)[:64]
