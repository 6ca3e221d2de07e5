"""What became of tickets, out."""

from marshmallow import fields

from app.schemas.base import BaseSchema
from app.schemas.personal import CalledName
from models import CallbackResult, CallbackWhy, Role, Satisfaction, TruthKind


class TruthOut(BaseSchema):
    """One word on the outcome of a ticket."""

    id = fields.Integer(required=True)
    round = fields.Integer(required=True, metadata={"description": "0 for the first repair."})
    kind = fields.Enum(TruthKind, by_value=True, required=True)
    at = fields.AwareDateTime(required=True)
    role = fields.Enum(
        Role,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={
            "description": "In which role it was said; a resident's word is the reporter's.  Empty: nobody said it."
        },
    )
    by_agent = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Said by somebody with a mandate.  Empty to neighbors."},
    )
    worker = CalledName(required=True, allow_none=True, metadata={"description": "Whose work it is about."})
    satisfaction = fields.Enum(Satisfaction, by_value=True, required=True, allow_none=True)
    again_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The later ticket by which it came back."}
    )


class TruthsOut(BaseSchema):
    """The words on the outcome of a ticket, the oldest first."""

    items = fields.List(fields.Nested(TruthOut), required=True)


class CallMadeOut(BaseSchema):
    """A call-back that was made, and what was heard."""

    id = fields.Integer(required=True)
    ticket_id = fields.Integer(required=True)
    number = fields.String(required=True)
    category = fields.String(required=True)
    place_label = fields.String(required=True)
    round = fields.Integer(required=True, metadata={"description": "0 for the first repair."})
    why = fields.Enum(CallbackWhy, by_value=True, required=True)
    wanted_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    called_at = fields.AwareDateTime(required=True)
    late = fields.Boolean(required=True, metadata={"description": "Called after `due_at`."})
    called_by = CalledName(required=True, allow_none=True)
    worker = CalledName(required=True, allow_none=True, metadata={"description": "Who did the work and did not call."})
    result = fields.Enum(CallbackResult, by_value=True, required=True)
    satisfaction = fields.Enum(Satisfaction, by_value=True, required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)


class CallMadePage(BaseSchema):
    """A page of call-backs that were made."""

    items = fields.List(fields.Nested(CallMadeOut), required=True)
    next = fields.String(required=True, allow_none=True)
