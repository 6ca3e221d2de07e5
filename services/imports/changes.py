"""What a batch made or changed, with the old values, so that it can be taken back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, ImportChange, table_of
from services.imports.batches import OLD
from services.outbox import insert_once
from services.vault import Vault

AT_ONCE = 2_000


def made(session: Session, batch: ImportBatch, kind: str, ids: Iterable[int]) -> None:
    """Write down rows that the batch made."""
    _write(session, batch, [(kind, one, None) for one in ids])


def changed(
    session: Session, batch: ImportBatch, kind: str, rows: Iterable[tuple[int, Mapping[str, Any]]], vault: Vault
) -> None:
    """Write down rows that the batch is about to change, with what is to be known for taking that back.

    The first old values stay: of a person who is changed twice, those from before the batch.
    """
    sealed = [(kind, one, vault.seal(orjson.dumps(dict(values)).decode(), OLD)) for one, values in rows]
    _write(session, batch, sealed)


def opened(sealed: bytes, vault: Vault) -> dict[str, Any]:
    """Open the old values of a row."""
    values: dict[str, Any] = orjson.loads(vault.open(sealed, OLD))
    return values


def of_kind(batch_id: int, kind: str, *, is_new: bool) -> sa.Select[int]:
    """Return a query for the ids of what a batch made or changed."""
    return sa.select(ImportChange.subject_id).where(
        ImportChange.batch_id == batch_id, ImportChange.subject_kind == kind, ImportChange.is_new.is_(is_new)
    )


def _write(session: Session, batch: ImportBatch, rows: Sequence[tuple[str, int, bytes | None]]) -> None:
    statement = insert_once(session, table_of(ImportChange))
    for start in range(0, len(rows), AT_ONCE):
        session.execute(
            statement,
            [
                {
                    "batch_id": batch.id,
                    "neighborhood_id": batch.neighborhood_id,
                    "subject_kind": kind,
                    "subject_id": subject_id,
                    "is_new": old is None,
                    "old_sealed": old,
                }
                for kind, subject_id, old in rows[start : start + AT_ONCE]
            ],
        )
