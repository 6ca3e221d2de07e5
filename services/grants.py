"""Subscription grants: how many messages of a kind an account lets us send.

+1 when the person taps "allow", −1 when a message went out, 0 when WeChat says there is no right (43101), or the person
says no or switches the template off.  WeChat does not tell the true number: this is our own count, which its answers mend.
Each change is a line in the book (``grant_event``); what is left is the sum of its lines.

The client tells us of a tap, and so does WeChat by a push.  Both may come, in any order, or only one: the later of two that
belong together is written down as the same tap, and changes nothing.
"""

import datetime as dt
from collections.abc import Container, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import GrantEvent, GrantReason, GrantSource, Role, SubscriptionGrant, WeChatAccount, table_of
from services.actors import Actor
from services.deliveries import PROGRESS, WORK
from services.notices import NOTICE
from services.outbox import insert_for

KINDS = (PROGRESS, WORK, NOTICE)
MOST = 3
"""WeChat's question shows three templates well; more are not read."""
PLENTY = 5
"""Whoever has let us send so many need not be asked again now."""
SAME_TAP = dt.timedelta(minutes=10)
"""The client may be without a network for a while, and WeChat's push is tried again."""

TAPS: Mapping[str, Sequence[str]] = {
    "report": (PROGRESS, NOTICE),
    "home": (NOTICE, PROGRESS),
    "inbox": (NOTICE, PROGRESS, WORK),
    "work": (WORK, NOTICE),
    "station": (NOTICE, WORK),
}
"""By what a person is about to do, the kinds of message that they will then wait for, most useful first."""

GRANT = table_of(SubscriptionGrant)
EVENT = table_of(GrantEvent)


def wanted(session: Session, *, actor: Actor, known: Container[str], tap: str | None = None) -> list[tuple[str, int]]:
    """Return the kinds worth asking for at this tap with what is left of each, most useful first, at most three.

    Those with nothing left come first; those with plenty, and those without a template (``known``), are left out.
    """
    rows = session.execute(
        sa.select(SubscriptionGrant.kind, SubscriptionGrant.remaining).where(
            SubscriptionGrant.account_id == actor.account_id
        )
    )
    left = {row.kind: row.remaining for row in rows}
    usual = "work" if actor.role is Role.REPAIRER else "report"
    kinds = [kind for kind in TAPS[tap or usual] if kind in known and left.get(kind, 0) < PLENTY]
    return [(kind, left.get(kind, 0)) for kind in sorted(kinds, key=lambda kind: left.get(kind, 0) > 0)[:MOST]]


def answered(session: Session, *, actor: Actor, kind: str, accepted: bool, now: dt.datetime) -> int:
    """Count the person's answer to WeChat's question, as the client tells it; return what is left.

    Raises ``Conflict`` for somebody who is not in WeChat now.
    """
    return _tapped(session, actor.in_wechat(), kind, GrantSource.CLIENT, accepted=accepted, now=now)


def heard(session: Session, *, account_id: int, kind: str, accepted: bool, now: dt.datetime) -> int:
    """Count the same answer as WeChat tells it."""
    return _tapped(session, account_id, kind, GrantSource.WECHAT, accepted=accepted, now=now)


def switched_off(session: Session, *, account_id: int, kind: str, now: dt.datetime) -> None:
    """The person switched the template off in WeChat's settings: nothing is left."""
    _to_nothing(session, account_id, kind, GrantReason.SWITCHED_OFF, GrantSource.WECHAT, now)


def unbound(session: Session, *, account_id: int, now: dt.datetime) -> None:
    """The account was taken off: nothing is left of any kind."""
    for kind in session.scalars(sa.select(SubscriptionGrant.kind).where(SubscriptionGrant.account_id == account_id)):
        _to_nothing(session, account_id, kind, GrantReason.UNBOUND, GrantSource.US, now)


def settle(
    session: Session, *, spent: Sequence[tuple[int, str]], refused: Sequence[tuple[int, str]], now: dt.datetime
) -> None:
    """Take off what was sent, and set to nothing what WeChat says there is no right for: ``(account_id, kind)`` each."""
    for pairs, reason in ((spent, GrantReason.SENT), (refused, GrantReason.NO_RIGHT)):
        # In a fixed order, so that two workers never wait for each other's rows; each pair once in a statement, so that
        # the second of two messages to one account sees what the first has left.
        waiting = sorted(pairs)
        while waiting:
            once = sorted(set(waiting))
            for pair in once:
                waiting.remove(pair)
            _take_off(session, once, reason, now)


def _take_off(session: Session, pairs: Sequence[tuple[int, str]], reason: GrantReason, now: dt.datetime) -> None:
    which = (GRANT.c.account_id == sa.bindparam("account"), GRANT.c.kind == sa.bindparam("of_kind"))
    lost = -sa.case((GRANT.c.remaining > 0, 1), else_=0) if reason is GrantReason.SENT else -GRANT.c.remaining
    line = sa.select(
        GRANT.c.account_id,
        GRANT.c.kind,
        sa.literal(now, EVENT.c.at.type),
        sa.literal(reason, EVENT.c.reason.type),
        sa.literal(GrantSource.US, EVENT.c.source.type),
        lost,
    ).where(*which)
    rows = [{"account": account, "of_kind": kind} for account, kind in pairs]
    connection = session.connection()
    connection.execute(
        sa.insert(EVENT).from_select(["account_id", "kind", "at", "reason", "source", "change"], line), rows
    )
    connection.execute(sa.update(GRANT).where(*which).values(remaining=GRANT.c.remaining + lost, updated_at=now), rows)


def _tapped(
    session: Session, account_id: int, kind: str, source: GrantSource, *, accepted: bool, now: dt.datetime
) -> int:
    grant = _locked(session, account_id, kind, now)
    reason = GrantReason.ACCEPTED if accepted else GrantReason.REJECTED
    other = _other_side(session, account_id, kind, reason, source, now)
    change = 0 if other is not None else (1 if accepted else -grant.remaining)
    _write(session, grant, reason, source, now, change=change, pairs_with_id=other)
    return grant.remaining


def _other_side(
    session: Session, account_id: int, kind: str, reason: GrantReason, source: GrantSource, now: dt.datetime
) -> int | None:
    """Return the oldest line of the same answer told by the other side, if it has no partner yet."""
    later = sa.orm.aliased(GrantEvent)
    has_partner = sa.exists().where(later.pairs_with_id == GrantEvent.id)
    told_by = GrantSource.WECHAT if source is GrantSource.CLIENT else GrantSource.CLIENT
    return session.scalar(
        sa.select(GrantEvent.id)
        .where(
            GrantEvent.account_id == account_id,
            GrantEvent.kind == kind,
            GrantEvent.reason == reason,
            GrantEvent.source == told_by,
            GrantEvent.at > now - SAME_TAP,
            GrantEvent.pairs_with_id.is_(None),
            ~has_partner,
        )
        .order_by(GrantEvent.id)
        .limit(1)
    )


def _to_nothing(
    session: Session, account_id: int, kind: str, reason: GrantReason, source: GrantSource, now: dt.datetime
) -> None:
    grant = _locked(session, account_id, kind, now)
    _write(session, grant, reason, source, now, change=-grant.remaining)


def _locked(session: Session, account_id: int, kind: str, now: dt.datetime) -> SubscriptionGrant:
    """Return the row of an account and kind, made when it is not there, locked until the commit."""
    first = {"account_id": account_id, "kind": kind, "remaining": 0, "updated_at": now}
    session.execute(insert_for(session, GRANT).values(**first).on_conflict_do_nothing())
    return session.scalars(
        sa.select(SubscriptionGrant)
        .where(SubscriptionGrant.account_id == account_id, SubscriptionGrant.kind == kind)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _write(
    session: Session,
    grant: SubscriptionGrant,
    reason: GrantReason,
    source: GrantSource,
    now: dt.datetime,
    *,
    change: int,
    pairs_with_id: int | None = None,
) -> None:
    grant.remaining += change
    grant.updated_at = now
    line: dict[str, Any] = {"account_id": grant.account_id, "kind": grant.kind, "at": now, "change": change}
    session.execute(sa.insert(EVENT).values(**line, reason=reason, source=source, pairs_with_id=pairs_with_id))
    session.flush()  # whoever asks next must find both


def account_of(session: Session, *, appid: str, openid: str) -> int | None:
    """Return the account behind an openid."""
    query = sa.select(WeChatAccount.id).where(WeChatAccount.appid == appid, WeChatAccount.openid == openid)
    return session.scalar(query)
