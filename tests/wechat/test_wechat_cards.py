"""Cards whose numbers change, against the sandbox over HTTP."""

import pytest

from services.errors import Misconfigured, Rejected, TryLater
from services.group_ports import CardUpdate
from tests.wechat.conftest import Bench

PAGE = "pages/home/bind"


def shared(bench: Bench) -> tuple[str, dict[str, str]]:
    """A card in a chat, and what is shown of it there."""
    card = bench.gateways.cards.create()
    content = {"title": "绑手机", "who": "张丽"}
    bench.world.cards.share(card.activity_id, {"member_count": "0", "room_limit": "3"}, content)
    return card.activity_id, content


def test_a_card_lives_for_a_day(bench: Bench) -> None:
    card = bench.gateways.cards.create()
    assert abs(card.expires_at.timestamp() - bench.world.clock() - 86_400) < 2


def test_a_shared_card_changes_in_the_chat(bench: Bench) -> None:
    name, content = shared(bench)
    assert content["line"] == "成员正在加入，当前 0/3 人"
    bench.gateways.cards.update(CardUpdate(name, 2, 3, PAGE))
    assert content["line"] == "成员正在加入，当前 2/3 人"
    bench.gateways.cards.update(CardUpdate(name, 3, 3, PAGE))
    assert content["line"] == "已开始"


def test_a_card_that_has_started_changes_no_more(bench: Bench) -> None:
    name, _ = shared(bench)
    bench.gateways.cards.update(CardUpdate(name, 3, 3, PAGE))
    with pytest.raises(Rejected) as caught:
        bench.gateways.cards.update(CardUpdate(name, 2, 3, PAGE))
    assert caught.value.provider_code == 47502


def test_a_card_ends_after_its_day(bench: Bench) -> None:
    name, _ = shared(bench)
    bench.world.clock.step(86_400)
    with pytest.raises(Rejected) as caught:
        bench.gateways.cards.update(CardUpdate(name, 1, 3, PAGE))
    assert (caught.value.provider_code, caught.value.reason) == (47504, "card_ended")


def test_a_card_that_wechat_does_not_know_is_refused(bench: Bench) -> None:
    with pytest.raises(Rejected) as caught:
        bench.gateways.cards.update(CardUpdate("nobody", 1, 3, PAGE))
    assert caught.value.provider_code == 47501


@pytest.mark.parametrize(
    ("errcode", "kind"), [(-1, TryLater), (47503, Rejected), (47504, Rejected), (48001, Misconfigured)]
)
def test_each_trouble_has_its_class(bench: Bench, errcode: int, kind: type[Exception]) -> None:
    bench.world.faults.put("card", {"errcode": errcode})
    with pytest.raises(kind):
        bench.gateways.cards.create()
