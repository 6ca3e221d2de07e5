"""The party tree."""

from marshmallow import fields

from app.schemas.base import BaseSchema, row_id, words


class PartyLevelOut(BaseSchema):
    """A level."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    rank = fields.Integer(required=True)
    covers_buildings = fields.Boolean(required=True)


class PartyLevelsOut(BaseSchema):
    """The levels, top down."""

    items = fields.List(fields.Nested(PartyLevelOut), required=True)


class PartyOrgOut(BaseSchema):
    """A party organization, with the parent it had at the moment asked for."""

    id = fields.Integer(required=True)
    parent_id = fields.Integer(required=True, allow_none=True)
    level = fields.String(required=True)
    level_name = fields.String(required=True)
    name = fields.String(required=True)
    unit_id = fields.Integer(required=True)
    unit_name = fields.String(required=True)
    links = fields.Integer(required=True, metadata={"description": "In how many units or homes it works."})


class PartyTreeOut(BaseSchema):
    """The party organizations of a unit and below, upper levels first."""

    items = fields.List(fields.Nested(PartyOrgOut), required=True)


class PartyOrgBody(BaseSchema):
    """A new party organization; with a home it is a member household."""

    level = words(32)
    name = words(32)
    unit_id = row_id()
    parent_id = row_id(required=False)
    home_id = row_id(required=False)


class PartyMoveBody(BaseSchema):
    """Under which party organization."""

    parent_id = row_id()


class PartyLinkBody(BaseSchema):
    """A civil unit."""

    unit_id = row_id()
