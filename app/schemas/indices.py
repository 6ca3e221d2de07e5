"""Indices of tickets: what is asked for, and what is answered."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, PageQuery, query_id
from models import TicketState, Urgency
from services.indices.counting import By
from services.indices.parts import Part


class PeriodQuery(BaseSchema):
    """Of which months: one, or several that end with it."""

    month = fields.String(
        load_default=None,
        validate=validate.Length(max=7, error="月份写成2026-11这样。"),
        metadata={"description": "As `2026-11`, of Shanghai; this month without it."},
    )
    months = fields.Integer(load_default=1, validate=validate.Range(1, 12, error="一次看1到12个月。"))
    category_id = query_id()


class IndicesQuery(PeriodQuery):
    """What the rows are."""

    by = fields.Enum(By, by_value=True, load_default=By.UNIT)


class BehindQuery(PeriodQuery, PageQuery):
    """Which number, and which page of the list behind it."""

    part = fields.Enum(Part, by_value=True, load_default=Part.ALL)
    worker_id = query_id()
    own = fields.Boolean(
        load_default=False, metadata={"description": "Only what belongs to the unit itself, to none below it."}
    )


class RateOut(BaseSchema):
    """A rate with what it is counted from."""

    percent = fields.String(
        required=True, allow_none=True, metadata={"description": "Three places at most; nothing when `of` is 0."}
    )
    of = fields.Integer(required=True, metadata={"description": "How many were counted."})


class IndexRowOut(BaseSchema):
    """A unit, category, worker or month."""

    key = fields.String(required=True, metadata={"description": "Id or month; empty: the unit itself."})
    label = fields.String(required=True, metadata={"description": "A worker as colleagues call them, else masked."})
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True,
        metadata={"description": "By part; each opens with `/indices/tickets?part=…`."},
    )  # fmt: skip
    response = fields.Nested(RateOut, required=True)
    resolution = fields.Nested(RateOut, required=True)
    satisfaction = fields.Nested(RateOut, required=True)
    returns = fields.Nested(RateOut, required=True)
    score = fields.String(required=True, allow_none=True)


class WeightsOut(BaseSchema):
    """How much each rate counts in the score, in percent."""

    response = fields.Integer(required=True)
    resolution = fields.Integer(required=True)
    satisfaction = fields.Integer(required=True)


class PartOut(BaseSchema):
    """What a count is called."""

    part = fields.Enum(Part, by_value=True, required=True)
    label = fields.String(required=True)


class IndicesOut(BaseSchema):
    """The indices of a unit."""

    unit_id = fields.Integer(required=True)
    unit_name = fields.String(required=True)
    first_month = fields.String(required=True)
    last_month = fields.String(required=True)
    weights = fields.Nested(WeightsOut, required=True)
    parts = fields.List(fields.Nested(PartOut), required=True)
    whole = fields.Nested(IndexRowOut, required=True)
    rows = fields.List(fields.Nested(IndexRowOut), required=True)


class CountedTicketOut(BaseSchema):
    """A ticket behind a number."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    category = fields.String(required=True)
    place_label = fields.String(required=True)
    urgency = fields.Enum(Urgency, by_value=True, required=True)
    state = fields.Enum(TicketState, by_value=True, required=True)
    submitted_at = fields.AwareDateTime(required=True)


class CountedTicketPage(BaseSchema):
    """A page of them."""

    items = fields.List(fields.Nested(CountedTicketOut), required=True)
    next = fields.String(required=True, allow_none=True)
