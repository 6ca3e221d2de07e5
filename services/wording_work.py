"""What is said of who does the work and who pays for it, in one place: what happened, and what to do next."""

from collections.abc import Mapping
from typing import Any

from models import ResponsibleParty, ReturnReason, Ticket, TicketEvent, TransferReason
from services.clocks import said_time as clock
from services.payments.words import yuan
from services.tickets.moves import Action
from services.tickets.parties import PARTY_NAMES, WHO_PAYS
from services.wording import URGENCY_NAMES, Text, quoted, where

RETURN_NAMES = {
    ReturnReason.OTHER_SKILL: "不会修这一类",
    ReturnReason.TOO_MANY: "手上的活太多",
    ReturnReason.NOBODY_HOME: "家里没有人",
    ReturnReason.NOT_OURS: "不归小区管",
    ReturnReason.NEEDS_EXPERT: "要请专业的人来",
    ReturnReason.OTHER: "其他",
}
TRANSFER_NAMES = {
    TransferReason.OTHER_SKILL: "不会修这一类",
    TransferReason.TOO_MANY: "手上的活太多",
    TransferReason.SHIFT_ENDS: "要下班了",
    TransferReason.UNWELL: "身体不舒服",
    TransferReason.OTHER: "其他",
}


def for_reporter(event: TicketEvent, ticket: Ticket, category: str) -> Text:
    """Return what the person who reported reads."""
    head = f"您报的“{category}”（{ticket.number}）"
    by_when = f"最晚{clock(ticket.arrive_due_at)}前到场。请保持电话畅通。"
    sentences = {
        Action.ROTATE: ("报修已派单", f"{head}已派师傅，{by_when}"),
        Action.ACCEPT_HELP: ("报修已派单", f"{head}有热心人来帮忙，{by_when}"),
        Action.GRAB: ("报修已接单", f"{head}有师傅接单了，{by_when}"),
        Action.TAKE_OVER: ("换了一位师傅", f"{head}换了一位师傅来修，时间不变。"),
        Action.SURVEY: ("责任定了", f"{head}师傅看过了：{_party(event)}有疑问请联系服务站。"),
        Action.QUOTE: (
            "请您看一看报价",
            f"{head}修理费报价{_sum(event)}。您点“同意报价”，师傅才动工；不同意就点“不同意报价”，不收您的钱。",
        ),
        Action.WITHDRAW_QUOTE: ("报价撤回了", f"{head}{_sum(event)}的报价撤回了，这笔钱不用付。"),
        Action.RETURN: ("报修要重新派人", f"{head}师傅交回服务站了，原因：{_returned(event)}。服务站会另外安排。"),
    }
    return Text(*sentences[Action(event.action)])


def for_worker(event: TicketEvent, ticket: Ticket, category: str) -> Text:
    """Return what a worker reads: who is given it, who is asked, or who asked."""
    head = _head(ticket, category)
    now_yours = (
        f"{head}派给您了，{URGENCY_NAMES[ticket.urgency]}，最晚{clock(ticket.arrive_due_at)}前到场。请点“接单”。"
    )
    sentences = {
        Action.ROTATE: ("轮到您的活", now_yours),
        Action.ACCEPT_HELP: ("请您来帮忙", f"谢谢您愿意帮忙。{now_yours}"),
        Action.TRANSFER: (
            "同事想把活转给您",
            f"{head}同事想请您接手，原因：{_transferred(event)}。请点“接手”或者“不接手”。",
        ),
        Action.AGREE_QUOTE: ("住户同意报价了", f"{head}住户同意了{_sum(event)}的报价，可以动工了。"),
        Action.DECLINE_QUOTE: (
            "住户没有同意报价",
            f"{head}住户没有同意{_sum(event)}的报价{_said(event)}。请重新报价，或者撤回报价再商量。",
        ),
        Action.TURN_DOWN: ("同事没有接手", f"{head}同事没有接手，还是您的活。去不了，请交回服务站。"),
    }
    return Text(*sentences[Action(event.action)])


def for_former_worker(event: TicketEvent, ticket: Ticket, category: str) -> Text:
    """Return what a worker reads who has it no more."""
    head = _head(ticket, category)
    if event.action == Action.TAKE_OVER:
        return Text("同事接手了", f"{head}同事接手了，您不用去了。")
    return Text("这个活改派了", f"{head}改派给别的师傅了，您不用去了。")


def for_declined_helper(ticket: Ticket, category: str) -> Text:
    """Return what somebody reads whose offer was not taken up."""
    return Text("这次先不麻烦您了", f"{_head(ticket, category)}已经请了别人来修。谢谢您的好意，下次再请您。")


def for_principal(event: TicketEvent, ticket: Ticket, category: str, agent: str) -> Text:
    """Return what a person reads of what somebody did for them; ``agent`` says who: 李*（女儿）."""
    about = f"“{category}”（{ticket.number}）"
    sentences = {
        Action.AGREE_QUOTE: f"同意了{about}的修理报价{_sum(event)}。您不同意，请马上打电话给服务站。",
        Action.DECLINE_QUOTE: f"没有同意{about}的修理报价{_sum(event)}，不收您的钱。",
    }
    return Text("有人替您办了一件事", f"{agent}替您{sentences[Action(event.action)]}")


def for_station(event: TicketEvent, ticket: Ticket, category: str) -> Text:
    """Return what the station's people read."""
    head = _head(ticket, category)
    sentences = {
        Action.RETURN: (
            "师傅把单子交回来了",
            f"{head}师傅交回来了，这是第{event.detail.get('count')}次，原因：{_returned(event)}。请另外派人。",
        ),
        Action.OFFER_HELP: ("有人愿意帮忙", f"{head}有人说愿意来修。请打开单子，点“请人帮忙”。"),
    }
    return Text(*sentences[Action(event.action)])


def _head(ticket: Ticket, category: str) -> str:
    return f"{where(ticket)}“{category}”（{ticket.number}）"


def _returned(event: TicketEvent) -> str:
    return _why(RETURN_NAMES, event)


def _transferred(event: TicketEvent) -> str:
    return _why(TRANSFER_NAMES, event)


def _why(names: Mapping[Any, str], event: TicketEvent) -> str:
    """Return why, in words; nothing of an event that has no reason, for its sentence is not said."""
    name = names.get(event.detail.get("reason"), "")
    return f"{name}，{quoted(event.note)}" if event.note else name


def _sum(event: TicketEvent) -> str:
    return yuan(event.detail.get("sum_fen", 0))


def _said(event: TicketEvent) -> str:
    return f"，说：{quoted(event.note)}" if event.note else ""


def _party(event: TicketEvent) -> str:
    """Return what was decided and what it means; nothing of an event that decides nothing, for its sentence is not said."""
    if event.action != Action.SURVEY:
        return ""
    party = ResponsibleParty(event.detail["party"][1])
    return f"{PARTY_NAMES[party]}。{WHO_PAYS[party]}"
