"""The chain over the audit trail: written behind the entries, checked from the first to the last, its end published daily.

Each seal's hash covers the entry, word for word, and the hash before it.  Whoever changes or removes an entry behind the
database's back breaks the chain at that place; whoever writes the whole chain anew cannot change the heads that others have
written down.  No key is in it, so anybody can check it.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from models import AuditEntry, AuditHead, AuditSeal, table_of
from services.clocks import local_day

ENTRY, SEAL = table_of(AuditEntry), table_of(AuditSeal)
BEGINNING = "0" * 64
AT_ONCE = 1_000
STRAGGLERS = 10_000
"""How far back the usual run looks for entries whose transaction took longer than those after it."""
LATE = dt.timedelta(hours=1)
"""Entries older than this must be sealed: the job runs every minute."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Broken:
    """A place where the chain does not hold, and what is wrong there, in words."""

    position: int
    entry_id: int | None
    what: str


@dataclass(frozen=True)
class NotedHead:
    """The end of the chain as somebody wrote it down."""

    position: int
    hash: str


def canonical(entry: Mapping[str, Any] | sa.RowMapping) -> bytes:
    """Return an entry in the one form that is hashed: the same on every database and in every year."""
    plain = {name: _plain(value) for name, value in entry.items()}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link(before: str, entry: Mapping[str, Any] | sa.RowMapping) -> str:
    """Return the hash of an entry after another one."""
    return hashlib.sha256(before.encode() + canonical(entry)).hexdigest()


def seal(session: Session, *, now: dt.datetime) -> int:
    """Seal entries that are not sealed yet, some at a time; publish the head once a day.  Returns how many were sealed.

    Called by one worker at a time.  A second one would break on the position, and nothing would be written.
    """
    last = session.execute(sa.select(SEAL).order_by(SEAL.c.position.desc()).limit(1)).one_or_none()
    position, before = (last.position, last.hash) if last else (0, BEGINNING)
    is_published = session.get(AuditHead, local_day(now)) is not None
    rows = []
    for entry in _waiting(session, last.entry_id - STRAGGLERS if last and is_published else 0):
        position, before = position + 1, link(before, entry)
        rows.append({"position": position, "entry_id": entry["id"], "hash": before})
    if rows:
        session.execute(sa.insert(SEAL), rows)
    elif position and not is_published:
        _publish(session, NotedHead(position, before), now)
    return len(rows)


def head(session: Session) -> AuditHead | None:
    """Return the newest published head."""
    return session.scalar(sa.select(AuditHead).order_by(AuditHead.day.desc()).limit(1))


def verify(session: Session, *, now: dt.datetime, noted: Sequence[NotedHead] = ()) -> Iterator[Broken]:
    """Walk the chain and yield every place where it does not hold, then what the heads say against it."""
    wanted = {one.position: one.hash for one in session.scalars(sa.select(AuditHead))}
    heads = [*(NotedHead(*item) for item in wanted.items()), *noted]
    found: dict[int, str] = {}
    position, before = 0, BEGINNING
    for row in _sealed(session):
        if row["position"] != position + 1:
            yield Broken(position + 1, None, f"第{position + 1}到第{row['position'] - 1}条的封记不见了")
        elif row["id"] is None:
            yield Broken(row["position"], row["entry_id"], "这条留痕被删掉了")
        elif link(before, _entry_of(row)) != row["hash"]:
            yield Broken(row["position"], row["entry_id"], "这条留痕或者它的封记被改过")
        position, before = row["position"], row["hash"]
        if any(one.position == position for one in heads):
            found[position] = before
    for one in sorted(heads, key=lambda head: head.position):
        if one.position > position:
            yield Broken(one.position, None, f"公布过第{one.position}条，现在只到第{position}条：末尾被删掉了")
        elif found[one.position] != one.hash if one.position in found else True:
            yield Broken(one.position, None, "和公布过的数字不一样：整条链被重写过")
    unsealed = session.scalar(
        sa.select(sa.func.min(ENTRY.c.id))
        .outerjoin(SEAL, SEAL.c.entry_id == ENTRY.c.id)
        .where(SEAL.c.entry_id.is_(None), ENTRY.c.at < now - LATE)
    )
    if unsealed is not None:
        yield Broken(position + 1, unsealed, "这条留痕一个多小时了还没有封：工作进程没有在跑，或者封记被删掉了")


def length(session: Session) -> NotedHead:
    """Return the present end of the chain."""
    last = session.execute(sa.select(SEAL).order_by(SEAL.c.position.desc()).limit(1)).one_or_none()
    return NotedHead(last.position, last.hash) if last else NotedHead(0, BEGINNING)


def _publish(session: Session, end: NotedHead, now: dt.datetime) -> None:
    day = local_day(now)
    session.add(AuditHead(day=day, position=end.position, hash=end.hash, published_at=now))
    # In the log too: it is kept elsewhere, by others.
    log.info("audit.head", day=day.isoformat(), position=end.position, head=end.hash)


def _waiting(session: Session, after: int) -> Sequence[sa.RowMapping]:
    """Return entries that are not sealed yet; once a day, before the head is published, all ids are looked through."""
    query = sa.select(ENTRY).outerjoin(SEAL, SEAL.c.entry_id == ENTRY.c.id).where(SEAL.c.entry_id.is_(None))
    return session.execute(query.where(ENTRY.c.id > after).order_by(ENTRY.c.id).limit(AT_ONCE)).mappings().all()


def _sealed(session: Session) -> Iterator[sa.RowMapping]:
    after = 0
    query = sa.select(SEAL.c.position, SEAL.c.entry_id, SEAL.c.hash, *ENTRY.c).outerjoin(
        ENTRY, ENTRY.c.id == SEAL.c.entry_id
    )
    while True:
        rows = session.execute(
            query.where(SEAL.c.position > after).order_by(SEAL.c.position).limit(AT_ONCE)
        ).mappings().all()  # fmt: skip
        yield from rows
        if len(rows) < AT_ONCE:
            return
        after = rows[-1]["position"]


def _entry_of(row: sa.RowMapping) -> dict[str, Any]:
    return {column.name: row[column.name] for column in ENTRY.c}


def _plain(value: Any) -> Any:
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds") if isinstance(value, dt.datetime) else value
