"""Handing out work: what each move takes, who can mend what, and who would help."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, row_id, words
from app.schemas.personal import CalledName
from app.schemas.ticket_moves import NoteBody
from models import HelpAnswer, ReturnReason, TransferReason

CATEGORIES_MOST = 50
MOST_IN_HAND = 99


class TransferBody(NoteBody):
    """Which colleague, and why."""

    to_id = row_id()
    reason = fields.Enum(TransferReason, by_value=True, required=True)


class ReturnBody(NoteBody):
    """Why it goes back to the station."""

    reason = fields.Enum(ReturnReason, by_value=True, required=True)


class AcceptHelpBody(NoteBody):
    """Whose offer is taken up."""

    offer_id = row_id()


class HelpOfferOut(BaseSchema):
    """Somebody who would do it."""

    id = fields.Integer(required=True)
    helper = CalledName(required=True)
    words = fields.String(required=True, allow_none=True)
    offered_at = fields.AwareDateTime(required=True)
    answer = fields.Enum(HelpAnswer, by_value=True, required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)


class HelpOffersOut(BaseSchema):
    """All offers for a ticket, the first one first."""

    items = fields.List(fields.Nested(HelpOfferOut), required=True)


class WorkBody(BaseSchema):
    """What a worker can mend, and how much at once."""

    categories = fields.List(
        words(32), required=True, validate=validate.Length(max=CATEGORIES_MOST, error="类别选得太多了，请检查。")
    )
    most = fields.Integer(
        required=True,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, MOST_IN_HAND, error="手上最多几单，请填0到99；按站里的规定就空着。"),
        metadata={"description": "Empty: as the rule for all says."},
    )


class WorkerOut(BaseSchema):
    """A worker with what there is to do."""

    id = fields.Integer(required=True)
    worker = CalledName(required=True)
    in_hand = fields.Integer(required=True)
    most = fields.Integer(required=True)
    categories = fields.List(fields.String(), required=True)


class WorkersOut(BaseSchema):
    """The workers of a neighborhood."""

    items = fields.List(fields.Nested(WorkerOut), required=True)
