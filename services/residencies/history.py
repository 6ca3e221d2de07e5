"""The history of residencies: each act one row that stays."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from models import ResidencyEvent
from services.actors import Actor


def write(
    session: Session,
    *,
    actor: Actor | None,
    now: dt.datetime,
    action: str,
    neighborhood_id: int,
    home_id: int,
    person_id: int,
    residency_id: int | None = None,
    request_id: int | None = None,
    words: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> ResidencyEvent:
    """Write down an act, in its own transaction.  ``detail`` holds nothing personal."""
    event = ResidencyEvent(
        neighborhood_id=neighborhood_id,
        home_id=home_id,
        person_id=person_id,
        residency_id=residency_id,
        request_id=request_id,
        action=action,
        at=now,
        actor_id=actor.person_id if actor else None,
        agent_id=actor.agent_id if actor else None,
        role=actor.role.value if actor else None,
        words=words,
        detail=dict(detail or {}),
    )
    session.add(event)
    return event
