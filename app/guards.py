"""Who may call a view, and how it treats the database.  ``ApiBlueprint`` refuses a view that does not say who."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.transaction import reading
from services.actors import Actor
from services.areas import AREA_NAMES, area_of
from services.errors import WrongHat
from services.hats import hats_with
from services.permissions import ROLE_NAMES, Permission, roles_with

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
    """Raise ``WrongHat`` unless the actor's hat carries the permission.

    It names the hats that this person has and that would do; for somebody who has none, the roles that would.
    """
    if actor.may(permission):
        return
    if actor.mandate_id is not None:
        raise WrongHat(beyond_mandate(permission), code="beyond_mandate")
    with reading() as connection:
        able = hats_with(connection, actor=actor, permission=permission, now=dt.datetime.now(dt.UTC))
    roles = roles_with(permission)
    if able:
        names = "或".join(f"“{hat.title}{f' · {hat.unit_name}' if hat.unit_name else ''}”" for hat in able)
        advice = f"这件事要换成您的另一个身份{names}来做。请在“我的身份”里切换，再试一次。"
    else:
        names = "、".join(ROLE_NAMES[role] for role in roles)
        advice = f"这件事要由{names}来做。请找他们办。"
    raise WrongHat(
        f"您现在的身份是“{ROLE_NAMES[actor.role]}”，{advice}",
        needed=[role.value for role in roles],
        hats=[
            {
                "membership_id": hat.membership_id,
                "case_key_id": hat.case.key_id if hat.case else None,
                "title": hat.title,
            }
            for hat in able
        ],
    )


def beyond_mandate(permission: Permission) -> str:
    """Return what an agent is told whose mandate does not cover something."""
    area = area_of(permission)
    if area is None:
        return "这件事不能代办，只能本人来办。要办您自己的事，请先点“不替了，换回我自己”。"
    return f"您的委托里没有“{AREA_NAMES[area]}”这一项。请本人自己办，或者请本人重新委托，加上这一项。"


def _mark(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]  # read again by ApiBlueprint
        return view

    return mark
