"""The client: bounded in time, silent about secrets, and only ever failing as a ``GatewayError``."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
import structlog
from structlog.testing import LogCapture

from config import Settings
from services.errors import GatewayError, Misconfigured, Rejected, TryLater
from services.group_ports import Markdown
from services.ports import Gateways, SubscribeMessage
from tests.wechat.conftest import settings_for
from tests.wechat.fakes import MemoryFiles, MemoryTokens, Scripted
from wechat import gateways

SEND = "/cgi-bin/message/subscribe/send"
TOKEN = "/cgi-bin/stable_token"
LOGIN = "/sns/jscode2session"
ROBOT = "/cgi-bin/webhook/send"
OPENID = "openid-of-somebody"
KEY = "robot-key-that-is-secret"
CODE = "login-code-that-is-secret"
MESSAGE = SubscribeMessage(OPENID, "ticket_progress", {})

Use = Callable[[Gateways], object]
USES: dict[str, Use] = {
    LOGIN: lambda g: g.login.exchange(CODE),
    SEND: lambda g: g.messages.send(MESSAGE),
    TOKEN: lambda g: g.messages.send(MESSAGE),
    ROBOT: lambda g: g.groups.send(KEY, Markdown("你好")),
}


@pytest.fixture(params=sorted(USES))
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def debug_log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> LogCapture:
    """What is logged, however logging was configured before."""
    capture = LogCapture()
    monkeypatch.setattr("wechat.errors.log", structlog.wrap_logger(None, processors=[capture]))
    return capture


def test_a_slow_server_is_left_in_time(path: str, scripted: Scripted, against: Callable[..., Gateways]) -> None:
    scripted.answers[path] = late
    started = time.monotonic()
    with pytest.raises(TryLater):
        USES[path](against(scripted.url, timeouts=(0.2, 0.2)))
    assert time.monotonic() - started < 0.55


def test_a_server_that_is_not_there_means_later(path: str, against: Callable[..., Gateways]) -> None:
    with pytest.raises(TryLater):
        USES[path](against("http://127.0.0.1:9"))


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_in_trouble_means_later(
    status: int, path: str, scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers[path] = lambda _: ("<html>trouble</html>", status)
    with pytest.raises(TryLater):
        USES[path](against(scripted.url))


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_wrong_address_is_a_matter_for_the_operator(
    status: int, path: str, scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers[path] = lambda _: ("no", status)
    with pytest.raises(Misconfigured):
        USES[path](against(scripted.url))


@pytest.mark.parametrize("answer", ["<html>请登录网络</html>", "[]", "3", "", '{"errcode": "x"}'])
def test_an_answer_that_cannot_be_read_means_later(
    answer: str, path: str, scripted: Scripted, against: Callable[..., Gateways]
) -> None:
    scripted.answers[path] = lambda _: answer
    with pytest.raises(TryLater):
        USES[path](against(scripted.url))


def test_secrets_do_not_follow_a_redirect(path: str, scripted: Scripted, against: Callable[..., Gateways]) -> None:
    scripted.answers[path] = lambda _: ("", 302, {"Location": "/elsewhere"})
    with pytest.raises(TryLater):
        USES[path](against(scripted.url))
    assert scripted.count("/elsewhere") == 0


def test_the_wait_that_a_busy_server_asks_for_is_kept(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    scripted.answers[ROBOT] = lambda _: ("busy", 503, {"Retry-After": "17"})
    with pytest.raises(TryLater) as caught:
        against(scripted.url).groups.send(KEY, Markdown("你好"))
    assert caught.value.retry_after == 17


def test_an_unknown_code_is_final_and_names_itself(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    scripted.answers[SEND] = lambda _: {"errcode": 99999, "errmsg": "new"}
    with pytest.raises(Rejected, match="99999") as caught:
        against(scripted.url).messages.send(MESSAGE)
    assert caught.value.provider_code == 99999


def test_an_address_without_a_scheme_is_a_matter_for_the_operator(against: Callable[..., Gateways]) -> None:
    with pytest.raises(Misconfigured):
        against("127.0.0.1:5051").login.exchange(CODE)


def test_a_login_carries_no_access_token(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    scripted.answers[LOGIN] = lambda _: {"openid": "o", "session_key": "k"}
    against(scripted.url).login.exchange(CODE)
    assert scripted.paths == [LOGIN]
    assert set(scripted.queries[0]) == {"appid", "secret", "js_code", "grant_type"}


def test_chinese_is_sent_as_it_is(scripted: Scripted, against: Callable[..., Gateways]) -> None:
    against(scripted.url).groups.send(KEY, Markdown("三楼楼道灯不亮"))
    assert scripted.bodies[0]["markdown"]["content"] == "三楼楼道灯不亮"


class KeepingAlive(BaseHTTPRequestHandler):
    """Answers OK and keeps the connection, which werkzeug's server never does."""

    protocol_version = "HTTP/1.1"
    connections: ClassVar[set[object]] = set()

    def do_POST(self) -> None:
        self.connections.add(self.client_address)
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"errcode": 0}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_connections_are_kept(against: Callable[..., Gateways]) -> None:
    KeepingAlive.connections.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), KeepingAlive) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        groups = against(f"http://127.0.0.1:{server.server_port}").groups
        for _ in range(3):
            groups.send(KEY, Markdown("你好"))
        server.shutdown()
    assert len(KeepingAlive.connections) == 1


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    scripted: Scripted, against: Callable[..., Gateways], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    against(scripted.url).groups.send(KEY, Markdown("你好"))
    assert scripted.count(ROBOT) == 1


def late(_: object) -> dict[str, str]:
    """Answer when nobody listens any more."""
    time.sleep(0.6)
    return {}


FAILURES: dict[str, Callable[[Any], Any]] = {
    "code": lambda request: {"errcode": 40003, "errmsg": f"bad {request.full_path} {request.data!r} rid: 6-7"},
    "http": lambda _: ("no", 500),
    "not json": lambda _: "<html>",
}


@pytest.fixture
def secret_settings(scripted: Scripted) -> Settings:
    settings = settings_for(scripted.url)
    return replace(settings, wechat=replace(settings.wechat, secret="APP-SECRET-VALUE"))


@pytest.mark.parametrize("failure", [*FAILURES, "timeout", "connection"])
def test_secrets_appear_in_no_log_and_no_exception(
    failure: str,
    path: str,
    scripted: Scripted,
    secret_settings: Settings,
    debug_log: pytest.LogCaptureFixture,
    events: LogCapture,
) -> None:
    settings = secret_settings
    if failure == "timeout":
        scripted.answers[path] = late
        settings = replace(settings, wechat=replace(settings.wechat, timeouts=(0.2, 0.2)))
    elif failure == "connection":
        settings = replace(settings, wechat=replace(settings.wechat, api_url="http://127.0.0.1:9"))
        settings = replace(settings, wechat=replace(settings.wechat, wecom_url="http://127.0.0.1:9"))
    else:
        scripted.answers[path] = FAILURES[failure]
    with pytest.raises(GatewayError) as caught:
        USES[path](gateways(settings, MemoryTokens(), MemoryFiles()))
    said = (
        debug_log.text + repr(events.entries) + "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    )
    for secret in ("APP-SECRET-VALUE", "TOKEN-1", OPENID, KEY, CODE):
        assert secret not in said


def test_no_exception_holds_on_to_the_failed_request(path: str, against: Callable[..., Gateways]) -> None:
    with pytest.raises(GatewayError) as caught:
        USES[path](against("http://127.0.0.1:9"))
    assert caught.value.__context__ is None


def test_the_log_has_the_path_the_code_and_the_words_of_wechat(
    scripted: Scripted, against: Callable[..., Gateways], events: LogCapture
) -> None:
    scripted.answers[ROBOT] = lambda _: {"errcode": 93000, "errmsg": "invalid webhook url rid: 6-7"}
    with pytest.raises(Rejected):
        against(scripted.url).groups.send(KEY, Markdown("你好"))
    assert events.entries == [
        {
            "event": "wechat_call_failed",
            "log_level": "warning",
            "path": "cgi-bin/webhook/send",
            "errcode": 93000,
            "errmsg": "invalid webhook url rid: 6-7",
            "rid": "6-7",
            "outcome": "robot_removed",
        }
    ]


def test_the_files_are_handed_through() -> None:
    files = MemoryFiles()
    assert gateways(Settings(), MemoryTokens(), files).files is files
