"""Stand-ins for what is outside the database, for tests that are not about WeChat."""

from dataclasses import dataclass, field

from services.errors import PersonRefused, Rejected
from services.ports import Gateways, SubscribeMessage, WeChatIdentity


@dataclass
class FakeLogin:
    """Knows the codes it was told; each works once."""

    codes: dict[str, str] = field(default_factory=dict)

    def exchange(self, code: str) -> WeChatIdentity:
        if code not in self.codes:
            raise Rejected("登录已过期，请关掉小程序再打开一次。", code="wechat_code_invalid")
        return WeChatIdentity(openid=self.codes.pop(code), unionid=None, session_key="k" * 22 + "==")


@dataclass
class FakeMessages:
    """Remembers what it sent; raises what it was told to raise."""

    sent: list[SubscribeMessage] = field(default_factory=list)
    error: Exception | None = None

    def send(self, message: SubscribeMessage) -> str:
        if self.error:
            raise self.error
        self.sent.append(message)
        return str(len(self.sent))

    def template_id(self, kind: str) -> str:
        return f"template-{kind}"

    def refuse(self) -> None:
        """Answer like WeChat when there is no grant."""
        self.error = PersonRefused("对方没有订阅。", provider_code=43101)


@dataclass
class FakeGroups:
    """Remembers what was posted."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    error: Exception | None = None

    def send(self, robot_key: str, markdown: str) -> None:
        if self.error:
            raise self.error
        self.sent.append((robot_key, markdown))


@dataclass
class FakeFiles:
    """Keeps files in a dictionary."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.kept[key] = content

    def get(self, key: str) -> bytes:
        if key not in self.kept:
            raise FileNotFoundError(key)
        return self.kept[key]


def fake_gateways() -> Gateways:
    """A fresh set of all of them."""
    return Gateways(login=FakeLogin(), messages=FakeMessages(), groups=FakeGroups(), files=FakeFiles())
