"""Units of the civil tree, and what is missing in them."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, PageQuery, row_id, words
from app.schemas.personal import CalledName
from models import UnitKind
from services.org.coverage import Gap


class WhenQuery(BaseSchema):
    """As of which moment; empty: now."""

    when = fields.AwareDateTime(load_default=None)


class TreeQuery(WhenQuery):
    """How many levels below the unit."""

    levels = fields.Integer(load_default=1, validate=validate.Range(1, 3, error="一次看1到3层。"))


class UnitSearchQuery(PageQuery):
    """Part of a name, present or former, or a neighborhood's code."""

    text = words(32)


class PlacedUnitOut(BaseSchema):
    """A unit as it stood at a moment."""

    id = fields.Integer(required=True)
    parent_id = fields.Integer(required=True, allow_none=True)
    kind = fields.Enum(UnitKind, by_value=True, required=True)
    name = fields.String(required=True)
    neighborhood_id = fields.Integer(required=True, allow_none=True)


class TreeOut(BaseSchema):
    """A part of the tree, parents before children."""

    items = fields.List(fields.Nested(PlacedUnitOut), required=True)


class UnitOut(BaseSchema):
    """A unit at present."""

    id = fields.Integer(required=True)
    parent_id = fields.Integer(required=True, allow_none=True)
    kind = fields.Enum(UnitKind, by_value=True, required=True)
    name = fields.String(required=True)
    code = fields.String(required=True, allow_none=True)
    neighborhood_id = fields.Integer(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)


class UnitPage(BaseSchema):
    """A page of units."""

    items = fields.List(fields.Nested(UnitOut), required=True)
    next = fields.String(required=True, allow_none=True)


class UnitBody(BaseSchema):
    """A new unit.  A neighborhood has a code with which its ticket numbers begin."""

    parent_id = row_id()
    kind = fields.Enum(UnitKind, by_value=True, required=True)
    name = words(32)
    code = words(16, required=False)


class RenameBody(BaseSchema):
    """A unit's new name."""

    name = words(32)


class MoveBody(BaseSchema):
    """Where a unit is to stand, and why."""

    parent_id = row_id()
    why = words(200, required=False)


class WhyBody(BaseSchema):
    """Why."""

    why = words(200, required=False)


class GapsQuery(PageQuery, WhenQuery):
    """Which gap to list."""

    gap = fields.Enum(Gap, by_value=True, required=True)


class GapOut(BaseSchema):
    """A building, or a neighborhood's domain, that lacks something."""

    id = fields.Integer(required=True)
    unit_id = fields.Integer(required=True)
    unit_name = fields.String(required=True)
    name = fields.String(required=True, allow_none=True, metadata={"description": "Of the domain."})


class GapPage(BaseSchema):
    """A page of gaps."""

    items = fields.List(fields.Nested(GapOut), required=True)
    next = fields.String(required=True, allow_none=True)


class CountsOut(BaseSchema):
    """How much there is, and how much of it lacks something."""

    buildings = fields.Integer(required=True)
    without_leader = fields.Integer(required=True)
    without_party_group = fields.Integer(required=True)
    domains = fields.Integer(required=True)
    without_person = fields.Integer(required=True)


class NeighborhoodCountsOut(CountsOut):
    """The same for one neighborhood."""

    neighborhood_id = fields.Integer(required=True)
    name = fields.String(required=True)


class CoverageOut(BaseSchema):
    """What is missing below a unit.  Each number opens `GET /units/{id}/gaps`."""

    unit_id = fields.Integer(required=True)
    unit_name = fields.String(required=True)
    when = fields.AwareDateTime(required=True)
    total = fields.Nested(CountsOut, required=True)
    items = fields.List(fields.Nested(NeighborhoodCountsOut), required=True)


class ConflictOut(BaseSchema):
    """Somebody who is two things at once that are better kept apart."""

    person_id = fields.Integer(required=True)
    name = CalledName(required=True, allow_none=True)
    code = fields.String(required=True)
    first = fields.String(required=True)
    first_name = fields.String(required=True)
    second = fields.String(required=True)
    second_name = fields.String(required=True)
    neighborhood_id = fields.Integer(required=True, allow_none=True)
    why = fields.String(required=True)
    source = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why it was accepted."})


class ConflictsOut(BaseSchema):
    """All of them."""

    items = fields.List(fields.Nested(ConflictOut), required=True)
