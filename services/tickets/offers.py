"""Which moves a person is offered on a ticket now, so that no client keeps a copy of the table."""

from collections.abc import Mapping
from typing import Any

from models import PlaceKind, Urgency
from services.actors import Actor
from services.tickets.by_resident import REOPENS_MOST, is_own_work
from services.tickets.contact import may_call
from services.tickets.moves import MOVES, Action, Whose
from services.tickets.steps import not_in_hand

# The one that helps most comes first.
ORDER = (
    Action.TAKE_OVER, Action.TURN_DOWN, Action.GRAB, Action.AGREE_QUOTE, Action.DECLINE_QUOTE,
    Action.TRIAGE, Action.ASSIGN, Action.ROTATE, Action.ACCEPT_HELP,
    Action.ACCEPT, Action.ARRIVE, Action.MAKE_SAFE, Action.START, Action.RESUME, Action.FINISH, Action.PAUSE,
    Action.CONFIRM, Action.RATE, Action.REOPEN, Action.CLOSE, Action.REJECT, Action.REDIRECT, Action.URGE,
    Action.SURVEY, Action.QUOTE, Action.WITHDRAW_QUOTE,
    Action.TRANSFER, Action.RETURN, Action.OFFER_HELP, Action.REVEAL, Action.NOTE, Action.CANCEL,
)  # fmt: skip


def offered(ticket: Mapping[str, Any], actor: Actor) -> list[Action]:
    """Return the actions that the actor may do on a ticket (a row of the detail view) and that make sense now.

    What is left out would be refused, or is done already; what is offered may still need a photo or some words.
    """
    return [
        action for action in ORDER if _is_theirs(action, ticket, actor) and not _is_pointless(action, ticket, actor)
    ]


def _is_theirs(action: Action, ticket: Mapping[str, Any], actor: Actor) -> bool:
    move = MOVES[action]
    if ticket["state"] not in move.sources or move.permission is None or not actor.may(move.permission):
        return False
    if move.whose is Whose.REPORTER:
        return bool(ticket["reporter_id"] == actor.person_id)
    if move.whose is Whose.ASKED:
        return bool(ticket["transfer_to_id"] == actor.person_id)
    return not not_in_hand(move.whose, actor, ticket["assignee_id"])


def _is_pointless(action: Action, ticket: Mapping[str, Any], actor: Actor) -> bool:
    own_work = is_own_work(actor, done_by_id=ticket["done_by_id"], assignee_id=ticket["assignee_id"])
    made_safe = ticket["safe_due_at"] is None or ticket["safe_at"] is not None
    waits_for_yes = ticket["open_quote_id"] is not None
    pointless: dict[Action, bool] = {
        Action.PAUSE: ticket["urgency"] == Urgency.P1,
        Action.REOPEN: ticket["reopen_count"] >= REOPENS_MOST or (own_work and actor.agent_id is not None),
        Action.CONFIRM: own_work,
        Action.URGE: not ticket["overdue"],
        Action.RATE: own_work,
        Action.START: not made_safe or waits_for_yes,
        Action.AGREE_QUOTE: not waits_for_yes,
        Action.DECLINE_QUOTE: not waits_for_yes,
        Action.QUOTE: ticket["place"] != PlaceKind.HOME or ticket["reporter_id"] is None,
        Action.WITHDRAW_QUOTE: not waits_for_yes and not ticket["amount_due_fen"],
        Action.MAKE_SAFE: made_safe,
        Action.OFFER_HELP: ticket["reporter_id"] == actor.person_id,
        Action.REVEAL: not may_call(actor, ticket["assignee_id"]),
    }
    return pointless.get(action, False)
