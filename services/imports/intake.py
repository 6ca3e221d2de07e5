"""Taking a workbook in: its rows are kept, sealed, and its columns guessed."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy.orm import Session

from models import ImportBatch, ImportRow, ImportState, table_of
from services import access, audit, bulk_rows
from services.actors import Actor
from services.errors import InvalidInput, NotFound
from services.imports import limits
from services.imports.batches import CELLS
from services.imports.fields import Field
from services.imports.headings import Heading, heading_of
from services.imports.remembered import recall
from services.imports.sheets import Line, Sheet
from services.vault import Vault

AT_ONCE = 1_000
"""Rows in one statement."""
NAME_MOST = 128


def take_in(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int,
    file_name: str,
    content: bytes,
    sheets: Sequence[Sheet],
    vault: Vault,
    now: dt.datetime,
) -> ImportBatch:
    """Keep a workbook's rows, sealed, and guess its columns.  ``sheets`` were read from ``content`` before.

    Raises ``InvalidInput`` when no sheet has a heading, or there are too many rows.
    """
    unit = access.unit_for(session, actor, neighborhood_id)
    if unit.neighborhood_id != unit.id:
        raise NotFound(access.NEIGHBORHOOD_MISSING, code="unit_not_found")
    headings = _headings(sheets, recall(session, unit.id))
    batch = ImportBatch(
        neighborhood_id=unit.id,
        state=ImportState.UPLOADED,
        file_name=file_name[-NAME_MOST:],
        file_hash=hashlib.sha256(content).hexdigest(),
        layout={},
        options={},
        counts={},
        rows_total=0,
        rows_done=0,
        uploaded_by_id=actor.person_id if actor else None,
        created_at=now,
    )
    session.add(batch)
    session.flush()  # its rows need the id
    kept = [
        _keep_rows(session, batch, at, _data(sheet, heading), vault) if heading else 0
        for at, (sheet, heading) in enumerate(zip(sheets, headings, strict=True))
    ]
    batch.rows_total = _total(kept)
    batch.layout = {"sheets": [_layout(*one) for one in zip(sheets, headings, kept, strict=True)]}
    session.flush()
    audit.note_on(session, actor, batch, "import.uploaded", now, {"rows": batch.rows_total})
    return batch


def _headings(sheets: Sequence[Sheet], remembered: Mapping[str, Field]) -> list[Heading | None]:
    """Return the heading of each sheet.  Raises ``InvalidInput`` when none has one."""
    headings = [heading_of(sheet, remembered) for sheet in sheets]
    if not any(headings):
        raise InvalidInput(
            "没有找到表头。请在数据上面留一行列名，比如：楼号、单元、房号、业主、电话，再传一次。",
            code="heading_missing",
        )
    return headings


def _total(kept: Sequence[int]) -> int:
    """Return how many rows there are.  Raises ``InvalidInput`` when there are none, or too many."""
    total = sum(kept)
    if not total:
        raise InvalidInput("表头下面没有数据。请核对是不是选错了文件。", code="sheet_empty")
    if total > limits.ROWS_MOST:
        raise InvalidInput(f"这个表有{total}行，一次放不下。请按楼栋分成几个表，一个一个导入。", code="too_many_rows")
    return total


def _data(sheet: Sheet, heading: Heading) -> Iterable[Line]:
    return (line for line in sheet.lines() if line.number > heading.last_line)


def _keep_rows(session: Session, batch: ImportBatch, at: int, lines: Iterable[Line], vault: Vault) -> int:
    table, count, waiting = table_of(ImportRow), 0, []
    for line in lines:
        cells = {"cells": line.cells, "merged": sorted(line.merged), "broken": sorted(line.broken)}
        waiting.append(
            {
                "batch_id": batch.id,
                "neighborhood_id": batch.neighborhood_id,
                "sheet": at,
                "line": line.number,
                "cells_sealed": vault.seal(orjson.dumps(cells).decode(), CELLS),
                "problems": {},
            }
        )
        count += 1
        if len(waiting) == AT_ONCE:
            bulk_rows.insert(session, table, waiting)
            waiting.clear()
    if waiting:
        bulk_rows.insert(session, table, waiting)
    return count


def _layout(sheet: Sheet, heading: Heading | None, rows: int) -> dict[str, Any]:
    columns = heading.columns if heading else ()
    return {
        "name": sheet.name[:64],
        "heading_line": heading.last_line if heading else 0,
        "rows": rows,
        "use": rows > 0,
        "columns": [
            {
                "at": one.at,
                "title": one.title[:64],
                "field": one.guess.field.value,
                "confidence": one.guess.confidence,
                "how": one.guess.how,
                "filled": one.filled,
            }
            for one in columns
        ],
    }
