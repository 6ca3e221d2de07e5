"""The sandbox and a scripted server over real HTTP, and our gateways pointed at them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
import structlog
from flask.testing import FlaskClient

import wechat
from config import Settings, WeChatSettings
from services.ports import Gateways, SubscribeMessage
from tests.wechat.fakes import Clock, MemoryFiles, MemoryTokens, Scripted, serving
from wechat.sandbox import World, create_sandbox

PROGRESS = "SANDBOX-ticket-progress"
ROBOT = "robot-key-of-building-one"


@pytest.fixture(autouse=True)
def every_log_is_heard() -> Iterator[None]:
    """Applications made by other tests log only errors; here a warning is sometimes what is tested."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@dataclass
class Bench:
    """Our gateways, the world they talk to, and its clock."""

    url: str
    world: World
    clock: Clock
    settings: Settings
    tokens: MemoryTokens
    gateways: Gateways

    def message(self, **changes: str) -> SubscribeMessage:
        """Return a message to the phone of ``zhang`` which the template takes."""
        values = {"number": "BX-CX-2611-00042", "subject": "三楼楼道灯不亮", "state": "已派单"}
        values |= {"time": "2026-11-23 15:00", "hint": "师傅下午到"} | changes
        return SubscribeMessage(self.openid, "ticket_progress", values, page="pages/ticket?id=42")

    @property
    def openid(self) -> str:
        """The openid of the phone ``zhang``."""
        return str(self.world.phones.put("zhang", "张阿姨")["openid"])

    def grant(self, times: int = 1) -> None:
        """Let the phone accept so many messages."""
        for _ in range(times):
            self.world.phones.answer("zhang", PROGRESS, "accept")

    def received(self) -> list[dict[str, object]]:
        """What arrived on the phone, newest first."""
        return list(self.world.phones.messages("zhang")["items"])


def settings_for(url: str, timeouts: tuple[float, float] = (1.0, 2.0)) -> Settings:
    """Return settings that point at a server of the test."""
    return replace(Settings(), wechat=replace(WeChatSettings(), api_url=url, wecom_url=url, timeouts=timeouts))


@pytest.fixture
def bench() -> Iterator[Bench]:
    clock = Clock()
    world = World(clock=clock)
    world.phones.put("zhang", "张阿姨")
    world.groups.put("building-1", "1栋群", ROBOT)
    with serving(create_sandbox(world)) as url:
        settings, tokens = settings_for(url), MemoryTokens()
        yield Bench(url, world, clock, settings, tokens, wechat.gateways(settings, tokens, MemoryFiles()))


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    server = Scripted()
    with serving(server.app()) as url:
        server.url = url
        yield server


@pytest.fixture
def against() -> Callable[..., Gateways]:
    """Return gateways against any base URL, with stores of their own unless given."""

    def make(url: str, tokens: MemoryTokens | None = None, timeouts: tuple[float, float] = (1.0, 2.0)) -> Gateways:
        return wechat.gateways(settings_for(url, timeouts), tokens or MemoryTokens(), MemoryFiles())

    return make


@pytest.fixture
def world() -> World:
    """A sandbox without HTTP, with a clock that stands still."""
    return World(clock=Clock())


@pytest.fixture
def client(world: World) -> FlaskClient:
    return create_sandbox(world, public_url="http://127.0.0.1:5050").test_client()
