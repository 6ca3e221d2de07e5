"""Mass messages to customer groups of WeCom."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, row_id, words
from models import MassState
from services.groups.mass import TEXT_MOST


class MassOut(BaseSchema):
    """A message and what became of it."""

    id = fields.Integer(required=True)
    text = fields.String(required=True)
    state = fields.Enum(MassState, by_value=True, required=True)
    words = fields.String(required=True, metadata={"description": "The state in Chinese."})
    advice = fields.String(required=True, metadata={"description": "What to do, in Chinese."})
    groups = fields.Integer(required=True, metadata={"description": "To how many groups."})
    sent = fields.Integer(required=True, metadata={"description": "How many of them have it."})
    reminders = fields.Integer(required=True)
    prepared_at = fields.AwareDateTime(required=True)


class MassListOut(BaseSchema):
    """The last messages of a neighborhood."""

    items = fields.List(fields.Nested(MassOut), required=True)


class MassBody(BaseSchema):
    """A message, the groups it goes to, and my own account at WeCom: I have to confirm it there."""

    text = words(TEXT_MOST)
    chat_ids = fields.List(row_id(), required=True, validate=validate.Length(min=1, max=100, error="请选1到100个群。"))
    sender = words(64)
    page = fields.String(
        load_default="",
        validate=validate.Regexp(r"^(pages/[A-Za-z0-9_/-]+(\?[A-Za-z0-9_=&-]+)?)?$", error="页面的写法不对。"),
        metadata={"description": "Page of the mini-program that a card under the text opens; none without it."},
    )
