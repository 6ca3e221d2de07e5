"""Writing what a dry run has planned.

First the persons, in steps of their own transactions: sealing names and phones is what takes long, progress is seen, and
nobody finds a person who has no home and no office.  Then *everything else in one transaction*: units, homes, areas,
residencies, changes, and the batch's new state.  A crash before the end of that leaves nothing of the batch in the
register; whoever takes the batch over goes on where the persons stopped.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, ImportPerson, ImportRow, Person, RowOutcome, table_of
from services import inbox, search_keys
from services.bulk_ids import new_ids
from services.clocks import SHANGHAI
from services.errors import Conflict
from services.imports import home_writing, person_writing
from services.imports.batches import PLAN, Action, move, note
from services.imports.registered import Places
from services.imports.rows import PersonPlan, RowPlan
from services.masking import mask_name, mask_phone
from services.residencies import bulk
from services.vault import Vault

STEP = 1_000
"""Rows whose persons are written in one transaction."""
AT_ONCE = 2_500
"""Rows written by one round of statements at the end."""
KNOWN = "person:"
STALE = "检查以后，有人改过这里的房屋或者住户。请重新检查一次，再导入。"
TAKEN = (RowOutcome.NEW, RowOutcome.CHANGED)


class PlannedRow(NamedTuple):
    """A row that is to be written."""

    id: int
    line: int
    plan: RowPlan


def source_of(batch: ImportBatch) -> str:
    """Return what stands in the residencies of a batch."""
    return f"import:{batch.id}"


class People:
    """Writes the persons of a batch, step by step."""

    def __init__(self, batch: ImportBatch, *, vault: Vault) -> None:
        self._vault = vault
        self._keys = search_keys.KeyMaker(vault)
        self._last_id = 0
        batch.rows_done = 0

    def step(self, session: Session, batch: ImportBatch, *, now: dt.datetime) -> bool:
        """Write the persons of the next rows; return whether there may be more."""
        rows = session.execute(
            sa.select(ImportRow.id, ImportRow.outcome, ImportRow.plan_sealed)
            .where(ImportRow.batch_id == batch.id, ImportRow.id > self._last_id)
            .order_by(ImportRow.id)
            .limit(STEP)
        ).all()
        if not rows:
            return False
        plans = [open_plan(row.plan_sealed, self._vault) for row in rows if row.outcome in TAKEN]
        wanted = {one.key: one for plan in plans for one in plan.people if not one.key.startswith(KNOWN)}
        there = _written(session, batch.id, wanted)
        self._write(session, batch, [one for key, one in wanted.items() if key not in there], now)
        self._last_id = rows[-1].id
        batch.rows_done = min(batch.rows_done + len(rows), batch.rows_total)
        return True

    def _write(self, session: Session, batch: ImportBatch, people: Sequence[PersonPlan], now: dt.datetime) -> None:
        if not people:
            return
        ids = new_ids(session, "person", len(people))
        session.execute(
            sa.insert(table_of(Person)),
            [{"id": person_id, **_sealed(one, self._vault, now)} for one, person_id in zip(people, ids, strict=True)],
        )
        session.execute(
            sa.insert(table_of(ImportPerson)),
            [
                {
                    "batch_id": batch.id,
                    "key": one.key,
                    "neighborhood_id": batch.neighborhood_id,
                    "person_id": person_id,
                    "is_new": True,
                }
                for one, person_id in zip(people, ids, strict=True)
            ],
        )
        rows = [
            row
            for one, person_id in zip(people, ids, strict=True)
            for row in self._keys.rows(person_id, one.name, one.phone)
        ]
        search_keys.insert(session.connection(), rows)


def finish(
    session: Session, batch: ImportBatch, *, vault: Vault, now: dt.datetime, progress: Callable[[int], None]
) -> None:
    """Write everything else, in the caller's one transaction.

    ``progress`` hears how many rows were written; the database shows it only with the rest.  Raises ``Conflict`` when the
    register is not as the dry run found it.
    """
    places = Places(session, batch.neighborhood_id)
    written: Counter[str] = Counter()
    today = now.astimezone(SHANGHAI).date()
    homes = home_writing.Homes(session, batch, places, vault, now, today)
    for rows in _chunks(session, batch, vault):
        written.update(homes.write(rows))
        written.update(person_writing.change(session, batch, [row.plan for row in rows], vault=vault, now=now))
        written.update(_settle(session, batch, places, rows, now))
        progress(len(rows))
    batch.counts = {**batch.counts, "written": dict(written)}
    move(batch, Action.FINISH_APPLY)
    batch.applied_at, batch.leased_until = now, None
    batch.rows_done = batch.rows_total
    session.flush()
    note(session, None, batch, "import.applied", now, dict(written))
    if batch.uploaded_by_id is not None:
        inbox.put(
            session,
            person_id=batch.uploaded_by_id,
            neighborhood_id=batch.neighborhood_id,
            title="表格导入完了",
            body=f"新增房屋{written['homes']}套，住户{written['residencies']}人。请打开看一看；导错了可以整批撤销。",
            dedupe_key=f"import:{batch.id}:applied",
            page=f"/imports/{batch.id}",
            now=now,
        )


def open_plan(sealed: bytes, vault: Vault) -> RowPlan:
    """Open what the dry run has planned for a row."""
    return RowPlan.of(orjson.loads(vault.open(sealed, PLAN)))


def _chunks(session: Session, batch: ImportBatch, vault: Vault) -> Iterator[list[PlannedRow]]:
    last_id = 0
    while True:
        rows = session.execute(
            sa.select(ImportRow.id, ImportRow.line, ImportRow.plan_sealed)
            .where(ImportRow.batch_id == batch.id, ImportRow.id > last_id, ImportRow.outcome.in_(TAKEN))
            .order_by(ImportRow.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        last_id = rows[-1].id
        yield [PlannedRow(row.id, row.line, open_plan(row.plan_sealed, vault)) for row in rows]


def _settle(
    session: Session, batch: ImportBatch, places: Places, rows: Sequence[PlannedRow], now: dt.datetime
) -> dict[str, int]:
    """Write who lives in and owns the homes, with the rights that go with it."""
    keys = {one.key for row in rows for one in row.plan.people if not one.key.startswith(KNOWN)}
    ids = _written(session, batch.id, keys)
    wanted: dict[tuple[int, int], bulk.Row] = {}
    for row in rows:
        since = now
        if row.plan.since is not None:
            since = dt.datetime.combine(row.plan.since, dt.time(), SHANGHAI)
        for one in row.plan.people:
            person_id = int(one.key.removeprefix(KNOWN)) if one.key.startswith(KNOWN) else ids[one.key]
            home_id = places.homes[row.plan.code]
            wanted.setdefault((home_id, person_id), bulk.Row(home_id, person_id, one.kind, since, one.share))
    settled = list(wanted.values())
    if bulk.contradictions(session, settled):
        raise Conflict(STALE, code="import_stale")
    done = bulk.settle(
        session,
        neighborhood_id=batch.neighborhood_id,
        rows=settled,
        source=source_of(batch),
        actor=None,
        now=now,
    )
    return {"residencies": done.residencies, "rights": done.rights}


def _written(session: Session, batch_id: int, keys: Any) -> dict[str, int]:
    """Return the persons of a batch by their keys."""
    wanted, found = sorted(keys), {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = session.execute(
            sa.select(ImportPerson.key, ImportPerson.person_id).where(
                ImportPerson.batch_id == batch_id, ImportPerson.key.in_(wanted[start : start + AT_ONCE])
            )
        )
        found.update({row.key: row.person_id for row in rows})
    return found


def _sealed(one: PersonPlan, vault: Vault, now: dt.datetime) -> dict[str, Any]:
    return {
        "name_sealed": vault.seal(one.name, "person.name"),
        "name_masked": mask_name(one.name),
        "phone_sealed": vault.seal(one.phone, "person.phone") if one.phone else None,
        "phone_masked": mask_phone(one.phone) if one.phone else None,
        "phone_hash": vault.fingerprint(one.phone, "person.phone") if one.phone else None,
        **person_writing.id_values(one.id_number, vault),
        "created_at": now,
    }
