"""What a person is offered to do with a home now, so that no client keeps a copy of the rules."""

import enum

from models import HomeStatus
from services.actors import Actor
from services.permissions import Permission


class HomeAction(enum.StrEnum):
    """A step on a home; each has its route."""

    SET_AREA = "set_area"
    SET_USE = "set_use"
    ADD_ALIAS = "add_alias"
    ADD_ASSET = "add_asset"
    MOVE = "move"
    SET_STATUS = "set_status"
    INVITE = "invite"


A = HomeAction
_NEEDS: dict[HomeAction, Permission] = {
    A.INVITE: Permission.HOME_INVITE,
    **dict.fromkeys((A.SET_AREA, A.SET_USE, A.ADD_ALIAS, A.ADD_ASSET, A.MOVE, A.SET_STATUS), Permission.HOME_WRITE),
}
_ALWAYS = frozenset({A.SET_STATUS, A.ADD_ALIAS})
"""What can be done with a home that is gone: it may be there after all, and old papers name it."""


def offered(status: HomeStatus, actor: Actor) -> list[HomeAction]:
    """Return the actions that the actor may do on a home and that make sense now."""
    return [
        action
        for action in HomeAction
        if actor.may(_NEEDS[action]) and (status is HomeStatus.IN_USE or action in _ALWAYS)
    ]
