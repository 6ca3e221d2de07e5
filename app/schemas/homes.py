"""Homes: what is known of one, and what the station writes down."""

from marshmallow import fields, validate

from app.schemas.base import BaseSchema, PageQuery, row_id, words
from app.schemas.personal import CalledName, MaskedPhone
from app.schemas.places import PlaceOut
from models import AliasSource, AreaBasis, AssetKind, HomeStatus, HomeUse, ResidencyKind
from services.homes.offers import HomeAction

FLOOR = validate.Range(-5, 60, error="楼层要在-5到60之间。")


def centi(*, required: bool = True) -> fields.Integer:
    """Return a field for an area in 0.01 m²."""
    return fields.Integer(
        required=required,
        strict=True,
        validate=validate.Range(1, 10_000_000, error="面积不对，请核对。"),
        metadata={"description": "In 0.01 m²: 52.30 is 5230."},
    )


class NewHomeBody(BaseSchema):
    """A home that is not in the books yet."""

    room = words(16)
    stairwell_id = row_id(required=False)
    floor = fields.Integer(strict=True, validate=FLOOR)
    use = fields.Enum(HomeUse, by_value=True, load_default=HomeUse.DWELLING)


class MoveHomeBody(BaseSchema):
    """Where a home really is."""

    room = words(16)
    stairwell_id = row_id(required=False)
    floor = fields.Integer(strict=True, validate=FLOOR)


class AreaBody(BaseSchema):
    """An area and what says so."""

    area_centi = centi()
    basis = fields.Enum(AreaBasis, by_value=True, required=True)
    document_kind = words(32, required=False)
    document_number = words(64, required=False)
    document_date = fields.Date()
    since = fields.Date(metadata={"description": "The first day on which it counts; empty: today, or since ever."})


class UseBody(BaseSchema):
    """Another use."""

    use = fields.Enum(HomeUse, by_value=True, required=True)
    since = fields.Date()


class StatusBody(BaseSchema):
    """Whether a home is still there."""

    status = fields.Enum(HomeStatus, by_value=True, required=True)
    merged_into_id = row_id(required=False)
    why = words(100)


class AliasBody(BaseSchema):
    """Another name of a home."""

    text = words(64)


class AssetBody(BaseSchema):
    """A shed, garage or parking space."""

    kind = fields.Enum(AssetKind, by_value=True, required=True)
    number = words(16)
    building_id = row_id(required=False)
    home_id = row_id(required=False)
    area_centi = centi(required=False)


class AssetChangeBody(BaseSchema):
    """To whom it belongs now, and how large it is; what is left out is nobody's, or not known."""

    home_id = row_id(required=False)
    area_centi = centi(required=False)


class AssetEndBody(BaseSchema):
    """Why it is no more."""

    why = words(100)


class AssetsQuery(PageQuery):
    """Which of them."""

    free = fields.Boolean(load_default=False, metadata={"description": "Only those that belong to no home."})


class AreaOut(BaseSchema):
    """An area with its days."""

    id = fields.Integer(required=True, attribute="row.id")
    area_centi = fields.Integer(required=True, attribute="row.area_centi")
    basis = fields.Enum(AreaBasis, by_value=True, required=True, attribute="row.basis")
    basis_name = fields.String(required=True)
    document_kind = fields.String(required=True, allow_none=True, attribute="row.document_kind")
    document_number = fields.String(required=True, allow_none=True, attribute="row.document_number")
    document_date = fields.Date(required=True, allow_none=True, attribute="row.document_date")
    starts_on = fields.Date(required=True, attribute="row.starts_on")
    ends_on = fields.Date(required=True, allow_none=True, attribute="row.ends_on")


class UsePeriodOut(BaseSchema):
    """A use with its days."""

    use = fields.Enum(HomeUse, by_value=True, required=True, attribute="row.use")
    use_name = fields.String(required=True)
    starts_on = fields.Date(required=True, attribute="row.starts_on")
    ends_on = fields.Date(required=True, allow_none=True, attribute="row.ends_on")


class AliasOut(BaseSchema):
    """Another name."""

    id = fields.Integer(required=True)
    text = fields.String(required=True)
    source = fields.Enum(AliasSource, by_value=True, required=True)


class AssetOut(BaseSchema):
    """A shed, garage or parking space."""

    id = fields.Integer(required=True)
    kind = fields.Enum(AssetKind, by_value=True, required=True)
    code = fields.String(required=True)
    area_centi = fields.Integer(required=True, allow_none=True)
    home_id = fields.Integer(required=True, allow_none=True)


class ListedAssetOut(AssetOut):
    """One of a list, with the home it belongs to."""

    home_label = fields.String(required=True, allow_none=True)


class AssetPage(BaseSchema):
    """A page of them."""

    items = fields.List(fields.Nested(ListedAssetOut), required=True)
    next = fields.String(required=True, allow_none=True)


class HomeDetailOut(BaseSchema):
    """A home with all that is known of it."""

    id = fields.Integer(required=True, attribute="home.id")
    neighborhood_id = fields.Integer(required=True, attribute="home.neighborhood_id")
    building_id = fields.Integer(required=True, attribute="home.building_id")
    stairwell_id = fields.Integer(required=True, allow_none=True, attribute="home.stairwell_id")
    floor = fields.Integer(required=True, allow_none=True, attribute="home.floor")
    room = fields.String(required=True, attribute="home.room")
    code = fields.String(required=True, attribute="home.code")
    label = fields.String(required=True, attribute="home.label")
    area_centi = fields.Integer(required=True, allow_none=True, attribute="home.area_centi")
    use = fields.Enum(HomeUse, by_value=True, required=True, attribute="home.use")
    use_name = fields.String(required=True)
    status = fields.Enum(HomeStatus, by_value=True, required=True, attribute="home.status")
    status_name = fields.String(required=True)
    merged_into_id = fields.Integer(required=True, allow_none=True, attribute="home.merged_into_id")
    areas = fields.List(fields.Nested(AreaOut), required=True)
    uses = fields.List(fields.Nested(UsePeriodOut), required=True)
    aliases = fields.List(fields.Nested(AliasOut), required=True)
    assets = fields.List(fields.Nested(AssetOut), required=True)
    actions = fields.List(
        fields.Enum(HomeAction, by_value=True), required=True, metadata={"description": "What you may do now."}
    )


class HomesOfBuilding(BaseSchema):
    """A page of a building's homes."""

    items = fields.List(fields.Nested(PlaceOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PersonSearchBody(PageQuery):
    """What was said of a person; in the body, for an address with a name in it would stand in every log."""

    text = words(32)


class FoundHomeOut(BaseSchema):
    """A home of somebody who was found."""

    id = fields.Integer(required=True)
    label = fields.String(required=True)
    kind = fields.Enum(ResidencyKind, by_value=True, required=True)


class FoundPersonOut(BaseSchema):
    """Somebody who was found, masked."""

    id = fields.Integer(required=True)
    name = CalledName(required=True, allow_none=True)
    phone = MaskedPhone(required=True, allow_none=True)
    homes = fields.List(fields.Nested(FoundHomeOut), required=True)
    roles = fields.List(fields.String(), required=True)


class FoundPersonPage(BaseSchema):
    """A page of people."""

    items = fields.List(fields.Nested(FoundPersonOut), required=True)
    next = fields.String(required=True, allow_none=True)
