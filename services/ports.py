"""What use cases need from outside the database.  ``wechat/`` and ``app/`` implement these; services only name them.

Every method may raise the ``GatewayError`` family of ``services.errors`` and nothing else.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class WeChatIdentity:
    """Who WeChat says is holding the phone.

    ``session_key`` decrypts what the mini-program got from WeChat; it never leaves the server.
    """

    openid: str
    unionid: str | None
    session_key: str


class LoginGateway(Protocol):
    """Turns the one-time code of ``wx.login`` into an identity."""

    def exchange(self, code: str) -> WeChatIdentity:
        """Return who the code belongs to.

        Raises ``Rejected`` for a code that is wrong, used or older than five minutes.
        """
        ...


@dataclass(frozen=True)
class SubscribeMessage:
    """One subscribe message to one person.

    ``kind`` names our message (``ticket_progress``); ``values`` are by our own names.  The gateway knows the template,
    its field keys and the limits of each field type, and fits the values to them.
    """

    openid: str
    kind: str
    values: Mapping[str, str]
    page: str | None = None


class MessageSender(Protocol):
    """Sends subscribe messages."""

    def send(self, message: SubscribeMessage) -> str:
        """Send it and return WeChat's message id, or an empty string where WeChat gives none.

        Raises ``PersonRefused`` when the person has no grant left.
        """
        ...

    def template_id(self, kind: str) -> str:
        """Return the template behind a kind of message, which the client needs to ask for a grant."""
        ...


class GroupNotifier(Protocol):
    """Speaks in a WeCom group through the group's robot."""

    def send(self, robot_key: str, markdown: str) -> None:
        """Post a text.  ``robot_key`` is a secret.  Raises ``Rejected`` when the robot was removed (93000)."""
        ...


@dataclass(frozen=True)
class StoredToken:
    """A provider's access token and when it ends (aware UTC)."""

    value: str
    expires_at: dt.datetime


class TokenStore(Protocol):
    """Keeps provider tokens where every process sees them, and lets one process at a time renew one."""

    def get(self, name: str) -> StoredToken | None:
        """Return the token that is kept under the name, expired or not."""
        ...

    def put(self, name: str, token: StoredToken) -> None:
        """Keep a token, replacing an older one."""
        ...

    def claim(self, name: str, holder: str, seconds: float) -> bool:
        """Take the right to renew a token for so long; false while somebody else has it."""
        ...

    def release(self, name: str, holder: str) -> None:
        """Give the right back, if it is still the holder's."""
        ...


class FileStore(Protocol):
    """Keeps bytes under a key."""

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Keep the content; the same key again replaces it."""
        ...

    def get(self, key: str) -> bytes:
        """Return the content.  Raises ``FileNotFoundError`` when there is none."""
        ...


@dataclass(frozen=True)
class Gateways:
    """Everything outside the database, handed to the application as one thing."""

    login: LoginGateway
    messages: MessageSender
    groups: GroupNotifier
    files: FileStore
