"""Which steps a person is offered on a request or a residency now, so that no client keeps a copy of the table."""

from collections.abc import Collection, Mapping
from typing import Any

from models import ResidencyKind
from services.actors import Actor
from services.permissions import Permission
from services.residencies.leaving import UNDER_AN_OWNER
from services.residencies.moves import MOVES, Step, Whose

# The one that helps most comes first.
ORDER = (Step.CONFIRM, Step.VOUCH, Step.APPROVE, Step.RETURN, Step.RESUBMIT, Step.DECLINE, Step.WITHDRAW)


def on_request(row: Mapping[str, Any], actor: Actor, part: Whose) -> list[str]:
    """Return the steps on a request (a row of a list) for somebody who has this part in it, as their routes end.

    Whether the station's person is concerned themselves is looked at when they act.
    """
    return [step.name.lower() for step in ORDER if _open_to(step, row, actor, part)]


def _open_to(step: Step, row: Mapping[str, Any], actor: Actor, part: Whose) -> bool:
    move = MOVES[step]
    if move.whose is not part or row["state"] not in move.sources:
        return False
    return move.permission is not None and actor.may(move.permission)


def on_residency(row: Mapping[str, Any], actor: Actor, *, owned: Collection[int] = ()) -> list[str]:
    """Return what can be done about a residency; ``owned`` are the homes that the actor owns."""
    kind = ResidencyKind(row["kind"])
    if row["person_id"] == actor.person_id:
        return ["leave"] if actor.may(Permission.RESIDENCY_ASK) else []
    marked = row["reconfirm_since"] is not None
    if actor.may(Permission.RESIDENCY_REVIEW):
        return [*(["reconfirm"] if marked else []), "end", "set_right", *_share_of(kind)]
    if row["home_id"] in owned and actor.may(Permission.RESIDENCY_CONFIRM):
        return [*(["reconfirm"] if marked else []), *(["end"] if kind in UNDER_AN_OWNER else [])]
    return []


def _share_of(kind: ResidencyKind) -> list[str]:
    return ["set_share"] if kind in {ResidencyKind.OWNER, ResidencyKind.CO_OWNER} else []
