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
    ImportBatch,
    ImportChange,
    ImportRow,
    InboxItem,
    Invitation,
    JobRun,
    MergeState,
    OutboxMessage,
    Person,
    PersonMerge,
    ResidencyPhoto,
    RetentionAction,
    RetentionRule,
    RetentionRun,
    RightsRequest,
    SignIn,
    StoredFile,
    Ticket,
    TicketPhoto,
    Urgency,
    table_of,
)
from services.clocks import local_day
from services.outbox import insert_for
from services.privacy import old_rows
from services.privacy.removal import delete_with_children

AT_ONCE = 2_000
"""Rows in one transaction: on SQLite nobody else writes meanwhile."""
LOGS_LEAST = 183
"""Network logs stay for six months at least (网络安全法, 2025年修正, 第23条), whatever a rule says."""


Going = Callable[[Session, sa.ColumnElement[bool], dt.datetime], Any]
"""Lets go of the rows that meet a condition, at a moment."""


@dataclass(frozen=True)
class Kept:
    """One kind of rows."""

    name: str
    model: type[Base]
    old: Callable[[dt.datetime], sa.ColumnElement[bool]]
    """From the moment before which rows are old to the condition that a row is."""
    action: RetentionAction
    go: Going
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


def _delete(model: type[Base]) -> Going:
    return lambda session, which, _: delete_with_children(session, table_of(model), which)


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
    "ticket": Kept(
        "报修", Ticket, old_rows.tickets(Ticket.urgency != Urgency.P1), _PSEUDONYMISE, old_rows.forget_reporters
    ),
    "ticket_p1": Kept(
        "急修", Ticket, old_rows.tickets(Ticket.urgency == Urgency.P1), _PSEUDONYMISE, old_rows.forget_reporters
    ),
    "ticket_photo": Kept(
        "报修的照片", TicketPhoto, old_rows.ticket_photos(Ticket.urgency != Urgency.P1), _DELETE, _delete(TicketPhoto)
    ),
    "ticket_photo_p1": Kept(
        "急修的照片", TicketPhoto, old_rows.ticket_photos(Ticket.urgency == Urgency.P1), _DELETE, _delete(TicketPhoto)
    ),
    "residency_photo": Kept(
        "房屋登记的证件照片", ResidencyPhoto, old_rows.papers, _DELETE, _delete(ResidencyPhoto)
    ),
    "stored_file": Kept("哪里都没用的照片", StoredFile, old_rows.loose_photos, _DELETE, old_rows.let_go_of_photos),
    "moved_away": Kept("搬走的人的电话", Person, old_rows.moved_away, _PSEUDONYMISE, old_rows.forget_phones),
    "consent": Kept("注销的人的同意记录", Consent, old_rows.of_erased, _DELETE, _delete(Consent), least_days=365),
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
    "import_batch": Kept(
        "导入的表格的内容", ImportBatch, old_rows.imports, _PSEUDONYMISE, old_rows.forget_imports
    ),
    "import_row": Kept("导入的表格的一行行", ImportRow, old_rows.of_forgotten(ImportRow), _DELETE, _delete(ImportRow)),
    "import_change": Kept(
        "导入以前的旧内容", ImportChange, old_rows.of_forgotten(ImportChange), _DELETE, _delete(ImportChange)
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
            kept.go(session, _key(kept).in_(some) if len(_keys(kept)) == 1 else kept.old(before), now)
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
