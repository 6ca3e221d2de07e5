"""What happened to an order, line by line."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import PaymentEvent, PaymentOrder, RefundOrder, WordSource
from services.actors import Actor

OPENED = "opened"
PAID_LATE = "paid_late"
PAID_TWICE = "paid_twice"
SUSPICIOUS = "suspicious"
REFUND_ASKED = "refund_asked"


def record(
    session: Session,
    order: PaymentOrder,
    kind: str,
    *,
    source: WordSource,
    now: dt.datetime,
    actor: Actor | None = None,
    refund: RefundOrder | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down one thing that happened.  ``detail`` holds numbers, amounts and codes only."""
    session.add(
        PaymentEvent(
            neighborhood_id=order.neighborhood_id,
            order_id=order.id,
            refund_id=refund.id if refund else None,
            at=now,
            kind=kind,
            source=source,
            actor_id=actor.person_id if actor else None,
            agent_id=actor.agent_id if actor else None,
            detail=dict(detail or {}),
        )
    )


def has(session: Session, order: PaymentOrder, kind: str, detail: Mapping[str, Any]) -> bool:
    """Whether the same thing was written down before: what is suspicious is told once, however often it is repeated."""
    session.flush()
    rows = session.scalars(
        sa.select(PaymentEvent.detail).where(PaymentEvent.order_id == order.id, PaymentEvent.kind == kind)
    )
    return any(row == detail for row in rows)
