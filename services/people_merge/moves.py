"""The states of a merge, as a table.

asked ──join──▶ joined ──confirm──▶ done ──undo──▶ undone
  └──lapse──▶ lapsed  ├──send on──▶ proposed ──approve──▶ done
                      └──decline──▶ refused ◀──decline──┘
"""

import enum
from dataclasses import dataclass

from models import MergeState, PersonMerge
from services.errors import Conflict


class MergeAction(enum.StrEnum):
    """What can be done with a merge."""

    JOIN = "join"
    LAPSE = "lapse"
    CONFIRM = "confirm"
    SEND_ON = "send_on"
    APPROVE = "approve"
    DECLINE = "decline"
    UNDO = "undo"


@dataclass(frozen=True)
class Move:
    """From which states, and where to."""

    sources: frozenset[MergeState]
    target: MergeState
    verb: str


MOVES: dict[MergeAction, Move] = {
    MergeAction.JOIN: Move(frozenset({MergeState.ASKED}), MergeState.JOINED, "输入合并码"),
    MergeAction.LAPSE: Move(frozenset({MergeState.ASKED}), MergeState.LAPSED, "作废"),
    MergeAction.CONFIRM: Move(frozenset({MergeState.JOINED}), MergeState.DONE, "确认"),
    MergeAction.SEND_ON: Move(frozenset({MergeState.JOINED}), MergeState.PROPOSED, "转给服务站"),
    MergeAction.APPROVE: Move(frozenset({MergeState.PROPOSED}), MergeState.DONE, "同意"),
    MergeAction.DECLINE: Move(frozenset({MergeState.JOINED, MergeState.PROPOSED}), MergeState.REFUSED, "不同意"),
    MergeAction.UNDO: Move(frozenset({MergeState.DONE}), MergeState.UNDONE, "拆开"),
}
STATE_NAMES: dict[MergeState, str] = {
    MergeState.ASKED: "等另一部手机输入合并码",
    MergeState.JOINED: "等第一部手机确认",
    MergeState.PROPOSED: "等服务站核对",
    MergeState.DONE: "合并好了",
    MergeState.UNDONE: "拆开了",
    MergeState.REFUSED: "没有合并",
    MergeState.LAPSED: "合并码过期了",
}


def require(merge: PersonMerge, action: MergeAction) -> None:
    """Raise ``Conflict`` with the state when the table forbids the action now."""
    move = MOVES[action]
    if merge.state not in move.sources:
        raise Conflict(
            f"这次合并现在是“{STATE_NAMES[merge.state]}”，不能{move.verb}。请刷新再看。", state=merge.state.value
        )
