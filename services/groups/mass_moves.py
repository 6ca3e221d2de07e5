"""What may happen to a mass message, as a table: whatever is not in it changes nothing."""

import enum
from collections.abc import Collection, Mapping

from models import MassState, TargetState


class Step(enum.StrEnum):
    """What happens to a message."""

    TAKEN = "taken"
    """WeCom has it."""
    REFUSED = "refused"
    """WeCom will not have it."""
    ALL_SENT = "all_sent"
    SOME_SENT = "some_sent"
    NONE_SENT = "none_sent"
    RUN_OUT = "run_out"
    """Nobody confirmed it in time."""


MOVES: Mapping[tuple[MassState, Step], MassState] = {
    (MassState.PREPARED, Step.TAKEN): MassState.WAITING,
    (MassState.PREPARED, Step.REFUSED): MassState.FAILED,
    (MassState.PREPARED, Step.RUN_OUT): MassState.EXPIRED,
    (MassState.WAITING, Step.ALL_SENT): MassState.SENT,
    (MassState.WAITING, Step.SOME_SENT): MassState.PARTLY,
    (MassState.WAITING, Step.NONE_SENT): MassState.FAILED,
    (MassState.WAITING, Step.RUN_OUT): MassState.EXPIRED,
}


def move(state: MassState, step: Step) -> MassState:
    """Return the state after a step; a step that comes too late or too early changes nothing."""
    return MOVES.get((state, step), state)


def step_for(targets: Collection[TargetState], *, over: bool) -> Step | None:
    """Return what the groups' results mean for the message: nothing while one waits and the time is not over."""
    sent = sum(target is TargetState.SENT for target in targets)
    if any(target is TargetState.WAITING for target in targets):
        if not over:
            return None
        return Step.SOME_SENT if sent else Step.RUN_OUT
    if sent == len(targets):
        return Step.ALL_SENT
    return Step.SOME_SENT if sent else Step.NONE_SENT
