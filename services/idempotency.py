"""Answers to requests that may come twice: the same key with the same body gives the same answer."""

import datetime as dt
import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import IdempotencyKey, table_of
from services.errors import KeyReused
from services.prepared import Prepared

KEY = table_of(IdempotencyKey)
STORE = Prepared(sa.insert(KEY))


@dataclass(frozen=True)
class StoredAnswer:
    """What was answered the first time."""

    status: int
    body: bytes
    """Sealed."""


def request_hash(method: str, path: str, body: bytes) -> str:
    """Return what makes two requests the same."""
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), body])).hexdigest()


def find(session: Session, *, person_id: int, key: str, request: str) -> StoredAnswer | None:
    """Return the stored answer to a key.  Raises ``KeyReused`` when it came with another request."""
    row = session.execute(sa.select(KEY).where(KEY.c.person_id == person_id, KEY.c.key == key)).one_or_none()
    if row is None:
        return None
    if row.request_hash != request:
        raise KeyReused("这次提交的内容和上次不一样。请返回重新填写，再提交一次。")
    return StoredAnswer(row.status, row.answer_sealed)


def store(session: Session, *, person_id: int, key: str, request: str, answer: StoredAnswer, now: dt.datetime) -> None:
    """Keep an answer; a second writer of the same key breaks on the primary key."""
    STORE.rows(
        session.connection(),
        person_id=person_id,
        key=key,
        request_hash=request,
        status=answer.status,
        answer_sealed=answer.body,
        created_at=now,
    )
