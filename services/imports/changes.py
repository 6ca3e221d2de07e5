"""What a batch made or changed, with the old values, so that it can be taken back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, ImportChange, table_of
from services.imports.batches import OLD
from services.imports.registered import parts
from services.outbox import insert_once
from services.vault import Vault

AT_ONCE = 2_000
_MADE = (
    "insert into import_change (batch_id, neighborhood_id, subject_kind, subject_id, is_new) "
    "select cast(:batch as bigint), cast(:neighborhood as bigint), cast(:kind as text), cast(one.value as bigint), true "
    "from {} where true on conflict do nothing"
)
MADE = {
    "postgresql": sa.text(_MADE.format("json_array_elements_text(cast(:ids as json)) as one(value)")),
    "sqlite": sa.text(_MADE.format("json_each(:ids) as one")),
}


def made(session: Session, batch: ImportBatch, kind: str, ids: Iterable[int]) -> None:
    """Write down rows that the batch made: the database takes the list apart."""
    statement = MADE[session.get_bind().dialect.name]
    for some in parts(list(ids), AT_ONCE):
        given = {"batch": batch.id, "neighborhood": batch.neighborhood_id, "kind": kind}
        session.execute(statement, {**given, "ids": orjson.dumps(some).decode()})


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
