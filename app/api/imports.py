"""Imports: upload, confirm the columns, look at the dry run, apply, take back.  The worker does what takes long."""

from typing import Any

from flask import Response, request
from werkzeug.datastructures import FileStorage

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.imports import (
    ImportBatchOut,
    ImportBatchPage,
    ImportConfirmBody,
    ImportRowPage,
    ImportRowsQuery,
    ImportUndoBody,
)
from app.settings import vault
from app.transaction import transaction
from services import access
from services.errors import InvalidInput
from services.imports import batches, intake, limits, sheets, undoing, viewing, workbooks
from services.permissions import Permission

blp = ApiBlueprint("imports", __name__, url_prefix="/api/v1", description="Imports of homes and residents")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BINARY = {"type": "string", "format": "binary"}
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": {"file": BINARY}}}
        },
    }
}
CHOOSE_ONE = "请选一个表格文件（.xlsx、.xls 或 .csv）再上传。"


@blp.post("/neighborhoods/<id:neighborhood_id>/imports")
@allow(Permission.IMPORT_WRITE, own_transactions=True)
@blp.doc(**FORM)
@blp.response(201, ImportBatchOut)
def upload(neighborhood_id: int) -> dict[str, Any]:
    """Upload a workbook (.xlsx, .xls, .csv).  Nothing is changed; the answer has the columns as they were guessed."""
    with transaction(read_only=True) as session:
        access.unit_for(session, identity.actor(), neighborhood_id)
    return take_in(neighborhood_id, request.files.get("file"))


def take_in(neighborhood_id: int, given: FileStorage | None) -> dict[str, Any]:
    """Read a file that came with a form, with no transaction open, and keep its rows."""
    if given is None or not given.filename:
        raise InvalidInput(CHOOSE_ONE, code="file_missing", errors={"file": [CHOOSE_ONE]})
    content = given.stream.read(limits.FILE_MOST + 1)
    read = sheets.read(content)
    with transaction() as session:
        batch = intake.take_in(
            session,
            actor=identity.actor(),
            neighborhood_id=neighborhood_id,
            file_name=given.filename,
            content=content,
            sheets=read,
            vault=vault(),
            now=now(),
        )
        return viewing.shown(session, actor=identity.actor(), batch_id=batch.id, vault=vault())


@blp.get("/neighborhoods/<id:neighborhood_id>/imports")
@allow(Permission.IMPORT_WRITE)
@blp.arguments(ImportRowsQuery(only=("limit", "cursor")), location="query")
@blp.response(200, ImportBatchPage)
def listed(query: dict[str, Any], neighborhood_id: int) -> Response:
    """Imports of a neighborhood, newest first."""
    page = page_request(query)
    actor = identity.actor()
    return page_json(viewing.listed(db.session(), actor=actor, neighborhood_id=neighborhood_id, page=page))


@blp.get("/imports/<id:batch_id>")
@allow(Permission.IMPORT_WRITE)
@blp.response(200, ImportBatchOut)
def shown(batch_id: int) -> dict[str, Any]:
    """One import: its state, its progress, its columns, what the dry run found."""
    return _shown(batch_id)


@blp.post("/imports/<id:batch_id>/columns")
@allow(Permission.IMPORT_WRITE)
@blp.arguments(ImportConfirmBody)
@blp.response(200, ImportBatchOut)
def confirm(body: dict[str, Any], batch_id: int) -> dict[str, Any]:
    """Confirm or change what the columns are; the worker then checks every row and changes nothing."""
    batches.confirm(
        db.session(),
        actor=identity.actor(),
        batch_id=batch_id,
        columns={(one["sheet"], one["column"]): one["field"] for one in body["columns"]},
        left_out=body["left_out"],
        options=batches.Options(body["new_buildings"], body["keep_id_numbers"]),
        now=now(),
    )
    return _shown(batch_id)


@blp.get("/imports/<id:batch_id>/rows")
@allow(Permission.IMPORT_WRITE)
@blp.arguments(ImportRowsQuery, location="query")
@blp.response(200, ImportRowPage)
def rows(query: dict[str, Any], batch_id: int) -> Response:
    """Rows with what would change (masked) and what is wrong."""
    page = viewing.rows(
        db.session(),
        actor=identity.actor(),
        batch_id=batch_id,
        outcome=query["outcome"],
        vault=vault(),
        page=page_request(query),
    )
    return page_json(page)


@blp.get("/imports/<id:batch_id>/problems")
@allow(Permission.IMPORT_WRITE)
@blp.response(200, BINARY, content_type=XLSX)
def problems(batch_id: int) -> Response:
    """The uploaded rows as a workbook, with a column of problems: mend them there and upload it again."""
    content = workbooks.problems(db.session(), actor=identity.actor(), batch_id=batch_id, vault=vault())
    return workbook(content, f"import-{batch_id}-problems.xlsx")


@blp.post("/imports/<id:batch_id>/apply")
@allow(Permission.IMPORT_WRITE)
@blp.response(202, ImportBatchOut)
def apply(batch_id: int) -> dict[str, Any]:
    """Have the worker write a checked import; ask for it again to see the progress."""
    batches.start_apply(db.session(), actor=identity.actor(), batch_id=batch_id, now=now())
    return _shown(batch_id)


@blp.post("/imports/<id:batch_id>/undo")
@allow(Permission.IMPORT_WRITE)
@blp.arguments(ImportUndoBody)
@blp.response(200, ImportBatchOut)
def undo(body: dict[str, Any], batch_id: int) -> dict[str, Any]:
    """Take the whole import back, or be told (409, `blocking`) what is in the way."""
    undoing.undo(
        db.session(), actor=identity.actor(), batch_id=batch_id, reason=body["reason"], vault=vault(), now=now()
    )
    return _shown(batch_id)


@blp.post("/imports/<id:batch_id>/discard")
@allow(Permission.IMPORT_WRITE)
@blp.response(200, ImportBatchOut)
def discard(batch_id: int) -> dict[str, Any]:
    """Drop an import that was not applied; its rows are deleted."""
    batches.discard(db.session(), actor=identity.actor(), batch_id=batch_id, now=now())
    return _shown(batch_id)


def workbook(content: bytes, name: str) -> Response:
    """Return a workbook to be saved under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype=XLSX, headers=headers)


def _shown(batch_id: int) -> dict[str, Any]:
    return viewing.shown(db.session(), actor=identity.actor(), batch_id=batch_id, vault=vault())
