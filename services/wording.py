"""Every sentence that goes out about a ticket, in one place: what happened, and what to do next.

Written to be read aloud to an old neighbor.  Groups never hear a name, a phone or a home: only the building.
"""

import datetime as dt
from dataclasses import dataclass

from models import PauseReason, PlaceKind, Satisfaction, Ticket, TicketEvent, Urgency
from services.clocks import SHANGHAI
from services.clocks import said_time as clock
from services.tickets.moves import Action
from services.tickets.state_names import STATE_NAMES

URGENCY_NAMES = {Urgency.P1: "急修", Urgency.P2: "紧急", Urgency.P3: "一般", Urgency.P4: "计划"}
PAUSE_NAMES = {
    PauseReason.WAITING_RESIDENT: "等住户在家",
    PauseReason.WEATHER: "天气不允许",
    PauseReason.PARTS: "等配件",
    PauseReason.VOTE: "等居民商量表决",
    PauseReason.OTHER_BODY: "等别的单位处理",
}
SATISFACTION_NAMES = {
    Satisfaction.SATISFIED: "满意",
    Satisfaction.MOSTLY: "基本满意",
    Satisfaction.FAIR: "一般",
    Satisfaction.UNSATISFIED: "不满意",
}
RAISED = {
    "overdue": "超时以后还没有处理",
    "returned_twice": "返修两次，住户说还没修好",
    "urged": "住户催过，还没有处理",
    "given_back": "师傅一再交回服务站，没有人办成",
}
GROUP_TEXT_MOST = 200
MARKDOWN_SIGNS = str.maketrans(
    {"<": "〈", ">": "〉", "[": "【", "]": "】", "*": "＊", "`": "'", "#": "＃", "\n": " ", "@": "＠"}
)


@dataclass(frozen=True)
class Text:
    """What an inbox item says."""

    title: str
    body: str


def quoted(words: str | None) -> str:
    """Return what somebody wrote so that our own sentence can end after it."""
    return (words or "").strip().rstrip("。.！!；;，,")


def for_reporter(event: TicketEvent, ticket: Ticket, category: str) -> Text:
    """Return what the person who reported reads."""
    head = f"您报的“{category}”（{ticket.number}）"
    sentences = {
        Action.FILE: f"{head}已收到。服务站最晚{clock(ticket.answer_due_at)}前答复您。",
        Action.TRIAGE: f"{head}已核实，定为{URGENCY_NAMES[ticket.urgency]}，接下来安排师傅。",
        Action.ASSIGN: f"{head}已派师傅，最晚{clock(ticket.arrive_due_at)}前到场。请保持电话畅通。",
        Action.ARRIVE: f"{head}师傅已经到场。",
        Action.MAKE_SAFE: f"{head}已围挡防护，请绕行，注意安全。",
        Action.PAUSE: f"{head}暂停了，原因：{_pause(event)}。恢复后会告诉您。",
        Action.RESUME: f"{head}已恢复维修。",
        Action.HOLD_END: f"{head}暂停的期限到了，时钟接着走，服务站会安排接着修。",
        Action.FINISH: f"{head}师傅说修好了。请您看一看：修好了点“确认”，没修好点“没修好”。",
        Action.AUTO_CONFIRM: f"{head}七天没有收到您的回音，系统记为到期确认。没修好的话，还可以点“没修好”。",
        Action.REJECT: f"{head}被退回了，理由：{quoted(event.note)}。有疑问请联系服务站。",
        Action.REDIRECT: f"{head}已转给{event.detail.get('to')}处理。{_reference(event)}",
        Action.CLOSE: f"{head}已归档。同一个地方再坏，请新报一单。",
        Action.NOTE: f"{head}有新留言：{event.note}",
    }
    action = Action(event.action)
    titles = {
        Action.NOTE: "有新留言",
        Action.MAKE_SAFE: "现场已防护",
        Action.RESUME: "已恢复维修",
        Action.HOLD_END: "暂停到期了",
    }
    return Text(titles.get(action, f"报修{STATE_NAMES[event.to_state]}"), sentences[action])


def for_principal(event: TicketEvent, ticket: Ticket, category: str, agent: str) -> Text:
    """Return what a person reads of what somebody did for them; ``agent`` says who: 李*（女儿）."""
    about = f"“{category}”（{ticket.number}）"
    sentences = {
        Action.FILE: f"报修了{about}。服务站最晚{clock(ticket.answer_due_at)}前答复。",
        Action.CONFIRM: f"确认{about}修好了。您看着没修好，就点“没修好”，或者打电话给服务站。",
        Action.REOPEN: f"说{about}没修好：{quoted(event.note)}。服务站会重新派单。",
        Action.RATE: f"评价了{about}：{_satisfaction(ticket)}。",
        Action.URGE: f"催办了{about}，服务站已经收到。",
        Action.CANCEL: f"撤销了{about}。还要修，请新报一单。",
        Action.NOTE: f"在{about}下面留言：{event.note}",
    }
    return Text("有人替您办了一件事", f"{agent}替您{sentences[Action(event.action)]}")


def for_agent(event: TicketEvent, ticket: Ticket, category: str, principal: str) -> Text:
    """Return what somebody reads who may act for the person who reported."""
    head = f"{principal}报的“{category}”（{ticket.number}）"
    sentences = {
        Action.ASSIGN: f"已派师傅，最晚{clock(ticket.arrive_due_at)}前到场。请告诉本人。",
        Action.PAUSE: f"暂停了，原因：{_pause(event)}。请告诉本人。",
        Action.FINISH: f"师傅说修好了。请问一问本人，再到“我的代办”里点“替{principal}办”，确认修好了没有。",
        Action.REJECT: f"被退回了，理由：{quoted(event.note)}。请告诉本人，有疑问就联系服务站。",
        Action.REDIRECT: f"已转给{event.detail.get('to')}处理。{_reference(event)}",
    }
    return Text(f"您代办的报修{STATE_NAMES[event.to_state]}", f"{head}{sentences[Action(event.action)]}")


def for_worker(event: TicketEvent, ticket: Ticket, category: str) -> Text:
    """Return what the assigned repairer reads."""
    head = f"{where(ticket)}“{category}”（{ticket.number}）"
    sentences = {
        Action.ASSIGN: (
            "新派给您的活",
            f"{head}派给您了，{_urgency(ticket)}，最晚{clock(ticket.arrive_due_at)}前到场。请点“接单”。",
        ),
        Action.CONFIRM: ("住户已确认", f"{head}住户确认修好了，辛苦了。"),
        Action.REOPEN: ("住户说没修好", f"{head}住户说没修好：{quoted(event.note)}。服务站会重新派单。"),
        Action.RATE: ("住户评价了", f"{head}住户评价：{_satisfaction(ticket)}。"),
        Action.CANCEL: ("报修撤销了", f"{head}住户撤销了，不用去了。"),
        Action.NOTE: ("有新留言", f"{head}有新留言：{event.note}"),
        Action.REMIND: ("快到时间了", f"{head}{_due(ticket)}到时间，请抓紧。有困难请马上告诉服务站。"),
        Action.OVERDUE: ("已经超时", f"{head}已经超时。请马上处理，或者告诉服务站换人。"),
        Action.HOLD_END: ("暂停到期了", f"{head}暂停的期限到了，时钟接着走。请接着修，有困难请马上告诉服务站。"),
        Action.URGE: ("住户催办", f"{head}住户在催。请马上处理，并给住户回个话。"),
    }
    return Text(*sentences[Action(event.action)])


def for_station(event: TicketEvent, ticket: Ticket, category: str) -> Text:
    """Return what the station's people read."""
    head = f"{where(ticket)}“{category}”（{ticket.number}）"
    sentences = {
        Action.FILE: (
            f"新报修·{URGENCY_NAMES[ticket.urgency]}",
            f"{head}：{quoted(ticket.text)}。请在{clock(ticket.answer_due_at)}前核实派单。",
        ),
        Action.REOPEN: ("住户说没修好", f"{head}：{quoted(event.note)}。请重新派单。"),
        Action.REMIND: ("快到时间了", f"{head}{_due(ticket)}到时间，请盯一下。"),
        Action.OVERDUE: ("已经超时", f"{head}已经超时，请马上安排。"),
        Action.HOLD_END: ("暂停到期了", f"{head}暂停的期限到了，时钟接着走，请盯一下。"),
        Action.URGE: ("住户催办", f"{head}住户在催，答应的时间已经过了。请马上处理，并给住户回个话。"),
        Action.RAISE: (
            "请上级过问",
            f"{head}{RAISED.get(event.detail.get('why', ''), '')}，已请上级过问，请马上处理。",
        ),
        Action.PAUSE: ("维修暂停", f"{head}暂停了，原因：{_pause(event)}。"),
        Action.CANCEL: ("报修撤销了", f"{head}住户撤销了。"),
    }
    return Text(*sentences[Action(event.action)])


def for_group(event: TicketEvent, ticket: Ticket, category: str) -> str:
    """Return what the station's group hears, as WeCom markdown: never who, never which home."""
    spot = group_place(ticket)
    head = f"**{URGENCY_NAMES[ticket.urgency]}** {spot} {category}\n> 单号：{ticket.number}"
    lines = {
        Action.FILE: f"> 情况：{_group_text(ticket)}\n> 请在{clock(ticket.answer_due_at)}前核实派单。",
        Action.ASSIGN: f"> 已派师傅，最晚{clock(ticket.arrive_due_at)}前到场。",
        Action.FINISH: "> 师傅说修好了，等报修人确认。",
        Action.REOPEN: "> 报修人说没修好，请重新派单。",
        Action.CONFIRM: "> 报修人确认修好了。谢谢师傅！",
        Action.AUTO_CONFIRM: "> 七天没有回音，记为到期确认。",
        Action.RATE: f"> 报修人评价：{_satisfaction(ticket)}。这件事办完了。",
        Action.OVERDUE: '> <font color="warning">已经超时，请马上安排。</font>',
    }
    return f"{head}\n{lines[Action(event.action)]}"


def template_values(kind: str, event: TicketEvent, ticket: Ticket, category: str) -> dict[str, str]:
    """Return the values of a subscribe message, by our own names; the gateway fits them to WeChat's limits."""
    common = {"number": ticket.number, "subject": category, "time": f"{event.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"}
    if kind == "ticket_work":
        hints = {Action.REOPEN: "住户说没修好", Action.REMIND: "快到时间了，请抓紧"}
        return common | {
            "place": where(ticket),
            "hint": hints.get(Action(event.action), f"{_urgency(ticket)}，请点开接单"),
        }
    hints = {
        Action.ASSIGN: "已派师傅，请保持电话畅通",
        Action.FINISH: "请看一看修好没有，点开确认",
        Action.REJECT: "理由写在单子里，请点开看",
        Action.REDIRECT: "去处写在单子里，请点开看",
        Action.PAUSE: "原因写在单子里，请点开看",
    }
    return common | {"state": STATE_NAMES[event.to_state], "hint": hints[Action(event.action)]}


def where(ticket: Ticket) -> str:
    """Return the place with its note, for those who have to go there."""
    return f"{ticket.place_label}{ticket.place_note or ''}"


def group_place(ticket: Ticket) -> str:
    """Return the place as a group may hear it: a home is only "one household"."""
    if ticket.place is PlaceKind.HOME:
        building, found, _ = ticket.place_label.partition("号楼")
        return f"{building}号楼一户人家" if found else "一户人家"
    return plain(where(ticket))


def _group_text(ticket: Ticket) -> str:
    """What was written about a home stays out of the group; a common part's text is everybody's."""
    if ticket.place is PlaceKind.HOME:
        return "详情请站里人员点开单子看。"
    return plain(ticket.text)[:GROUP_TEXT_MOST]


def plain(text: str) -> str:
    """Take away what WeCom markdown would read as a mention, a link or a layout."""
    return text.translate(MARKDOWN_SIGNS)


def _urgency(ticket: Ticket) -> str:
    return URGENCY_NAMES[ticket.urgency]


def _satisfaction(ticket: Ticket) -> str:
    return SATISFACTION_NAMES[ticket.satisfaction] if ticket.satisfaction else "没有评价"


def _pause(event: TicketEvent) -> str:
    reason = event.detail.get("reason")
    if not reason:
        return ""
    until = event.detail.get("until")
    last = f"（最晚到{clock(dt.datetime.fromisoformat(until))}）" if until else ""
    return f"{PAUSE_NAMES[PauseReason(reason)]}{last}"


def _due(ticket: Ticket) -> str:
    return clock(ticket.next_due_at) if ticket.next_due_at else "马上"


def _reference(event: TicketEvent) -> str:
    number = event.detail.get("reference")
    return f"对方的受理号是{number}，请记下来。" if number else "请留意对方的电话。"
