"""The states of a batch as a table: what leads from where to where, and what people are told to do next."""

import enum
from collections.abc import Mapping

from models import ImportBatch, ImportState
from services.errors import Conflict


class Action(enum.StrEnum):
    """What can be done with a batch."""

    CONFIRM = "confirm"
    FINISH_CHECK = "finish_check"
    APPLY = "apply"
    FINISH_APPLY = "finish_apply"
    FAIL = "fail"
    UNDO = "undo"
    DISCARD = "discard"


S, A = ImportState, Action
MOVES: Mapping[tuple[ImportState, Action], ImportState] = {
    (S.UPLOADED, A.CONFIRM): S.MAPPED,
    (S.UPLOADED, A.DISCARD): S.DISCARDED,
    (S.MAPPED, A.FINISH_CHECK): S.CHECKED,
    (S.MAPPED, A.FAIL): S.FAILED,
    (S.CHECKED, A.CONFIRM): S.MAPPED,
    (S.CHECKED, A.APPLY): S.APPLYING,
    (S.CHECKED, A.DISCARD): S.DISCARDED,
    (S.APPLYING, A.FINISH_APPLY): S.APPLIED,
    (S.APPLYING, A.FAIL): S.FAILED,
    (S.APPLIED, A.UNDO): S.UNDONE,
    (S.FAILED, A.CONFIRM): S.MAPPED,
    (S.FAILED, A.DISCARD): S.DISCARDED,
}
"""Everything else is refused.  While a worker checks or applies, nobody else moves the batch."""

STATE_NAMES: Mapping[ImportState, str] = {
    S.UPLOADED: "刚传上来，等您核对列名",
    S.MAPPED: "正在检查",
    S.CHECKED: "检查好了，等您决定",
    S.APPLYING: "正在写入",
    S.APPLIED: "已经导入",
    S.UNDONE: "已经撤销",
    S.FAILED: "没有办成",
    S.DISCARDED: "已经作废",
}
NEXT_STEP: Mapping[ImportState, str] = {
    S.UPLOADED: "请看一看每一列认得对不对，再点“检查”。",
    S.MAPPED: "请稍等，检查完这里会变。",
    S.CHECKED: "请看一看会改什么、哪些行有问题，再点“导入”。有问题的行不会导入。",
    S.APPLYING: "请稍等，可以先做别的事。",
    S.APPLIED: "导入完了。发现导错了，可以整批撤销。",
    S.UNDONE: "这一批已经全部退回。改好表格可以重新导入。",
    S.FAILED: "什么也没有写进去。请再检查一次；还是不行，就联系系统管理员。",
    S.DISCARDED: "这一批没有导入。要导入请重新传表格。",
}
MAY_GO_ON = frozenset(state for state, _ in MOVES)
TOO_LATE: Mapping[bool, str] = {
    True: (
        "这一批导入得太久了，按规定原来的表格和旧内容都已经删掉，不能整批撤销了。"
        "房屋和住户都还在；有错的，请到那几套房子里直接改。"
    ),
    False: "这个表格放得太久了，按规定已经删掉。请重新传一次。",
}
"""What is said of a workbook that was given up for its age; true: it had been imported."""


def move(batch: ImportBatch, action: Action) -> None:
    """Bring a batch to its next state.

    Raises ``Conflict`` where the table has no such move, or when the workbook was given up for its age.
    """
    still_kept(batch)
    after = MOVES.get((batch.state, action))
    if after is None:
        raise Conflict(
            f"这次导入现在是“{STATE_NAMES[batch.state]}”，不能这样做。{NEXT_STEP[batch.state]}",
            code="import_state",
            state=batch.state.value,
        )
    batch.state = after


def still_kept(batch: ImportBatch) -> None:
    """Raise ``Conflict`` when the workbook of a batch was given up for its age."""
    if batch.forgotten_at is not None:
        raise Conflict(TOO_LATE[batch.state is S.APPLIED], code="import_forgotten", state=batch.state.value)


def next_step(batch: ImportBatch) -> str:
    """Return what a person can do now, in words."""
    if batch.forgotten_at is not None and batch.state in MAY_GO_ON:
        return TOO_LATE[batch.state is S.APPLIED]
    return batch.failed_why or NEXT_STEP[batch.state]


def actions(batch: ImportBatch) -> list[str]:
    """Return what a person can do with a batch now."""
    if batch.forgotten_at is not None:
        return []
    own = (A.CONFIRM, A.APPLY, A.UNDO, A.DISCARD)
    return [action.value for action in own if (batch.state, action) in MOVES]
