"""What a newcomer is told: who holds which phone, and in which order to tap.

It knows the phones of the demonstration by their slugs; a phone that it does not know is shown without a word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """What a phone's owner is in the neighborhood."""

    hat: str
    about: str


@dataclass(frozen=True)
class Step:
    """One step of the repair that everybody should try first."""

    slug: str
    who: str
    does: str
    how: str


PARTS: Mapping[str, Part] = {
    "wang-guilan": Part("居民", "七十多岁，住1号楼，不太会打字"),
    "zhang-li": Part("服务站站长", "看新报修，派师傅"),
    "li-shifu": Part("维修 · 李师傅", "修水管、换井盖，哪里坏了去哪里"),
    "zhao-laobing": Part("居民", "热心邻居，和王桂兰住一个单元"),
    "li-hong": Part("居民", "王桂兰的女儿，妈妈的事常常替着办"),
    "liu-yang": Part("服务站值班员", "接电话，替居民登记报修"),
    "chen-shifu": Part("维修 · 陈师傅", "修电路、门锁最拿手"),
    "sun-min": Part("网格长", "管1号楼所在的网格"),
}

STEPS: tuple[Step, ...] = (
    Step("wang-guilan", "王桂兰", "报修", "选“井盖”，拍一张，报上去"),
    Step("zhang-li", "张丽", "派单", "打开新单子，派给李师傅"),
    Step("li-shifu", "李师傅", "干活", "接单、到场、防护、完工"),
    Step("wang-guilan", "王桂兰", "确认", "看一看，修好了就打分"),
)


def in_order(slugs: Iterable[str]) -> list[str]:
    """Return slugs with the parts of the story first, the others after them as they came."""
    known = list(PARTS)
    return sorted(slugs, key=lambda slug: known.index(slug) if slug in PARTS else len(known))


def steps_for(slugs: Iterable[str]) -> tuple[Step, ...]:
    """Return the steps if every phone of the story is there, else none."""
    there = set(slugs)
    return STEPS if all(step.slug in there for step in STEPS) else ()
