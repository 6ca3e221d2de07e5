"""What can be said in a WeCom group, the port that says it, and the one that tells a WeChat group."""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.errors import GatewayError


@dataclass(frozen=True)
class PlainText:
    """A text that may call people by their WeCom user ids, or everybody (``@all``): these are told aloud."""

    content: str
    mentioned: Sequence[str] = ()


@dataclass(frozen=True)
class Markdown:
    """A text with WeCom's few marks: headings, bold, links, quotes, inline code, three colours."""

    content: str


@dataclass(frozen=True)
class Picture:
    """A JPG or PNG of at most 2 MB."""

    content: bytes


@dataclass(frozen=True)
class Card:
    """A card that opens a page: of the mini-program (``pagepath``), or where there is none, an address.

    ``lines`` are pairs of a name and a value, six at most.
    """

    title: str
    description: str
    lines: Sequence[tuple[str, str]] = ()
    pagepath: str = ""
    url: str = ""


GroupPost = PlainText | Markdown | Picture | Card


class GroupNotifier(Protocol):
    """Speaks in a WeCom group through the group's robot."""

    def send(self, robot_key: str, post: GroupPost) -> None:
        """Post something.  ``robot_key`` is a secret.  What is too long is cut at a sensible place.

        Raises ``Rejected`` when the robot was removed (93000, ``robot_removed``) or the picture cannot be sent, and
        ``QuotaExceeded`` after 20 posts within a minute.
        """
        ...


class ChatReader(Protocol):
    """Tells from which WeChat group somebody opened the mini-program."""

    def read(self, encrypted: str, iv: str, session_key: str, *, now: dt.datetime) -> str:
        """Return the ``opengid`` in what ``wx.getGroupEnterInfo`` gave, encrypted with the session key of who opened.

        Raises ``Rejected`` for what cannot be opened, is older than some minutes, of another mini-program, or of no group.
        """
        ...

    def refusal(self, errcode: int) -> GatewayError:
        """Return what a code means that ``wx.getGroupEnterInfo`` failed with, in Chinese."""
        ...


@dataclass(frozen=True)
class NewCard:
    """A card that WeChat has made and nobody has shared yet; ``template_id`` is what the client needs to share it."""

    activity_id: str
    template_id: str
    expires_at: dt.datetime


@dataclass(frozen=True)
class CardUpdate:
    """What a card shall show: so many of so many, and once these are all, the page that a tap opens."""

    activity_id: str
    answered: int
    households: int
    page: str

    @property
    def is_full(self) -> bool:
        """Whether nobody is missing: the last change that WeChat takes."""
        return self.answered >= self.households


class CardGateway(Protocol):
    """Makes cards whose numbers change after they were shared."""

    def create(self) -> NewCard:
        """Have WeChat make a card; it lives for a day."""
        ...

    def update(self, update: CardUpdate) -> None:
        """Change what a card shows.

        Raises ``Rejected``: ``card_ended`` when its day is over, another reason when WeChat takes no change of it.
        """
        ...


class Fate(enum.StrEnum):
    """What became of a mass message in one group."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True)
class MassDraft:
    """A mass message to be prepared at WeCom: ``opengids`` are WeChat's ids of the groups, by our own number.

    ``sender`` is the WeCom account of the member who will have to confirm it; ``page`` opens the mini-program, if any.
    """

    sender: str
    text: str
    title: str
    page: str
    opengids: Mapping[int, str]


@dataclass(frozen=True)
class MassReminder:
    """A member is to be reminded of a message that waits for the confirmation."""

    msgid: str


@dataclass(frozen=True)
class MassLook:
    """It shall be looked what became of a message."""

    msgid: str
    sender: str


@dataclass(frozen=True)
class MassTaken:
    """WeCom has a message: its name there, and by our own number WeCom's id of each group, none for one it cannot reach."""

    msgid: str
    chats: Mapping[int, str | None]


class MassGateway(Protocol):
    """Prepares messages to customer groups of WeCom, which a member of the company confirms and by that sends."""

    is_set_up: bool
    """Whether the company uses WeCom at all."""

    def prepare(self, draft: MassDraft) -> MassTaken:
        """Have a message prepared.

        Raises ``Rejected`` (``no_customer_group``) when no group is one of the company's.  A call that timed out may have
        been carried out; the member then finds the message twice, and confirms one.
        """
        ...

    def remind(self, reminder: MassReminder) -> None:
        """Have WeCom remind the member."""
        ...

    def results(self, look: MassLook) -> Mapping[str, Fate]:
        """Return what became of a message, by WeCom's id of each group."""
        ...
