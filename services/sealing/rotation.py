"""New keys for old values, beside people who work: a few hundred rows at a time, and nobody's change is lost.

A row is written only while it still is what was read.  Rows that somebody else holds are left for the next pass, so a batch
waits for nobody and can deadlock with nobody.  What has come under the new key is passed over: a run that broke off is
simply started again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import Session

from services.sealing.columns import SEALED, Hashed, Sealed, column_at
from services.sealing.usage import sealed_with
from services.vault import KeyGone, Vault

AT_ONCE = 500
"""Rows in one transaction: some hundredths of a second, for which others who want to write these rows wait."""

Key = tuple[Any, ...]
"""A primary key."""


@dataclass(frozen=True)
class Step:
    """What one batch did."""

    changed: int
    left: int
    """Rows that should have been changed, but somebody else held or changed them meanwhile."""
    last: Key | None
    """The last row that was read: where the next batch begins.  Nothing: the pass is over."""
    broken: tuple[Key, ...] = ()
    """Rows whose value does not open: its key is missing, or somebody has changed the bytes.  They stay as they are."""


def reseal(session: Session, one: Sealed, *, vault: Vault, after: Key | None, limit: int = AT_ONCE) -> Step:
    """Seal the next values of a column with the current key that were sealed with another one."""

    def renew(value: bytes) -> bytes:
        return vault.seal(vault.open(value, one.label), one.label)

    where = sa.and_(one.column.is_not(None), sa.not_(sealed_with(one, vault.current_id)))
    return _change(session, _Change(one.column, one.column, where, renew), after=after, limit=limit)


def rehash(session: Session, one: Hashed, *, vault: Vault, after: Key | None, limit: int = AT_ONCE) -> Step:
    """Make the next hashes of a column with the first lookup key, each from the sealed value beside it."""
    label = next(place.label for place in SEALED if place.where == one.sealed)

    def renew(value: bytes) -> str:
        return vault.fingerprint(vault.open(value, label), one.label)

    sealed = column_at(one.sealed)
    return _change(session, _Change(sealed, one.column, sealed.is_not(None), renew), after=after, limit=limit)


@dataclass(frozen=True)
class _Change:
    """From which column of a row another one is made anew."""

    source: sa.Column[Any]
    target: sa.Column[Any]
    where: sa.ColumnElement[bool]
    renew: Callable[[bytes], Any]


def _change(session: Session, change: _Change, *, after: Key | None, limit: int) -> Step:
    key = _key_of(change)
    query = sa.select(*key, change.source.label("made_from"), change.target.label("was")).where(change.where)
    if after is not None:
        begin = [sa.literal(value, column.type) for column, value in zip(key, after, strict=True)]
        query = query.where(sa.tuple_(*key) > sa.tuple_(*begin))
    renewed: list[dict[str, Any]] = []
    broken: list[Key] = []
    last: Key | None = None
    for row in session.execute(query.order_by(*key).limit(limit)):
        *own, made_from, was = row
        last = tuple(own)
        try:
            new = change.renew(made_from)
        except (KeyGone, InvalidTag):
            broken.append(last)
            continue
        if new != was:
            named = {f"key_{number}": value for number, value in enumerate(own)}
            renewed.append({**named, "made_from": made_from, "was": was, "new": new})
    changed = _write(session, change, renewed) if renewed else 0
    return Step(changed, len(renewed) - changed, last, tuple(broken))


def _write(session: Session, change: _Change, rows: list[dict[str, Any]]) -> int:
    """Write the new values where the old ones still stand and nobody else holds the row; return how many."""
    key, table = _key_of(change), change.target.table
    made_from = sa.bindparam("made_from", type_=change.source.type)
    was = sa.bindparam("was", type_=change.target.type)
    free = (
        sa.select(*key)
        .where(*(column == sa.bindparam(f"key_{number}", type_=column.type) for number, column in enumerate(key)))
        .where(change.source == made_from, change.target.is_not_distinct_from(was))
        # Weaker than FOR UPDATE: rows that point to this one may come in meanwhile.
        .with_for_update(skip_locked=True, key_share=True)
        .correlate(None)
    )
    statement = (
        sa.update(table)
        .where(sa.tuple_(*key).in_(free))
        .values({change.target.name: sa.bindparam("new", type_=change.target.type)})
    )
    # On the connection: the session would take rows with names for entities.
    return cast("sa.CursorResult[Any]", session.connection().execute(statement, rows)).rowcount


def _key_of(change: _Change) -> list[sa.Column[Any]]:
    return list(change.target.table.primary_key.columns)
