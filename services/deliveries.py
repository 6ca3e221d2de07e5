"""Who hears of what, and by which rungs of the ladder: inbox (always) → subscribe message (if a grant is left) → group.

``expand`` turns one event into inbox rows and channel rows, in one transaction; all carry dedupe keys, so doing it twice
changes nothing.  ``subscribe_message`` and ``robot_message`` prepare what a channel's sender needs, and nothing more.
"""

import datetime as dt
from dataclasses import dataclass
from types import ModuleType

import sqlalchemy as sa
import structlog
from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import Session

from models import (
    ActingArea,
    Channel,
    GroupBinding,
    SubscriptionGrant,
    Ticket,
    TicketCategory,
    TicketEvent,
    WeChatAccount,
)
from services import acting, inbox, wording, wording_work
from services.content import checking
from services.outbox import Claimed, enqueue
from services.ports import SubscribeMessage
from services.stations import station_people
from services.tickets.moves import Action
from services.vault import Vault

log = structlog.get_logger(__name__)

PROGRESS = "ticket_progress"
WORK = "ticket_work"
TICKET_PAGE = "pages/ticket/detail?id={id}"

MANAGERS_HEAR = {
    Action.FILE, Action.REOPEN, Action.REMIND, Action.OVERDUE, Action.PAUSE, Action.CANCEL, Action.HOLD_END,
    Action.RAISE, Action.URGE, Action.RETURN, Action.OFFER_HELP,
}  # fmt: skip
REPORTER_HEARS = {
    Action.FILE, Action.TRIAGE, Action.ASSIGN, Action.ARRIVE, Action.MAKE_SAFE, Action.PAUSE, Action.RESUME,
    Action.FINISH, Action.AUTO_CONFIRM, Action.REJECT, Action.REDIRECT, Action.CLOSE, Action.NOTE, Action.HOLD_END,
    Action.ROTATE, Action.ACCEPT_HELP, Action.GRAB, Action.TAKE_OVER, Action.RETURN, Action.SURVEY, Action.QUOTE,
    Action.WITHDRAW_QUOTE,
}  # fmt: skip
ASSIGNEE_HEARS = {
    Action.ASSIGN, Action.CONFIRM, Action.REOPEN, Action.RATE, Action.CANCEL, Action.NOTE, Action.REMIND, Action.OVERDUE,
    Action.HOLD_END, Action.URGE, Action.ROTATE, Action.ACCEPT_HELP, Action.TURN_DOWN,
    Action.AGREE_QUOTE, Action.DECLINE_QUOTE,
}  # fmt: skip
GROUP_HEARS = {
    Action.FILE, Action.ASSIGN, Action.FINISH, Action.REOPEN, Action.CONFIRM, Action.AUTO_CONFIRM, Action.RATE,
    Action.OVERDUE,
}  # fmt: skip

AGENTS_HEAR = {Action.ASSIGN, Action.FINISH, Action.REJECT, Action.REDIRECT, Action.PAUSE}
"""Who may act for the reporter need not hear everything, but what asks for something, or ends the matter."""

WORTH_A_GRANT = {Action.ASSIGN, Action.FINISH, Action.REJECT, Action.REDIRECT, Action.PAUSE}
WORTH_THE_LAST_GRANT = {Action.FINISH, Action.REJECT, Action.REDIRECT}
"""A resident's last grant is kept for the message that asks something of them, or ends the matter."""
WORK_WORTH_A_GRANT = {Action.ASSIGN, Action.REOPEN, Action.REMIND, Action.ROTATE, Action.ACCEPT_HELP}
OF_WORK = {
    Action.ROTATE, Action.ACCEPT_HELP, Action.GRAB, Action.TAKE_OVER, Action.RETURN, Action.TRANSFER, Action.TURN_DOWN,
    Action.OFFER_HELP, Action.SURVEY, Action.QUOTE, Action.WITHDRAW_QUOTE, Action.AGREE_QUOTE, Action.DECLINE_QUOTE,
}  # fmt: skip
"""What ``wording_work`` has the sentences for."""


@dataclass(frozen=True)
class Story:
    """An event with its ticket: all that the sentences are made of."""

    event: TicketEvent
    ticket: Ticket
    category: str
    action: Action


def expand(session: Session, event_id: int, *, now: dt.datetime) -> None:
    """Decide who hears of a ticket's event, and write it down for each."""
    story = _stories(session, {event_id})[event_id]
    actor = story.event.actor_id
    ticket = story.ticket
    # Nobody is told what they did themselves, but for the receipt of an own report.
    receipt = story.action is Action.FILE and actor == ticket.reporter_id
    told: set[int] = set() if actor is None or receipt else {actor}
    _tell_reporter(session, story, told, now)
    _tell_workers(session, story, told, now)
    if story.action in MANAGERS_HEAR:
        text = _words(story).for_station(story.event, ticket, story.category)
        for person_id in station_people(session, ticket.neighborhood_id, now):
            _tell(session, story, person_id, text, told, now)
    if story.action in AGENTS_HEAR and ticket.reporter_id is not None:
        _tell_agents(session, story, ticket.reporter_id, told, now)
    if story.action in GROUP_HEARS:
        _tell_groups(session, story, now)
    checking.register(session, story.event, story.ticket, now=now)


def _tell_reporter(session: Session, story: Story, told: set[int], now: dt.datetime) -> None:
    """Tell whose ticket it is: what was done in their name, or how it goes on."""
    reporter_id = story.ticket.reporter_id
    if story.event.mandate_id is not None:
        _tell_principal(session, story, told, now)
    if story.action not in REPORTER_HEARS or reporter_id is None:
        return
    _tell(session, story, reporter_id, _words(story).for_reporter(story.event, story.ticket, story.category), told, now)
    if story.action in WORTH_A_GRANT and reporter_id != story.event.actor_id:
        keep = 0 if story.action in WORTH_THE_LAST_GRANT else 1
        _subscribe(session, story, reporter_id, PROGRESS, now, keep=keep)


def _tell_workers(session: Session, story: Story, told: set[int], now: dt.datetime) -> None:
    """Tell who is to do it, and who was to do it before."""
    ticket = story.ticket
    if story.action in ASSIGNEE_HEARS and ticket.assignee_id is not None:
        _tell(
            session, story, ticket.assignee_id, _words(story).for_worker(story.event, ticket, story.category), told, now
        )
        if story.action in WORK_WORTH_A_GRANT and ticket.assignee_id != story.event.actor_id:
            _subscribe(session, story, ticket.assignee_id, WORK, now, keep=0)
    if story.action is Action.TRANSFER:
        asked = story.event.detail["to_id"]
        _tell(session, story, asked, wording_work.for_worker(story.event, ticket, story.category), told, now)
    former = story.event.detail.get("assignee_id", [None])[0]
    if former is not None and former != ticket.assignee_id:
        _tell(session, story, former, wording_work.for_former_worker(story.event, ticket, story.category), told, now)
    for helper_id in story.event.detail.get("declined", ()):
        _tell(session, story, helper_id, wording_work.for_declined_helper(ticket, story.category), told, now)


def _words(story: Story) -> ModuleType:
    """Return the module that has the sentences for an event."""
    return wording_work if story.action in OF_WORK else wording


def _tell(session: Session, story: Story, person_id: int, text: wording.Text, told: set[int], now: dt.datetime) -> None:
    """Put it into a person's inbox, once per event whatever the person's roles."""
    if person_id in told:
        return
    told.add(person_id)
    inbox.put(
        session,
        person_id=person_id,
        neighborhood_id=story.ticket.neighborhood_id,
        ticket_id=story.ticket.id,
        title=text.title,
        body=text.body,
        dedupe_key=f"ticket.event:{story.event.id}",
        now=now,
    )


def _tell_principal(session: Session, story: Story, told: set[int], now: dt.datetime) -> None:
    """Tell a person what somebody has just done in their name."""
    mandate_id, person_id = story.event.mandate_id, story.event.on_behalf_of_id
    if mandate_id is None or person_id is None:
        return
    agent, _ = acting.parties(session, {mandate_id})[mandate_id]
    _tell(
        session,
        story,
        person_id,
        _words(story).for_principal(story.event, story.ticket, story.category, agent),
        told,
        now,
    )


def _tell_agents(session: Session, story: Story, reporter_id: int, told: set[int], now: dt.datetime) -> None:
    """Tell those who may act for the reporter.  A tap opens their mandates: the ticket is not their own."""
    agents = acting.agents_of(
        session,
        principal_id=reporter_id,
        neighborhood_id=story.ticket.neighborhood_id,
        area=ActingArea.TICKETS,
        now=now,
    )
    for agent_id, principal in agents:
        if agent_id in told:
            continue
        told.add(agent_id)
        text = wording.for_agent(story.event, story.ticket, story.category, principal)
        inbox.put(
            session,
            person_id=agent_id,
            neighborhood_id=story.ticket.neighborhood_id,
            title=text.title,
            body=text.body,
            dedupe_key=f"ticket.event:{story.event.id}",
            page="/me/mandates",
            now=now,
        )


def _subscribe(session: Session, story: Story, person_id: int, kind: str, now: dt.datetime, *, keep: int) -> None:
    """Queue a subscribe message to each account of a person that has more than ``keep`` grants left."""
    accounts = session.scalars(
        sa.select(WeChatAccount.id)
        .join(SubscriptionGrant, SubscriptionGrant.account_id == WeChatAccount.id)
        .where(WeChatAccount.person_id == person_id, SubscriptionGrant.kind == kind, SubscriptionGrant.remaining > keep)
    )
    for account_id in accounts:
        enqueue(
            session,
            channel=Channel.SUBSCRIBE,
            topic=kind,
            dedupe_key=f"subscribe:{account_id}:{story.event.id}",
            subject_id=account_id,
            neighborhood_id=story.ticket.neighborhood_id,
            payload={"event_id": story.event.id},
            now=now,
        )


def _tell_groups(session: Session, story: Story, now: dt.datetime) -> None:
    groups = session.scalars(
        sa.select(GroupBinding.id).where(
            GroupBinding.neighborhood_id == story.ticket.neighborhood_id, GroupBinding.switched_off_at.is_(None)
        )
    )
    for group_id in groups:
        enqueue(
            session,
            channel=Channel.ROBOT,
            topic="robot",
            dedupe_key=f"robot:{group_id}:{story.event.id}",
            subject_id=group_id,
            neighborhood_id=story.ticket.neighborhood_id,
            payload={"event_id": story.event.id},
            now=now,
        )


def subscribe_messages(session: Session, batch: list[Claimed]) -> dict[int, SubscribeMessage]:
    """Return, by outbox id, what to send to each account of a batch; three queries whatever its size."""
    stories = _stories(session, {message.payload["event_id"] for message in batch})
    openids = {
        row.id: row.openid
        for row in session.execute(
            sa.select(WeChatAccount.id, WeChatAccount.openid).where(
                WeChatAccount.id.in_({message.subject_id for message in batch}), WeChatAccount.unbound_at.is_(None)
            )
        )
    }
    messages = {}
    for message in batch:
        story = stories.get(message.payload["event_id"])
        openid = openids.get(message.subject_id or 0)
        if story is not None and openid is not None:
            messages[message.id] = SubscribeMessage(
                openid=openid,
                kind=message.topic,
                values=wording.template_values(message.topic, story.event, story.ticket, story.category),
                page=TICKET_PAGE.format(id=story.ticket.id),
            )
    return messages


@dataclass(frozen=True)
class RobotMessage:
    """One message to one group."""

    robot_key: str
    markdown: str


def robot_messages(session: Session, batch: list[Claimed], vault: Vault) -> dict[int, RobotMessage]:
    """Return, by outbox id, what to post in each group of a batch; a group switched off meanwhile gets nothing."""
    stories = _stories(session, {message.payload["event_id"] for message in batch})
    keys = _robot_keys(session, {message.subject_id for message in batch}, vault)
    messages = {}
    for message in batch:
        story = stories.get(message.payload["event_id"])
        key = keys.get(message.subject_id or 0)
        if story is not None and key is not None:
            messages[message.id] = RobotMessage(key, wording.for_group(story.event, story.ticket, story.category))
    return messages


def _robot_keys(session: Session, group_ids: set[int | None], vault: Vault) -> dict[int, str]:
    """Return the keys of the groups that are on; one that cannot be opened must not hold up the others."""
    rows = session.execute(
        sa.select(GroupBinding.id, GroupBinding.robot_key_sealed).where(
            GroupBinding.id.in_(group_ids), GroupBinding.switched_off_at.is_(None)
        )
    )
    keys = {}
    for group_id, sealed in rows:
        try:
            keys[group_id] = vault.open(sealed, "group.robot_key")
        except (KeyError, InvalidTag):
            log.exception("group.key_unreadable", group_id=group_id)
    return keys


def _stories(session: Session, event_ids: set[int]) -> dict[int, Story]:
    rows = session.execute(
        sa.select(TicketEvent, Ticket, TicketCategory.name)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .join(TicketCategory, TicketCategory.id == Ticket.category_id)
        .where(TicketEvent.id.in_(event_ids))
    )
    return {event.id: Story(event, ticket, category, Action(event.action)) for event, ticket, category in rows}
