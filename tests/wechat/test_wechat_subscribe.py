"""Subscribe messages against the sandbox."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

import wechat
from services.errors import Misconfigured, PersonRefused, QuotaExceeded, Rejected, TryLater
from services.ports import Gateways, SubscribeMessage
from tests.wechat.conftest import PROGRESS, Bench
from tests.wechat.fakes import MemoryFiles, Scripted

SEND = "/cgi-bin/message/subscribe/send"


def test_a_granted_message_arrives_with_its_values(bench: Bench) -> None:
    bench.grant()
    msgid = bench.gateways.messages.send(bench.message())
    arrived = bench.received()[0]
    assert str(arrived["msgid"]) == msgid
    assert arrived["page"] == "pages/ticket?id=42"
    assert arrived["values"] == {
        "character_string1": "BX-CX-2611-00042",
        "thing2": "三楼楼道灯不亮",
        "phrase3": "已派单",
        "time4": "2026年11月23日 15:00",
        "thing5": "师傅下午到",
    }


def test_a_message_names_its_language_and_its_kind_of_release(bench: Bench) -> None:
    bench.grant()
    settings = replace(bench.settings, wechat=replace(bench.settings.wechat, miniprogram_state="trial"))
    wechat.gateways(settings, bench.tokens, MemoryFiles()).messages.send(bench.message())
    assert (bench.received()[0]["miniprogram_state"], bench.received()[0]["lang"]) == ("trial", "zh_CN")


def test_one_grant_is_one_message(bench: Bench) -> None:
    bench.grant()
    bench.gateways.messages.send(bench.message())
    with pytest.raises(PersonRefused):
        bench.gateways.messages.send(bench.message())
    assert len(bench.received()) == 1


def test_without_a_grant_the_person_has_refused(bench: Bench) -> None:
    with pytest.raises(PersonRefused) as caught:
        bench.gateways.messages.send(bench.message())
    assert caught.value.provider_code == 43101


def test_values_that_are_too_long_or_missing_do_not_lose_the_message(bench: Bench) -> None:
    bench.grant()
    message = replace(bench.message(subject="水管\n爆了" * 30), page=None)
    values = {name: value for name, value in message.values.items() if name not in {"hint", "state"}}
    bench.gateways.messages.send(replace(message, values=values))
    arrived = bench.received()[0]
    assert arrived["page"] is None
    assert arrived["values"] == {
        "character_string1": "BX-CX-2611-00042",
        "thing2": "水管 爆了水管 爆了水管 爆了水管 爆…",
        "phrase3": "无",
        "time4": "2026年11月23日 15:00",
        "thing5": "无",
    }


def test_a_value_without_a_field_is_left_out(bench: Bench) -> None:
    bench.grant()
    bench.gateways.messages.send(bench.message(note="不在模板里"))
    assert "不在模板里" not in str(bench.received()[0])


def test_a_kind_without_a_template_is_a_matter_for_the_operator(bench: Bench) -> None:
    with pytest.raises(Misconfigured, match="rent_due"):
        bench.gateways.messages.send(SubscribeMessage(bench.openid, "rent_due", {}))


def test_the_template_behind_a_kind_can_be_asked_for(bench: Bench) -> None:
    assert bench.gateways.messages.template_id("ticket_progress") == PROGRESS


def test_an_unknown_openid_is_final(bench: Bench) -> None:
    with pytest.raises(Rejected) as caught:
        bench.gateways.messages.send(replace(bench.message(), openid="o-nobody"))
    assert caught.value.provider_code == 40003


def test_two_messages_to_one_person_at_once_mean_later(bench: Bench) -> None:
    bench.world.faults.put("send", {"errcode": 43108, "times": 1})
    with pytest.raises(TryLater):
        bench.gateways.messages.send(bench.message())


def test_a_used_up_day_says_when_to_go_on(bench: Bench) -> None:
    bench.world.faults.put("send", {"errcode": 45009})
    with pytest.raises(QuotaExceeded) as caught:
        bench.gateways.messages.send(bench.message())
    assert 0 < (caught.value.retry_after or 0) <= 86_400


def test_a_missing_message_id_is_an_empty_one(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    scripted.answers[SEND] = lambda _: {"errcode": 0, "errmsg": "ok"}
    assert against(scripted.url).messages.send(SubscribeMessage("o", "ticket_progress", {})) == ""


def test_many_threads_send_at_once_and_nothing_is_lost(bench: Bench) -> None:
    bench.grant(64)
    with ThreadPoolExecutor(16) as pool:
        ids = set(pool.map(lambda _: bench.gateways.messages.send(bench.message()), range(64)))
    assert len(ids) == len(bench.received()) == 64
