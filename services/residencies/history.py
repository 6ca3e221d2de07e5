"""The history of residencies: each act one row that stays."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from models import Residency, ResidencyEvent, ResidencyRequest
from services.actors import Actor
from services.residencies.moves import Step


def of_residency(
    session: Session,
    residency: Residency,
    action: str,
    *,
    actor: Actor | None,
    now: dt.datetime,
    detail: Mapping[str, Any],
    words: str | None = None,
    request_id: int | None = None,
) -> None:
    """Write down an act on a residency, in its own transaction.  ``detail`` holds nothing personal."""
    event = _event(residency, action, actor=actor, now=now, detail=detail, words=words)
    event.residency_id, event.request_id = residency.id, request_id
    session.add(event)


def of_request(
    session: Session,
    request: ResidencyRequest,
    step: Step,
    *,
    actor: Actor | None,
    now: dt.datetime,
    words: str | None = None,
) -> None:
    """Write down a step of a request, in its own transaction, with the residency it led to."""
    detail = {"kind": request.kind, "evidence": request.evidence, "state": request.state}
    event = _event(request, step.value, actor=actor, now=now, detail=detail, words=words)
    event.residency_id, event.request_id = request.residency_id, request.id
    session.add(event)


def _event(
    row: Residency | ResidencyRequest,
    action: str,
    *,
    actor: Actor | None,
    now: dt.datetime,
    detail: Mapping[str, Any],
    words: str | None,
) -> ResidencyEvent:
    return ResidencyEvent(
        neighborhood_id=row.neighborhood_id,
        home_id=row.home_id,
        person_id=row.person_id,
        action=action,
        at=now,
        actor_id=actor.person_id if actor else None,
        agent_id=actor.agent_id if actor else None,
        role=actor.role.value if actor else None,
        words=words,
        detail=dict(detail),
    )
