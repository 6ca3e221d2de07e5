"""Imports at the console: choose a file, say what the columns are, look at what would change, import, take back."""

from typing import Any

from flask import Response, request

from app import identity
from app.api import imports as api
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.base import BaseSchema
from app.schemas.imports import ImportUndoBody
from app.settings import vault
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from app.web.console.forms import form
from models import ImportState, RowOutcome
from services.imports import batches, undoing, viewing, workbooks
from services.imports.fields import FIELD_NAMES, Field
from services.permissions import Permission

LIST = "console_imports.listed"
ONE = "console_imports.one"
blp = ConsoleBlueprint("imports", __name__, entries=(Entry("导入表格", LIST, Permission.IMPORT_WRITE),))

OUTCOME_NAMES: dict[RowOutcome, str] = {
    RowOutcome.NEW: "新增",
    RowOutcome.CHANGED: "有改动",
    RowOutcome.SAME: "已经一样",
    RowOutcome.CONFLICT: "有矛盾",
    RowOutcome.ERROR: "有错",
}
AT_WORK = frozenset({ImportState.MAPPED, ImportState.APPLYING})


class FileForm(BaseSchema):
    """The file comes beside the fields of the form."""


class ColumnsForm(BaseSchema):
    """Selects and checkboxes by sheet and column are read by name."""


@blp.get("/imports")
@allow(Permission.IMPORT_WRITE)
def listed() -> str:
    """Show the imports of a neighborhood, and the form for another one."""
    neighborhood_id = asked.neighborhood()
    actor = identity.actor()
    found = viewing.listed(db.session(), actor=actor, neighborhood_id=neighborhood_id, page=asked.further_page())
    chosen = neighborhood_id if neighborhood_id != actor.hat.neighborhood_id else None
    return pages.page("imports.html", found=found, neighborhood_id=chosen)


@blp.post("/imports")
@allow(Permission.IMPORT_WRITE, own_transactions=True)
@form(FileForm, again=listed)
def upload(_body: dict[str, Any]) -> Any:
    """Keep a workbook, and go on to its columns."""
    batch = api.take_in(asked.neighborhood(), request.files.get("file"))
    return pages.go(ONE, batch_id=batch["id"])


@blp.get("/imports/<id:batch_id>")
@allow(Permission.IMPORT_WRITE)
def one(batch_id: int) -> str:
    """Show where an import stands, and what to do next."""
    found = viewing.shown(db.session(), actor=identity.actor(), batch_id=batch_id, vault=vault())
    return pages.page(
        "import.html",
        one=found,
        at_work=found["state"] in AT_WORK,
        percent=round(100 * found["rows_done"] / max(found["rows_total"], 1)),
        field_names=[(name.value, said) for name, said in FIELD_NAMES.items()],
        outcome_names=OUTCOME_NAMES,
    )


@blp.post("/imports/<id:batch_id>/columns")
@allow(Permission.IMPORT_WRITE)
@form(ColumnsForm, again=one)
def confirm(_body: dict[str, Any], batch_id: int) -> Any:
    """Take the columns as they were confirmed, and have the rows checked."""
    batch = batches.batch_for(db.session(), identity.actor(), batch_id)
    columns, left_out = {}, []
    for at, sheet in enumerate(batch.layout["sheets"]):
        if sheet["rows"] and f"use-{at}" not in request.form:
            left_out.append(at)
        for column in sheet["columns"]:
            chosen = request.form.get(f"column-{at}-{column['at']}")
            if chosen in set(Field):
                columns[at, column["at"]] = Field(chosen)
    options = batches.Options("new_buildings" in request.form, "keep_id_numbers" in request.form)
    batches.confirm(
        db.session(),
        actor=identity.actor(),
        batch_id=batch_id,
        columns=columns,
        left_out=left_out,
        options=options,
        now=now(),
    )
    return pages.go(ONE, batch_id=batch_id)


@blp.get("/imports/<id:batch_id>/rows")
@allow(Permission.IMPORT_WRITE)
def rows(batch_id: int) -> str:
    """Show row by row what would change and what is wrong."""
    wanted = request.args.get("outcome")
    outcome = RowOutcome(wanted) if wanted in set(RowOutcome) else None
    actor = identity.actor()
    found = viewing.rows(
        db.session(), actor=actor, batch_id=batch_id, outcome=outcome, vault=vault(), page=asked.further_page()
    )
    batch = batches.batch_for(db.session(), actor, batch_id)
    return pages.page("import_rows.html", found=found, one=batch, outcome=outcome, outcome_names=OUTCOME_NAMES)


@blp.get("/imports/<id:batch_id>/problems")
@allow(Permission.IMPORT_WRITE)
def problems(batch_id: int) -> Response:
    """Give the workbook with the problems."""
    content = workbooks.problems(db.session(), actor=identity.actor(), batch_id=batch_id, vault=vault())
    return api.workbook(content, f"import-{batch_id}-problems.xlsx")


@blp.post("/imports/<id:batch_id>/apply")
@allow(Permission.IMPORT_WRITE)
def apply(batch_id: int) -> Any:
    """Have the rows written."""
    batches.start_apply(db.session(), actor=identity.actor(), batch_id=batch_id, now=now())
    return pages.go(ONE, batch_id=batch_id)


@blp.post("/imports/<id:batch_id>/undo")
@allow(Permission.IMPORT_WRITE)
@form(ImportUndoBody, again=one)
def undo(body: dict[str, Any], batch_id: int) -> Any:
    """Take the whole import back."""
    undoing.undo(
        db.session(), actor=identity.actor(), batch_id=batch_id, reason=body["reason"], vault=vault(), now=now()
    )
    return pages.go(ONE, "撤销完了，这一批全部退回了。", batch_id=batch_id)


@blp.post("/imports/<id:batch_id>/discard")
@allow(Permission.IMPORT_WRITE)
def discard(batch_id: int) -> Any:
    """Drop an import that was not applied."""
    batches.discard(db.session(), actor=identity.actor(), batch_id=batch_id, now=now())
    return pages.go(LIST, "作废了，什么也没有导入。")
