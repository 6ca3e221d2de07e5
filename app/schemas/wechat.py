"""One's WeChat account, and the reviewer's list."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, words
from models import ContentKind, ContentState, ContentSubject


class PhoneBody(BaseSchema):
    """What the phone button of the mini-program gave: a code, or on older phones encrypted data."""

    code = words(512, required=False)
    encrypted_data = words(4096, required=False)
    iv = words(64, required=False)
    raw_data = fields.String(
        validate=validate.Length(max=4096), metadata={"description": "`rawData`, as WeChat gave it."}
    )
    signature = fields.String(validate=validate.Length(max=64), metadata={"description": "WeChat's, over `raw_data`."})


class ReviewOut(BaseSchema):
    """A text or photo that waits for a person."""

    id = fields.Integer(required=True)
    ticket_id = fields.Integer(required=True)
    number = fields.String(required=True)
    kind = fields.Enum(ContentKind, by_value=True, required=True)
    subject_kind = fields.Enum(ContentSubject, by_value=True, required=True)
    state = fields.Enum(ContentState, by_value=True, required=True)
    text = fields.String(required=True, allow_none=True)
    place_note = fields.String(required=True, allow_none=True)
    photo = fields.String(required=True, allow_none=True, metadata={"description": "As in a ticket's photos."})
    label = fields.String(required=True, allow_none=True, metadata={"description": "What WeChat found, in Chinese."})
    why = fields.String(required=True, metadata={"description": "Why a person has to look, in Chinese."})
    created_at = fields.AwareDateTime(required=True)


class ReviewsPage(BaseSchema):
    """A page of what waits."""

    items = fields.List(fields.Nested(ReviewOut), required=True)
    next = fields.String(required=True, allow_none=True)


class RefusalBody(BaseSchema):
    """Why it is not shown; the author reads it."""

    reason = fields.String(
        required=True, validate=validate.Length(min=1, max=200, error="请写一句为什么不公开，最多200个字。")
    )
