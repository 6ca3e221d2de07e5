"""Codes to scan: what was scanned, and what those who look after codes do."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, PageQuery, row_id, words
from models import CodeEnd, SpotKind
from services.codes.places import KIND_NAMES
from services.codes.printing import Format, Size, What
from services.codes.scanning import Can


class ScannedBody(BaseSchema):
    """What was scanned, as it came, or the number that was typed."""

    scanned = words(512)


class CanOut(BaseSchema):
    """Something that can be done there."""

    do = fields.Enum(Can, by_value=True, required=True)
    name = fields.String(required=True)


class ReportPlaceOut(BaseSchema):
    """The place of a report, by the names of ``POST /tickets``."""

    building_id = fields.Integer()
    neighborhood_id = fields.Integer()
    place_note = fields.String()


class ScannedOut(BaseSchema):
    """What a code is."""

    kind = fields.String(required=True, validate=validate.OneOf(list(KIND_NAMES)))
    kind_name = fields.String(required=True)
    label = fields.String(required=True)
    number = fields.String(required=True, allow_none=True, metadata={"description": "Read aloud on the phone."})
    neighborhood_id = fields.Integer(required=True)
    neighborhood = fields.String(required=True)
    report = fields.Nested(ReportPlaceOut, required=True, allow_none=True)
    ticket_id = fields.Integer(required=True, allow_none=True)
    can = fields.List(fields.Nested(CanOut), required=True)
    said = fields.String(required=True, metadata={"description": "What this is and what to do, to be read aloud."})


class CodesQuery(PageQuery):
    """Which codes."""

    ended = fields.Boolean(load_default=False)


class CodeOut(BaseSchema):
    """A code, as who looks after it sees it."""

    id = fields.Integer(required=True)
    number = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    kind_name = fields.String(required=True)
    label = fields.String(required=True)
    spot_id = fields.Integer(required=True, allow_none=True)
    made_at = fields.AwareDateTime(required=True)
    revoked_at = fields.AwareDateTime(required=True, allow_none=True)
    revoked_why = fields.Enum(CodeEnd, by_value=True, required=True, allow_none=True)
    has_picture = fields.Boolean(required=True, metadata={"description": "Whether WeChat's own picture is there."})


class CodePage(BaseSchema):
    """A page of codes."""

    items = fields.List(fields.Nested(CodeOut), required=True)
    next = fields.String(required=True, allow_none=True)


class MakeCodesBody(BaseSchema):
    """For which buildings, stairwells or neighborhood; without any: for all buildings and the neighborhood."""

    unit_ids = fields.List(row_id(), validate=validate.Length(max=500, error="一次最多500个。"))


class MadeCodesOut(BaseSchema):
    """The codes that were missing."""

    items = fields.List(fields.Nested(CodeOut), required=True)


class SpotBody(BaseSchema):
    """A common place or a checkpoint, in a building or (without one) in the neighborhood."""

    kind = fields.Enum(SpotKind, by_value=True, required=True)
    name = words(24)
    unit_id = row_id(required=False)


class EndCodeBody(BaseSchema):
    """Why a code counts no more."""

    why = fields.Enum(CodeEnd, by_value=True, required=True)


class SheetQuery(BaseSchema):
    """How one code is printed."""

    size = fields.Enum(Size, by_value=True, load_default=Size.POSTER)
    format = fields.Enum(Format, by_value=True, load_default=Format.PDF)


class SheetsQuery(SheetQuery):
    """Which codes are printed, and how.  SVG has one page in a file."""

    what = fields.Enum(What, by_value=True, load_default=What.BUILDINGS)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 1000, error="页码从1到1000。"))


class LinkOut(BaseSchema):
    """An address that never changes and leads into the mini-program."""

    address = fields.String(required=True)
