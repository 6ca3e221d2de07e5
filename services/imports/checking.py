"""The dry run: every row understood and compared, nothing of the register changed.

``Check`` goes through a batch in steps, each written in a transaction of its own, so that progress is seen and nobody
waits for the writer's lock.  ``prepare`` only reads, so that it may run while the step before is written.  What ``Check``
remembers between steps lives in the process: if that dies, another one begins from the first row.  ``end`` brings the batch
to *checked*.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, ImportRow, RowOutcome, table_of
from services import audit, bulk_rows
from services.clocks import SHANGHAI
from services.imports import registered
from services.imports.batches import PLAN, columns_of, line_of, titles_of
from services.imports.comparing import Around, Comparison, Late
from services.imports.moves import Action, move
from services.imports.plans import RowPlan
from services.imports.problems import SAID, Code, Problem
from services.imports.registered import Places
from services.imports.rows import Reader
from services.vault import Vault

STEP = 1_000
"""Rows in one transaction: well below a second."""
BUILDINGS_MOST = 200
"""Unknown buildings that are listed by name; more are a column that was chosen wrongly."""


@dataclass
class _Row:
    id: int
    sheet: int
    line: int
    plan: RowPlan | None
    problems: list[Problem]


@dataclass(frozen=True)
class Looked:
    """What a step found, to be written."""

    updates: list[dict[str, Any]]

    @property
    def rows(self) -> int:
        """How many rows that were."""
        return len(self.updates)


class Check:
    """One dry run of one batch."""

    def __init__(self, session: Session, batch: ImportBatch, *, vault: Vault, now: dt.datetime) -> None:
        self._vault = vault
        self._batch_id, self._neighborhood_id = batch.id, batch.neighborhood_id
        self._places = Places(session, batch.neighborhood_id)
        options: Mapping[str, Any] = batch.options
        self._comparison = Comparison(batch.id, self._places, vault, new_buildings=options["new_buildings"])
        today = now.astimezone(SHANGHAI).date()
        self._readers = {
            at: Reader(
                columns_of(sheet),
                titles_of(sheet),
                book=self._places.book,
                numbered=self._places.numbered,
                today=today,
                keep_ids=options["keep_id_numbers"],
                sheet_name=sheet["name"],
            )
            for at, sheet in enumerate(batch.layout["sheets"])
            if sheet["use"]
        }
        self._last_id = 0
        self._outcomes: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        batch.rows_done = 0

    def prepare(self, session: Session) -> Looked | None:
        """Look at the next rows; nothing when there are no more.  Writes nothing."""
        rows = self._next(session)
        if not rows:
            return None
        plans = [row.plan for row in rows if row.plan is not None]
        around = self._around(session, plans)
        self._last_id = rows[-1].id
        return Looked([self._look(row, around) for row in rows])

    def write(self, session: Session, batch: ImportBatch, looked: Looked, *, now: dt.datetime) -> None:  # noqa: ARG002 - as of all steps
        """Write down what was found of rows."""
        bulk_rows.update(session, table_of(ImportRow), looked.updates)
        batch.rows_done = min(batch.rows_done + looked.rows, batch.rows_total)

    def _next(self, session: Session) -> list[_Row]:
        found = session.execute(
            sa.select(ImportRow.id, ImportRow.sheet, ImportRow.line, ImportRow.cells_sealed)
            .where(ImportRow.batch_id == self._batch_id, ImportRow.id > self._last_id)
            .order_by(ImportRow.id)
            .limit(STEP)
        )
        rows = []
        for one in found:
            reader = self._readers.get(one.sheet)
            plan, problems = reader.read(line_of(one, self._vault)) if reader else (None, [])
            rows.append(_Row(one.id, one.sheet, one.line, plan, problems))
        return rows

    def _around(self, session: Session, plans: Sequence[RowPlan]) -> Around:
        there = {self._places.homes[plan.code] for plan in plans if plan.code in self._places.homes}
        phones = {person.phone for plan in plans for person in plan.people if person.phone}
        return Around(
            registered.homes(session, there, self._vault),
            registered.people_by_phone(
                session, neighborhood_id=self._neighborhood_id, phones=phones, vault=self._vault
            ),
        )

    def _look(self, row: _Row, around: Around) -> dict[str, Any]:
        outcome: RowOutcome | None = None
        if row.plan is not None:
            outcome = self._comparison.look(row.id, row.line, row.plan, row.problems, around)
        elif row.problems:
            outcome = RowOutcome.ERROR
        self._outcomes[outcome.value if outcome else "skipped"] += 1
        self._told.update({problem.code.value for problem in row.problems})
        plan = row.plan.kept() if row.plan is not None else None
        return {
            "id": row.id,
            "plan_sealed": self._vault.seal(plan, PLAN) if plan else None,
            "outcome": outcome,
            "problems": {"list": [problem.kept() for problem in row.problems]} if row.problems else {},
        }

    def end(self, session: Session, batch: ImportBatch, *, now: dt.datetime) -> None:
        """Bring the batch to *checked* when all rows are written."""
        for late in self._comparison.late:
            self._tell_late(session, late)
        unknown = sorted(self._comparison.buildings.items())
        batch.counts = {
            **{outcome.value: self._outcomes[outcome.value] for outcome in RowOutcome},
            "skipped": self._outcomes["skipped"],
            "problems": dict(sorted(self._told.items(), key=lambda one: (-SAID[Code(one[0])][0], -one[1]))),
            "buildings": [{"name": name, "rows": rows} for name, rows in unknown[:BUILDINGS_MOST]],
        }
        batch.rows_done = batch.rows_total
        move(batch, Action.FINISH_CHECK)
        batch.leased_until = None
        audit.note_on(
            session, None, batch, "import.checked", now, {one.value: batch.counts[one.value] for one in RowOutcome}
        )

    def _tell_late(self, session: Session, late: Late) -> None:
        """Put a problem to a row that was thought to be in order before its contradiction came."""
        row = session.get_one(ImportRow, late.row_id)
        kept = late.problem.kept()
        told = row.problems.get("list", [])
        if kept in told:
            return
        if row.outcome not in {RowOutcome.CONFLICT, RowOutcome.ERROR}:
            self._outcomes[row.outcome.value if row.outcome else "skipped"] -= 1
            self._outcomes[RowOutcome.CONFLICT.value] += 1
            row.outcome = RowOutcome.CONFLICT
        row.problems = {"list": [*told, kept]}
