"""Ordinary WeChat groups bound to a node of the tree."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, row_id, words


class GroupEntryBody(BaseSchema):
    """What `wx.getGroupEnterInfo` gave, or the code it failed with."""

    encrypted_data = words(4096, required=False)
    iv = words(64, required=False)
    raw_data = fields.String(
        validate=validate.Length(max=4096), metadata={"description": "`rawData`, as WeChat gave it."}
    )
    signature = fields.String(validate=validate.Length(max=64), metadata={"description": "WeChat's, over `raw_data`."})
    errcode = fields.Integer(strict=True)


class BindChatBody(GroupEntryBody):
    """The group in which the manager has just opened the mini-program, and where it belongs."""

    unit_id = row_id()
    name = words(64)


class UnbindChatBody(BaseSchema):
    """Why the group is not this unit's any more."""

    reason = words(200)


class GroupEntryOut(BaseSchema):
    """Where the group belongs."""

    unit_name = fields.String(required=True, allow_none=True, metadata={"description": "Nothing: nobody bound it."})


class ChatOut(BaseSchema):
    """A bound group.  Openings are counted, never who."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    unit_id = fields.Integer(required=True)
    unit_name = fields.String(required=True)
    bound_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    end_reason = fields.String(required=True, allow_none=True)
    openings_week = fields.Integer(required=True, metadata={"description": "In the last seven days."})
    openings = fields.Integer(required=True)


class ChatsOut(BaseSchema):
    """The groups of a neighborhood, newest first."""

    items = fields.List(fields.Nested(ChatOut), required=True)
