"""Reading in full what lists mask, and who did."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, words
from app.schemas.personal import ClearIdNumber, ClearName, ClearPhone, MaskedName
from models import IdType
from services.revealing import Field


class RevealBody(BaseSchema):
    """What to show, and what for."""

    fields_ = fields.List(
        fields.Enum(Field, by_value=True),
        required=True,
        data_key="fields",
        attribute="fields",
        validate=validate.Length(min=1, max=3, error="请选要看哪几项。"),
    )
    purpose = words(32)
    words = words(100, least=0, required=False)


class RevealOut(BaseSchema):
    """What was asked for; null where nothing is known."""

    name = ClearName(required=True, allow_none=True)
    phone = ClearPhone(required=True, allow_none=True)
    id_number = ClearIdNumber(required=True, allow_none=True)
    id_type = fields.Enum(IdType, by_value=True, required=True, allow_none=True)


class PurposeOut(BaseSchema):
    """Something that one may look for."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    opens = fields.List(fields.Enum(Field, by_value=True), required=True)
    wants_words = fields.Boolean(required=True)


class PurposesOut(BaseSchema):
    """The purposes of today, in their order."""

    items = fields.List(fields.Nested(PurposeOut), required=True)


class LookOut(BaseSchema):
    """Somebody read, exported or imported my data."""

    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    viewer = MaskedName(required=True, allow_none=True)
    title = fields.String(required=True, metadata={"description": "In which office."})
    unit = fields.String(required=True, allow_none=True)
    what = fields.String(required=True)
    why = fields.String(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True, metadata={"description": "What the viewer wrote about it."})
    said = fields.String(required=True, metadata={"description": "All of it as one sentence, to be read aloud."})


class LooksPage(BaseSchema):
    """A page of looks."""

    items = fields.List(fields.Nested(LookOut), required=True)
    next = fields.String(required=True, allow_none=True)
