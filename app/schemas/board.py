"""Fields of the board of common parts and of the preview."""

from marshmallow import fields

from app.schemas.base import BaseSchema, PageQuery
from models import TicketState, Urgency
from services.reading.board import Around


class BoardQuery(PageQuery):
    """Which page, and how far around."""

    around = fields.Enum(Around, by_value=True, load_default=Around.BUILDING)


class PublicWordsOut(BaseSchema):
    """What neighbors read of a report: no names, numbers masked."""

    category = fields.String(required=True)
    place_label = fields.String(required=True)
    place_note = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)


class BoardLineOut(PublicWordsOut):
    """A line of the board."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    state = fields.Enum(TicketState, by_value=True, required=True)
    state_name = fields.String(required=True)
    next_step = fields.String(required=True)
    urgency = fields.Enum(Urgency, by_value=True, required=True)
    submitted_at = fields.AwareDateTime(required=True)
    done_at = fields.AwareDateTime(required=True, allow_none=True)
    took_minutes = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "From the report until the worker was done; nothing while it is not done."},
    )
    overdue = fields.Boolean(required=True)
    can_open = fields.Boolean(
        required=True, metadata={"description": "Whether the reader may open it: it is in their building or their own."}
    )


class BoardPage(BaseSchema):
    """A page of the board."""

    items = fields.List(fields.Nested(BoardLineOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PreviewOut(BaseSchema):
    """What neighbors will read."""

    seen = fields.Boolean(required=True, metadata={"description": "Whether neighbors see it at all."})
    hint = fields.String(required=True)
    line = fields.Nested(PublicWordsOut, required=True, allow_none=True)
