"""Letting a browser in, and one's own sign-ins."""

from marshmallow import fields

from app.schemas.base import BaseSchema, words
from app.schemas.sign_in import HatBody, HatOut
from models import DeviceKind


class ScanBody(BaseSchema):
    """What was scanned, or typed: the address in the QR code, or the eight characters below it."""

    code = words(255)


class ConfirmBody(HatBody):
    """A yes, with the hat to wear at the console."""

    code = words(255)


class QuestionOut(BaseSchema):
    """What to show before asking for a yes."""

    browser = fields.String(required=True, metadata={"description": "As people call it: Windows 电脑上的 Edge."})
    address = fields.String(required=True, metadata={"description": "The network address that asks."})
    same_network = fields.Boolean(
        required=True, metadata={"description": "Whether the phone comes from the same address."}
    )
    asked_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    hats = fields.List(fields.Nested(HatOut), required=True)


class OwnSignInOut(BaseSchema):
    """One of one's sign-ins that are in force."""

    id = fields.Integer(required=True)
    device = fields.Enum(DeviceKind, by_value=True, required=True)
    device_name = fields.String(required=True)
    label = fields.String(required=True, allow_none=True)
    hat = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(required=True)
    this = fields.Boolean(required=True, metadata={"description": "Whether it is the one that asks."})


class OwnSignInsPage(BaseSchema):
    """One's sign-ins, newest first."""

    items = fields.List(fields.Nested(OwnSignInOut), required=True)
    next = fields.String(required=True, allow_none=True)
