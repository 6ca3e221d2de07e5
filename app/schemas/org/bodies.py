"""Stations, councils, committees, and who answers for what."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, row_id, words
from app.schemas.org.hats import EndBody, WhoBody
from app.schemas.personal import CalledName
from models import CommitteeKind, CommitteePost, EndReason, Role


class StationBody(BaseSchema):
    """A station's record."""

    name = words(32)
    phone = words(24, required=False)
    hours = words(100, required=False)
    place = words(100, required=False)


class StationPatchBody(BaseSchema):
    """What changes of a station's record."""

    name = words(32, required=False)
    phone = words(24, required=False)
    hours = words(100, required=False)
    place = words(100, required=False)


class StationOut(BaseSchema):
    """A station."""

    id = fields.Integer(required=True)
    neighborhood_id = fields.Integer(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    hours = fields.String(required=True, allow_none=True)
    place = fields.String(required=True, allow_none=True)


class StationsOut(BaseSchema):
    """The stations of a neighborhood."""

    items = fields.List(fields.Nested(StationOut), required=True)


class SeatsOf(BaseSchema):
    """How many seats an organization has."""

    organization = words(32)
    seats = fields.Integer(required=True, strict=True, validate=validate.Range(1, 50, error="席位要1到50个。"))


class CouncilTypeBody(BaseSchema):
    """A new type of council."""

    name = words(32)
    purpose = words(200)
    seats = fields.List(
        fields.Nested(SeatsOf), required=True, validate=validate.Length(1, 20, error="请写1到20个单位的席位。")
    )


class CouncilTypeOut(BaseSchema):
    """A type of council."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    purpose = fields.String(required=True)
    seats = fields.List(fields.Nested(SeatsOf), required=True)


class CouncilTypesOut(BaseSchema):
    """The types that can be set up."""

    items = fields.List(fields.Nested(CouncilTypeOut), required=True)


class CreatedOut(BaseSchema):
    """The key of a new row."""

    id = fields.Integer(required=True)


class CouncilBody(BaseSchema):
    """Which type of council to set up; without a name it is called after the unit and the type."""

    type_id = row_id()
    name = words(32, required=False)


class SeatBody(BaseSchema):
    """Who sits for which organization."""

    organization = words(32)
    who = fields.Nested(WhoBody, required=True)
    conflict_reason = words(200, required=False)


class SeatedOut(BaseSchema):
    """Somebody in a council."""

    id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    name = CalledName(required=True, allow_none=True)
    starts_at = fields.AwareDateTime(required=True)


class OrganizationOut(BaseSchema):
    """The seats of an organization."""

    organization = fields.String(required=True)
    seats = fields.Integer(required=True)
    empty = fields.Integer(required=True)
    people = fields.List(fields.Nested(SeatedOut), required=True)


class CouncilOut(BaseSchema):
    """A council with its seats."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    type_name = fields.String(required=True)
    seats = fields.List(fields.Nested(OrganizationOut), required=True)


class CouncilsOut(BaseSchema):
    """The councils of a unit."""

    items = fields.List(fields.Nested(CouncilOut), required=True)


class TermBody(BaseSchema):
    """A new term; without years it has the usual length."""

    kind = fields.Enum(CommitteeKind, by_value=True, load_default=CommitteeKind.OWNERS)
    starts_on = fields.Date(required=True)
    seats = fields.Integer(required=True, strict=True, validate=validate.Range(1, 99, error="席位数不对。"))
    years = fields.Integer(load_default=None, strict=True, validate=validate.Range(1, 20, error="年数不对。"))
    basis = words(200)


class EndTermBody(BaseSchema):
    """The first day without this committee, and why."""

    ends_on = fields.Date(required=True)
    note = words(200)


class MemberBody(BaseSchema):
    """Who becomes what in the committee."""

    who = fields.Nested(WhoBody, required=True)
    post = fields.Enum(CommitteePost, by_value=True, load_default=CommitteePost.MEMBER)
    conflict_reason = words(200, required=False)


class LeaveBody(EndBody):
    """Why a member leaves, and who takes over the post."""

    successor = fields.Nested(WhoBody, load_default=None)


class CommitteeMemberOut(BaseSchema):
    """A member of a committee."""

    id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    name = CalledName(required=True, allow_none=True)
    post = fields.Enum(CommitteePost, by_value=True, required=True)
    post_name = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)
    end_reason = fields.Enum(EndReason, by_value=True, required=True, allow_none=True)


class TermOut(BaseSchema):
    """A term of a committee."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(CommitteeKind, by_value=True, required=True)
    number = fields.Integer(required=True)
    seats = fields.Integer(required=True)
    empty = fields.Integer(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, metadata={"description": "The first day after it."})
    planned_ends_on = fields.Date(required=True)
    basis = fields.String(required=True)
    end_note = fields.String(required=True, allow_none=True)
    members = fields.List(fields.Nested(CommitteeMemberOut), required=True)


class TermsOut(BaseSchema):
    """The terms of a neighborhood, newest first."""

    items = fields.List(fields.Nested(TermOut), required=True)


class ResponsibleOut(BaseSchema):
    """Who answers for a domain."""

    assignment_id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    name = CalledName(required=True, allow_none=True)
    starts_at = fields.AwareDateTime(required=True)


class DomainOut(BaseSchema):
    """A service domain in a neighborhood."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    is_used = fields.Boolean(required=True)
    people = fields.List(fields.Nested(ResponsibleOut), required=True)


class DomainsOut(BaseSchema):
    """The domains that a neighborhood knows."""

    items = fields.List(fields.Nested(DomainOut), required=True)


class DomainBody(BaseSchema):
    """A domain of the neighborhood's own."""

    name = words(20)


class DomainChoiceBody(BaseSchema):
    """Whether the neighborhood has it."""

    is_used = fields.Boolean(required=True)


class ResponsibleBody(BaseSchema):
    """Who is to answer for it."""

    who = fields.Nested(WhoBody, required=True)


class LeaderOut(BaseSchema):
    """Somebody who leads a building or what it stands in."""

    role = fields.Enum(Role, by_value=True, required=True)
    title = fields.String(required=True)
    unit = fields.String(required=True)
    name = CalledName(required=True, allow_none=True)


class ServiceOut(BaseSchema):
    """A domain and who answers for it."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    people = fields.List(CalledName(), required=True)


class LeadersOut(BaseSchema):
    """Who looks after a building."""

    building_id = fields.Integer(required=True)
    building = fields.String(required=True)
    leaders = fields.List(fields.Nested(LeaderOut), required=True)
    stations = fields.List(fields.Nested(StationOut), required=True)
    services = fields.List(fields.Nested(ServiceOut), required=True)
