"""Writing the audit trail."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AuditEntry, table_of
from services.actors import Actor


def note(
    session: Session,
    *,
    actor: Actor | None,
    now: dt.datetime,
    action: str,
    subject: tuple[str, int],
    neighborhood_id: int | None = None,
    about_person_id: int | None = None,
    purpose: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Write down an act, in the transaction of the act itself; return the id of its row.

    ``subject`` is what it was done to: the name of a table and the id of a row.  No actor means the operator's command
    line or the clock.  ``detail`` must hold nothing personal: ids, codes, old and new values.
    """
    written = session.execute(
        sa.insert(table_of(AuditEntry))
        .values(
            at=now,
            action=action,
            actor_id=actor.person_id if actor else None,
            agent_id=actor.agent_id if actor else None,
            role=actor.role.value if actor else None,
            membership_id=actor.hat.membership_id if actor else None,
            neighborhood_id=neighborhood_id,
            subject_kind=subject[0],
            subject_id=subject[1],
            about_person_id=about_person_id,
            purpose=purpose,
            detail=dict(detail or {}),
        )
        .returning(table_of(AuditEntry).c.id)
    )
    return int(written.scalar_one())
