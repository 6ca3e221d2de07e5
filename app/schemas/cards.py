"""Cards in WeChat groups whose numbers change."""

from marshmallow import fields

from app.schemas.base import BaseSchema
from models import CardState


class CardOut(BaseSchema):
    """A card and what it shows."""

    id = fields.Integer(required=True)
    state = fields.Enum(CardState, by_value=True, required=True)
    answered = fields.Integer(required=True, metadata={"description": "Households with a phone bound."})
    households = fields.Integer(required=True)
    expires_at = fields.AwareDateTime(required=True)


class ParameterOut(BaseSchema):
    """A value of the card; WeChat wants texts."""

    name = fields.String(required=True)
    value = fields.String(required=True)


class NewCardOut(CardOut):
    """What `wx.updateShareMenu` needs before the person shares."""

    activity_id = fields.String(required=True)
    template_id = fields.String(required=True)
    parameters = fields.List(fields.Nested(ParameterOut), required=True)


class CardsOut(BaseSchema):
    """The last cards of a building, newest first."""

    items = fields.List(fields.Nested(CardOut), required=True)
