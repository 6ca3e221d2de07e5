"""Answers to requests that may come twice: the same key with the same body gives the same answer."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import IdempotencyKey, table_of
from services.errors import KeyReused
from services.prepared import Prepared
from services.vault import Vault

KEY = table_of(IdempotencyKey)
STORE = Prepared(sa.insert(KEY))
LABEL = "idempotency.request"


@dataclass(frozen=True)
class StoredAnswer:
    """What was answered the first time."""

    status: int
    body: bytes
    """Sealed."""


def request_hashes(vault: Vault, method: str, path: str, body: bytes) -> list[str]:
    """Return what makes two requests the same, keyed: a phone or a name in a short body could be tried out otherwise.

    The first is written; more than one while the lookup key is changed.
    """
    digest = hashlib.sha256(b"\n".join([method.encode(), path.encode(), body])).hexdigest()
    return vault.fingerprints(digest, LABEL)


def find(session: Session, *, person_id: int, key: str, requests: Sequence[str]) -> StoredAnswer | None:
    """Return the stored answer to a key.  Raises ``KeyReused`` when it came with a request of none of these hashes."""
    row = session.execute(sa.select(KEY).where(KEY.c.person_id == person_id, KEY.c.key == key)).one_or_none()
    if row is None:
        return None
    if row.request_hash not in requests:
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
