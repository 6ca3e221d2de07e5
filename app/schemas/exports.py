"""Exports of the register."""

from marshmallow import fields

from app.schemas.base import BaseSchema, PageQuery, row_id, words
from app.schemas.personal import MaskedName


class ExportBody(BaseSchema):
    """What for, and of which part of the neighborhood: a grid, a building or a stairwell; empty is all of it."""

    reason = words(200, least=4)
    unit_id = row_id(required=False)


class ExportCopiesQuery(PageQuery):
    """One copy by its reference, or all."""

    reference = fields.String(load_default=None)


class ExportCopyOut(BaseSchema):
    """A copy that went out."""

    id = fields.Integer(required=True)
    reference = fields.String(required=True)
    unit_id = fields.Integer(required=True)
    unit_name = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)
    made_by = MaskedName(required=True, allow_none=True)
    reason = fields.String(required=True)
    is_readable = fields.Boolean(required=True)
    rows = fields.Integer(required=True)


class ExportCopyPage(BaseSchema):
    """A page of copies, newest first."""

    items = fields.List(fields.Nested(ExportCopyOut), required=True)
    next = fields.String(required=True, allow_none=True)
