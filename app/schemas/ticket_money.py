"""Responsibility, the price list and quotes: what each move takes, and what is shown."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, row_id, tokens, words
from app.schemas.personal import CalledName
from models import QuoteWord, ResponsibleParty
from services.tickets.filing import PHOTOS_MOST

LINES_MOST = 20
PRICE_MOST = 1_000_000
QUANTITY_MOST = 10_000
VALID_DAYS_MOST = 30


def price() -> fields.Integer:
    """A price in whole fen."""
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, PRICE_MOST, error="单价请填0到10000元，按分写成整数。"),
        metadata={"description": "Fen per unit."},
    )


def quantity() -> fields.Integer:
    """How much, in hundredths of the unit."""
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, QUANTITY_MOST, error="数量请填0.01到100，按百分之一写成整数。"),
        metadata={"description": "Hundredths of the unit: 150 is one and a half."},
    )


class SurveyBody(BaseSchema):
    """Who is responsible, and what proves it."""

    party = fields.Enum(ResponsibleParty, by_value=True, required=True)
    reason = words(500, required=False)
    photos = tokens(PHOTOS_MOST)
    words = words(500)


class DecisionOut(BaseSchema):
    """One decision on who is responsible."""

    id = fields.Integer(required=True)
    party = fields.Enum(ResponsibleParty, by_value=True, required=True)
    party_title = fields.String(required=True)
    who_pays = fields.String(required=True, metadata={"description": "What it means for who pays, in plain Chinese."})
    words = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why another was found later."})
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    decided_by = CalledName(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True)


class DecisionsOut(BaseSchema):
    """All decisions, the one that counts first."""

    items = fields.List(fields.Nested(DecisionOut), required=True)


class PriceBody(BaseSchema):
    """A line for the price list."""

    name = words(40)
    unit = words(10)
    price_fen = price()
    source = words(100)
    note = words(100, required=False)


class PriceMadeOut(BaseSchema):
    """A line just put on the list."""

    id = fields.Integer(required=True)


class PriceOut(BaseSchema):
    """A line of the price list."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    price_fen = fields.Integer(required=True)
    note = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, metadata={"description": "Who decided the price, and where it stands."})
    starts_at = fields.AwareDateTime(required=True)
    is_general = fields.Boolean(required=True, metadata={"description": "For all neighborhoods."})


class PricePage(BaseSchema):
    """A page of the price list."""

    items = fields.List(fields.Nested(PriceOut), required=True)
    next = fields.String(required=True, allow_none=True)


class QuoteLineBody(BaseSchema):
    """A line by the list (`price_item_id`), or free with `name`, `unit`, `price_fen` and `reason`."""

    quantity_centi = quantity()
    price_item_id = row_id(required=False)
    name = words(40, required=False)
    unit = words(10, required=False)
    price_fen = fields.Integer(
        strict=True, validate=validate.Range(0, PRICE_MOST, error="单价请填0到10000元，按分写成整数。")
    )
    reason = words(100, required=False)


class QuoteBody(BaseSchema):
    """What the work would cost."""

    lines = fields.List(
        fields.Nested(QuoteLineBody),
        required=True,
        validate=validate.Length(1, LINES_MOST, error="报价请写1到20项。"),
    )
    valid_days = fields.Integer(
        load_default=7, strict=True, validate=validate.Range(1, VALID_DAYS_MOST, error="有效期请填1到30天。")
    )
    note = words(500, required=False)


class QuoteNamedBody(BaseSchema):
    """Which quote."""

    quote_id = row_id()


class QuoteDeclinedBody(QuoteNamedBody):
    """Which quote, and perhaps why."""

    note = words(500, required=False)


class QuoteWithdrawnBody(QuoteNamedBody):
    """Which quote, and why."""

    note = words(500)


class QuoteLineOut(BaseSchema):
    """A line of a quote."""

    price_item_id = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    quantity_centi = fields.Integer(required=True)
    price_fen = fields.Integer(required=True)
    amount_fen = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True)


class QuoteOut(BaseSchema):
    """A quote with the resident's word."""

    id = fields.Integer(required=True)
    sum_fen = fields.Integer(required=True)
    made_at = fields.AwareDateTime(required=True)
    valid_until = fields.AwareDateTime(required=True)
    note = fields.String(required=True, allow_none=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)
    withdrawn_why = fields.String(required=True, allow_none=True)
    word = fields.Enum(QuoteWord, by_value=True, required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    by_proxy = fields.Boolean(required=True)
    answer_note = fields.String(required=True, allow_none=True)
    lines = fields.List(fields.Nested(QuoteLineOut), required=True)


class QuotesOut(BaseSchema):
    """All quotes of a ticket, newest first, and what is due."""

    items = fields.List(fields.Nested(QuoteOut), required=True)
    due_fen = fields.Integer(required=True)
