"""Signing in against the sandbox."""

from collections.abc import Callable

import pytest

from services.errors import Misconfigured, QuotaExceeded, Rejected, TryLater
from services.ports import Gateways, WeChatIdentity
from tests.wechat.conftest import Bench
from tests.wechat.fakes import Scripted

LOGIN = "/sns/jscode2session"


def test_a_code_tells_whose_phone_it_is(bench: Bench) -> None:
    identity = bench.gateways.login.exchange(bench.world.phones.login_code("zhang"))
    assert identity.openid == bench.openid
    assert identity.session_key


def test_the_session_key_and_the_unionid_are_handed_on(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    scripted.answers[LOGIN] = lambda _: {"openid": "o1", "session_key": "k1", "unionid": "u1"}
    assert against(scripted.url).login.exchange("code") == WeChatIdentity("o1", "u1", "k1")


def test_a_code_used_twice_is_refused(bench: Bench) -> None:
    code = bench.world.phones.login_code("zhang")
    bench.gateways.login.exchange(code)
    with pytest.raises(Rejected) as caught:
        bench.gateways.login.exchange(code)
    assert (caught.value.reason, caught.value.provider_code) == ("wechat_code_invalid", 40163)


@pytest.mark.parametrize("code", ["", "made-up"])
def test_a_code_that_was_never_issued_is_refused(code: str, bench: Bench) -> None:
    with pytest.raises(Rejected) as caught:
        bench.gateways.login.exchange(code)
    assert caught.value.reason == "wechat_code_invalid"
    assert caught.value.detail == "登录已过期，请关掉小程序再打开一次。"


def test_a_code_older_than_five_minutes_is_refused(bench: Bench) -> None:
    code = bench.world.phones.login_code("zhang")
    bench.clock.forward(301)
    with pytest.raises(Rejected) as caught:
        bench.gateways.login.exchange(code)
    assert caught.value.provider_code == 40029


def test_busy_is_asked_once_more(bench: Bench) -> None:
    bench.world.faults.put("login", {"errcode": -1, "times": 1})
    assert bench.gateways.login.exchange(bench.world.phones.login_code("zhang")).openid == bench.openid


def test_busy_twice_means_later(bench: Bench) -> None:
    bench.world.faults.put("login", {"errcode": -1})
    with pytest.raises(TryLater):
        bench.gateways.login.exchange(bench.world.phones.login_code("zhang"))
    assert bench.world.calls["login"] == 2


def test_a_broken_server_is_not_asked_twice(bench: Bench) -> None:
    bench.world.faults.put("login", {"http": 502})
    with pytest.raises(TryLater):
        bench.gateways.login.exchange("code")
    assert bench.world.calls["login"] == 1


def test_an_account_that_wechat_blocks_is_told_so(bench: Bench) -> None:
    bench.world.faults.put("login", {"errcode": 40226})
    with pytest.raises(Rejected) as caught:
        bench.gateways.login.exchange("code")
    assert caught.value.reason == "wechat_account_blocked"


def test_too_many_logins_a_minute_say_how_long_to_wait(bench: Bench) -> None:
    bench.world.faults.put("login", {"errcode": 45011})
    with pytest.raises(QuotaExceeded) as caught:
        bench.gateways.login.exchange("code")
    assert 0 < (caught.value.retry_after or 0) <= 60


def test_a_wrong_secret_is_a_matter_for_the_operator(bench: Bench) -> None:
    bench.world.faults.put("login", {"errcode": 40125})
    with pytest.raises(Misconfigured):
        bench.gateways.login.exchange("code")


@pytest.mark.parametrize("answer", [{}, {"openid": "o"}, {"session_key": "k"}])
def test_an_answer_without_an_identity_is_not_believed(
    answer: dict[str, str], scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers[LOGIN] = lambda _: answer
    with pytest.raises(TryLater):
        against(scripted.url).login.exchange("code")


def test_a_login_works_while_tokens_are_broken(bench: Bench) -> None:
    bench.world.faults.put("token", {"http": 500})
    assert bench.gateways.login.exchange(bench.world.phones.login_code("zhang")).openid == bench.openid
