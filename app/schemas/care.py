"""Key households: numbers for who manages, cases for who may know."""

from marshmallow import fields

from app.schemas.base import BaseSchema, row_id, words
from app.schemas.personal import CalledName, MaskedName


class CareKindOut(BaseSchema):
    """Why a household may be looked after."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    needs_consent = fields.Boolean(required=True)


class CareKindsOut(BaseSchema):
    """All kinds that can be chosen."""

    items = fields.List(fields.Nested(CareKindOut), required=True)


class CareBody(BaseSchema):
    """Who is to be looked after, where, why, and until when."""

    person_id = row_id()
    home_id = row_id()
    kind = words(32)
    reason = words(500)
    expires_on = fields.Date(required=True)


class CareIdOut(BaseSchema):
    """An entry by its number: nothing of what is in it."""

    id = fields.Integer(required=True)
    expires_on = fields.Date(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)


class CareRow(BaseSchema):
    """An entry of which the actor may know: where roughly, and until when."""

    id = fields.Integer(required=True)
    building = fields.String(required=True)
    expires_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, metadata={"description": "Until when the actor may know."})


class CarePage(BaseSchema):
    """A page of them."""

    items = fields.List(fields.Nested(CareRow), required=True)
    next = fields.String(required=True, allow_none=True)


class CareNumberRow(BaseSchema):
    """An entry for who manages the list."""

    id = fields.Integer(required=True)
    opened_on = fields.Date(required=True)
    expires_on = fields.Date(required=True)
    is_expired = fields.Boolean(required=True)
    knowers = fields.Integer(
        required=True, metadata={"description": "How many may know now; 0: somebody has to be named."}
    )


class CareNumberPage(BaseSchema):
    """A page of them."""

    items = fields.List(fields.Nested(CareNumberRow), required=True)
    next = fields.String(required=True, allow_none=True)


class LookBody(BaseSchema):
    """Why somebody looks; the household reads it."""

    purpose = words(100)


class KnowerOut(BaseSchema):
    """Somebody who may know."""

    id = fields.Integer(required=True)
    name = CalledName(required=True, allow_none=True)
    why = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)


class VisitOut(BaseSchema):
    """Somebody was there."""

    id = fields.Integer(required=True)
    name = CalledName(required=True, allow_none=True)
    visited_at = fields.AwareDateTime(required=True)
    purpose = fields.String(required=True)
    words = fields.String(required=True, allow_none=True)


class CareOut(BaseSchema):
    """The whole entry."""

    id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    name = MaskedName(required=True, allow_none=True)
    kind = fields.String(required=True)
    kind_name = fields.String(required=True)
    place = fields.String(required=True)
    reason = fields.String(required=True)
    opened_on = fields.Date(required=True)
    expires_on = fields.Date(required=True)
    knowers = fields.List(fields.Nested(KnowerOut), required=True)
    visits = fields.List(fields.Nested(VisitOut), required=True)


class CareLookOut(BaseSchema):
    """Somebody looked."""

    at = fields.AwareDateTime(required=True)
    name = CalledName(required=True, allow_none=True)
    purpose = fields.String(required=True, allow_none=True)


class OwnCareOut(BaseSchema):
    """One's own entry: what is written, who may know, who was there, who looked."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    kind_name = fields.String(required=True)
    place = fields.String(required=True)
    reason = fields.String(required=True)
    opened_on = fields.Date(required=True)
    expires_on = fields.Date(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    knowers = fields.List(fields.Nested(KnowerOut), required=True)
    visits = fields.List(fields.Nested(VisitOut), required=True)
    looks = fields.List(fields.Nested(CareLookOut), required=True)


class OwnCaresOut(BaseSchema):
    """One's own entries, newest first."""

    items = fields.List(fields.Nested(OwnCareOut), required=True)


class ProlongBody(BaseSchema):
    """Until when."""

    expires_on = fields.Date(required=True)


class CloseCareBody(BaseSchema):
    """Why it ends."""

    why = words(100, least=2)


class KnowerBody(BaseSchema):
    """Who else may know, why, and until when."""

    person_id = row_id()
    why = words(100, least=2)
    ends_on = fields.Date(required=True)


class KnowerIdOut(BaseSchema):
    """Somebody who may know, by number."""

    id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    ends_on = fields.Date(required=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)


class VisitBody(BaseSchema):
    """When somebody was there, what for, and what they saw."""

    visited_at = fields.AwareDateTime(required=True)
    purpose = words(100, least=2)
    words = words(500, required=False)


class VisitIdOut(BaseSchema):
    """A visit that was written down."""

    id = fields.Integer(required=True)
    visited_at = fields.AwareDateTime(required=True)
