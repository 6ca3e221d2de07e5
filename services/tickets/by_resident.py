"""What the person who reported says: it is fixed, it is not, how it was, never mind.  No staff role writes these.

Somebody with a mandate may say it for them, but for whoever did the work.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Satisfaction, Ticket, TicketEvent, TruthKind
from services.actors import Actor
from services.clocks import said_time
from services.errors import Conflict
from services.tickets import callbacks, clockwork, raising, truths
from services.tickets.filing import clean_text
from services.tickets.moves import Action
from services.tickets.raising import Why
from services.tickets.steps import record, take

REOPENS_AT_THE_STATION = 2
"""After that the next level is called too."""
REOPENS_MOST = 5
URGED_ONCE_IN = dt.timedelta(days=1)


def is_own_work(actor: Actor, *, done_by_id: int | None, assignee_id: int | None) -> bool:
    """Whether the actor, or who acts for them, did the work or is to do it: they have no say on how it turned out."""
    if actor.agent_id is not None and actor.agent_id in {done_by_id, assignee_id}:
        return True
    return done_by_id is not None and done_by_id == actor.person_id


def _refuse_own_work(ticket: Ticket, actor: Actor, own: str) -> None:
    """Raise ``Conflict`` on own work; ``own`` is what is said to somebody whose own ticket it is."""
    if is_own_work(actor, done_by_id=ticket.done_by_id, assignee_id=ticket.assignee_id):
        said = (
            own
            if actor.agent_id is None
            else "自己修的活不能替别人说修得怎么样。请报修人自己来点，或者请别的代办人来办。"
        )
        raise Conflict(said, code="worker_cannot_confirm", state=ticket.state.value)


def confirm(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    satisfaction: Satisfaction | None = None,
    words: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Confirm that it is fixed, and perhaps in the same go how it was.  Whoever did the work cannot, even on their own."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.CONFIRM, version=version)
    _refuse_own_work(ticket, actor, "自己修的活不能自己确认。七天后系统会记为“到期确认”。")
    truths.say(session, ticket, TruthKind.FIXED, actor=actor, now=now)
    ticket.confirmed_by_id = actor.doer_id
    record(session, ticket, actor=actor, action=Action.CONFIRM, now=now)
    callbacks.perhaps_ask(session, ticket, now=now)
    return _rate(session, ticket, actor, now, satisfaction, words) if satisfaction is not None else ticket


def reopen(
    session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, note: str, version: int | None = None
) -> Ticket:
    """Say that it is not fixed: the same number goes back to the station, and all clocks start anew.

    From the third time on the next level is called as well; after the fifth it is no longer a matter of repairing.
    """
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.REOPEN, version=version)
    if actor.agent_id is not None:  # who reopens their own work as themselves only makes more of it
        _refuse_own_work(ticket, actor, own="")
    if ticket.reopen_count >= REOPENS_MOST:
        raise Conflict(
            "这张单子已经返修五次了，再派也不是办法。请直接找街道，或者拨打12345，报上单号。",
            code="reopened_enough",
            state=ticket.state.value,
        )
    words = clean_text(note)
    truths.say(session, ticket, TruthKind.NOT_FIXED, actor=actor, now=now)
    ticket.reopen_count += 1
    ticket.confirmed_by_id = ticket.satisfaction = ticket.rating_words = None
    clockwork.restart(ticket, clockwork.fresh_deadlines(session, ticket, start=now))
    detail = {"count": ticket.reopen_count, "done_by_id": ticket.done_by_id}
    ticket.done_by_id = None
    record(session, ticket, actor=actor, action=Action.REOPEN, now=now, note=words, detail=detail)
    if ticket.reopen_count > REOPENS_AT_THE_STATION:
        raising.raise_level(session, ticket, actor=None, now=now, why=Why.RETURNED_TWICE)
    return ticket


def rate(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    satisfaction: Satisfaction,
    words: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Say how it was, in one of four steps and perhaps some words.  Whoever did the work cannot."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.RATE, version=version)
    _refuse_own_work(ticket, actor, "自己修的活不能自己评价。")
    return _rate(session, ticket, actor, now, satisfaction, words)


def _rate(
    session: Session, ticket: Ticket, actor: Actor, now: dt.datetime, satisfaction: Satisfaction, words: str | None
) -> Ticket:
    truths.say(session, ticket, TruthKind.RATED, actor=actor, now=now, satisfaction=satisfaction)
    ticket.satisfaction = satisfaction
    ticket.rating_words = words
    detail = {"satisfaction": satisfaction.value}
    record(session, ticket, actor=actor, action=Action.RATE, now=now, note=words, detail=detail)
    if satisfaction is Satisfaction.UNSATISFIED:
        callbacks.ask_the_unhappy(session, ticket, now=now)
    return ticket


def urge(session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, version: int | None = None) -> Ticket:
    """Ask where it stays, once a promised time has passed and once a day; the second time the next level is called.

    Raises ``Conflict``: ``not_due_yet`` with the time that was promised, ``urged_already``.
    """
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.URGE, version=version)
    promised = ticket.next_due_at
    if promised is None or promised >= now:
        until = f"答应的时间是{said_time(promised)}，" if promised else ""
        raise Conflict(f"{until}还没到。到时没办，您再来催。", code="not_due_yet", state=ticket.state.value)
    start = clockwork.round_start(session, ticket)
    count, last = session.execute(
        sa.select(sa.func.count(), sa.func.max(TicketEvent.at)).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.action == Action.URGE.value, TicketEvent.at >= start
        )
    ).one()
    if last is not None and last > now - URGED_ONCE_IN:
        raise Conflict(
            "今天已经催过了，服务站收到了。明天还没动静，您再催。", code="urged_already", state=ticket.state.value
        )
    record(session, ticket, actor=actor, action=Action.URGE, now=now, detail={"count": count + 1})
    if count:
        raising.raise_level(session, ticket, actor=None, now=now, why=Why.URGED)
    return ticket


def cancel(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Take the report back before anybody came."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.CANCEL, version=version)
    return record(session, ticket, actor=actor, action=Action.CANCEL, now=now, note=note)


def add_note(
    session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, text: str, version: int | None = None
) -> Ticket:
    """Write something under an open ticket.  Anybody who may read it may."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.NOTE, version=version)
    return record(session, ticket, actor=actor, action=Action.NOTE, now=now, note=clean_text(text))
