"""Group robots against the sandbox."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import QuotaExceeded, Rejected
from tests.wechat.conftest import ROBOT, Bench
from wechat.groups import cut_bytes


def contents(bench: Bench) -> list[str]:
    return [message["content"] for message in bench.world.groups.messages("building-1")["items"]]


def test_a_text_arrives_in_the_group(bench: Bench) -> None:
    bench.gateways.groups.send(ROBOT, "**新报修** 三楼楼道灯不亮")
    assert contents(bench) == ["**新报修** 三楼楼道灯不亮"]


def test_a_text_that_is_too_long_arrives_cut(bench: Bench) -> None:
    bench.gateways.groups.send(ROBOT, "灯" * 2000)
    assert contents(bench) == ["灯" * 1364 + "…"]


def test_a_removed_robot_is_told_apart(bench: Bench) -> None:
    bench.world.groups.remove("building-1")
    with pytest.raises(Rejected) as caught:
        bench.gateways.groups.send(ROBOT, "你好")
    assert (caught.value.reason, caught.value.provider_code) == ("robot_removed", 93000)


def test_the_twenty_first_message_of_a_minute_waits_for_the_next(bench: Bench) -> None:
    for _ in range(20):
        bench.gateways.groups.send(ROBOT, "你好")
    with pytest.raises(QuotaExceeded) as caught:
        bench.gateways.groups.send(ROBOT, "你好")
    assert 0 < (caught.value.retry_after or 0) <= 60
    bench.clock.forward(30)
    bench.gateways.groups.send(ROBOT, "下一分钟")
    assert contents(bench)[0] == "下一分钟"


def test_an_empty_text_is_refused(bench: Bench) -> None:
    with pytest.raises(Rejected) as caught:
        bench.gateways.groups.send(ROBOT, "")
    assert caught.value.provider_code == 44001


@settings(deadline=None)
@given(text=st.text(max_size=80), limit=st.integers(3, 120))
def test_a_cut_keeps_to_its_bytes_and_to_whole_characters(text: str, limit: int) -> None:
    result = cut_bytes(text, limit)
    assert len(result.encode()) <= limit
    assert result == text or text.startswith(result.removesuffix("…"))


@settings(deadline=None)
@given(text=st.text(alphabet="灯a😀", min_size=50, max_size=80), limit=st.integers(10, 49))
def test_a_cut_text_ends_with_an_ellipsis_and_wastes_less_than_a_character(text: str, limit: int) -> None:
    result = cut_bytes(text, limit)
    assert result.endswith("…")
    assert len(result.encode()) > limit - 4


def test_half_a_character_pair_does_no_harm(bench: Bench) -> None:
    bench.gateways.groups.send(ROBOT, "灯\ud800")
    assert contents(bench) == ["灯?"]
