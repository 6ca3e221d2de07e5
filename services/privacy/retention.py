"""Retention: how long each kind of rows is kept is a row; here is which rows are meant, and how they go.  In batches.

Ledgers, votes, histories and the audit trail are not in the table and cannot be put there: rules only name what is here.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    Base,
    CareEntry,
    Consent,
    IdempotencyKey,
    InboxItem,
    Invitation,
    JobRun,
    Membership,
    MergeState,
    OutboxMessage,
    Person,
    PersonKeyKind,
    PersonMerge,
    PersonSearchKey,
    Residency,
    RetentionAction,
    RetentionRule,
    RetentionRun,
    RightsRequest,
    SignIn,
    Ticket,
    Urgency,
    WeChatAccount,
    table_of,
)
from services.clocks import local_day
from services.outbox import insert_for
from services.privacy.removal import PERSONAL_OF_TICKET, delete_with_children

AT_ONCE = 2_000
"""Rows in one transaction: on SQLite nobody else writes meanwhile."""
LOGS_LEAST = 183
"""Network logs stay for six months at least (网络安全法, 2025年修正, 第23条), whatever a rule says."""


@dataclass(frozen=True)
class Kept:
    """One kind of rows."""

    name: str
    model: type[Base]
    old: Callable[[dt.datetime], sa.ColumnElement[bool]]
    """From the moment before which rows are old to the condition that a row is."""
    action: RetentionAction
    go: Callable[[Session, sa.ColumnElement[bool]], Any]
    least_days: int = 1


@dataclass(frozen=True)
class Due:
    """What a rule would do now."""

    subject: str
    name: str
    action: RetentionAction
    keep_days: int
    rows: int
    source: str


def _delete(model: type[Base]) -> Callable[[Session, sa.ColumnElement[bool]], Any]:
    return lambda session, which: delete_with_children(session, table_of(model), which)


def _ticket(*urgent: sa.ColumnElement[bool]) -> Callable[[dt.datetime], sa.ColumnElement[bool]]:
    known = sa.or_(Ticket.reporter_id.is_not(None), *(getattr(Ticket, one).is_not(None) for one in PERSONAL_OF_TICKET))
    return lambda before: sa.and_(Ticket.settled_at < before, known, *urgent)


def _forget_reporters(session: Session, which: sa.ColumnElement[bool]) -> None:
    nothing: dict[str, Any] = dict.fromkeys((*PERSONAL_OF_TICKET, "reporter_id"))
    session.execute(sa.update(table_of(Ticket)).where(which).values(**nothing))


def _moved_away(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Lived here once, no longer, holds no office, and has not opened the mini-program since."""
    lives = sa.exists().where(
        Residency.person_id == Person.id, sa.or_(Residency.ends_at.is_(None), Residency.ends_at >= before)
    )
    lived = sa.exists().where(Residency.person_id == Person.id)
    works = sa.exists().where(
        Membership.person_id == Person.id, sa.or_(Membership.ends_at.is_(None), Membership.ends_at >= before)
    )
    seen = sa.exists().where(WeChatAccount.person_id == Person.id, WeChatAccount.last_seen_at >= before)
    return sa.and_(Person.phone_sealed.is_not(None), lived, ~lives, ~works, ~seen)


def _forget_phones(session: Session, which: sa.ColumnElement[bool]) -> None:
    ids = sa.select(Person.id).where(which)
    session.execute(
        sa.delete(table_of(PersonSearchKey)).where(
            PersonSearchKey.person_id.in_(ids), PersonSearchKey.kind == PersonKeyKind.PHONE_TAIL
        )
    )
    nothing: dict[str, Any] = dict.fromkeys(("phone_sealed", "phone_masked", "phone_hash"))
    session.execute(sa.update(table_of(Person)).where(which).values(**nothing))


def _of_erased(before: dt.datetime) -> sa.ColumnElement[bool]:
    erased = sa.exists().where(Person.id == Consent.about_person_id, Person.erased_at < before)
    return sa.and_(Consent.ended_at < before, erased)


_DELETE, _PSEUDONYMISE = RetentionAction.DELETE, RetentionAction.PSEUDONYMISE
_LEFT_OPEN = (MergeState.ASKED, MergeState.LAPSED, MergeState.REFUSED)
KEPT: Mapping[str, Kept] = {
    "job_run": Kept("系统运行记录", JobRun, lambda before: JobRun.started_at < before, _DELETE, _delete(JobRun)),
    "idempotency_key": Kept(
        "重复提交的答复", IdempotencyKey, lambda before: IdempotencyKey.created_at < before, _DELETE,
        _delete(IdempotencyKey),
    ),
    "outbox_message": Kept(
        "发完的消息", OutboxMessage, lambda before: OutboxMessage.settled_at < before, _DELETE, _delete(OutboxMessage)
    ),
    "inbox_item": Kept("个人消息", InboxItem, lambda before: InboxItem.created_at < before, _DELETE, _delete(InboxItem)),
    "sign_in": Kept(
        "登录记录", SignIn, lambda before: sa.func.coalesce(SignIn.ended_at, SignIn.expires_at) < before, _DELETE,
        _delete(SignIn), least_days=LOGS_LEAST,
    ),
    "invitation": Kept(
        "邀请码", Invitation, lambda before: sa.func.coalesce(Invitation.used_at, Invitation.expires_at) < before,
        _DELETE, _delete(Invitation),
    ),
    "ticket": Kept("报修", Ticket, _ticket(Ticket.urgency != Urgency.P1), _PSEUDONYMISE, _forget_reporters),
    "ticket_p1": Kept("急修", Ticket, _ticket(Ticket.urgency == Urgency.P1), _PSEUDONYMISE, _forget_reporters),
    "moved_away": Kept("搬走的人的电话", Person, _moved_away, _PSEUDONYMISE, _forget_phones),
    "consent": Kept("注销的人的同意记录", Consent, _of_erased, _DELETE, _delete(Consent), least_days=365),
    "rights_request": Kept(
        "答复过的个人信息申请", RightsRequest, lambda before: RightsRequest.settled_at < before, _DELETE,
        _delete(RightsRequest), least_days=365,
    ),
    "care_entry": Kept(
        "结束的关怀登记", CareEntry, lambda before: CareEntry.closed_at < before, _DELETE, _delete(CareEntry)
    ),
    "person_merge": Kept(
        "没有办成的合并", PersonMerge,
        lambda before: sa.and_(PersonMerge.asked_at < before, PersonMerge.state.in_(_LEFT_OPEN)), _DELETE,
        _delete(PersonMerge),
    ),
}  # fmt: skip


def run(session: Session, *, now: dt.datetime) -> int:
    """Do one batch of each rule; return how many rows were removed or changed.  The job calls it until there are none."""
    changed = 0
    for rule in _rules(session, now):
        kept = KEPT[rule.subject]
        before = _before(rule, kept, now)
        some = _batch(kept, before)
        rows = session.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0
        if rows:
            kept.go(session, _key(kept).in_(some) if len(_keys(kept)) == 1 else kept.old(before))
            _report(session, rule, rows, before, now)
            changed += rows
    session.expire_all()
    return changed


def due(session: Session, *, now: dt.datetime) -> list[Due]:
    """Return what the rules would do now, without doing it."""
    found = []
    for rule in _rules(session, now):
        kept = KEPT[rule.subject]
        before = _before(rule, kept, now)
        rows = session.scalar(sa.select(sa.func.count()).select_from(table_of(kept.model)).where(kept.old(before))) or 0
        found.append(Due(rule.subject, kept.name, rule.action, _days(rule, kept), rows, rule.source))
    return found


def report(session: Session, *, since: dt.date) -> Sequence[Mapping[str, Any]]:
    """Return what was removed since a day: by day and rule."""
    rows = session.execute(
        sa.select(RetentionRun.day, RetentionRule.subject, RetentionRule.action, RetentionRun.changed)
        .join(RetentionRule, RetentionRule.id == RetentionRun.rule_id)
        .where(RetentionRun.day >= since)
        .order_by(RetentionRun.day, RetentionRule.subject)
    ).mappings()
    return [dict(row) | {"name": KEPT[row["subject"]].name} for row in rows]


def _rules(session: Session, now: dt.datetime) -> list[RetentionRule]:
    """Return the rules in force.  One that names what this release does not know, or another action, does nothing."""
    day = local_day(now)
    rules = session.scalars(
        sa.select(RetentionRule)
        .where(RetentionRule.since <= day, sa.or_(RetentionRule.until.is_(None), RetentionRule.until > day))
        .order_by(RetentionRule.id)
    )
    return [rule for rule in rules if rule.subject in KEPT and KEPT[rule.subject].action is rule.action]


def _days(rule: RetentionRule, kept: Kept) -> int:
    return max(rule.keep_days, kept.least_days)


def _before(rule: RetentionRule, kept: Kept, now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(days=_days(rule, kept))


def _keys(kept: Kept) -> list[sa.Column[Any]]:
    return list(table_of(kept.model).primary_key.columns)


def _key(kept: Kept) -> sa.Column[Any]:
    return _keys(kept)[0]


def _batch(kept: Kept, before: dt.datetime) -> sa.Select[Any]:
    """Return the keys of one batch, oldest rows first."""
    some = sa.select(*_keys(kept)).where(kept.old(before))
    return some.order_by(_key(kept)).limit(AT_ONCE) if len(_keys(kept)) == 1 else some


def _report(session: Session, rule: RetentionRule, rows: int, before: dt.datetime, now: dt.datetime) -> None:
    table = table_of(RetentionRun)
    statement = insert_for(session, table).values(
        rule_id=rule.id, day=local_day(now), changed=rows, oldest_kept_from=before
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["rule_id", "day"], set_={"changed": table.c.changed + rows, "oldest_kept_from": before}
        )
    )
