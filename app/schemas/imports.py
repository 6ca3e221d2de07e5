"""Imports: batches, their columns and rows."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, PageQuery, words
from models import ImportState, RowOutcome
from services.imports.fields import Field


class ImportColumnBody(BaseSchema):
    """What a column is."""

    sheet = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1000, error="没有这个工作表。"))
    column = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1000, error="没有这一列。"))
    field = fields.Enum(Field, by_value=True, required=True)


class ImportConfirmBody(BaseSchema):
    """What differs from the guesses; an empty body takes them as they are."""

    columns = fields.List(fields.Nested(ImportColumnBody), load_default=list, validate=validate.Length(max=2000))
    left_out = fields.List(fields.Integer(strict=True), load_default=list, validate=validate.Length(max=200))
    new_buildings = fields.Boolean(
        load_default=False,
        metadata={"description": "Make buildings that are not there; otherwise their rows are errors."},
    )
    keep_id_numbers = fields.Boolean(
        load_default=False, metadata={"description": "Take numbers of identity cards too; homes do not need them."}
    )


class ImportUndoBody(BaseSchema):
    """Why it is taken back."""

    reason = words(255, least=4)


class ImportRowsQuery(PageQuery):
    """Which rows of a batch."""

    outcome = fields.Enum(RowOutcome, by_value=True, load_default=None)


class ImportColumnOut(BaseSchema):
    """A column with its guess and masked examples."""

    at = fields.Integer(required=True)
    title = fields.String(required=True)
    field = fields.Enum(Field, by_value=True, required=True)
    field_name = fields.String(required=True)
    confidence = fields.Integer(required=True, metadata={"description": "Percent."})
    how = fields.String(required=True, metadata={"description": "remembered, heading, similar, values or unknown."})
    filled = fields.Integer(required=True)
    examples = fields.List(fields.String(), required=True)


class ImportSheetOut(BaseSchema):
    """A sheet of the workbook."""

    at = fields.Integer(required=True)
    name = fields.String(required=True)
    rows = fields.Integer(required=True)
    use = fields.Boolean(required=True)
    columns = fields.List(fields.Nested(ImportColumnOut), required=True)


class ImportProblemCountOut(BaseSchema):
    """A kind of problem and in how many rows it is."""

    code = fields.String(required=True)
    grade = fields.String(required=True, metadata={"description": "error, left_out or note."})
    rows = fields.Integer(required=True)
    sentence = fields.String(required=True)


class ImportUnknownBuildingOut(BaseSchema):
    """A building that is not there, and how many rows name it."""

    name = fields.String(required=True)
    rows = fields.Integer(required=True)


class ImportBatchOut(BaseSchema):
    """A batch: ``rows_done`` of ``rows_total`` is its progress."""

    id = fields.Integer(required=True)
    neighborhood_id = fields.Integer(required=True)
    state = fields.Enum(ImportState, by_value=True, required=True)
    state_name = fields.String(required=True)
    next_step = fields.String(required=True)
    actions = fields.List(fields.String(), required=True)
    file_name = fields.String(required=True)
    rows_total = fields.Integer(required=True)
    rows_done = fields.Integer(required=True)
    new_buildings = fields.Boolean(required=True)
    keep_id_numbers = fields.Boolean(required=True)
    sheets = fields.List(fields.Nested(ImportSheetOut), required=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True, allow_none=True)
    problems = fields.List(fields.Nested(ImportProblemCountOut), required=True)
    unknown_buildings = fields.List(fields.Nested(ImportUnknownBuildingOut), required=True)
    written = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True, allow_none=True)
    undone = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    applied_at = fields.AwareDateTime(required=True, allow_none=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)


class ImportBatchLineOut(BaseSchema):
    """A batch in a list."""

    id = fields.Integer(required=True)
    state = fields.Enum(ImportState, by_value=True, required=True)
    state_name = fields.String(required=True)
    file_name = fields.String(required=True)
    rows_total = fields.Integer(required=True)
    rows_done = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    applied_at = fields.AwareDateTime(required=True, allow_none=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)


class ImportBatchPage(BaseSchema):
    """A page of batches."""

    items = fields.List(fields.Nested(ImportBatchLineOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ImportChangeOut(BaseSchema):
    """What would become different, masked; ``old`` is empty for what is new."""

    what = fields.String(required=True)
    old = fields.String(required=True, allow_none=True)
    new = fields.String(required=True, allow_none=True)


class ImportRowProblemOut(BaseSchema):
    """A problem of a row."""

    code = fields.String(required=True)
    grade = fields.String(required=True)
    column = fields.String(required=True, allow_none=True)
    sentence = fields.String(required=True)


class ImportRowOut(BaseSchema):
    """A row of the workbook; ``line`` is its number as the spreadsheet shows it."""

    id = fields.Integer(required=True)
    sheet = fields.String(required=True)
    line = fields.Integer(required=True)
    outcome = fields.Enum(RowOutcome, by_value=True, required=True)
    home = fields.String(required=True, allow_none=True)
    changes = fields.List(fields.Nested(ImportChangeOut), required=True)
    problems = fields.List(fields.Nested(ImportRowProblemOut), required=True)


class ImportRowPage(BaseSchema):
    """A page of rows, in the order of the workbook."""

    items = fields.List(fields.Nested(ImportRowOut), required=True)
    next = fields.String(required=True, allow_none=True)
