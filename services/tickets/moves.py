"""The states of a ticket as a table: which action leads from where to where, and whose it is.

Anything that is not in the table is refused with the present state and what to do instead.
"""

import enum
from dataclasses import dataclass

from models import POOL_STATES, TicketState
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
    HOLD_END = "hold_end"
    RAISE = "raise"
    URGE = "urge"
    CALL_BACK = "call_back"
    GRAB = "grab"
    ROTATE = "rotate"
    TRANSFER = "transfer"
    TAKE_OVER = "take_over"
    TURN_DOWN = "turn_down"
    RETURN = "return"
    OFFER_HELP = "offer_help"
    ACCEPT_HELP = "accept_help"
    SURVEY = "survey"
    QUOTE = "quote"
    WITHDRAW_QUOTE = "withdraw_quote"
    AGREE_QUOTE = "agree_quote"
    DECLINE_QUOTE = "decline_quote"


class Whose(enum.StrEnum):
    """Whose move it is, beyond having the permission."""

    STATION = "station"
    ASSIGNEE = "assignee"
    WORKER = "worker"
    """Any worker of the neighborhood."""
    HANDLER = "handler"
    """The assignee, or somebody of the station."""
    ASKED = "asked"
    """The colleague who was asked to take it over."""
    REPORTER = "reporter"
    ANYBODY = "anybody"
    CLOCK = "clock"


STAYS = None
"""Target of an action that leaves the state as it is, or decides it itself (resume, the end of a hold)."""

_WORKING = frozenset({S.ACCEPTED, S.ON_SITE, S.IN_PROGRESS})
_HANDED_ON = _WORKING | {S.ASSIGNED}
_NOBODYS = frozenset({S.SUBMITTED, S.TRIAGED, S.REOPENED})
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
    Action.ROTATE: _move("轮派", _NOBODYS, S.ASSIGNED, Whose.STATION, P.TICKET_ASSIGN),
    Action.OFFER_HELP: _move("说愿意帮忙", _NOBODYS, STAYS, Whose.ANYBODY, P.TICKET_HELP),
    Action.ACCEPT_HELP: _move("请人帮忙", _NOBODYS, S.ASSIGNED, Whose.STATION, P.TICKET_ASSIGN),
    Action.GRAB: _move("抢单", POOL_STATES, S.ACCEPTED, Whose.WORKER, P.TICKET_WORK),
    Action.TRANSFER: _move("转给同事", _HANDED_ON, STAYS, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.TAKE_OVER: _move("接手", _HANDED_ON, S.ACCEPTED, Whose.ASKED, P.TICKET_WORK),
    Action.TURN_DOWN: _move("不接手", _HANDED_ON, STAYS, Whose.ASKED, P.TICKET_WORK),
    Action.RETURN: _move("交回服务站", _HANDED_ON, S.TRIAGED, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.ACCEPT: _move("接单", {S.ASSIGNED}, S.ACCEPTED, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.ARRIVE: _move("到场", {S.ACCEPTED}, S.ON_SITE, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.MAKE_SAFE: _move("先防护", {S.ON_SITE, S.IN_PROGRESS}, STAYS, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.START: _move("开工", {S.ON_SITE}, S.IN_PROGRESS, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.PAUSE: _move("暂停", _WORKING, S.PAUSED, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.RESUME: _move("恢复", {S.PAUSED}, STAYS, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.FINISH: _move("完工", {S.IN_PROGRESS}, S.DONE_BY_WORKER, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.SURVEY: _move(
        "勘查定责", _OPEN - {S.SUBMITTED, S.CONFIRMED, S.AUTO_CONFIRMED, S.RATED}, STAYS, Whose.HANDLER, P.TICKET_SURVEY
    ),
    Action.QUOTE: _move("报价", _WORKING | {S.PAUSED}, STAYS, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.WITHDRAW_QUOTE: _move("撤回报价", _WORKING | {S.PAUSED}, STAYS, Whose.ASSIGNEE, P.TICKET_WORK),
    Action.AGREE_QUOTE: _move("同意报价", _WORKING | {S.ASSIGNED, S.PAUSED}, STAYS, Whose.REPORTER, P.QUOTE_ANSWER),
    Action.DECLINE_QUOTE: _move("不同意报价", _WORKING | {S.ASSIGNED, S.PAUSED}, STAYS, Whose.REPORTER, P.QUOTE_ANSWER),
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
    Action.URGE: _move("催办", _RUNNING - {S.PAUSED}, STAYS, Whose.REPORTER, P.TICKET_CONFIRM),
    Action.CALL_BACK: _move(
        "回访", {S.DONE_BY_WORKER, S.CONFIRMED, S.AUTO_CONFIRMED, S.RATED, S.CLOSED}, STAYS, Whose.STATION,
        P.TICKET_TRIAGE,
    ),
    Action.REMIND: _move("提醒", _RUNNING, STAYS, Whose.CLOCK, None),
    Action.OVERDUE: _move("记超时", _RUNNING, STAYS, Whose.CLOCK, None),
    Action.HOLD_END: _move("结束暂停", {S.PAUSED}, STAYS, Whose.CLOCK, None),
    Action.RAISE: _move("请上级过问", _OPEN, STAYS, Whose.CLOCK, None),
}  # fmt: skip

QUIET = frozenset(
    {
        Action.NOTE, Action.REVEAL, Action.REMIND, Action.OVERDUE, Action.RAISE, Action.URGE, Action.CALL_BACK,
        Action.OFFER_HELP,
    }
)  # fmt: skip
"""These leave the version alone: what somebody saw of the ticket is still true."""

ACTION_NAMES: dict[Action, str] = {Action.FILE: "报修", **{action: move.verb for action, move in MOVES.items()}}
