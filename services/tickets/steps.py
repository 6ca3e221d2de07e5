"""What every action on a ticket has in common: take it (scope, version, whose move, state), then record what was done."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from models import IN_HAND_STATES, SETTLED_STATES, Channel, PhotoPhase, Ticket, TicketEvent, TicketState
from services import access, files
from services.actors import Actor
from services.errors import Conflict, StaleVersion, WrongHat
from services.outbox import enqueue
from services.permissions import Permission
from services.tickets import clockwork, lateness
from services.tickets.filing_rows import TOPIC
from services.tickets.moves import MOVES, QUIET, Action, Whose
from services.tickets.state_names import NEXT_STEP, STATE_NAMES

PHOTOS_PER_STEP = 9


def take(session: Session, *, actor: Actor, ticket_id: int, action: Action, version: int | None) -> Ticket:
    """Return the ticket, locked, if the actor may do this to it now.

    Raises ``NotFound`` out of scope, ``StaleVersion`` when ``version`` is not the newest, ``WrongHat`` when it is somebody
    else's move, ``Conflict`` when the state forbids it.
    """
    return _checked(access.ticket_for(session, actor, ticket_id, change=True), actor, action, version)


def take_from_pool(session: Session, *, actor: Actor, ticket_id: int, action: Action, version: int | None) -> Ticket:
    """Return a ticket of the worker's neighborhood, locked, if this worker may take it (or say no to it) now.

    Somebody who was too late still sees the ticket, and is told what happened.  Raises as ``take``, and ``Conflict``:
    ``taken_already``, ``transfer_over``.
    """
    ticket = access.work_for(session, actor, ticket_id)
    move = MOVES[action]
    if move.whose is Whose.ASKED and ticket.state in move.sources and ticket.transfer_to_id != actor.person_id:
        raise Conflict(
            "这单已经不用您接手了：服务站另派了人，或者转单的人自己接着干了。请看“我的活”里别的单子。",
            code="transfer_over",
            state=ticket.state.value,
        )
    if action is Action.GRAB and ticket.state in IN_HAND_STATES and ticket.assignee_id != actor.person_id:
        raise Conflict(
            "晚了一步，这单刚被别的师傅接走。请到“可抢的单”里另选一单。", code="taken_already", state=ticket.state.value
        )
    return _checked(ticket, actor, action, version)


def _checked(ticket: Ticket, actor: Actor, action: Action, version: int | None) -> Ticket:
    if version is not None and version != ticket.version:
        raise StaleVersion("这张单子刚被别人更新过。请重新打开，看过新的进展再操作。", version=ticket.version)
    whose = MOVES[action].whose
    if not_in_hand(whose, actor, ticket.assignee_id):
        raise WrongHat("这张单子没有派给您。请联系服务站改派。", code="not_assignee")
    if whose is Whose.REPORTER and ticket.reporter_id != actor.person_id:
        raise WrongHat("只有报修人自己才能这样做。您可以在单子下面留言。", code="not_reporter")
    require_state(ticket, action)
    return ticket


def not_in_hand(whose: Whose, actor: Actor, assignee_id: int | None) -> bool:
    """Whether a move is the assignee's (or, for some, also the station's) and the actor is neither."""
    if whose is Whose.HANDLER and actor.may(Permission.TICKET_TRIAGE):
        return False
    return whose in {Whose.ASSIGNEE, Whose.HANDLER} and assignee_id != actor.person_id


def require_state(ticket: Ticket, action: Action) -> None:
    """Raise ``Conflict``, with the state and what to do instead, when the table forbids the action now."""
    move = MOVES[action]
    if ticket.state not in move.sources:
        name = STATE_NAMES[ticket.state]
        raise Conflict(f"这张单子现在是“{name}”，不能{move.verb}。{NEXT_STEP[ticket.state]}", state=ticket.state.value)


def record(
    session: Session,
    ticket: Ticket,
    *,
    actor: Actor | None,
    action: Action,
    now: dt.datetime,
    note: str | None = None,
    detail: Mapping[str, Any] | None = None,
    photos: Sequence[str] = (),
    phase: PhotoPhase | None = None,
    target: TicketState | None = None,
) -> Ticket:
    """Move the ticket along the table, write the event and its outbox row, hang the photos on it.

    ``target`` decides the new state where the table leaves it open; ``actor`` is empty when the clock does it.
    """
    lateness.note(session, ticket, now=now)
    before = _move(ticket, action, target, now)
    event = TicketEvent(
        neighborhood_id=ticket.neighborhood_id,
        ticket_id=ticket.id,
        at=now,
        action=action.value,
        actor_id=actor.doer_id if actor else None,
        role=actor.role.value if actor else None,
        on_behalf_of_id=actor.person_id if actor and actor.mandate_id else None,
        mandate_id=actor.mandate_id if actor else None,
        from_state=before,
        to_state=ticket.state,
        note=note,
        detail=dict(detail or {}),
    )
    session.add(event)
    session.flush()  # outbox row and photos need the event's id
    enqueue(
        session,
        channel=Channel.EVENT,
        topic=TOPIC,
        dedupe_key=f"{TOPIC}:{event.id}",
        subject_id=event.id,
        neighborhood_id=ticket.neighborhood_id,
        now=now,
    )
    if photos and actor and phase:
        found = files.unattached(session, actor=actor, tokens=photos, most=PHOTOS_PER_STEP)
        files.attach(session, found, ticket_id=ticket.id, event_id=event.id, phase=phase)
    return ticket


def _move(ticket: Ticket, action: Action, target: TicketState | None, now: dt.datetime) -> TicketState:
    """Bring the ticket to its next state, with its clocks; return the state before."""
    before = ticket.state
    ticket.state = target or MOVES[action].target or before
    if action not in QUIET:
        ticket.version += 1
    if ticket.state is not before:
        ticket.state_since = now
        ticket.transfer_to_id = None  # what a colleague was asked to take over is no longer what it was
    if ticket.state in SETTLED_STATES and ticket.settled_at is None:
        ticket.settled_at = now
    ticket.next_due_at = clockwork.next_due(ticket)
    return before
