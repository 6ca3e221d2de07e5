"""Mass messages of WeCom against the sandbox over HTTP: the token of the company, the message, the thumb, the results."""

from dataclasses import replace

import pytest

import wechat
from services.errors import GatewayError, Misconfigured, Rejected, TryLater
from services.group_ports import Fate, MassDraft, MassLook, MassReminder
from tests.wechat.conftest import Bench
from tests.wechat.fakes import MemoryFiles
from wechat.sandbox.groups import opengid

OURS = opengid("building-1")


def draft(page: str = "", **opengids: str) -> MassDraft:
    ids = {1: OURS} | dict(enumerate(opengids.values(), start=2))
    return MassDraft("ZhangLi", "周三上午停水。", "打开小程序看看", page, ids)


def chat(bench: Bench) -> list[str]:
    return [message["content"] for message in bench.world.groups.messages("building-1")["items"]]


def test_nothing_is_in_the_chat_until_the_member_confirms(bench: Bench) -> None:
    mass = bench.gateways.mass
    taken = mass.prepare(draft())
    assert taken.chats == {1: "wr-building-1"}
    look = MassLook(taken.msgid, "ZhangLi")
    assert (chat(bench), mass.results(look)) == ([], {"wr-building-1": Fate.WAITING})
    bench.world.wecom.confirm(taken.msgid)
    assert chat(bench) == ["ZhangLi：周三上午停水。"]
    assert mass.results(look) == {"wr-building-1": Fate.SENT}


def test_a_card_of_the_mini_program_goes_along_with_its_picture(bench: Bench) -> None:
    bench.gateways.mass.prepare(draft("pages/index/index"))
    assert bench.world.wecom.listing()[0]["page"] == "pages/index/index"


def test_a_group_that_is_not_the_companys_is_left_out(bench: Bench) -> None:
    taken = bench.gateways.mass.prepare(draft(other="tG-of-nobody"))
    assert taken.chats == {1: "wr-building-1", 2: None}


def test_no_group_of_the_company_is_said_so(bench: Bench) -> None:
    bench.world.groups.remove("building-1")
    with pytest.raises(Rejected) as caught:
        bench.gateways.mass.prepare(draft())
    assert caught.value.reason == "no_customer_group"


def test_the_month_is_full_for_the_next_one(bench: Bench) -> None:
    mass = bench.gateways.mass
    named = [mass.prepare(draft()).msgid for _ in range(32)]
    for msgid in named:
        bench.world.wecom.confirm(msgid)
    assert mass.results(MassLook(named[-1], "ZhangLi")) == {"wr-building-1": Fate.FAILED}


def test_the_fourth_reminder_within_a_day_is_refused(bench: Bench) -> None:
    mass = bench.gateways.mass
    reminder = MassReminder(mass.prepare(draft()).msgid)
    for _ in range(3):
        mass.remind(reminder)
    with pytest.raises(GatewayError) as caught:
        mass.remind(reminder)
    assert caught.value.provider_code == 45009


def test_one_token_serves_many_calls_and_lies_in_the_shared_store(bench: Bench) -> None:
    for _ in range(3):
        bench.gateways.mass.prepare(draft())
    other = wechat.gateways(bench.settings, bench.tokens, MemoryFiles())
    other.mass.prepare(draft())
    assert bench.world.calls["corp_token"] == 1


def test_a_token_that_has_ended_is_replaced_once(bench: Bench) -> None:
    bench.gateways.mass.prepare(draft())
    bench.world.wecom.tokens.expire_all()
    assert bench.gateways.mass.prepare(draft()).msgid
    assert bench.world.calls["corp_token"] == 2


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_refused_token_costs_one_more_try_and_not_a_third(bench: Bench, errcode: int) -> None:
    bench.world.faults.put("mass", {"errcode": errcode})
    with pytest.raises(GatewayError):
        bench.gateways.mass.remind(MassReminder("msg"))
    assert bench.world.calls["mass"] <= 2


@pytest.mark.parametrize(
    ("errcode", "kind"), [(45033, TryLater), (48002, Misconfigured), (60020, Misconfigured), (60111, Rejected)]
)
def test_each_trouble_has_its_class(bench: Bench, errcode: int, kind: type[Exception]) -> None:
    bench.world.faults.put("mass", {"errcode": errcode})
    with pytest.raises(kind):
        bench.gateways.mass.remind(MassReminder("msg"))


def test_a_wrong_secret_is_for_the_operator(bench: Bench) -> None:
    wrong = replace(bench.settings, wechat=replace(bench.settings.wechat, wecom_secret="another"))
    with pytest.raises(Misconfigured, match="企业微信"):
        wechat.gateways(wrong, bench.tokens, MemoryFiles()).mass.prepare(draft())
    assert not wechat.gateways(wrong, bench.tokens, MemoryFiles()).examiner.wecom().well


def test_a_company_without_wecom_is_told_what_to_do(bench: Bench) -> None:
    without = replace(bench.settings, wechat=replace(bench.settings.wechat, wecom_corpid=""))
    ports = wechat.gateways(without, bench.tokens, MemoryFiles())
    with pytest.raises(Misconfigured, match="WUYOU_WECOM_CORPID"):
        ports.mass.prepare(draft())
    assert (ports.mass.is_set_up, bench.world.calls["corp_token"]) == (False, 0)
    assert ports.examiner.wecom().words == "没有用企业微信。"


def test_the_doctor_asks_for_a_token(bench: Bench) -> None:
    assert bench.gateways.examiner.wecom().well
