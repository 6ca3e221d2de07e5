"""Addresses as people write and say them: a table of real spellings, and canonical ones spelled in every way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.homes import spelling
from services.homes.address import Address, room_key
from services.homes.addressing import building_key, read, read_columns, stairwell_key
from services.homes.spelling import chinese, fold, one_by_one

SURE = {
    # without a stairwell
    "1栋101": "1-101",
    "1-101": "1-101",
    "一栋一零一": "1-101",
    "１栋１０１": "1-101",
    "壹栋壹零壹": "1-101",
    "1 栋 101 室": "1-101",
    "1#101": "1-101",
    "１＃１０１": "1-101",
    "幺号楼幺零幺": "1-101",
    "1棟101號": "1-101",
    "14号楼501": "14-501",
    "14幢501室": "14-501",
    "十四栋五百零一": "14-501",
    "14号501": "14-501",
    "5楼301": "5-301",  # room 301 is not on the fifth floor
    # with one
    "14-2-501": "14-2-501",
    "14—2—501": "14-2-501",
    "14－2－501": "14-2-501",
    "14/2/501": "14-2-501",
    "14.2.501": "14-2-501",
    "14、2、501": "14-2-501",
    "14 2 501": "14-2-501",
    "14-2-501室": "14-2-501",
    "0014-02-0501": "14-2-501",
    "14号楼2单元501室": "14-2-501",
    "14号楼二单元501": "14-2-501",
    "十四号楼二单元五零一": "14-2-501",
    "14号楼,2单元,501": "14-2-501",
    "第14栋第2单元第501室": "14-2-501",
    "14#2-501": "14-2-501",
    "14#楼2单元501": "14-2-501",
    "14#-2-501": "14-2-501",
    "1#1单元101": "1-1-101",
    "14号2单元501": "14-2-501",
    "14楼2门501": "14-2-501",
    "14号楼2号门501": "14-2-501",
    "14楼2门洞501": "14-2-501",
    "14-2单元-501": "14-2-501",
    "14栋2-501": "14-2-501",
    "142501": "14-2-501",
    "501室2单元14号楼": "14-2-501",
    # floor and door
    "14-2-5-1": "14-2-501",
    "14-2-5-501": "14-2-501",
    "14栋2单元5楼1号": "14-2-501",
    "14栋2单元五层501": "14-2-501",
    "1-1-1-101": "1-1-101",
    "甲3楼2单元5-1": "甲3-2-501",
    "14号楼2单元5号": "14-2-5号",
    "14号楼2单元501A": "14-2-501A",
    "14-2-501-1": "14-2-501之1",
    # buildings that are not plain numbers
    "甲3-2-501": "甲3-2-501",
    "甲三楼501": "甲3-501",
    "14-1号楼2单元501": "14之1-2-501",
    "14-1#2-501": "14之1-2-501",
    "14之1-2-501": "14之1-2-501",
    "A座3单元501": "A-3-501",
    "B-2-501": "B-2-501",
    "b栋2单元501": "B-2-501",
    "东楼2单元301": "东-2-301",
    "3排5号": "3排-5号",
    "平房3排5号": None,  # somebody must say what 平房 is
    # neighborhoods and streets in front, words around
    "彩进小区14号楼2单元501": "14-2-501",
    "明山区高峪街道彩进社区彩进小区14号楼2单元501室": "14-2-501",
    "胜利路14号2单元501": "14-2-501",
    "CJ-14-2-501": "14-2-501",
    "BX-CJ-14-2-501": "14-2-501",
    "我家住14号楼二单元501": "14-2-501",
    "您好，我是14号楼2单元501的": "14-2-501",
    # shops and what is no home
    "14号楼门市3": "14-门市3",
    "14号楼3号门市": "14-门市3",
    "14-门市3": "14-门市3",
    "14号楼底商3": "14-门市3",
    "14号楼三号商铺": "14-门市3",
    "14号楼仓房12": "14-仓房12",
    "14号楼12号车库": "14-车库12",
}
UNSURE = {
    "14栋2501": {"14-2501", "14-2-501"},
    "1栋1201": {"1-1201", "1-1-201"},
    "十四二五零一": {"14-2501", "14-2-501"},
    "5楼501": {"5-501", None},
    "1-1#101": {"1-1-101", "1之1-101"},
    "14501": {"14-501", "1-4501", "1-4-501"},
    "14-2-5": {None, "14-2-5号", "14-205"},
}
PARTS = {
    "十四号楼二单元五楼左手": Address("14", "2", 5, None, "左"),
    "14号楼2单元五楼东户": Address("14", "2", 5, None, "东"),
    "14号楼": Address("14"),
    "2单元501": Address(None, "2", 5, "501"),
    "501": Address(None, None, 5, "501"),
    "14-2": Address("14", "2"),
    "五楼": Address(None, None, 5),
    "14号楼2单元": Address("14", "2"),
    "门市3": Address(None, None, None, "门市3"),
    "车位A12": Address(None, None, None, "车位A12"),
    "14号楼负一层": Address("14", None, -1),
}


@pytest.mark.parametrize(("text", "code"), SURE.items())
def test_what_a_spelling_means(text, code):
    sure = read(text).sure
    assert (sure and sure.code) == code


def test_the_table_has_at_least_sixty_spellings():
    assert len(SURE) >= 60


@pytest.mark.parametrize(("text", "codes"), UNSURE.items())
def test_what_can_be_two_things_gives_both_and_is_not_sure(text, codes):
    reading = read(text)
    assert {address.code for address in reading.candidates} == codes
    assert len(reading.candidates) > 1
    assert reading.sure is None


@pytest.mark.parametrize(("text", "address"), PARTS.items())
def test_half_an_address_is_understood_as_far_as_it_goes(text, address):
    reading = read(text)
    assert address in reading.candidates
    assert reading.sure is None


@pytest.mark.parametrize(
    "text", ["王桂兰", "", "。。。", "老锅炉房", "14号楼王大爷家", "0-0-0", "99999999999", "14号楼2单元501或502"]
)
def test_what_is_no_address_is_never_sure(text):
    assert read(text).sure is None


def test_a_dash_inside_a_building_is_the_second_thought():
    reading = read("14-2-501")
    assert [address.code for address in reading.all] == ["14-2-501", "14之2-501"]


def test_the_highest_floor_decides_between_a_floor_and_a_stairwell():
    assert read("1栋1201", highest_floor=6).sure == Address("1", "1", 2, "201")
    assert read("1栋1201", highest_floor=18).sure == Address("1", None, 12, "1201")


def test_names_with_numbers_are_skipped_when_they_are_known():
    assert read("五一小区3栋101", names=["五一小区"]).sure == Address("3", None, 1, "101")
    assert read("综合楼2单元501", buildings=["综合楼"]).sure == Address("综合楼", "2", 5, "501")


def test_what_stood_in_front_is_told():
    reading = read("新立小区14-2-501")
    assert (reading.place, reading.sure and reading.sure.code) == ("新立小区", "14-2-501")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("14号楼", "14"), ("14#", "14"), ("十四栋", "14"), ("14-1号楼", "14之1"), ("14-1", "14之1"), ("甲3楼", "甲3"),
        ("A座", "A"), ("东楼", "东"), ("综合楼", "综合楼"), ("3排", "3排"), ("第14栋", "14"), ("014", "14"),
        ("1-2-3楼", "1之2之3楼"),
    ],
)  # fmt: skip
def test_the_key_of_a_building(name, key):
    assert building_key(name) == key


@pytest.mark.parametrize(("name", "key"), [("2单元", "2"), ("二门", "2"), ("2", "2"), ("02", "2"), ("东单元", "东")])
def test_the_key_of_a_stairwell(name, key):
    assert stairwell_key(name) == key


@pytest.mark.parametrize(
    ("building", "stairwell", "room", "floor", "code"),
    [
        ("1号楼", "1单元", "101", None, "1-1-101"),
        ("1", "1", "0101室", None, "1-1-101"),
        ("14#", "二单元", "1201", None, "14-2-1201"),
        ("14号楼2单元", "", "501", None, "14-2-501"),
        ("14", "2", "14-2-501", None, "14-2-501"),
        ("13", "2", "14-2-501", None, None),
        ("14号楼2单元", "3单元", "501", None, None),
        ("14", "2", "1", 5, "14-2-501"),
        ("14", "2", "5-1", None, "14-2-501"),
        ("14", "2", "501", 6, None),
        ("14", None, "门市3", None, "14-门市3"),
        ("综合楼", None, "3号", None, "综合楼-3号"),
        ("14", "2", "东屋", 5, "14-2-5层东屋"),
        ("14", "2", "", None, None),
        ("14", "2", "0", None, None),
    ],
)
def test_an_address_in_columns(building, stairwell, room, floor, code):
    sure = read_columns(building=building, stairwell=stairwell, room=room, floor=floor).sure
    assert (sure and sure.code) == code


def test_folding_is_done_once():
    for text in (*SURE, *UNSURE, *PARTS):
        assert fold(fold(text)) == fold(text)


def test_a_room_is_written_in_one_way():
    assert room_key("0501") == "501"
    assert room_key("1", 5) == "501"
    assert room_key("1", -1) == "负101"
    assert room_key("5") == "5号"
    assert room_key("501A") == "501A"


BUILDINGS = st.one_of(
    st.integers(1, 99).map(str),
    st.integers(1, 30).map(lambda number: f"甲{number}"),
    st.tuples(st.integers(1, 40), st.integers(1, 9)).map(lambda pair: f"{pair[0]}之{pair[1]}"),
    st.sampled_from("ABCD"),
)
NUMBERS = {
    "plain": lambda number: number,
    "full width": lambda number: "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in number),
    "one by one": lambda number: "".join(one_by_one(char) if char.isdigit() else char for char in number),
    "said": lambda number: chinese(int(number)) if number.isdigit() and len(number) < 3 else number,
}
BUILDING_WORDS = ["号楼", "栋", "幢", "#", "号栋", "#楼"]
STAIRWELL_WORDS = ["单元", "号单元", "门洞", "#单元"]
FRONTS = ["", "彩进小区", "本溪市明山区彩进小区", "CJ-", "我家住", "第"]


@given(
    building=BUILDINGS,
    stairwell=st.one_of(st.none(), st.integers(1, 9)),
    floor=st.integers(1, 9),
    door=st.integers(1, 9),
    way=st.sampled_from(sorted(NUMBERS)),
    words=st.tuples(st.sampled_from(BUILDING_WORDS), st.sampled_from(STAIRWELL_WORDS)),
    front=st.sampled_from(FRONTS),
    joint=st.sampled_from(["", " ", "，", "-"]),
    tail=st.sampled_from(["{room}", "{room}室", "{room}号", "{floor}楼{door}号", "{floor}层{room}", "{floor}-{door}"]),
)
@settings(max_examples=300, deadline=None)
def test_however_an_address_is_spelled_it_is_the_same_home(
    building, stairwell, floor, door, way, words, front, joint, tail
):
    if "之" in building and words[0] == "#":
        words = ("号楼", words[1])  # 1-1#101 may be stairwell 1 of building 1
    said = NUMBERS[way]
    room = f"{floor}{door:02d}"
    code = "-".join(part for part in (building, stairwell and str(stairwell), room) if part)
    if stairwell is None and tail == "{floor}-{door}":
        tail = "{room}"  # 14号楼5-1 is stairwell 5 as well
    spoken = "-".join(said(part) for part in building.split("之")) + words[0]
    parts = [spoken, *([said(str(stairwell)) + words[1]] if stairwell else [])]
    end = tail.format(room=said(room), floor=said(str(floor)), door=said(str(door)))
    text = front + joint.join([*parts, end])
    reading = read(text)
    assert reading.sure is not None, (text, reading)
    assert reading.sure.code == code, text


@given(
    building=BUILDINGS,
    stairwell=st.one_of(st.none(), st.integers(1, 9)),
    room=st.sampled_from(["101", "5号", "门市3", "1203", "501A", "501之1"]),
)
@settings(max_examples=150, deadline=None)
def test_a_canonical_code_reads_as_itself(building, stairwell, room):
    code = "-".join(part for part in (building, stairwell and str(stairwell), room) if part)
    assert code in {address.code for address in read(code).candidates}
    if stairwell or len(room) != 4:
        assert read(code).sure is not None


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_text_whatever_breaks_the_reading(text):
    reading = read(text)
    for address in reading.all:
        assert address.code is None or "--" not in address.code
    assert isinstance(spelling.fold(text), str)
