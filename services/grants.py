"""Subscription grants: how many messages of a kind an account lets us send.

+1 when the person taps "allow", −1 when a message went out, 0 when WeChat says there is no right (43101) or the person says
no.  WeChat does not tell the true number, so this is our own count, set right by its answers.
"""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Role, SubscriptionGrant, table_of
from services.actors import Actor
from services.deliveries import PROGRESS, WORK
from services.outbox import insert_for

KINDS = (PROGRESS, WORK)


def wanted(session: Session, *, actor: Actor) -> list[tuple[str, int]]:
    """Return the kinds of message worth asking for at this tap, most useful first, with what is left of each."""
    rows = session.execute(
        sa.select(SubscriptionGrant.kind, SubscriptionGrant.remaining).where(
            SubscriptionGrant.account_id == actor.account_id
        )
    )
    left = {row.kind: row.remaining for row in rows}
    kinds = [WORK, PROGRESS] if actor.role is Role.REPAIRER else [PROGRESS]
    return [(kind, left.get(kind, 0)) for kind in kinds]


def answered(session: Session, *, actor: Actor, kind: str, accepted: bool, now: dt.datetime) -> int:
    """Count the person's answer to WeChat's question; return what is left."""
    table = table_of(SubscriptionGrant)
    first = {"account_id": actor.account_id, "kind": kind, "remaining": int(accepted), "updated_at": now}
    remaining = session.execute(
        insert_for(session, table)
        .values(**first)
        .on_conflict_do_update(
            index_elements=[table.c.account_id, table.c.kind],
            set_={"remaining": table.c.remaining + 1 if accepted else 0, "updated_at": now},
        )
        .returning(table.c.remaining)
    ).scalar_one()
    return int(remaining)


def settle(
    session: Session, *, spent: Sequence[tuple[int, str]], refused: Sequence[tuple[int, str]], now: dt.datetime
) -> None:
    """Take off what was sent, and set to nothing what WeChat says there is no right for: ``(account_id, kind)`` each."""
    table = table_of(SubscriptionGrant)
    which = (table.c.account_id == sa.bindparam("account"), table.c.kind == sa.bindparam("of_kind"))
    less = sa.case((table.c.remaining > 0, table.c.remaining - 1), else_=0)
    for pairs, value in ((spent, less), (refused, sa.literal(0))):
        if pairs:
            # In a fixed order, so that two workers never wait for each other's rows.
            rows = [{"account": account, "of_kind": kind} for account, kind in sorted(pairs)]
            session.connection().execute(sa.update(table).where(*which).values(remaining=value, updated_at=now), rows)
