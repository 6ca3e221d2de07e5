"""Who may call a view, and how it treats the database.  ``ApiBlueprint`` refuses a view that does not say who."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.actors import Actor
from services.errors import WrongHat
from services.permissions import ROLE_NAMES, ROLE_PERMISSIONS, Permission, roles_with

View = Callable[..., Any]


@dataclass(frozen=True)
class Access:
    """What a view says of itself.  No permission means: everybody, on purpose."""

    permission: Permission | None
    own_transactions: bool = False
    """The view only reads, or calls a gateway and must not hold a transaction meanwhile."""


def allow(permission: Permission, *, own_transactions: bool = False) -> Callable[[View], View]:
    """Let only actors with this permission in."""
    return _mark(Access(permission, own_transactions))


def public(*, own_transactions: bool = False) -> Callable[[View], View]:
    """Let everybody in, on purpose."""
    return _mark(Access(None, own_transactions))


def check(actor: Actor, permission: Permission) -> None:
    """Raise ``WrongHat``, naming the hats that would do, unless the actor's role carries the permission."""
    if permission in ROLE_PERMISSIONS[actor.role]:
        return
    able = roles_with(permission)
    names = "、".join(ROLE_NAMES[role] for role in able)
    raise WrongHat(
        f"您现在的身份是“{ROLE_NAMES[actor.role]}”，这件事要由{names}来做。如果您有这个身份，请先切换身份再试。",
        needed=[role.value for role in able],
    )


def _mark(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]  # read again by ApiBlueprint
        return view

    return mark
