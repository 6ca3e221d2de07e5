"""The states of a request to the rights desk, as a table.

received ──take──▶ in_hand ──grant / partly / refuse──▶ granted / partly / refused
    └────────┴──withdraw──▶ withdrawn
"""

import enum
from dataclasses import dataclass

from models import RightsKind, RightsState


class DeskAction(enum.StrEnum):
    """What can be done with a request."""

    TAKE = "take"
    GRANT = "grant"
    PARTLY = "partly"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Move:
    """From which states, and where to."""

    sources: frozenset[RightsState]
    target: RightsState
    verb: str


_OPEN = frozenset({RightsState.RECEIVED, RightsState.IN_HAND})
MOVES: dict[DeskAction, Move] = {
    DeskAction.TAKE: Move(_OPEN, RightsState.IN_HAND, "接手"),
    DeskAction.GRANT: Move(frozenset({RightsState.IN_HAND}), RightsState.GRANTED, "照办"),
    DeskAction.PARTLY: Move(frozenset({RightsState.IN_HAND}), RightsState.PARTLY, "部分照办"),
    DeskAction.REFUSE: Move(frozenset({RightsState.IN_HAND}), RightsState.REFUSED, "不办"),
    DeskAction.WITHDRAW: Move(_OPEN, RightsState.WITHDRAWN, "撤回"),
}
STATE_NAMES: dict[RightsState, str] = {
    RightsState.RECEIVED: "收到了",
    RightsState.IN_HAND: "正在办",
    RightsState.GRANTED: "办好了",
    RightsState.PARTLY: "办了一部分",
    RightsState.REFUSED: "没有办",
    RightsState.WITHDRAWN: "撤回了",
}
NEXT_STEP: dict[RightsState, str] = {
    RightsState.RECEIVED: "请先点“接手”。",
    RightsState.IN_HAND: "请等答复，或者撤回重新提。",
    RightsState.GRANTED: "还有别的要求，请再提一个。",
    RightsState.PARTLY: "不满意可以再提一个，或者找社区。",
    RightsState.REFUSED: "不满意可以再提一个，或者找社区。",
    RightsState.WITHDRAWN: "想办的话请再提一个。",
}
KIND_NAMES: dict[RightsKind, str] = {
    RightsKind.SEE: "看我的资料",
    RightsKind.CORRECT: "改正我的资料",
    RightsKind.DELETE: "删除我的资料",
    RightsKind.RESTRICT: "先别用我的资料",
    RightsKind.TRANSFER: "把我的资料转给别处",
    RightsKind.EXPLAIN: "讲明白怎么用我的资料",
}
