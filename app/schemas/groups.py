"""Groups with a robot."""

from marshmallow import fields

from app.schemas.base import BaseSchema, words


class GroupOut(BaseSchema):
    """How a group does."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    is_on = fields.Boolean(required=True)
    state = fields.String(required=True, metadata={"description": "In Chinese."})
    last_ok_at = fields.AwareDateTime(required=True, allow_none=True)
    waiting = fields.Integer(required=True, metadata={"description": "Messages that wait for their turn."})
    advice = fields.String(required=True, metadata={"description": "What to do, in Chinese."})


class GroupsOut(BaseSchema):
    """The groups of a neighborhood."""

    items = fields.List(fields.Nested(GroupOut), required=True)


class AddGroupBody(BaseSchema):
    """A group and its robot: the whole webhook address, or its key.  It is kept sealed and never shown again."""

    name = words(64)
    address = words(512)


class SwitchOffBody(BaseSchema):
    """Why nothing is said there any more."""

    reason = words(200)


class SwitchOnBody(BaseSchema):
    """The address of another robot, where there is one."""

    address = words(512, required=False)
