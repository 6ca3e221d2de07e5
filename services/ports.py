"""What use cases need from outside the database.  ``wechat/`` and ``app/`` implement these; services only name them.

Every method may raise the ``GatewayError`` family of ``services.errors`` and nothing else.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.group_ports import CardGateway, ChatReader, GroupNotifier, MassGateway
from services.payment_ports import PaymentGateway, ShippingGateway


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

    def is_current(self, openid: str, session_key: str) -> bool:
        """Whether WeChat still knows the session key."""
        ...

    def is_genuine(self, raw_data: str, signature: str, session_key: str) -> bool:
        """Whether what the client sends in the clear is as WeChat gave it under this key.  WeChat is not called."""
        ...

    def reset(self, openid: str, session_key: str) -> str:
        """Have WeChat make a new session key in place of this one; return it."""
        ...


class PhoneGateway(Protocol):
    """Tells a person's phone number, as WeChat knows it."""

    def ask(self, code: str) -> str:
        """Return the number (E.164) for a code of the phone button.  WeChat charges for it.

        Raises ``Rejected`` for a code that is wrong, used or older than five minutes.
        """
        ...

    def read(self, encrypted: str, iv: str, session_key: str, *, now: dt.datetime) -> str:
        """Return the number (E.164) in what an older client got from WeChat, encrypted with the session key.

        Raises ``Rejected`` for what cannot be opened, is older than some minutes or of another mini-program.
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

    def templates(self) -> Mapping[str, str]:
        """Return the template ids by kind, of those kinds that have one."""
        ...

    def template_problems(self, choices: Mapping[str, Sequence[str]]) -> list[str]:
        """Compare our templates with those of the mini-program; return what has to be mended, in Chinese.

        ``choices`` are the values, by our names, that may be sent into a field with a fixed list of values.
        """
        ...


@dataclass(frozen=True)
class Push:
    """Something that WeChat told us, believed.

    ``fields`` is the whole message by WeChat's names, ``items`` the entries of its ``List``, however many there are.
    """

    event: str
    openid: str
    fields: Mapping[str, Any]
    items: Sequence[Mapping[str, Any]]


class PushGateway(Protocol):
    """Believes, or does not believe, what calls itself a push of WeChat.  Raises ``CallbackRefused`` and nothing else."""

    def echo(self, query: Mapping[str, str], *, now: dt.datetime) -> str:
        """Return what WeChat wants to hear when it tries out the address."""
        ...

    def read(self, query: Mapping[str, str], body: bytes, *, now: dt.datetime) -> Push:
        """Return the message of a push."""
        ...

    def opened(self, fields: Mapping[str, Any]) -> Push:
        """Return a message that was believed before, from its ``fields``."""
        ...


@dataclass(frozen=True)
class Verdict:
    """What WeChat says of a text, or later of a photo: ``pass``, ``review`` or ``risky``, and what it found."""

    suggest: str
    label: int | None
    trace_id: str


class ContentChecker(Protocol):
    """Has texts and photos checked by WeChat.

    Raises ``Rejected`` with code ``wechat_openid_unseen`` when the person has not used the mini-program for two hours.
    """

    def check_text(self, text: str, openid: str) -> Verdict:
        """Return what WeChat says of a text."""
        ...

    def check_image(self, url: str, openid: str) -> str:
        """Hand in a photo that WeChat can fetch; return the trace id under which the result is pushed later."""
        ...


@dataclass(frozen=True)
class Finding:
    """What an examination found, in Chinese: what is so and, where something is wrong, how to mend it and where.

    ``well`` is false for what somebody has to mend.  ``said`` are the provider's own words, which its support asks for.
    """

    well: bool
    words: str
    mend: str = ""
    said: str = ""


class Examiner(Protocol):
    """Looks whether our settings hold at WeChat.  Raises nothing: what goes wrong is what is looked for."""

    def clock(self) -> Finding:
        """Compare this machine's clock with WeChat's."""
        ...

    def token(self) -> Finding:
        """Get an access token anew, whatever is kept."""
        ...

    def wecom(self) -> Finding:
        """Look whether WeCom gives us an access token, if the company uses it."""
        ...

    def content(self) -> Finding:
        """Ask the content check something that costs nothing and concerns nobody."""
        ...

    def callback(self, public_url: str) -> Finding:
        """Call the address of our pushes from outside, as WeChat does: the handshake, then a push that says nothing."""
        ...


@dataclass(frozen=True)
class StoredToken:
    """A provider's access token and when it ends (aware UTC)."""

    value: str
    expires_at: dt.datetime


@dataclass(frozen=True)
class CodeImage:
    """The picture of a mini-program code: JPEG or PNG, as the content type says."""

    content: bytes
    content_type: str


@dataclass(frozen=True)
class LinkFacts:
    """What WeChat knows of a link: the page it opens, the query that the page gets, and when it ends."""

    path: str
    query: str
    ends_at: dt.datetime | None


class CodeMaker(Protocol):
    """Makes what leads into the mini-program: codes to scan, links to tap."""

    def image(self, scene: str, *, page: str, width: int = 430) -> CodeImage:
        """Return the code that opens a page with a scene; it works for ever.

        ``scene`` has at most 32 characters of ``0-9a-zA-Z!#$&'()*+,/:;=?@-._~``, ``width`` is 280 to 1280 pixels.
        Raises ``Misconfigured`` when the mini-program has no such page.
        """
        ...

    def link(self, *, path: str, query: str, ends_at: dt.datetime) -> str:
        """Return an ``https`` address that opens a page from a text message or a browser, for at most thirty days."""
        ...

    def scheme(self, *, path: str, query: str, ends_at: dt.datetime) -> str:
        """Return a ``weixin://`` address that does the same from a page of our own."""
        ...

    def look_up(self, link: str) -> LinkFacts:
        """Return what WeChat knows of a link.  Raises ``Rejected`` with code ``wechat_link_unknown``."""
        ...


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

    def remove(self, key: str) -> None:
        """Forget the content; one that is not there is forgotten already.  Raises ``TryLater`` when the store is away."""
        ...


@dataclass(frozen=True)
class Gateways:
    """Everything outside the database, handed to the application as one thing."""

    login: LoginGateway
    phones: PhoneGateway
    messages: MessageSender
    pushes: PushGateway
    content: ContentChecker
    groups: GroupNotifier
    chats: ChatReader
    cards: CardGateway
    mass: MassGateway
    codes: CodeMaker
    files: FileStore
    payments: PaymentGateway
    shipping: ShippingGateway
    examiner: Examiner
