"""The station looks at a ticket: that answers it, and shows whether an earlier repair did not last."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from models import Ticket
from services.tickets import truths


def answer(ticket: Ticket, now: dt.datetime) -> None:
    """Stop the clock of answering, the first time."""
    if ticket.answered_at is None:
        ticket.answered_at = now


def look(session: Session, ticket: Ticket, detail: dict[str, Any], now: dt.datetime) -> None:
    """Answer, and say in the timeline which repair did not last, the first time somebody of the station looks."""
    answer(ticket, now)
    earlier = truths.look_back(session, ticket, now=now)
    if earlier is not None:
        detail["came_back_of_id"] = earlier
