"""What a resident can choose when asking to be written down."""

from marshmallow import fields

from app.schemas.base import BaseSchema
from models import Evidence, ResidencyKind


class EvidenceChoiceOut(BaseSchema):
    """Something that a request can rest on."""

    value = fields.Enum(Evidence, by_value=True, required=True)
    name = fields.String(required=True)
    is_paper = fields.Boolean(required=True, metadata={"description": "Shown by a photo, or by its number."})


class ResidencyChoiceOut(BaseSchema):
    """Something that one can be to a home."""

    kind = fields.Enum(ResidencyKind, by_value=True, required=True)
    name = fields.String(required=True)
    evidence = fields.List(fields.Nested(EvidenceChoiceOut), required=True)


class ResidencyChoicesOut(BaseSchema):
    """All that one can ask to be, in the order in which people choose."""

    items = fields.List(fields.Nested(ResidencyChoiceOut), required=True)
