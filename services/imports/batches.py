"""A batch from the upload to its end: the table of moves, taking a workbook in, confirming its columns, dropping it."""

import datetime as dt
import enum
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, ImportHeading, ImportRow, ImportState, OrgUnit, RowOutcome, table_of
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.imports import limits
from services.imports.headings import FIELD_NAMES, ONCE, Field, Heading, heading_of, plain
from services.imports.sheets import Line, Sheet
from services.outbox import insert_for
from services.vault import Vault

AT_ONCE = 1_000
"""Rows in one statement."""
NAME_MOST = 128
CELLS, PLAN, OLD = "import.cells", "import.plan", "import.old"
MISSING = "没有找到这次导入，或者它不归您管。请从导入列表里点开。"


class Action(enum.StrEnum):
    """What can be done with a batch."""

    CONFIRM = "confirm"
    FINISH_CHECK = "finish_check"
    APPLY = "apply"
    FINISH_APPLY = "finish_apply"
    FAIL = "fail"
    UNDO = "undo"
    DISCARD = "discard"


S, A = ImportState, Action
MOVES: Mapping[tuple[ImportState, Action], ImportState] = {
    (S.UPLOADED, A.CONFIRM): S.MAPPED,
    (S.UPLOADED, A.DISCARD): S.DISCARDED,
    (S.MAPPED, A.FINISH_CHECK): S.CHECKED,
    (S.MAPPED, A.FAIL): S.FAILED,
    (S.CHECKED, A.CONFIRM): S.MAPPED,
    (S.CHECKED, A.APPLY): S.APPLYING,
    (S.CHECKED, A.DISCARD): S.DISCARDED,
    (S.APPLYING, A.FINISH_APPLY): S.APPLIED,
    (S.APPLYING, A.FAIL): S.FAILED,
    (S.APPLIED, A.UNDO): S.UNDONE,
    (S.FAILED, A.CONFIRM): S.MAPPED,
    (S.FAILED, A.DISCARD): S.DISCARDED,
}
"""Everything else is refused.  While a worker checks or applies, nobody else moves the batch."""

STATE_NAMES: Mapping[ImportState, str] = {
    S.UPLOADED: "刚传上来，等您核对列名",
    S.MAPPED: "正在检查",
    S.CHECKED: "检查好了，等您决定",
    S.APPLYING: "正在写入",
    S.APPLIED: "已经导入",
    S.UNDONE: "已经撤销",
    S.FAILED: "没有办成",
    S.DISCARDED: "已经作废",
}
NEXT_STEP: Mapping[ImportState, str] = {
    S.UPLOADED: "请看一看每一列认得对不对，再点“检查”。",
    S.MAPPED: "请稍等，检查完这里会变。",
    S.CHECKED: "请看一看会改什么、哪些行有问题，再点“导入”。有问题的行不会导入。",
    S.APPLYING: "请稍等，可以先做别的事。",
    S.APPLIED: "导入完了。发现导错了，可以整批撤销。",
    S.UNDONE: "这一批已经全部退回。改好表格可以重新导入。",
    S.FAILED: "什么也没有写进去。请再检查一次；还是不行，就联系系统管理员。",
    S.DISCARDED: "这一批没有导入。要导入请重新传表格。",
}
MAY_GO_ON = frozenset(state for state, _ in MOVES)
TOO_LATE: Mapping[bool, str] = {
    True: (
        "这一批导入得太久了，按规定原来的表格和旧内容都已经删掉，不能整批撤销了。"
        "房屋和住户都还在；有错的，请到那几套房子里直接改。"
    ),
    False: "这个表格放得太久了，按规定已经删掉。请重新传一次。",
}
"""What is said of a workbook that was given up for its age; true: it had been imported."""


@dataclass(frozen=True)
class Options:
    """What the person decides together with the columns."""

    new_buildings: bool = False
    """Make buildings that are not there yet; otherwise their rows are errors."""
    keep_id_numbers: bool = False
    """Take the numbers of identity cards, too; registering homes does not need them."""


def move(batch: ImportBatch, action: Action) -> None:
    """Bring a batch to its next state.

    Raises ``Conflict`` where the table has no such move, or when the workbook was given up for its age.
    """
    still_kept(batch)
    after = MOVES.get((batch.state, action))
    if after is None:
        raise Conflict(
            f"这次导入现在是“{STATE_NAMES[batch.state]}”，不能这样做。{NEXT_STEP[batch.state]}",
            code="import_state",
            state=batch.state.value,
        )
    batch.state = after


def still_kept(batch: ImportBatch) -> None:
    """Raise ``Conflict`` when the workbook of a batch was given up for its age."""
    if batch.forgotten_at is not None:
        raise Conflict(TOO_LATE[batch.state is S.APPLIED], code="import_forgotten", state=batch.state.value)


def next_step(batch: ImportBatch) -> str:
    """Return what a person can do now, in words."""
    if batch.forgotten_at is not None and batch.state in MAY_GO_ON:
        return TOO_LATE[batch.state is S.APPLIED]
    return batch.failed_why or NEXT_STEP[batch.state]


def actions(batch: ImportBatch) -> list[str]:
    """Return what a person can do with a batch now."""
    if batch.forgotten_at is not None:
        return []
    own = (A.CONFIRM, A.APPLY, A.UNDO, A.DISCARD)
    return [action.value for action in own if (batch.state, action) in MOVES]


def batch_for(session: Session, actor: Actor | None, batch_id: int, *, change: bool = False) -> ImportBatch:
    """Return a batch of a neighborhood at or below the actor's node; no actor is the operator's command line.

    Raises ``NotFound``.
    """
    query = sa.select(ImportBatch, OrgUnit.path).join(OrgUnit, OrgUnit.id == ImportBatch.neighborhood_id)
    query = query.where(ImportBatch.id == batch_id)
    if change:
        query = query.with_for_update(of=ImportBatch).execution_options(populate_existing=True)
    found = session.execute(query).one_or_none()
    if found is None or not (actor is None or actor.stands_above(found.path)):
        raise NotFound(MISSING, code="import_not_found")
    batch: ImportBatch = found.ImportBatch
    return batch


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
    remembered = _remembered(session, unit.id)
    headings = [heading_of(sheet, remembered) for sheet in sheets]
    if not any(headings):
        raise InvalidInput(
            "没有找到表头。请在数据上面留一行列名，比如：楼号、单元、房号、业主、电话，再传一次。",
            code="heading_missing",
        )
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
    if not sum(kept):
        raise InvalidInput("表头下面没有数据。请核对是不是选错了文件。", code="sheet_empty")
    if sum(kept) > limits.ROWS_MOST:
        raise InvalidInput(
            f"这个表有{sum(kept)}行，一次放不下。请按楼栋分成几个表，一个一个导入。", code="too_many_rows"
        )
    batch.rows_total = sum(kept)
    batch.layout = {
        "sheets": [_layout(*one) for one in zip(sheets, headings, kept, strict=True)],
    }
    session.flush()
    note(session, actor, batch, "import.uploaded", now, {"rows": batch.rows_total})
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
    _remember(session, batch, now)
    note(session, actor, batch, "import.confirmed", now, dict(batch.options))
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
    note(session, actor, batch, "import.apply_asked", now, {})
    return batch


def discard(session: Session, *, actor: Actor | None, batch_id: int, now: dt.datetime) -> ImportBatch:
    """Drop a batch that was not applied; its rows are forgotten."""
    batch = batch_for(session, actor, batch_id, change=True)
    move(batch, Action.DISCARD)
    batch.failed_why = None
    session.flush()
    session.execute(sa.delete(ImportRow).where(ImportRow.batch_id == batch.id))
    note(session, actor, batch, "import.discarded", now, {})
    return batch


def note(
    session: Session, actor: Actor | None, batch: ImportBatch, action: str, now: dt.datetime, detail: Mapping[str, Any]
) -> None:
    """Write a step of a batch into the audit trail."""
    audit.note(
        session,
        actor=actor,
        now=now,
        action=action,
        subject=("import_batch", batch.id),
        neighborhood_id=batch.neighborhood_id,
        detail=detail,
    )


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
            session.execute(sa.insert(table), waiting)
            waiting.clear()
    if waiting:
        session.execute(sa.insert(table), waiting)
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


def _remembered(session: Session, neighborhood_id: int) -> dict[str, Field]:
    rows = session.execute(
        sa.select(ImportHeading.title, ImportHeading.field).where(ImportHeading.neighborhood_id == neighborhood_id)
    )
    known = set(Field)
    return {row.title: Field(row.field) for row in rows if row.field in known}


def _remember(session: Session, batch: ImportBatch, now: dt.datetime) -> None:
    titles = {
        plain(one["title"]): one["field"]
        for sheet in batch.layout["sheets"]
        if sheet["use"]
        for one in sheet["columns"]
        if plain(one["title"])
    }
    if not titles:
        return
    statement = insert_for(session, table_of(ImportHeading)).values(
        [
            {"neighborhood_id": batch.neighborhood_id, "title": title, "field": name, "updated_at": now}
            for title, name in sorted(titles.items())
        ]
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["neighborhood_id", "title"], set_={"field": statement.excluded.field, "updated_at": now}
        )
    )
