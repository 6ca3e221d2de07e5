"""Statements that write many rows of residencies, rights and history at once."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import HomeRight, Residency, ResidencyEvent, ResidencyKind, WeChatAccount, table_of
from services import rights
from services.actors import Actor

AT_ONCE = 5_000
"""Rows or ids in one statement: SQLite takes no more than 32,766 values."""
TINY = dt.timedelta(microseconds=1)
EVENT_COLUMNS = (
    "neighborhood_id", "home_id", "person_id", "residency_id", "action", "at", "actor_id", "agent_id", "role", "detail",
)  # fmt: skip
One = TypeVar("One")


def refresh_statistics(session: Session, *models: Any) -> None:
    """Let PostgreSQL look at tables that this transaction has filled, or it plans for the few rows that were there.

    Without it, one statement for the rights of 63,000 residencies ran for minutes.
    """
    if session.get_bind().dialect.name == "postgresql":
        for model in models:
            session.execute(sa.text(f"analyze {table_of(model).name}"))


def write_events(
    session: Session,
    action: str,
    which: sa.ColumnElement[bool],
    *,
    actor: Actor | None,
    now: dt.datetime,
    more: dict[str, Any] | None = None,
) -> None:
    """Write one row of history for each residency; the kind is spelled out in each, so one statement for each kind."""
    table = table_of(ResidencyEvent)
    for kind in ResidencyKind:
        chosen = sa.select(
            Residency.neighborhood_id,
            Residency.home_id,
            Residency.person_id,
            Residency.id,
            sa.literal(action),
            sa.literal(now, table.c.at.type),
            sa.literal(actor.person_id if actor else None, table.c.actor_id.type),
            sa.literal(actor.agent_id if actor else None, table.c.agent_id.type),
            sa.literal(actor.role.value if actor else None, table.c.role.type),
            sa.literal({"kind": kind, **(more or {})}, table.c.detail.type),
        ).where(which, Residency.kind == kind)
        session.execute(sa.insert(table).from_select(list(EVENT_COLUMNS), chosen))


def close(
    session: Session,
    model: type[Residency] | type[HomeRight],
    which: sa.ColumnElement[bool],
    *,
    now: dt.datetime,
    values: dict[str, Any],
) -> None:
    """End rows now; those that begin in this very moment a moment later, for an end comes after its beginning."""
    for condition, moment in ((model.starts_at < now, now), (model.starts_at >= now, now + TINY)):
        session.execute(
            sa.update(model)
            .where(which, model.ends_at.is_(None), condition)
            .values(ends_at=moment, **values)
            .execution_options(synchronize_session=False)
        )


def forget_tokens(session: Session, which: sa.ColumnElement[bool], *, now: dt.datetime) -> None:
    """End the tokens of those concerned; who has no WeChat account has none."""
    people = session.scalars(
        sa.select(Residency.person_id)
        .join(WeChatAccount, WeChatAccount.person_id == Residency.person_id)
        .where(which)
        .distinct()
    )
    rights.changed(session, person_ids=list(people), now=now)


def parts(rows: Sequence[One]) -> Iterator[Sequence[One]]:
    """Cut into pieces that one statement takes."""
    for first in range(0, len(rows), AT_ONCE):
        yield rows[first : first + AT_ONCE]
