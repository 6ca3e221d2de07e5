"""Writing the audit trail."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AuditEntry, table_of
from services.actors import Actor


class Kept(Protocol):
    """A row that says itself to which neighborhood it belongs, or that it is for all."""

    __tablename__: Any

    @property
    def id(self) -> int: ...  # noqa: D102 - see models
    @property
    def neighborhood_id(self) -> int | None: ...  # noqa: D102


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


def note_on(
    session: Session,
    actor: Actor | None,
    row: Kept,
    action: str,
    now: dt.datetime,
    detail: Mapping[str, Any],
    why: str | None = None,
    *,
    about_person_id: int | None = None,
) -> None:
    """Write down an act on a row of a neighborhood: what most services do, in the order in which they do it."""
    note(
        session,
        actor=actor,
        now=now,
        action=action,
        subject=(row.__tablename__, row.id),
        neighborhood_id=row.neighborhood_id,
        about_person_id=about_person_id,
        purpose=why,
        detail=detail,
    )
