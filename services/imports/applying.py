"""Writing what a dry run has planned.

First the persons, in steps of their own transactions: sealing names and phones is what takes long, progress is seen, and
nobody finds a person who has no home and no office.  Then *everything else in one transaction*: units, homes, areas,
residencies, changes, and the batch's new state.  A crash before the end of that leaves nothing of the batch in the
register; whoever takes the batch over goes on where the persons stopped.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, ImportPerson, ImportRow, Person, ResidencyKind, RowOutcome, table_of
from services import audit, bulk_rows, inbox, search_keys
from services.bulk_ids import new_ids
from services.clocks import SHANGHAI
from services.errors import Conflict
from services.imports import home_writing, person_writing
from services.imports.batches import PLAN
from services.imports.moves import Action, move
from services.imports.plans import PersonPlan, RowPlan
from services.imports.registered import Places, parts
from services.masking import mask_name, mask_phone
from services.residencies import bulk
from services.residencies.shares import Share
from services.vault import Vault

STEP = 1_000
"""Rows whose persons are written in one transaction."""
AT_ONCE = 2_500
"""Rows written by one round of statements at the end."""
KNOWN = "person:"
NOTHING: dict[str, Any] = {}
"""What rows without changes share."""
STALE = "检查以后，有人改过这里的房屋或者住户。请重新检查一次，再导入。"
TAKEN = (RowOutcome.NEW, RowOutcome.CHANGED)


class Member(NamedTuple):
    """What a row makes of somebody."""

    person_id: int
    kind: ResidencyKind
    share: Share | None


class PlannedRow(NamedTuple):
    """A row that is to be written.  Some 400 bytes each, for those of a whole batch are held at once."""

    plan: RowPlan
    """Without its people where they are ``members`` already."""
    members: tuple[Member, ...]


def source_of(batch: ImportBatch) -> str:
    """Return what stands in the residencies of a batch."""
    return f"import:{batch.id}"


class NewPerson(NamedTuple):
    """Somebody ready to be written: the columns of ``person`` but its id, and the search keys with their kinds."""

    values: dict[str, Any]
    keys: list[tuple[int, str]]


class Planned(NamedTuple):
    """What a step has got ready."""

    rows: int
    plans: list[tuple[int, RowPlan]]
    """By the ids of their rows."""
    people: dict[str, NewPerson]
    """By their keys; some may be written already."""


class People:
    """Writes the persons of a batch, step by step, and gets ready what the last transaction writes.

    ``prepare`` opens and seals and only reads, so that it may run while the step before is written.

    SQLite's only writer is kept by that transaction: opening and reading plans is done before it, so that it only writes.
    Rows that change somebody or some home that is there are few; those it opens itself.
    """

    def __init__(self, session: Session, batch: ImportBatch, *, vault: Vault) -> None:
        self.ready: list[PlannedRow] = []
        self.later: list[int] = []
        """Ids of rows that change what is there."""
        self._texts: dict[str, str] = {}
        self._vault = vault
        self._keys = search_keys.KeyMaker(vault)
        self._batch_id = batch.id
        self._last_id = 0
        self._seen: set[int] = set()
        """Hashes of the keys of persons that were written."""
        self._goes_on = _has_people(session, batch.id)
        batch.rows_done = 0

    def prepare(self, session: Session) -> Planned | None:
        """Open the next rows and seal their persons; nothing when there are no more.  Writes nothing."""
        rows = session.execute(
            sa.select(ImportRow.id, ImportRow.outcome, ImportRow.plan_sealed)
            .where(ImportRow.batch_id == self._batch_id, ImportRow.id > self._last_id)
            .order_by(ImportRow.id)
            .limit(STEP)
        ).all()
        if not rows:
            self._keys = search_keys.KeyMaker(self._vault)  # it remembers very many, and the rest needs the room
            return None
        self._last_id = rows[-1].id
        plans = [(row.id, open_plan(row.plan_sealed, self._vault)) for row in rows if row.outcome in TAKEN]
        wanted = {one.key: one for _, plan in plans for one in plan.people if not one.key.startswith(KNOWN)}
        return Planned(len(rows), plans, {key: self._new(one) for key, one in wanted.items()})

    def _new(self, one: PersonPlan) -> NewPerson:
        return NewPerson(_sealed(one, self._vault), list(self._keys.of(one.name, one.phone)))

    def write(self, session: Session, batch: ImportBatch, planned: Planned, *, now: dt.datetime) -> None:
        """Write the persons that are not there yet."""
        hashes = {hash(key): key for key in planned.people}
        known = planned.people if self._goes_on else [hashes[one] for one in self._seen & hashes.keys()]
        self._seen |= hashes.keys()
        ids = _written(session, batch.id, known)
        ids |= _write(session, batch, {key: one for key, one in planned.people.items() if key not in ids}, now)
        for row_id, plan in planned.plans:
            if plan.home_id is not None or any(one.changes for one in plan.people):
                self.later.append(row_id)
            else:
                self.ready.append(self._slim(plan, ids))
        batch.rows_done = min(batch.rows_done + planned.rows, batch.rows_total)

    def _slim(self, plan: RowPlan, ids: Mapping[str, int]) -> PlannedRow:
        """Keep the ids of people instead of them, and each text that comes again only once."""
        row = _planned(plan, ids)
        plan.people, plan.changes = [], NOTHING
        plan.building, plan.room = self._once(plan.building), self._once(plan.room)
        plan.stairwell = self._once(plan.stairwell) if plan.stairwell else None
        return row

    def _once(self, text: str) -> str:
        return self._texts.setdefault(text, text)


def _write(session: Session, batch: ImportBatch, people: Mapping[str, NewPerson], now: dt.datetime) -> dict[str, int]:
    """Write persons; return their ids by key."""
    ids = dict(zip(people, new_ids(session, "person", len(people)), strict=True))
    bulk_rows.insert(
        session,
        table_of(Person),
        [{"id": ids[key], "created_at": now, **one.values} for key, one in people.items()],
    )
    bulk_rows.insert(
        session,
        table_of(ImportPerson),
        [
            {
                "batch_id": batch.id,
                "key": key,
                "neighborhood_id": batch.neighborhood_id,
                "person_id": person_id,
                "is_new": True,
            }
            for key, person_id in ids.items()
        ],
    )
    rows = [(search_key, ids[key], kind) for key, one in people.items() for search_key, kind in one.keys]
    search_keys.insert(session.connection(), rows)
    return ids


def finish(
    session: Session,
    batch: ImportBatch,
    people: People,
    *,
    vault: Vault,
    now: dt.datetime,
    progress: Callable[[int], None],
) -> None:
    """Write everything else, in the caller's one transaction; ``people`` has gone through all its steps.

    ``progress`` hears how many rows were written; the database shows it only with the rest.  Raises ``Conflict`` when the
    register is not as the dry run found it.
    """
    places = Places(session, batch.neighborhood_id)
    written: Counter[str] = Counter()
    today = now.astimezone(SHANGHAI).date()
    homes = home_writing.Homes(session, batch, places, vault, now, today)
    settled: dict[tuple[int, int], bulk.Row] = {}
    for rows in _chunks(session, batch, people, vault):
        written.update(homes.write(rows))
        written.update(person_writing.change(session, batch, [row.plan for row in rows], vault=vault, now=now))
        _gather(settled, places, rows, now)
        progress(len(rows))
    written.update(_settle(session, batch, list(settled.values()), homes.made, now))
    batch.counts = {**batch.counts, "written": dict(written)}
    move(batch, Action.FINISH_APPLY)
    batch.applied_at, batch.leased_until = now, None
    batch.rows_done = batch.rows_total
    session.flush()
    audit.note_on(session, None, batch, "import.applied", now, dict(written))
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


def _chunks(session: Session, batch: ImportBatch, people: People, vault: Vault) -> Iterator[Sequence[PlannedRow]]:
    yield from parts(people.ready, AT_ONCE)
    for some in parts(people.later, AT_ONCE):
        rows = session.execute(sa.select(ImportRow.plan_sealed).where(ImportRow.id.in_(some)).order_by(ImportRow.id))
        plans = [open_plan(row.plan_sealed, vault) for row in rows]
        keys = {one.key for plan in plans for one in plan.people if not one.key.startswith(KNOWN)}
        ids = _written(session, batch.id, keys)
        yield [_planned(plan, ids) for plan in plans]


def _planned(plan: RowPlan, ids: Mapping[str, int]) -> PlannedRow:
    members = tuple(
        Member(int(one.key.removeprefix(KNOWN)) if one.key.startswith(KNOWN) else ids[one.key], one.kind, one.share)
        for one in plan.people
    )
    return PlannedRow(plan, members)


def _gather(
    settled: dict[tuple[int, int], bulk.Row], places: Places, rows: Sequence[PlannedRow], now: dt.datetime
) -> None:
    """Collect who lives in and owns the homes."""
    for row in rows:
        since = now
        if row.plan.since is not None:
            since = dt.datetime.combine(row.plan.since, dt.time(), SHANGHAI)
        home_id = places.homes[row.plan.code]
        for person_id, kind, share in row.members:
            settled.setdefault((home_id, person_id), bulk.Row(home_id, person_id, kind, since, share))


def _settle(
    session: Session, batch: ImportBatch, rows: Sequence[bulk.Row], made: Container[int], now: dt.datetime
) -> dict[str, int]:
    """Write who lives in and owns the homes, with the rights that go with it: all at once, for a few statements suffice."""
    heads = Counter(row.home_id for row in rows)
    # In a home that this batch made, one person contradicts nobody.
    if bulk.contradictions(session, [row for row in rows if row.home_id not in made or heads[row.home_id] > 1]):
        raise Conflict(STALE, code="import_stale")
    done = bulk.settle(
        session,
        neighborhood_id=batch.neighborhood_id,
        rows=rows,
        source=source_of(batch),
        actor=None,
        now=now,
    )
    return {"residencies": done.residencies, "rights": done.rights}


def _has_people(session: Session, batch_id: int) -> bool:
    """Whether a worker before this one has written persons of the batch."""
    return bool(session.scalar(sa.select(sa.exists().where(ImportPerson.batch_id == batch_id))))


def _written(session: Session, batch_id: int, keys: Collection[str]) -> dict[str, int]:
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


def _sealed(one: PersonPlan, vault: Vault) -> dict[str, Any]:
    return {
        "name_sealed": vault.seal(one.name, "person.name"),
        "name_masked": mask_name(one.name),
        "phone_sealed": vault.seal(one.phone, "person.phone") if one.phone else None,
        "phone_masked": mask_phone(one.phone) if one.phone else None,
        "phone_hash": vault.fingerprint(one.phone, "person.phone") if one.phone else None,
        **person_writing.id_values(one.id_number, vault),
    }
