"""Places of a neighborhood, and the people of its station."""

from marshmallow import fields

from app.schemas.base import BaseSchema, PageQuery, words
from app.schemas.personal import CalledName, MaskedPhone
from models import HomeStatus, HomeUse, Role


class BuildingOut(BaseSchema):
    """A building."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class BuildingsOut(BaseSchema):
    """The buildings of a neighborhood."""

    items = fields.List(fields.Nested(BuildingOut), required=True)


class HomesQuery(PageQuery):
    """What was said of a home on the phone."""

    text = words(64, required=False)


class PlaceOut(BaseSchema):
    """A home, to be picked."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    label = fields.String(required=True)
    building_id = fields.Integer(required=True)
    floor = fields.Integer(required=True, allow_none=True)
    area_centi = fields.Integer(required=True, allow_none=True, metadata={"description": "In 0.01 m²."})
    use = fields.Enum(HomeUse, by_value=True, required=True)
    status = fields.Enum(HomeStatus, by_value=True, required=True)


class PlacesPage(BaseSchema):
    """A page of homes, and what was understood of the text."""

    items = fields.List(fields.Nested(PlaceOut), required=True)
    next = fields.String(required=True, allow_none=True)
    understood = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "As it is read back: 14号楼2单元5层左边.  Empty: looked for as it stands."},
    )


class DutyOut(BaseSchema):
    """Somebody of the station."""

    id = fields.Integer(required=True)
    name = CalledName(required=True, allow_none=True)
    phone = MaskedPhone(required=True, allow_none=True)
    role = fields.Enum(Role, by_value=True, required=True)
    role_name = fields.String(required=True)
    unit = fields.String(required=True)
    open_jobs = fields.Integer(required=True)


class DutyListOut(BaseSchema):
    """The people of a station."""

    items = fields.List(fields.Nested(DutyOut), required=True)
