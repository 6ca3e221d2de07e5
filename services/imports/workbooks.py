"""The workbook that goes back to the person: their own rows, a column 问题, and colours."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ImportBatch, ImportRow, RowOutcome
from services.actors import Actor
from services.errors import Conflict
from services.imports.batches import batch_for, line_of
from services.imports.moves import still_kept
from services.imports.problems import Code, Grade, Problem, gravest
from services.spreadsheets import SafeWorkbook
from services.vault import Vault

STEP = 2_000
COLOURS = {Grade.ERROR: "#F8CBAD", Grade.LEFT_OUT: "#FFE699", Grade.NOTE: "#E2EFDA"}
TITLE = "问题"
WIDE, WIDTH = 60, 14
WORDS = (
    "这个表怎么用",
    "红色的行没有导入，黄色的行有一项没有导入，绿色的行请看一眼。",
    "“问题”一列写着怎么改。请在原来的格子里改，改完保存，再传一次。",
    "没有颜色的行不用管。已经一样的行再传一次也不会重复。",
)


def problems(session: Session, *, actor: Actor | None, batch_id: int, vault: Vault) -> bytes:
    """Return the workbook of a batch with its problems.

    Raises ``Conflict`` before the batch was checked, and when the workbook was given up for its age.
    """
    batch = batch_for(session, actor, batch_id)
    still_kept(batch)
    if not batch.counts:
        raise Conflict("这次导入还没有检查完。请等检查完再下载。", code="import_state", state=batch.state.value)
    book = SafeWorkbook()
    layout = batch.layout["sheets"]
    sheet, at, width = None, -1, 0
    for row in _rows(session, batch):
        if row.sheet != at:
            at = row.sheet
            width = max((one["at"] for one in layout[at]["columns"]), default=0) + 1
            sheet = _begin(book, layout[at], width)
        line = line_of(row, vault)
        told = [Problem.of(one) for one in row.problems.get("list", [])]
        how: dict[str, Any] = {}
        grade = gravest(one for one in told if one.code is not Code.MERGED)  # or the whole sheet would be green
        if row.outcome in {RowOutcome.ERROR, RowOutcome.CONFLICT}:
            grade = Grade.ERROR
        if grade is not None:
            how["bg_color"] = COLOURS[grade]
        sentences = "".join(dict.fromkeys(_said(one, layout[at]) for one in told))
        cells = [*line.cells[:width], *[""] * (width - len(line.cells)), sentences]
        assert sheet is not None
        book.row(sheet, row.line - 1, cells, **how)
    words = book.sheet("说明")
    words.set_column(0, 0, WIDE * 2)
    for number, sentence in enumerate(WORDS):
        book.row(words, number, [sentence], bold=number == 0)
    return book.content()


def _begin(book: SafeWorkbook, layout: dict[str, Any], width: int) -> Any:
    sheet = book.sheet(layout["name"])
    sheet.set_column(0, width - 1, WIDTH)
    sheet.set_column(width, width, WIDE)
    titles = [""] * width
    for one in layout["columns"]:
        titles[one["at"]] = one["title"]
    heading = max(layout["heading_line"] - 1, 0)
    book.row(sheet, heading, [*titles, TITLE], bold=True, bg_color="#D9E1F2")
    return sheet


def _said(problem: Problem, layout: dict[str, Any]) -> str:
    title = next((one["title"] for one in layout["columns"] if one["at"] == problem.column), "")
    return f"【{title}】{problem.sentence}" if title else problem.sentence


def _rows(session: Session, batch: ImportBatch) -> Iterator[Any]:
    last_id = 0
    while True:
        rows = session.execute(
            sa.select(
                ImportRow.id,
                ImportRow.sheet,
                ImportRow.line,
                ImportRow.cells_sealed,
                ImportRow.outcome,
                ImportRow.problems,
            )
            .where(ImportRow.batch_id == batch.id, ImportRow.id > last_id, ImportRow.cells_sealed.is_not(None))
            .order_by(ImportRow.id)
            .limit(STEP)
        ).all()
        if not rows:
            return
        last_id = rows[-1].id
        yield from rows
