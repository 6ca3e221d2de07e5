"""The first half of reading an address: which numbers stand in a text, and what the words beside them allow them to be."""

import enum
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


class Role(enum.IntEnum):
    """What a number of an address can be, in the order in which they are said."""

    BUILDING = 1
    STAIRWELL = 2
    FLOOR = 3
    ROOM = 4


class Kind(enum.Enum):
    """Whether a number came with a word that says what it is."""

    PLAIN = "plain"
    MARKED = "marked"


@dataclass(frozen=True)
class Item:
    """A number, or what stands for one, and what it can be."""

    value: str
    roles: tuple[Role, ...]
    kind: Kind
    dashed: bool = False
    """Whether a dash follows."""

    @property
    def only(self) -> Role | None:
        """The one thing it can be."""
        return self.roles[0] if len(self.roles) == 1 else None


@dataclass
class Scanned:
    """What stands in a text."""

    numbers: tuple[Item, ...] = ()
    side: str | None = None
    place: str = ""
    words: str = ""
    items: list[Item] = field(default_factory=list)


B, S, F, R = Role
ALL = tuple(Role)
# The words behind a number, by what they make of it.
_WORDS: dict[tuple[Role, ...], str] = {
    (S,): "号单元门 单元门 号单元 #单元 单元 号门洞 门洞 号楼门 楼门 门栋 楼道口 楼道 梯口 单",
    (B,): "号住宅楼 号居民楼 号楼房 号楼 #楼 号栋 栋楼 栋 幢 座",
    (F,): "楼层 层楼 层",
    (R,): "号房间 号房 房间 号室 号户 室 户 房",
    (S, R): "号门 门",
    (B, F): "楼",
    (B, R): "号",
    (B, S, R): "#",
}
SHOPS = ("门市房", "门市", "商铺", "商网", "商服", "商店", "门面房", "门面", "网点", "底商", "店铺")
ASSETS = {
    "仓房": ("仓房", "仓库", "储藏室", "储物间", "下房", "小房", "小棚", "棚子", "煤棚"),
    "车库": ("车库",),
    "车位": ("停车位", "车位", "泊位"),
}
SIDES = {
    "左": ("左手边", "左手", "左边", "左侧", "左门", "左户", "左面", "左"),
    "右": ("右手边", "右手", "右边", "右侧", "右门", "右户", "右面", "右"),
    "东": ("东户", "东屋", "东边", "东侧", "东门", "东面", "东"),
    "西": ("西户", "西屋", "西边", "西侧", "西门", "西面", "西"),
    "中": ("中间户", "中户", "中间", "中门", "当中", "中"),
}
# Said around an address without saying anything about it.
_FILLERS = (
    "我们家 我家 我住 我是 住在 就在 就是 好像是 大概是 的那家 那家 人家 您好 你好 家住 进去 进门 上楼 同志 师傅 地址 房号 "
    "楼号 门牌 牌号 住址 我 住 在 的 是 家 啊 呀 呢 吧 那个 那 嗯 第 靠 里 上 边 一进"
)
_ENDS = "小区|社区|街道|新村|家园|花园|嘉园|新城|大街|大道|[^\\d]路|[^\\d]街"
_PLACE = re.compile(
    r"^(.*(?:小区|社区|街道|新村|家园|花园|嘉园|新城|大街|大道|[^\d]路|[^\d]街)(?:第?\d+(?:号院|委))?)(?=.)"
)
_CODE = re.compile(r"^((?:[A-Z]{2,}-)+(?=[\d甲乙丙丁A-Z])|[A-Z]{2,}(?=\d))")
_KINDS = dict.fromkeys(SHOPS, "门市") | {word: kind for kind, words in ASSETS.items() for word in words}
_SIDES = {word: side for side, words in SIDES.items() for word in words}


def _either(words: Collection[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_MARK = {word: roles for roles, words in _WORDS.items() for word in words.split()}
_NUMBER = r"\d{1,6}之\d{1,2}|(?:[甲乙丙丁戊]|[A-Z](?=\d))?\d{1,6}(?:[甲乙丙丁戊A-EG-Z](?![A-Z]))?"
_TOKEN = re.compile(
    rf"(?P<row>\d{{1,3}})排"
    rf"|(?P<below>负|地下)(?P<depth>\d{{1,2}})(?:层|楼)"
    rf"|(?P<named>[甲乙丙丁戊东西南北中前后A-Z])(?:(?P<block>号?楼|#楼?|号?栋|号?幢|座|号)|(?P<well>单元|门洞)|(?=-))"
    rf"|(?P<kind>{_either(_KINDS)})(?P<after>[A-Z]?\d{{1,4}})?号?"
    rf"|(?P<number>{_NUMBER})(?P<mark>(?:{_either(_MARK)})(?!市|面房|店))?(?P<level>F(?![A-Z]))?"
    rf"|(?P<side>{_either(_SIDES)})"
    rf"|(?P<filler>{_either(_FILLERS.split())})"
    rf"|(?P<dash>-)|(?P<space>\s+)|(?P<word>.)"
)


def scan(folded: str, names: Collection[str], buildings: Mapping[str, str]) -> Scanned:
    """Return what stands in a folded text.  ``buildings`` maps folded names without a number to their keys."""
    scanned = Scanned()
    rest = _without_place(folded, names, scanned)
    for name in sorted(buildings, key=len, reverse=True):
        if not re.search(r"\d", name) and name in rest:
            head, _, rest = rest.partition(name)
            scanned.words += head
            scanned.items.append(Item(buildings[name], (B,), Kind.MARKED))
            break
    for found in _TOKEN.finditer(rest):
        _take(found, scanned)
    scanned.numbers = tuple(scanned.items)
    return scanned


def _without_place(folded: str, names: Collection[str], scanned: Scanned) -> str:
    rest = folded
    for pattern in (*(re.compile(f"^(.*?{re.escape(name)})-?(?=.)") for name in names if name), _PLACE, _CODE):
        found = pattern.match(rest)
        if found:
            scanned.place += found[1].strip("-")
            rest = rest[found.end() :]
    return rest.lstrip("- ")


def _take(found: re.Match[str], scanned: Scanned) -> None:
    parts = {name: text for name, text in found.groupdict().items() if text is not None}
    items = scanned.items
    if "row" in parts:
        items.append(Item(f"{int(parts['row'])}排", (B,), Kind.MARKED))
    elif "depth" in parts:
        items.append(Item(f"负{int(parts['depth'])}", (F,), Kind.MARKED))
    elif "named" in parts:
        items.append(Item(parts["named"], (S,) if "well" in parts else (B,), Kind.MARKED))
    elif "kind" in parts:
        _take_kind(_KINDS[parts["kind"]], parts.get("after"), scanned)
    elif "number" in parts:
        items.append(_number(parts))
    elif "side" in parts:
        scanned.side = _SIDES[parts["side"]]
    elif "dash" in parts and items:
        items[-1] = Item(items[-1].value, items[-1].roles, items[-1].kind, dashed=True)
    elif "word" in parts:
        scanned.words += parts["word"]


def _number(parts: Mapping[str, str]) -> Item:
    value = parts["number"]
    if "level" in parts:
        return Item(value, (F,), Kind.MARKED)
    if "mark" not in parts:
        return Item(value, ALL if value.isdigit() else (B, R), Kind.PLAIN)
    roles = _MARK[parts["mark"]]
    if not value.isdigit():  # no floor or stairwell is called 甲3
        roles = tuple(role for role in roles if role in {B, R}) or roles
    return Item(value, roles, Kind.MARKED)


def _take_kind(kind: str, number: str | None, scanned: Scanned) -> None:
    """A shop or shed has its number behind it (门市3) or in front (3号门市)."""
    items = scanned.items
    if number is None and items and R in items[-1].roles and not items[-1].dashed:
        number = items.pop().value
    items.append(Item(f"{kind}{(number or '').lstrip('0')}", (R,), Kind.MARKED))
