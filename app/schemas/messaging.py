"""The inbox, and what people allow us to send."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema
from services.grants import KINDS, TAPS


class InboxItemOut(BaseSchema):
    """One message."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    ticket_id = fields.Integer(required=True, allow_none=True)
    page = fields.String(required=True, allow_none=True, metadata={"description": "What a tap opens."})
    created_at = fields.AwareDateTime(required=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)


class InboxPage(BaseSchema):
    """A page of messages, and how many are unread altogether."""

    items = fields.List(fields.Nested(InboxItemOut), required=True)
    next = fields.String(required=True, allow_none=True)
    unread = fields.Integer(required=True)


class GrantOut(BaseSchema):
    """A template worth asking for at this tap, and what is left of it."""

    kind = fields.String(required=True)
    template_id = fields.String(required=True)
    remaining = fields.Integer(required=True)


class GrantsOut(BaseSchema):
    """What to hand to ``wx.requestSubscribeMessage``, most useful first."""

    items = fields.List(fields.Nested(GrantOut), required=True)


class TapQuery(BaseSchema):
    """What the person is about to do; without it, what their hat usually does."""

    tap = fields.String(data_key="for", load_default=None, validate=validate.OneOf([*TAPS], error="没有这种操作。"))


class GrantBody(BaseSchema):
    """What the person answered.  ``ban`` and ``filter`` count as no answer: report only these two."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS, error="没有这种通知。"))
    answer = fields.String(
        required=True, validate=validate.OneOf(["accept", "reject"], error="只能是 accept 或 reject。")
    )


class GrantAnswerOut(BaseSchema):
    """What is left after the answer."""

    remaining = fields.Integer(required=True)
