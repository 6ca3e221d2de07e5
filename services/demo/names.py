"""Made-up names: of people, of places, of numbers of grids.

People's names are put together at random from common characters; places from two lists whose pinyin initials differ
within each list, so that every pair has a code of its own.
"""

import random

CITY = "本溪市"
DISTRICTS = ("溪湖区", "平山区", "明山区", "南芬区")
FIRST_PLACE = ("彩进", "CJ")

_PLACE_FIRST = dict(zip("ABCDFGHJKLMNPQRSTWXYZ", "安北彩东富光和金康绿明南平青荣顺泰文溪永振", strict=True))
_PLACE_SECOND = dict(zip("ABCDFGHJKLMNPQRSTXYZ", "安宝春德丰贵华进康林民宁坪泉荣盛庭祥园泽", strict=True))

SURNAMES = tuple("王李张刘赵陈杨孙高徐于马周林吴宋郭韩曲朱姜田石崔谭程丁姚董金")
_SURNAME_WEIGHTS = tuple(range(2 * len(SURNAMES), len(SURNAMES), -1))
# Two generations: owners moved here from the old shacks and lean old, their children do not.
_ELDER_GIVEN: list[str] = [
    *(first + last for first in "桂玉淑秀凤素" for last in "兰珍芬英云华琴"),
    *(first + last for first in "国德永志长福" for last in "强军生林山海忠"),
]
_YOUNGER_GIVEN: list[str] = [
    *"洋磊静婷鑫超敏丹雪宇",
    *(first + last for first in "佳思雨欣" for last in "怡琪彤涵"),
    *(first + last for first in "子浩俊明" for last in "轩然宇泽"),
]
_DIGITS = "零一二三四五六七八九"


def surname(rng: random.Random) -> str:
    """Return a surname; common ones come more often."""
    return rng.choices(SURNAMES, _SURNAME_WEIGHTS)[0]


def person_name(rng: random.Random, *, elder: bool, family: str | None = None) -> str:
    """Return a full name of the older or younger generation, with the family's surname if one is given."""
    return (family or surname(rng)) + rng.choice(_ELDER_GIVEN if elder else _YOUNGER_GIVEN)


def places(rng: random.Random) -> list[tuple[str, str]]:
    """Return all place names with their codes, such as 彩进 and ``CJ``: that one first, the others shuffled."""
    found = [
        (first + last, initial + second_initial)
        for initial, first in _PLACE_FIRST.items()
        for second_initial, last in _PLACE_SECOND.items()
        if first != last and first + last != FIRST_PLACE[0]
    ]
    rng.shuffle(found)
    return [FIRST_PLACE, *found]


def ordinal(number: int) -> str:
    """Return 1 to 99 as people count grids: 第一, 第十, 第二十三."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return f"第{head}{_DIGITS[ones] if ones else ''}"
