"""Signing in, and who one is."""

from marshmallow import fields

from app.schemas.base import BaseSchema, row_id, words
from app.schemas.mandates import ActingOut
from app.schemas.personal import CalledName, MaskedName, MaskedPhone
from models import ResidencyKind, Role


class SignInBody(BaseSchema):
    """What ``wx.login`` gave."""

    code = words(128)


class RefreshBody(BaseSchema):
    """The token that keeps a device signed in."""

    refresh_token = words(128)


class HatBody(BaseSchema):
    """Which hat to put on: that of a membership or of a key; neither is the resident's."""

    membership_id = fields.Integer(required=True, allow_none=True, strict=True)
    case_key_id = fields.Integer(load_default=None, allow_none=True, strict=True)


class HatOut(BaseSchema):
    """A role at a node, or a key to one case."""

    membership_id = fields.Integer(required=True, allow_none=True)
    case_key_id = fields.Integer(required=True, allow_none=True)
    ticket_id = fields.Integer(required=True, allow_none=True, metadata={"description": "The case that a key opens."})
    title = fields.String(required=True, metadata={"description": "As people call it: a position, or the role."})
    unit_name = fields.String(required=True, allow_none=True)
    role = fields.Enum(Role, by_value=True, required=True)
    role_name = fields.String(required=True)
    unit_id = fields.Integer(required=True, allow_none=True)
    neighborhood_id = fields.Integer(required=True, allow_none=True)


class TokenOut(BaseSchema):
    """Tokens, and who they are for.  ``refresh_token`` is new at each use."""

    access_token = fields.String(required=True)
    refresh_token = fields.String(allow_none=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds until the access token ends."})
    person_id = fields.Integer(required=True)
    hat = fields.Nested(HatOut, required=True)
    acting = fields.Nested(
        ActingOut,
        required=True,
        allow_none=True,
        metadata={"description": "For whom its holder acts; null: for themselves.  Look at it after each refresh."},
    )


class MeBody(BaseSchema):
    """One's own name and phone."""

    name = words(20, required=False)
    phone = words(24, required=False)


class MeOut(BaseSchema):
    """One's own person, masked like everybody's."""

    person_id = fields.Integer(required=True)
    name = MaskedName(required=True, allow_none=True)
    known_as = CalledName(required=True, allow_none=True)
    phone = MaskedPhone(required=True, allow_none=True)
    hat = fields.Nested(HatOut, required=True)
    hats = fields.List(fields.Nested(HatOut), required=True)
    sandbox = fields.Boolean(required=True, metadata={"description": "Whether WeChat is simulated."})


class InvitationBody(BaseSchema):
    """Whom to invite to a home; without a person, somebody new."""

    home_id = row_id()
    kind = fields.Enum(ResidencyKind, by_value=True, load_default=ResidencyKind.OWNER)
    person_id = row_id(required=False)


class InvitationOut(BaseSchema):
    """An invitation; the code is shown this once."""

    code = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class RedeemBody(BaseSchema):
    """The code from the station."""

    code = words(20)
