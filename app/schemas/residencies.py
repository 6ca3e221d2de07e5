"""Residencies, requests for them, and rights in homes."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, PageQuery, row_id, tokens, words
from app.schemas.personal import MaskedName, MaskedPhone
from models import Evidence, LeavingReason, RequestState, ResidencyKind, Right, RightSource
from services.residencies.asking import PHOTOS_MOST
from services.residencies.shares import PARTS_MOST


def part() -> fields.Integer:
    """Return a field for one number of a share."""
    return fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, PARTS_MOST, error=f"请填1到{PARTS_MOST}。"),
    )


class ClaimBody(BaseSchema):
    """What one says one is to a home, and what shows it."""

    kind = fields.Enum(ResidencyKind, by_value=True, required=True)
    since = fields.Date(required=True, metadata={"description": "The day of the deed, the lease, or of moving in."})
    evidence = fields.Enum(Evidence, by_value=True, required=True)
    share_numerator = part()
    share_denominator = part()
    pays_fee = fields.Boolean(load_default=False)
    document = words(64, required=False)
    words = words(120, required=False)
    photos = tokens(PHOTOS_MOST)


class AskResidencyBody(ClaimBody):
    """A claim to one home: by id, or as people say it."""

    home_id = row_id(required=False)
    neighborhood_code = words(32, required=False)
    address = words(64, required=False)


class ResidencyWordsBody(BaseSchema):
    """Why: whoever is concerned reads it."""

    words = words(120, least=2)


class ApproveResidencyBody(BaseSchema):
    """What goes with an approval."""

    words = words(120, least=2, required=False)
    replaces_owner = fields.Boolean(
        load_default=False, metadata={"description": "The home was sold: the old owners' residencies end."}
    )


class MoveOutBody(BaseSchema):
    """Why somebody leaves, and since when."""

    why = fields.Enum(LeavingReason, by_value=True, load_default=LeavingReason.MOVED_OUT)
    on = fields.Date(load_default=None, allow_none=True, metadata={"description": "Today or before; empty: now."})
    words = words(120, required=False)


class EndResidencyBody(BaseSchema):
    """Why the station ends a residency."""

    why = fields.Enum(LeavingReason, by_value=True, required=True)
    on = fields.Date(load_default=None, allow_none=True)
    words = words(120, least=2)


class EndTenantBody(BaseSchema):
    """Why an owner ends a residency under them."""

    on = fields.Date(load_default=None, allow_none=True)
    words = words(120, least=2)


class RegisterResidentBody(BaseSchema):
    """Somebody whom the station writes down at the counter."""

    person_id = row_id(required=False)
    name = words(20, required=False)
    phone = words(24, required=False)
    kind = fields.Enum(ResidencyKind, by_value=True, required=True)
    since = fields.Date(required=True)
    evidence = fields.Enum(Evidence, by_value=True, load_default=Evidence.REGISTRATION)
    share_numerator = part()
    share_denominator = part()
    pays_fee = fields.Boolean(load_default=False)
    replaces_owner = fields.Boolean(load_default=False)


class HomeRightBody(BaseSchema):
    """A right given or taken, and why."""

    person_id = row_id()
    right = fields.Enum(Right, by_value=True, required=True)
    held = fields.Boolean(required=True)
    words = words(120, least=2)


class VoterBody(BaseSchema):
    """Who votes for the home from now on."""

    person_id = row_id()
    words = words(120, least=2)


class ResidencyShareBody(BaseSchema):
    """An owner's share, put right; both empty: not known."""

    share_numerator = part()
    share_denominator = part()
    words = words(120, least=2)


class ResidencyReviewQuery(PageQuery):
    """Which requests; without a state, all that wait for somebody."""

    state = fields.Enum(RequestState, by_value=True, load_default=None)


class HomeRightsQuery(BaseSchema):
    """As of which moment; without one, now."""

    at = fields.AwareDateTime(load_default=None)


class ResidencyRequestIdOut(BaseSchema):
    """A request, and where it stands now."""

    id = fields.Integer(required=True)
    state = fields.Enum(RequestState, by_value=True, required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ResidencyRequestOut(ResidencyRequestIdOut):
    """A request for a screen."""

    home_id = fields.Integer(required=True)
    home = fields.String(required=True)
    person_id = fields.Integer(required=True)
    name = MaskedName(required=True, allow_none=True)
    kind = fields.Enum(ResidencyKind, by_value=True, required=True)
    kind_name = fields.String(required=True)
    share_numerator = fields.Integer(required=True, allow_none=True)
    share_denominator = fields.Integer(required=True, allow_none=True)
    pays_fee = fields.Boolean(required=True)
    since = fields.Date(required=True)
    evidence = fields.Enum(Evidence, by_value=True, required=True)
    evidence_name = fields.String(required=True)
    document = fields.String(required=True, allow_none=True, metadata={"description": "Masked."})
    words = fields.String(required=True, allow_none=True)
    state_name = fields.String(required=True)
    next_step = fields.String(required=True)
    state_since = fields.AwareDateTime(required=True)
    created_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True, allow_none=True)
    actions = fields.List(fields.String(), required=True)


class ResidencyRequestPage(BaseSchema):
    """A page of requests."""

    items = fields.List(fields.Nested(ResidencyRequestOut), required=True)
    next = fields.String(required=True, allow_none=True)


class VouchOut(BaseSchema):
    """A neighbor's word; without a home it is the grid leader's."""

    name = MaskedName(required=True, allow_none=True)
    home = fields.String(required=True, allow_none=True)
    words = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class ResidencyPaperOut(BaseSchema):
    """A photo of a paper."""

    id = fields.String(required=True)
    url = fields.String(required=True)


class ResidencyStepOut(BaseSchema):
    """Something that happened to a request."""

    action = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    role = fields.String(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)


class ResidencyRequestDetailOut(ResidencyRequestOut):
    """A request with everything that belongs to it."""

    photos = fields.List(fields.Nested(ResidencyPaperOut), required=True)
    vouches = fields.List(fields.Nested(VouchOut), required=True)
    history = fields.List(fields.Nested(ResidencyStepOut), required=True)


class StandingOut(BaseSchema):
    """What somebody is to a home, and what they may and must there."""

    home_id = fields.Integer(required=True)
    residency_id = fields.Integer(required=True)
    kind = fields.Enum(ResidencyKind, by_value=True, required=True)
    kind_name = fields.String(required=True)
    share_numerator = fields.Integer(required=True, allow_none=True)
    share_denominator = fields.Integer(required=True, allow_none=True)
    starts_at = fields.AwareDateTime(required=True)
    rights = fields.List(fields.String(), required=True, metadata={"description": "vote, fee, ticket."})
    to_reconfirm = fields.Boolean(
        required=True, metadata={"description": "The home was sold; the new owner has not said yet."}
    )
    actions = fields.List(fields.String(), required=True)


class MyHomeOut(StandingOut):
    """A home of one's own."""

    id = fields.Integer(required=True)
    neighborhood_id = fields.Integer(required=True)
    building_id = fields.Integer(required=True)
    code = fields.String(required=True)
    label = fields.String(required=True)


class MyHomesOut(BaseSchema):
    """One's homes."""

    items = fields.List(fields.Nested(MyHomeOut), required=True)


class ResidentOut(StandingOut):
    """Somebody registered in a home, masked."""

    id = fields.Integer(required=True)
    name = MaskedName(required=True, allow_none=True)
    phone = MaskedPhone(required=True, allow_none=True)
    evidence = fields.Enum(Evidence, by_value=True, required=True)


class ResidentsOut(BaseSchema):
    """Who is registered in a home."""

    items = fields.List(fields.Nested(ResidentOut), required=True)


class ResidencyOut(BaseSchema):
    """A residency after an act."""

    id = fields.Integer(required=True)
    home_id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    kind = fields.Enum(ResidencyKind, by_value=True, required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)


class HomeRightOut(BaseSchema):
    """A right in a home at a moment."""

    person_id = fields.Integer(required=True)
    name = MaskedName(required=True, allow_none=True)
    residency_id = fields.Integer(required=True)
    kind = fields.Enum(ResidencyKind, by_value=True, required=True)
    kind_name = fields.String(required=True)
    right = fields.Enum(Right, by_value=True, required=True)
    right_name = fields.String(required=True)
    source = fields.Enum(RightSource, by_value=True, required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)


class HomeRightsOut(BaseSchema):
    """Who has which right in a home."""

    items = fields.List(fields.Nested(HomeRightOut), required=True)


class ResidencyEventOut(ResidencyStepOut):
    """Something that happened to the residencies of a home."""

    id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    name = MaskedName(required=True, allow_none=True)


class ResidencyEventPage(BaseSchema):
    """A page of the history of a home."""

    items = fields.List(fields.Nested(ResidencyEventOut), required=True)
    next = fields.String(required=True, allow_none=True)
