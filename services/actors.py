"""Who is acting, in which hat.  Everything here comes from the signed token: no row is read for it."""

import datetime as dt
from dataclasses import dataclass, field

from models import Role
from services.errors import Conflict
from services.permissions import ROLE_NAMES, ROLE_PERMISSIONS, Permission


@dataclass(frozen=True)
class CaseScope:
    """The one case that a key opens."""

    key_id: int
    subject_kind: str
    subject_id: int


@dataclass(frozen=True)
class Hat:
    """One role at one node, or a key to one case.

    ``membership_id`` is empty for the resident's hat, which has no node of its own, and for a key.
    """

    role: Role
    membership_id: int | None = None
    unit_id: int | None = None
    unit_path: str = ""
    neighborhood_id: int | None = None
    permissions: frozenset[Permission] | None = None
    """What a position or a key allows; empty: what the role allows."""
    case: CaseScope | None = None
    ends_at: dt.datetime | None = field(default=None, compare=False)
    """When it ends by itself.  A token ends with it, so it need not say so."""
    title: str = field(default="", compare=False)
    """As people call it.  Known where hats are listed, not from a token."""
    unit_name: str = field(default="", compare=False)

    def allows(self, permission: Permission) -> bool:
        """Whether the hat carries a permission."""
        own = ROLE_PERMISSIONS[self.role] if self.permissions is None else self.permissions
        return permission in own


RESIDENT_HAT = Hat(Role.RESIDENT, title=ROLE_NAMES[Role.RESIDENT])


@dataclass(frozen=True)
class Dwelling:
    """A home of the actor, with what a scope check needs of it."""

    home_id: int
    building_id: int
    neighborhood_id: int


@dataclass(frozen=True)
class Actor:
    """A signed-in person wearing one hat."""

    person_id: int
    account_id: int | None
    """Empty at the console, for somebody who was let in by a one-time code."""
    sign_in_id: int
    hat: Hat
    dwellings: tuple[Dwelling, ...] = ()
    generation: int = 0
    """Of the person's rights when this was written down (``services.rights``)."""
    agent_id: int | None = None
    """Who holds the phone, when it is somebody acting for this person with recorded consent."""
    mandate_id: int | None = None
    """The consent by which the agent acts."""
    agent_generation: int = 0
    """Of the agent's rights: a mandate ends with them too."""

    @property
    def doer_id(self) -> int:
        """Whose hands do it: the agent's, or the person's own."""
        return self.person_id if self.agent_id is None else self.agent_id

    @property
    def role(self) -> Role:
        """The role of the hat that is on."""
        return self.hat.role

    def may(self, permission: Permission) -> bool:
        """Whether the hat that is on carries a permission."""
        return self.hat.allows(permission)

    @property
    def is_resident(self) -> bool:
        """Whether the resident's hat is on."""
        return self.hat.role is Role.RESIDENT

    def in_wechat(self) -> int:
        """Return the WeChat account that the actor came by.  Raises ``Conflict`` at the console."""
        if self.account_id is None:
            raise Conflict("这件事要在微信小程序里办。请用手机打开小程序再试。", code="not_in_wechat")
        return self.account_id

    @property
    def building_ids(self) -> frozenset[int]:
        """Buildings in which the actor has a home."""
        return frozenset(dwelling.building_id for dwelling in self.dwellings)

    @property
    def neighborhood_ids(self) -> frozenset[int]:
        """Neighborhoods in which the actor has a home."""
        return frozenset(dwelling.neighborhood_id for dwelling in self.dwellings)

    def acts_in(self, neighborhood_id: int) -> bool:
        """Whether what is there is the actor's business: who acts for a person does so in the mandate's neighborhood."""
        return self.mandate_id is None or neighborhood_id == self.hat.neighborhood_id

    def stands_above(self, unit_path: str) -> bool:
        """Whether the hat's node is the given node or above it."""
        return bool(self.hat.unit_path) and unit_path.startswith(self.hat.unit_path)
