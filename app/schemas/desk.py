"""The rights desk: what people ask about their own data, and the answers."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, PageQuery, row_id, words
from app.schemas.personal import MaskedName
from models import RightsKind, RightsState, Standing, ToldHow
from services.privacy.desk_moves import DeskAction

ANSWERS = (DeskAction.GRANT, DeskAction.PARTLY, DeskAction.REFUSE)


class AskBody(BaseSchema):
    """What is asked about one's own data."""

    kind = fields.Enum(RightsKind, by_value=True, required=True)
    words = words(500, required=False)


class RecordedAskBody(AskBody):
    """The same, asked at the window, perhaps by somebody for somebody."""

    how = fields.Enum(ToldHow, by_value=True, required=True)
    standing = fields.Enum(Standing, by_value=True, load_default=Standing.SELF)
    standing_proof = words(100, required=False)
    asked_by_id = row_id(required=False)


class RightsRequestOut(BaseSchema):
    """A request, with what was asked and answered."""

    id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    neighborhood_id = fields.Integer(required=True, allow_none=True)
    kind = fields.Enum(RightsKind, by_value=True, required=True)
    kind_name = fields.String(required=True)
    standing = fields.Enum(Standing, by_value=True, required=True)
    how = fields.Enum(ToldHow, by_value=True, required=True)
    state = fields.Enum(RightsState, by_value=True, required=True)
    state_name = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    is_late = fields.Boolean(required=True)
    settled_at = fields.AwareDateTime(required=True, allow_none=True)
    handled_by_id = fields.Integer(required=True, allow_none=True)
    can_download = fields.Boolean(required=True)
    words = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    standing_proof = fields.String(allow_none=True)
    name = MaskedName(allow_none=True, metadata={"description": "Masked; for the desk."})


class RightsRequestRow(RightsRequestOut):
    """A request in the desk's list."""

    neighborhood = fields.String(required=True)


class RightsRequestPage(BaseSchema):
    """A page of one's own requests."""

    items = fields.List(fields.Nested(RightsRequestOut), required=True)
    next = fields.String(required=True, allow_none=True)


class DeskPage(BaseSchema):
    """A page of requests that a desk answers."""

    items = fields.List(fields.Nested(RightsRequestRow), required=True)
    next = fields.String(required=True, allow_none=True)


class DeskQuery(PageQuery):
    """Which requests."""

    settled = fields.Boolean(load_default=False)


class SettleBody(BaseSchema):
    """The answer.  ``grant`` does what was asked."""

    action = fields.Enum(
        DeskAction,
        by_value=True,
        required=True,
        validate=validate.OneOf(ANSWERS, error="请选照办、部分照办或者不办。"),
    )
    answer = words(1000, required=False)
    name = words(20, required=False)
    phone = words(24, required=False)


class ErasurePartOut(BaseSchema):
    """What happens to the rows of one kind."""

    name = fields.String(required=True)
    rows = fields.Integer(required=True)
    why = fields.String(required=True)


class ErasurePlanOut(BaseSchema):
    """What erasing would do: shown before somebody asks for it, or grants it."""

    blocking = fields.List(fields.String(), required=True)
    goes = fields.List(fields.Nested(ErasurePartOut), required=True)
    stays = fields.List(fields.Nested(ErasurePartOut), required=True)
    keeps_name = fields.Boolean(required=True)


class SectionOut(BaseSchema):
    """The rows of one table."""

    table = fields.String(required=True)
    name = fields.String(required=True)
    rows = fields.List(fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True)), required=True)


class DossierOut(BaseSchema):
    """Everything about a person, for the person."""

    made_at = fields.AwareDateTime(required=True)
    sections = fields.List(fields.Nested(SectionOut), required=True)
    note = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "The same in plain words, to be printed or read out."})
