"""Merging two persons of one human being."""

from marshmallow import fields

from app.schemas.base import BaseSchema, PageQuery, row_id, words
from app.schemas.personal import CalledName
from models import MergeState


class MergeOut(BaseSchema):
    """A merge: who is given up, who stays, where it stands."""

    id = fields.Integer(required=True)
    state = fields.Enum(MergeState, by_value=True, required=True)
    state_name = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    from_person_id = fields.Integer(required=True, allow_none=True)
    into_person_id = fields.Integer(required=True)
    from_name = CalledName(required=True, allow_none=True)
    into_name = CalledName(required=True, allow_none=True)
    done_at = fields.AwareDateTime(required=True, allow_none=True)
    undo_until = fields.AwareDateTime(required=True, allow_none=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)
    refused_why = fields.String(required=True, allow_none=True)


class MergePage(BaseSchema):
    """A page of merges, newest first."""

    items = fields.List(fields.Nested(MergeOut), required=True)
    next = fields.String(required=True, allow_none=True)


class MergeCodeOut(BaseSchema):
    """The code to be entered on the other phone, shown this once."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    code_until = fields.AwareDateTime(required=True)


class MergeJoinBody(BaseSchema):
    """The code of the first phone."""

    code = words(20)


class MergeConfirmBody(BaseSchema):
    """Whether the other phone is really one's own."""

    yes = fields.Boolean(required=True)


class MergeUndoBody(BaseSchema):
    """Why they are two after all."""

    why = words(100, least=2)


class MergeProposeBody(BaseSchema):
    """Two persons, and what shows that they are one."""

    from_person_id = row_id()
    into_person_id = row_id()
    evidence = words(300)


class MergeDecideBody(BaseSchema):
    """Yes, or no and why."""

    approve = fields.Boolean(required=True)
    why = words(100, required=False)


class MergesQuery(PageQuery):
    """Those that wait for a decision, or the others."""

    waiting = fields.Boolean(load_default=True)
