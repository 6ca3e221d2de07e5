"""Charges, payments and refunds in and out.  Amounts are fen."""

from typing import Any

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, row_id, words
from models import DifferenceKind, OrderState, RefundOrderState, WordSource

FEN_MOST = 2_000_000_000


def fen() -> fields.Integer:
    """Return a field for an amount."""
    check: Any = validate.Range(min=1, max=FEN_MOST, error="金额要大于0，按分填整数。")
    return fields.Integer(required=True, strict=True, validate=check, metadata={"description": "Fen."})


class ChargeBody(BaseSchema):
    """What is asked of a home."""

    home_id = row_id()
    amount = fen()
    description = words(40)


class ChargeOut(BaseSchema):
    """A one-off amount asked of a home."""

    id = fields.Integer(required=True)
    home_id = fields.Integer(required=True)
    home = fields.String()
    amount = fields.Integer(required=True)
    description = fields.String(required=True)
    made_at = fields.DateTime(required=True)
    withdrawn_at = fields.DateTime(required=True, allow_none=True)
    is_paid = fields.Boolean()


class ChargesOut(BaseSchema):
    """What is asked of my homes."""

    items = fields.List(fields.Nested(ChargeOut), required=True)


class ChargePage(ChargesOut):
    """A page of them."""

    next = fields.String(required=True, allow_none=True)


class RefundOut(BaseSchema):
    """A refund."""

    id = fields.Integer(required=True)
    order_id = fields.Integer(required=True)
    number = fields.String(required=True, attribute="number")
    amount = fields.Integer(required=True)
    reason = fields.String(required=True)
    state = fields.Enum(RefundOrderState, by_value=True, required=True)
    state_name = fields.String(required=True)
    refusal = fields.String(required=True, allow_none=True)
    asked_at = fields.DateTime(required=True)
    checked_at = fields.DateTime(required=True, allow_none=True)
    succeeded_at = fields.DateTime(required=True, allow_none=True)


class RefundPage(BaseSchema):
    """A page of refunds."""

    items = fields.List(fields.Nested(RefundOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PaymentOrderOut(BaseSchema):
    """A payment, as far as WeChat has said."""

    id = fields.Integer(required=True)
    number = fields.String(required=True, metadata={"description": "Ours (out_trade_no)."})
    description = fields.String(required=True)
    amount = fields.Integer(required=True)
    refunded = fields.Integer(required=True)
    refund_reserved = fields.Integer(
        required=True, metadata={"description": "Of the amount, what went back or may yet go back."}
    )
    state = fields.Enum(OrderState, by_value=True, required=True)
    state_name = fields.String(required=True)
    home_id = fields.Integer(required=True, allow_none=True)
    home = fields.String(required=True, allow_none=True)
    transaction_id = fields.String(required=True, allow_none=True, metadata={"description": "WeChat's number."})
    created_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)
    paid_at = fields.DateTime(required=True, allow_none=True)
    refunds = fields.List(fields.Nested(RefundOut))


class PaymentOrderPage(BaseSchema):
    """A page of payments."""

    items = fields.List(fields.Nested(PaymentOrderOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PayParametersOut(BaseSchema):
    """What `wx.requestPayment` takes, as it is.  Its `success` proves nothing: ask for the payment's state afterwards."""

    timeStamp = fields.String(required=True)  # noqa: N815 - WeChat's name
    nonceStr = fields.String(required=True)  # noqa: N815
    package = fields.String(required=True)
    signType = fields.String(required=True)  # noqa: N815
    paySign = fields.String(required=True)  # noqa: N815


class RefundBody(BaseSchema):
    """How much goes back, and why: the payer reads it."""

    amount = fen()
    reason = words(30)


class RefundRefusalBody(BaseSchema):
    """Why a refund is not let go."""

    words = words(60)


class PaymentEventOut(BaseSchema):
    """One thing that happened to a payment."""

    id = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    kind = fields.String(required=True)
    source = fields.Enum(WordSource, by_value=True, required=True)
    refund_id = fields.Integer(required=True, allow_none=True)
    detail = fields.Dict(required=True, metadata={"description": "Numbers, amounts and codes."})


class PaymentHistoryOut(BaseSchema):
    """The history of a payment, oldest first."""

    items = fields.List(fields.Nested(PaymentEventOut), required=True)


class PaymentBillOut(BaseSchema):
    """WeChat's bill of a day, in sums (fen)."""

    id = fields.Integer(required=True)
    day = fields.Date(required=True)
    payments = fields.Integer(required=True, metadata={"description": "How many."})
    paid = fields.Integer(required=True)
    refunds = fields.Integer(required=True, metadata={"description": "How many."})
    refunded = fields.Integer(required=True)
    fees = fields.Integer(required=True)
    funds_checked = fields.Boolean(required=True)
    open_differences = fields.Integer(required=True)
    fetched_at = fields.DateTime(required=True)


class PaymentBillPage(BaseSchema):
    """A page of bills."""

    items = fields.List(fields.Nested(PaymentBillOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PaymentDifferenceOut(BaseSchema):
    """One line on which WeChat and we do not agree."""

    id = fields.Integer(required=True)
    day = fields.Date(required=True)
    kind = fields.Enum(DifferenceKind, by_value=True, required=True)
    kind_name = fields.String(required=True)
    advice = fields.String(required=True, metadata={"description": "What to do about it."})
    number = fields.String(required=True)
    ours = fields.Integer(required=True, allow_none=True)
    theirs = fields.Integer(required=True, allow_none=True)
    settled_at = fields.DateTime(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)


class PaymentDifferencePage(BaseSchema):
    """A page of differences."""

    items = fields.List(fields.Nested(PaymentDifferenceOut), required=True)
    next = fields.String(required=True, allow_none=True)


class DifferenceWordsBody(BaseSchema):
    """Why WeChat and we did not agree."""

    words = words(200)
