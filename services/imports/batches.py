"""A batch after its upload (``intake``): confirming its columns, having it written, dropping it; reading what it keeps."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, ImportRow, RowOutcome
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.imports.fields import FIELD_NAMES, ONCE, Field
from services.imports.moves import Action, move
from services.imports.remembered import remember
from services.imports.sheets import Line
from services.vault import Vault

CELLS, PLAN, OLD = "import.cells", "import.plan", "import.old"
MISSING = "没有找到这次导入，或者它不归您管。请从导入列表里点开。"


@dataclass(frozen=True)
class Options:
    """What the person decides together with the columns."""

    new_buildings: bool = False
    """Make buildings that are not there yet; otherwise their rows are errors."""
    keep_id_numbers: bool = False
    """Take the numbers of identity cards, too; registering homes does not need them."""


def batch_for(session: Session, actor: Actor | None, batch_id: int, *, change: bool = False) -> ImportBatch:
    """Return a batch of a neighborhood at or below the actor's node; no actor is the operator's command line.

    Raises ``NotFound``.
    """
    batch = access.row_below(session, actor, ImportBatch, batch_id, change=change)
    if batch is None:
        raise NotFound(MISSING, code="import_not_found")
    return batch


def confirm(
    session: Session,
    *,
    actor: Actor | None,
    batch_id: int,
    columns: Mapping[tuple[int, int], Field],
    left_out: Iterable[int],
    options: Options,
    now: dt.datetime,
) -> ImportBatch:
    """Say what the columns are, and have the batch checked.  What is not said stays as it was guessed.

    ``columns`` goes by sheet and column, from 0; ``left_out`` are sheets that are not to be imported.  The headings are
    remembered for the next workbook of the neighborhood.
    """
    batch = batch_for(session, actor, batch_id, change=True)
    move(batch, Action.CONFIRM)
    sheets = [
        {
            **sheet,
            "use": sheet["rows"] > 0 and at not in set(left_out),
            "columns": [
                {**one, "field": str(columns.get((at, one["at"]), Field(one["field"])).value)}
                for one in sheet["columns"]
            ],
        }
        for at, sheet in enumerate(batch.layout["sheets"])
    ]
    _check_columns(sheets, columns)
    batch.layout = {"sheets": sheets}
    batch.options = {"new_buildings": options.new_buildings, "keep_id_numbers": options.keep_id_numbers}
    batch.counts, batch.rows_done, batch.leased_until, batch.failed_why = {}, 0, None, None
    remember(session, batch, now)
    audit.note_on(session, actor, batch, "import.confirmed", now, dict(batch.options))
    return batch


def start_apply(session: Session, *, actor: Actor | None, batch_id: int, now: dt.datetime) -> ImportBatch:
    """Have a checked batch written.  Raises ``Conflict`` when there is nothing to write."""
    batch = batch_for(session, actor, batch_id, change=True)
    move(batch, Action.APPLY)
    if not batch.counts.get(RowOutcome.NEW.value, 0) + batch.counts.get(RowOutcome.CHANGED.value, 0):
        raise Conflict(
            "没有可以导入的行：要么都有问题，要么系统里已经一样了。", code="nothing_to_import", state="checked"
        )
    batch.rows_done, batch.leased_until = 0, None
    audit.note_on(session, actor, batch, "import.apply_asked", now, {})
    return batch


def discard(session: Session, *, actor: Actor | None, batch_id: int, now: dt.datetime) -> ImportBatch:
    """Drop a batch that was not applied; its rows are forgotten."""
    batch = batch_for(session, actor, batch_id, change=True)
    move(batch, Action.DISCARD)
    batch.failed_why = None
    session.flush()
    session.execute(sa.delete(ImportRow).where(ImportRow.batch_id == batch.id))
    audit.note_on(session, actor, batch, "import.discarded", now, {})
    return batch


def columns_of(sheet: Mapping[str, Any]) -> dict[Field, int]:
    """Return which column of a sheet is which field."""
    return {Field(one["field"]): one["at"] for one in sheet["columns"] if one["field"] != Field.IGNORE}


def titles_of(sheet: Mapping[str, Any]) -> dict[int, str]:
    """Return the headings of a sheet by column."""
    return {one["at"]: one["title"] for one in sheet["columns"]}


def line_of(row: Any, vault: Vault) -> Line:
    """Open a kept row."""
    kept = orjson.loads(vault.open(row.cells_sealed, CELLS))
    return Line(row.line, tuple(kept["cells"]), frozenset(kept["merged"]), frozenset(kept["broken"]))


def _check_columns(sheets: Sequence[Mapping[str, Any]], given: Mapping[tuple[int, int], Field]) -> None:
    """Raise ``InvalidInput`` unless every sheet that is used can name homes, and no field is two columns."""
    there = {(at, one["at"]) for at, sheet in enumerate(sheets) for one in sheet["columns"]}
    if not given.keys() <= there:
        raise InvalidInput("表里没有这一列。请刷新页面，再核对一遍。", code="column_unknown")
    used = [sheet for sheet in sheets if sheet["use"]]
    if not used:
        raise InvalidInput("没有选要导入的工作表。请至少选一个。", code="no_sheet")
    for sheet in used:
        fields = [Field(one["field"]) for one in sheet["columns"]]
        twice = next((one for one in ONCE if fields.count(one) > 1), None)
        if twice is not None:
            raise InvalidInput(
                f"工作表“{sheet['name']}”里有两列都选了“{FIELD_NAMES[twice]}”。请只留一列，另一列选“不导入”。",
                code="column_twice",
            )
        if not {Field.ADDRESS, Field.ROOM} & set(fields):
            raise InvalidInput(
                f"工作表“{sheet['name']}”里看不出是哪套房子。请选出“房号”那一列，或者“地址”那一列。",
                code="place_missing",
            )
