"""Memberships, positions, handovers and keys to cases."""

from typing import Any

from marshmallow import fields, post_load, validate

from app.schemas.base import BaseSchema, PageQuery, row_id, words
from app.schemas.personal import CalledName, MaskedPhone
from models import EndReason, Role
from services.org.persons import Who
from services.permissions import Permission


class WhoBody(BaseSchema):
    """A registered person by id, or anybody by name and phone."""

    person_id = row_id(required=False)
    name = words(20, required=False)
    phone = words(24, required=False)

    @post_load
    def who(self, data: dict[str, Any], **_: Any) -> Who:
        """Return what services take."""
        return Who(**data)


class MembershipsQuery(PageQuery):
    """Those that hold now or will, or those that are over."""

    ended = fields.Boolean(load_default=False)


class MembershipOut(BaseSchema):
    """Somebody holds a role at a node."""

    id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    name = CalledName(required=True, allow_none=True)
    phone = MaskedPhone(required=True, allow_none=True)
    role = fields.Enum(Role, by_value=True, required=True)
    position_id = fields.Integer(required=True, allow_none=True)
    title = fields.String(required=True)
    unit_id = fields.Integer(required=True)
    unit_name = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)
    end_reason = fields.Enum(EndReason, by_value=True, required=True, allow_none=True)


class MembershipPage(BaseSchema):
    """A page of memberships."""

    items = fields.List(fields.Nested(MembershipOut), required=True)
    next = fields.String(required=True, allow_none=True)


class AppointBody(BaseSchema):
    """Whom to appoint to what, where, and for how long."""

    who = fields.Nested(WhoBody, required=True)
    unit_id = row_id()
    role = fields.Enum(Role, by_value=True, load_default=None)
    position_id = row_id(required=False)
    starts_at = fields.AwareDateTime(load_default=None)
    ends_at = fields.AwareDateTime(load_default=None)
    conflict_reason = words(200, required=False)


class HeldOut(BaseSchema):
    """A membership after a change."""

    id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    unit_id = fields.Integer(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    position_id = fields.Integer(required=True, allow_none=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)
    end_reason = fields.Enum(EndReason, by_value=True, required=True, allow_none=True)


class ExtendBody(BaseSchema):
    """Until when; none is without an end."""

    ends_at = fields.AwareDateTime(required=True, allow_none=True)


class EndBody(BaseSchema):
    """Why it ends."""

    reason = fields.Enum(EndReason, by_value=True, required=True)


class PassOnBody(EndBody):
    """Why it ends, and who takes over."""

    successor = fields.Nested(WhoBody, load_default=None)
    conflict_reason = words(200, required=False)


def permissions_field() -> fields.List[Permission]:
    """Return a field for a list of permissions."""
    return fields.List(
        fields.Enum(Permission, by_value=True), load_default=list, validate=validate.Length(max=len(Permission))
    )


class ChangesBody(BaseSchema):
    """What a position may beyond its base role, and what it lacks of it."""

    added = permissions_field()
    removed = permissions_field()


class PositionBody(ChangesBody):
    """A new position of a neighborhood."""

    title = words(20)
    base_role = fields.Enum(Role, by_value=True, required=True)


class PositionIdOut(BaseSchema):
    """A position after a change."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    base_role = fields.Enum(Role, by_value=True, required=True)


class PositionOut(PositionIdOut):
    """A position with what it may."""

    neighborhood_id = fields.Integer(required=True, allow_none=True)
    base_role_name = fields.String(required=True)
    added = fields.List(fields.String(), required=True)
    removed = fields.List(fields.String(), required=True)
    permissions = fields.List(fields.String(), required=True)


class PositionsOut(BaseSchema):
    """The positions that can be given."""

    items = fields.List(fields.Nested(PositionOut), required=True)


class HandoverItemOut(BaseSchema):
    """One thing to pass on."""

    id = fields.Integer(required=True)
    subject_kind = fields.String(required=True)
    subject_id = fields.Integer(required=True)
    text = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    ticked_at = fields.AwareDateTime(required=True, allow_none=True)
    confirmed_at = fields.AwareDateTime(required=True, allow_none=True)


class HandoverSummaryOut(BaseSchema):
    """A change of hands."""

    id = fields.Integer(required=True)
    unit_id = fields.Integer(required=True)
    unit_name = fields.String(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    role_name = fields.String(required=True)
    from_person_id = fields.Integer(required=True)
    to_person_id = fields.Integer(required=True, allow_none=True)
    reason = fields.Enum(EndReason, by_value=True, required=True)
    created_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    open_items = fields.Integer(required=True)


class HandoverOut(HandoverSummaryOut):
    """A change of hands with its list."""

    items = fields.List(fields.Nested(HandoverItemOut), required=True)


class HandoverPage(BaseSchema):
    """A page of handovers."""

    items = fields.List(fields.Nested(HandoverSummaryOut), required=True)
    next = fields.String(required=True, allow_none=True)


class TickBody(BaseSchema):
    """A word on how it was passed on."""

    note = words(200, required=False)


class SuccessorBody(BaseSchema):
    """Who comes."""

    who = fields.Nested(WhoBody, required=True)


class KeyBody(BaseSchema):
    """A key to one case for somebody from outside."""

    who = fields.Nested(WhoBody, required=True)
    title = words(20)
    why = words(200)
    ends_at = fields.AwareDateTime(required=True)
    permissions = permissions_field()


class KeyOut(BaseSchema):
    """A key that was given."""

    id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    title = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)


class KeyOfCaseOut(KeyOut):
    """A key in the list of a case."""

    name = CalledName(required=True, allow_none=True)
    given_why = fields.String(required=True)
    permissions = fields.List(fields.String(), required=True)
    withdrawn_why = fields.String(required=True, allow_none=True)
    opens = fields.Boolean(required=True)


class KeysOut(BaseSchema):
    """Every key to a case."""

    items = fields.List(fields.Nested(KeyOfCaseOut), required=True)


class WithdrawBody(BaseSchema):
    """Why a key is taken back."""

    why = words(200)
