"""Every code in the table leads to its class, with a sentence that says what to do."""

import datetime as dt
from collections.abc import Callable

import pytest

from services.errors import GatewayError, Misconfigured, PersonRefused, QuotaExceeded, Rejected, TokenRejected, TryLater
from services.ports import Gateways, SubscribeMessage
from tests.wechat.fakes import Scripted
from wechat.clock import to_next_day, to_next_minute
from wechat.codes import COMMON, Endpoint
from wechat.endpoints import (
    ALL,
    CHECK_MEDIA,
    CHECK_SESSION,
    CHECK_TEXT,
    CODE_TO_SESSION,
    PHONE_NUMBER,
    ROBOT_SEND,
    STABLE_TOKEN,
    SUBSCRIBE_SEND,
    TEMPLATES,
    UPDATE_CARD,
    URL_LINK,
)
from wechat.errors import by_code

NOW = dt.datetime(2026, 11, 23, 7, 0, 15, tzinfo=dt.UTC)
ALL_CODES = [(endpoint, code) for endpoint in ALL for code in sorted({*COMMON, *endpoint.codes})]


@pytest.mark.parametrize(
    ("endpoint", "code", "wanted"),
    [
        (SUBSCRIBE_SEND, -1, TryLater),
        (SUBSCRIBE_SEND, 40001, TokenRejected),
        (SUBSCRIBE_SEND, 40014, TokenRejected),
        (SUBSCRIBE_SEND, 42001, TokenRejected),
        (SUBSCRIBE_SEND, 40003, Rejected),
        (SUBSCRIBE_SEND, 40037, Misconfigured),
        (SUBSCRIBE_SEND, 41030, Misconfigured),
        (SUBSCRIBE_SEND, 43101, PersonRefused),
        (SUBSCRIBE_SEND, 43107, Misconfigured),
        (SUBSCRIBE_SEND, 43108, TryLater),
        (SUBSCRIBE_SEND, 45168, Rejected),
        (SUBSCRIBE_SEND, 47003, Rejected),
        (SUBSCRIBE_SEND, 45009, QuotaExceeded),
        (SUBSCRIBE_SEND, 45011, QuotaExceeded),
        (SUBSCRIBE_SEND, 48001, Misconfigured),
        (STABLE_TOKEN, 40001, Misconfigured),
        (STABLE_TOKEN, 40013, Misconfigured),
        (STABLE_TOKEN, 40125, Misconfigured),
        (STABLE_TOKEN, 40164, Misconfigured),
        (STABLE_TOKEN, 40243, Misconfigured),
        (STABLE_TOKEN, 89503, Misconfigured),
        (CODE_TO_SESSION, 40029, Rejected),
        (CODE_TO_SESSION, 40163, Rejected),
        (CODE_TO_SESSION, 40226, Rejected),
        (CODE_TO_SESSION, 45011, QuotaExceeded),
        (ROBOT_SEND, 93000, Rejected),
        (ROBOT_SEND, 45009, QuotaExceeded),
        (ROBOT_SEND, 40058, Rejected),
        (ROBOT_SEND, 44001, Rejected),
        (CHECK_SESSION, 87009, Rejected),
        (PHONE_NUMBER, 40029, Rejected),
        (PHONE_NUMBER, 40013, Misconfigured),
        (PHONE_NUMBER, 45011, QuotaExceeded),
        (TEMPLATES, 200011, Misconfigured),
        (CHECK_TEXT, 61010, Rejected),
        (CHECK_TEXT, 44991, QuotaExceeded),
        (CHECK_MEDIA, 87020, QuotaExceeded),
        (URL_LINK, 44993, QuotaExceeded),
        (URL_LINK, 85079, Misconfigured),
        (UPDATE_CARD, 47504, Rejected),
    ],
)
def test_each_code_has_its_class(endpoint: Endpoint, code: int, wanted: type[GatewayError]) -> None:
    assert type(by_code(code, endpoint, NOW)) is wanted


@pytest.mark.parametrize(("endpoint", "code"), ALL_CODES)
def test_each_row_of_the_table_speaks_to_people_and_names_its_source(endpoint: Endpoint, code: int) -> None:
    outcome = endpoint.outcome(code)
    assert outcome is not None
    assert outcome.detail.endswith("。")
    assert outcome.note
    assert "文档：" in outcome.source
    assert by_code(code, endpoint, NOW).provider_code == code


QUOTAS = [(endpoint, code) for endpoint, code in ALL_CODES if by_code(code, endpoint, NOW).reason == "wechat_quota"]


@pytest.mark.parametrize(("endpoint", "code"), QUOTAS)
def test_each_used_up_allowance_says_when_to_go_on(endpoint: Endpoint, code: int) -> None:
    retry_after = by_code(code, endpoint, NOW).retry_after
    assert retry_after is not None
    assert 0 < retry_after <= 86_400


def test_a_daily_allowance_returns_at_midnight_in_beijing() -> None:
    assert to_next_day(NOW) == 8 * 3600 + 59 * 60 + 45


def test_an_allowance_per_minute_returns_with_the_next_minute() -> None:
    assert to_next_minute(NOW) == 45


@pytest.mark.parametrize(
    ("code", "wanted"),
    [(-1, TryLater), (40001, TokenRejected), (43101, PersonRefused), (45009, QuotaExceeded), (40037, Misconfigured)],
)
def test_the_class_comes_through_the_whole_call(
    code: int, wanted: type[GatewayError], scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers["/cgi-bin/message/subscribe/send"] = lambda _: {"errcode": code, "errmsg": "no"}
    with pytest.raises(wanted):
        against(scripted.url).messages.send(SubscribeMessage("o", "ticket_progress", {}))
