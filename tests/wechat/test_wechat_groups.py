"""Group robots against the sandbox."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import QuotaExceeded, Rejected
from services.group_ports import Card, Markdown, Picture, PlainText
from tests.wechat.conftest import ROBOT, Bench
from wechat.cutting import cut_markdown, cut_text
from wechat.sandbox.refusal import Refusal

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def contents(bench: Bench) -> list[str]:
    return [message["content"] for message in bench.world.groups.messages("building-1")["items"]]


def test_a_text_arrives_in_the_group(bench: Bench) -> None:
    bench.gateways.groups.send(ROBOT, Markdown("**新报修** 三楼楼道灯不亮"))
    assert contents(bench) == ["**新报修** 三楼楼道灯不亮"]


def test_a_text_that_is_too_long_arrives_cut(bench: Bench) -> None:
    bench.gateways.groups.send(ROBOT, Markdown("灯" * 2000))
    assert contents(bench) == ["灯" * 1364 + "…"]


def test_a_removed_robot_is_told_apart(bench: Bench) -> None:
    bench.world.groups.remove("building-1")
    with pytest.raises(Rejected) as caught:
        bench.gateways.groups.send(ROBOT, Markdown("你好"))
    assert (caught.value.reason, caught.value.provider_code) == ("robot_removed", 93000)


def test_the_twenty_first_message_of_a_minute_waits_for_the_next(bench: Bench) -> None:
    for _ in range(20):
        bench.gateways.groups.send(ROBOT, Markdown("你好"))
    with pytest.raises(QuotaExceeded) as caught:
        bench.gateways.groups.send(ROBOT, Markdown("你好"))
    assert 0 < (caught.value.retry_after or 0) <= 60
    bench.clock.forward(30)
    bench.gateways.groups.send(ROBOT, Markdown("下一分钟"))
    assert contents(bench)[0] == "下一分钟"


def test_an_empty_text_is_refused(bench: Bench) -> None:
    with pytest.raises(Rejected) as caught:
        bench.gateways.groups.send(ROBOT, Markdown(""))
    assert caught.value.provider_code == 44001


def test_a_long_text_ends_with_a_sentence(bench: Bench) -> None:
    bench.gateways.groups.send(ROBOT, Markdown("三楼楼道的灯不亮了，请来看看。" * 200))
    (content,) = contents(bench)
    assert content.endswith("请来看看。…")
    assert len(content.encode()) <= 4096


def test_a_colour_that_is_cut_is_closed(bench: Bench) -> None:
    bench.gateways.groups.send(ROBOT, Markdown('<font color="warning">**' + "灯" * 2000 + "**</font>"))
    (content,) = contents(bench)
    assert content.endswith("灯…**</font>")
    assert 4090 <= len(content.encode()) <= 4096


def test_a_text_calls_everybody(bench: Bench) -> None:
    bench.gateways.groups.send(ROBOT, PlainText("停水了" * 1000, mentioned=["@all"]))
    (message,) = bench.world.groups.messages("building-1")["items"]
    assert message["called"] == ["@all"]
    assert len(message["content"].encode()) <= 2048


def test_a_picture_arrives(bench: Bench) -> None:
    bench.gateways.groups.send(ROBOT, Picture(PNG))
    (message,) = bench.world.groups.messages("building-1")["items"]
    assert (message["msgtype"], base64.b64decode(message["content"][1])) == ("image", PNG)


@pytest.mark.parametrize(
    ("content", "code"), [(b"GIF89a", "picture_kind"), (PNG + bytes(2 * 1024 * 1024), "picture_too_big")]
)
def test_a_picture_that_wecom_does_not_take_is_not_sent(bench: Bench, content: bytes, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        bench.gateways.groups.send(ROBOT, Picture(content))
    assert caught.value.reason == code
    assert contents(bench) == []


def test_a_card_opens_a_page_of_the_mini_program(bench: Bench) -> None:
    lines = [("单号是这个", "BX-CX-2611-00042"), *[("情况", "楼道灯不亮" * 9)] * 7]
    bench.gateways.groups.send(
        ROBOT, Card("超时了" * 20, "请马上安排" * 20, lines, pagepath="pages/ticket/detail?id=1")
    )
    (card,) = [message["content"] for message in bench.world.groups.messages("building-1")["items"]]
    assert card["opens"] == "小程序 pages/ticket/detail?id=1"
    assert (len(card["title"]), len(card["description"]), len(card["lines"])) == (26, 30, 6)
    assert card["lines"][1] == ("情况", ("楼道灯不亮" * 9)[:25] + "…")


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"card_type": "text_notice", "main_title": {"title": "x"}},
        {"card_type": "text_notice", "main_title": {}, "card_action": {"type": 1, "url": "https://x"}},
        {"card_type": "odd", "main_title": {"title": "x"}, "card_action": {"type": 1, "url": "https://x"}},
    ],
)
def test_the_sandbox_refuses_a_card_that_lacks_something(bench: Bench, card: dict[str, object]) -> None:
    with pytest.raises(Refusal) as caught:
        bench.world.groups.deliver(ROBOT, {"msgtype": "template_card", "template_card": card})
    assert caught.value.errcode == 40058


@settings(deadline=None)
@given(text=st.text(max_size=80), limit=st.integers(3, 120))
def test_a_cut_keeps_to_its_bytes_and_to_whole_characters(text: str, limit: int) -> None:
    result = cut_text(text, limit)
    assert len(result.encode()) <= limit
    assert result == text or text.startswith(result.removesuffix("…"))


@settings(deadline=None)
@given(text=st.text(alphabet="灯a😀", min_size=50, max_size=80), limit=st.integers(10, 49))
def test_a_cut_text_ends_with_an_ellipsis_and_wastes_less_than_a_character(text: str, limit: int) -> None:
    result = cut_text(text, limit)
    assert result.endswith("…")
    assert len(result.encode()) > limit - 4 - 3


PIECES = st.sampled_from(
    ["**急**", '<font color="warning">已经超时</font>', "[点开看看](https://example.com/a?b=1)", "`BX-CJ-2611-00042`",
     "<@zhangli>", "👨‍👩‍👧", "灯不亮。", "三楼", "\n> ", "a", "é"]
)  # fmt: skip


@settings(deadline=None)
@given(pieces=st.lists(PIECES, max_size=30), limit=st.integers(3, 400))
def test_a_cut_goes_through_no_mark(pieces: list[str], limit: int) -> None:
    text = "".join(pieces)
    result = cut_markdown(text, limit)
    assert len(result.encode()) <= limit
    assert result.count("**") % 2 == 0
    assert result.count("<font") == result.count("</font>")
    assert (result.count("["), result.count("<@")) == (
        result.count("](https://example.com/a?b=1)"),
        result.count("<@zhangli>"),
    )
    assert result.count("`") % 2 == 0
    assert not result.endswith(("👨…", "👩…", "👨‍👩…", "\u200d…"))
    kept = result.replace("…", "").removesuffix("</font>").removesuffix("**")
    assert text.startswith(kept)


def test_half_a_character_pair_does_no_harm(bench: Bench) -> None:
    bench.gateways.groups.send(ROBOT, Markdown("灯\ud800"))
    assert contents(bench) == ["灯?"]
