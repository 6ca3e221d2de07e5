"""The access token: fetched once, shared, renewed in time, replaced once."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.errors import Misconfigured, TokenRejected, TryLater
from services.ports import Gateways, StoredToken, SubscribeMessage
from tests.wechat.conftest import Bench
from tests.wechat.fakes import MemoryTokens, Scripted
from wechat.tokens import FORCE_EVERY, AccessTokens

NAME = "wechat:wx0000sandbox00000:access_token"
SEND = "/cgi-bin/message/subscribe/send"
TOKEN = "/cgi-bin/stable_token"
MESSAGE = SubscribeMessage("openid-1", "ticket_progress", {})
REFUSED = {"errcode": 40001, "errmsg": "invalid credential rid: 1-2"}
NOW = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)


def ending_in(seconds: float, value: str = "KEPT") -> StoredToken:
    return StoredToken(value, dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds))


def accepting_only(token: str) -> Callable[..., dict[str, object]]:
    return lambda request: REFUSED if request.args["access_token"] != token else {"errcode": 0, "msgid": 7}


def test_sixteen_threads_fetch_the_token_once(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    sender = against(scripted.url).messages
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: sender.send(MESSAGE), range(16)))
    assert (scripted.count(TOKEN), scripted.count(SEND)) == (1, 16)


def test_a_token_that_another_process_stored_is_used(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    tokens = MemoryTokens()
    tokens.put(NAME, ending_in(3600))
    against(scripted.url, tokens).messages.send(MESSAGE)
    assert scripted.queries == [{"access_token": "KEPT"}]


@pytest.mark.parametrize("seconds", [-1, 60], ids=["past its end", "about to end"])
def test_a_stored_token_is_not_trusted_to_its_last_moment(
    seconds: float, scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    tokens = MemoryTokens()
    tokens.put(NAME, ending_in(seconds))
    against(scripted.url, tokens).messages.send(MESSAGE)
    assert scripted.queries[-1] == {"access_token": "TOKEN-1"}


def test_a_fetched_token_is_stored_with_its_end(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    tokens = MemoryTokens()
    against(scripted.url, tokens).messages.send(MESSAGE)
    left = tokens.kept[NAME].expires_at - dt.datetime.now(dt.UTC)
    assert dt.timedelta(seconds=7190) < left <= dt.timedelta(seconds=7200)


def test_the_token_in_memory_is_renewed_before_its_end() -> None:
    moments = [NOW]
    store = MemoryTokens()
    fetched: list[bool] = []

    def fetch(*, force: bool) -> StoredToken:
        fetched.append(force)
        return StoredToken(f"TOKEN-{len(fetched)}", moments[0] + dt.timedelta(hours=2))

    tokens = AccessTokens("name", store, fetch, now=lambda: moments[0])
    assert tokens.current() == tokens.current() == "TOKEN-1"
    moments[0] += dt.timedelta(hours=2) - dt.timedelta(minutes=1)
    assert tokens.current() == "TOKEN-2"


def test_a_server_that_always_refuses_the_token_is_asked_a_bounded_number_of_times(
    scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers[SEND] = lambda _: REFUSED
    with pytest.raises(TokenRejected):
        against(scripted.url).messages.send(MESSAGE)
    # The first token; the same one again in the normal mode; one by force.
    assert (scripted.count(SEND), scripted.count(TOKEN)) == (2, 3)


def test_further_messages_do_not_use_up_the_forced_renewals(
    scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers[SEND] = lambda _: REFUSED
    sender = against(scripted.url).messages
    for _ in range(5):
        with pytest.raises(TokenRejected):
            sender.send(MESSAGE)
    assert [body["force_refresh"] for body in scripted.bodies if body and "force_refresh" in body].count(True) == 1


def test_a_refused_token_is_replaced_by_the_normal_mode_when_that_has_another(
    scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    tokens = MemoryTokens()
    tokens.put(NAME, ending_in(3600, "OLD"))
    scripted.answers[SEND] = accepting_only("TOKEN-1")
    assert against(scripted.url, tokens).messages.send(MESSAGE) == "7"
    assert [body["force_refresh"] for body in scripted.bodies if body and "force_refresh" in body] == [False]


def test_the_replacement_reaches_the_store(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    tokens = MemoryTokens()
    tokens.put(NAME, ending_in(3600, "OLD"))
    scripted.answers[SEND] = accepting_only("TOKEN-1")
    against(scripted.url, tokens).messages.send(MESSAGE)
    assert tokens.kept[NAME].value == "TOKEN-1"


def test_a_new_token_is_forced_only_when_the_normal_mode_returns_the_refused_one(
    scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers[TOKEN] = lambda request: {
        "access_token": "FORCED" if request.get_json(force=True)["force_refresh"] else "SAME",
        "expires_in": 7200,
    }
    scripted.answers[SEND] = accepting_only("FORCED")
    assert against(scripted.url).messages.send(MESSAGE) == "7"


def test_a_replacement_by_another_process_is_taken_from_the_store(
    scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    tokens = MemoryTokens()
    gateways = against(scripted.url, tokens)
    gateways.messages.send(MESSAGE)
    tokens.put(NAME, ending_in(3600, "OTHERS"))
    scripted.answers[SEND] = accepting_only("OTHERS")
    gateways.messages.send(MESSAGE)
    assert scripted.count(TOKEN) == 1


def test_threads_that_wait_while_fetching_fails_share_the_failure(
    scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers[TOKEN] = lambda _: ("away", 503)
    sender = against(scripted.url).messages

    def outcome(_: int) -> type[Exception] | None:
        try:
            sender.send(MESSAGE)
        except TryLater as error:
            return type(error)
        return None

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(outcome, range(16))) == [TryLater] * 16
    assert scripted.count(TOKEN) < 16


def test_after_a_failure_the_next_call_asks_again(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    good = scripted.answers[TOKEN]
    scripted.answers[TOKEN] = lambda _: ("away", 503)
    sender = against(scripted.url).messages
    with pytest.raises(TryLater):
        sender.send(MESSAGE)
    scripted.answers[TOKEN] = good
    sender.send(MESSAGE)
    assert scripted.count(SEND) == 1


def test_a_wrong_secret_is_a_matter_for_the_operator(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    scripted.answers[TOKEN] = lambda _: REFUSED
    with pytest.raises(Misconfigured):
        against(scripted.url).messages.send(MESSAGE)
    assert scripted.count(TOKEN) == 1


@pytest.mark.parametrize("answer", [{}, {"access_token": "T"}, {"access_token": "T", "expires_in": "soon"}])
def test_an_answer_without_token_or_end_is_not_believed(
    answer: dict[str, str], scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers[TOKEN] = lambda _: answer
    with pytest.raises(TryLater):
        against(scripted.url).messages.send(MESSAGE)
    assert scripted.count(SEND) == 0


def test_forcing_is_allowed_again_after_a_while() -> None:
    moments, forced = [NOW], []

    def fetch(*, force: bool) -> StoredToken:
        forced.append(force)
        return StoredToken("SAME", moments[0] + dt.timedelta(hours=2))

    tokens = AccessTokens("name", MemoryTokens(), fetch, now=lambda: moments[0])
    tokens.replace("SAME")
    with pytest.raises(TokenRejected):
        tokens.replace("SAME")
    moments[0] += FORCE_EVERY
    tokens.replace("SAME")
    assert forced.count(True) == 2


def test_a_forced_renewal_that_did_not_reach_wechat_may_be_tried_again() -> None:
    away = [True]

    def fetch(*, force: bool) -> StoredToken:
        if force and away:
            away.pop()
            raise TryLater
        return StoredToken("FORCED" if force else "SAME", NOW + dt.timedelta(hours=2))

    tokens = AccessTokens("name", MemoryTokens(), fetch, now=lambda: NOW)
    with pytest.raises(TryLater):
        tokens.replace("SAME")
    assert tokens.replace("SAME") == "FORCED"


def test_messages_survive_the_end_of_all_tokens(bench: Bench) -> None:
    bench.grant(2)
    bench.gateways.messages.send(bench.message())
    bench.world.tokens.expire_all()
    bench.gateways.messages.send(bench.message())
    assert len(bench.received()) == 2


def test_two_processes_that_share_a_store_fetch_once(bench: Bench, against: Callable[..., Gateways]) -> None:
    bench.grant(2)
    bench.gateways.messages.send(bench.message())
    against(bench.url, bench.tokens).messages.send(bench.message())
    assert bench.world.tokens.issued == 1
