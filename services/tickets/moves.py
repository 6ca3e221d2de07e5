"""The states of a ticket as a table: which action leads from where to where, and whose it is.

Anything that is not in the table is refused with the present state and what to do instead.
"""

import enum
from dataclasses import dataclass

from models import TicketState
from services.permissions import Permission

S = TicketState


class Action(enum.StrEnum):
    """What can happen to a ticket.  The names stand in its timeline for ever."""

    FILE = "file"
    TRIAGE = "triage"
    ASSIGN = "assign"
    ACCEPT = "accept"
    ARRIVE = "arrive"
    MAKE_SAFE = "make_safe"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    CONFIRM = "confirm"
    AUTO_CONFIRM = "auto_confirm"
    REOPEN = "reopen"
    RATE = "rate"
    CLOSE = "close"
    REJECT = "reject"
    REDIRECT = "redirect"
    CANCEL = "cancel"
    NOTE = "note"
    REVEAL = "reveal_contact"
    REMIND = "remind"
    OVERDUE = "overdue"


class Whose(enum.StrEnum):
    """Whose move it is, beyond having the permission."""

    STATION = "station"
    ASSIGNEE = "assignee"
    REPORTER = "reporter"
    ANYBODY = "anybody"
    CLOCK = "clock"


STAYS = None
"""Target of an action that leaves the state as it is, or decides it itself (resume)."""

_WORKING = frozenset({S.ACCEPTED, S.ON_SITE, S.IN_PROGRESS})
_OPEN = frozenset(S) - {S.CLOSED, S.REJECTED, S.REDIRECTED, S.CANCELLED}
_RUNNING = _OPEN - {S.DONE_BY_WORKER, S.CONFIRMED, S.AUTO_CONFIRMED, S.RATED}


@dataclass(frozen=True)
class Move:
    """One row of the table."""

    verb: str
    sources: frozenset[TicketState]
    target: TicketState | None
    whose: Whose
    permission: Permission | None
    """Empty for what only the clock does."""


def _move(
    verb: str, sources: set[S] | frozenset[S], target: S | None, whose: Whose, permission: Permission | None
) -> Move:
    return Move(verb, frozenset(sources), target, whose, permission)


P = Permission
MOVES: dict[Action, Move] = {
    Action.TRIAGE: _move("核实", {S.SUBMITTED, S.TRIAGED}, S.TRIAGED, Whose.STATION, P.TICKET_TRIAGE),
    Action.ASSIGN: _move(
        "派单", {S.SUBMITTED, S.TRIAGED, S.ASSIGNED, S.ACCEPTED, S.REOPENED}, S.ASSIGNED, Whose.STATION, P.TICKET_ASSIGN
    ),
    Action.ACCEPT: _move("接单", {S.ASSIGNED}, S.ACCEPTED, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.ARRIVE: _move("到场", {S.ACCEPTED}, S.ON_SITE, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.MAKE_SAFE: _move("先防护", {S.ON_SITE, S.IN_PROGRESS}, STAYS, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.START: _move("开工", {S.ON_SITE}, S.IN_PROGRESS, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.PAUSE: _move("暂停", _WORKING, S.PAUSED, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.RESUME: _move("恢复", {S.PAUSED}, STAYS, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.FINISH: _move("完工", {S.IN_PROGRESS}, S.DONE_BY_WORKER, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.CONFIRM: _move("确认修好", {S.DONE_BY_WORKER}, S.CONFIRMED, Whose.REPORTER, P.TICKET_CONFIRM),
    Action.AUTO_CONFIRM: _move("到期确认", {S.DONE_BY_WORKER}, S.AUTO_CONFIRMED, Whose.CLOCK, None),
    Action.REOPEN: _move(
        "说没修好", {S.DONE_BY_WORKER, S.CONFIRMED, S.AUTO_CONFIRMED, S.RATED}, S.REOPENED, Whose.REPORTER, P.TICKET_CONFIRM
    ),
    Action.RATE: _move("评价", {S.CONFIRMED, S.AUTO_CONFIRMED}, S.RATED, Whose.REPORTER, P.TICKET_CONFIRM),
    Action.CLOSE: _move("归档", {S.CONFIRMED, S.AUTO_CONFIRMED, S.RATED}, S.CLOSED, Whose.STATION, P.TICKET_CLOSE),
    Action.REJECT: _move("退回", {S.SUBMITTED, S.TRIAGED}, S.REJECTED, Whose.STATION, P.TICKET_TRIAGE),
    Action.REDIRECT: _move("转办", {S.SUBMITTED, S.TRIAGED}, S.REDIRECTED, Whose.STATION, P.TICKET_TRIAGE),
    Action.CANCEL: _move(
        "撤销", {S.SUBMITTED, S.TRIAGED, S.ASSIGNED, S.ACCEPTED}, S.CANCELLED, Whose.REPORTER, P.TICKET_CANCEL
    ),
    Action.NOTE: _move("留言", _OPEN, STAYS, Whose.ANYBODY, P.TICKET_NOTE),
    Action.REVEAL: _move("查看联系方式", _OPEN, STAYS, Whose.ANYBODY, P.TICKET_CONTACT),
    Action.REMIND: _move("提醒", _RUNNING, STAYS, Whose.CLOCK, None),
    Action.OVERDUE: _move("记超时", _RUNNING, STAYS, Whose.CLOCK, None),
}  # fmt: skip

QUIET = frozenset({Action.NOTE, Action.REVEAL, Action.REMIND, Action.OVERDUE})
"""These leave the version alone: what somebody saw of the ticket is still true."""

ACTION_NAMES: dict[Action, str] = {Action.FILE: "报修", **{action: move.verb for action, move in MOVES.items()}}

STATE_NAMES: dict[TicketState, str] = {
    S.SUBMITTED: "已提交",
    S.TRIAGED: "已核实",
    S.ASSIGNED: "已派单",
    S.ACCEPTED: "已接单",
    S.ON_SITE: "已到场",
    S.IN_PROGRESS: "维修中",
    S.PAUSED: "暂停中",
    S.DONE_BY_WORKER: "待确认",
    S.CONFIRMED: "已确认",
    S.AUTO_CONFIRMED: "到期确认",
    S.REOPENED: "重新处理",
    S.RATED: "已评价",
    S.CLOSED: "已归档",
    S.REJECTED: "已退回",
    S.REDIRECTED: "已转办",
    S.CANCELLED: "已撤销",
}

NEXT_STEP: dict[TicketState, str] = {
    S.SUBMITTED: "请等服务站核实派单。",
    S.TRIAGED: "请等服务站派人。",
    S.ASSIGNED: "请等师傅接单。",
    S.ACCEPTED: "请等师傅上门。",
    S.ON_SITE: "师傅已经到了，请当面说。",
    S.IN_PROGRESS: "正在修，请等师傅完工。",
    S.PAUSED: "暂停了，原因写在单子里；恢复以后再操作。",
    S.DONE_BY_WORKER: "请报修人看一看：修好了点“确认”，没修好点“没修好”。",
    S.CONFIRMED: "报修人已经确认，可以评价，也可以归档。",
    S.AUTO_CONFIRMED: "七天没有回音，系统记为到期确认；没修好还可以点“没修好”。",
    S.REOPENED: "报修人说没修好，请服务站重新派单。",
    S.RATED: "已经评价，可以归档。",
    S.CLOSED: "已经归档；又坏了请新报一单。",
    S.REJECTED: "已经退回，理由写在单子里；有新情况请新报一单。",
    S.REDIRECTED: "已经转给别的单位，去处写在单子里。",
    S.CANCELLED: "已经撤销；还要修请新报一单。",
}
