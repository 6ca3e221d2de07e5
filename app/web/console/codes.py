"""Codes on the walls: made, printed, replaced, ended."""

from typing import Any

from flask import Response
from marshmallow import fields

from app import identity, printing
from app.api.answers import now
from app.api.codes import download
from app.extensions import db
from app.guards import allow
from app.schemas.base import BaseSchema, row_id, words
from app.schemas.codes import EndCodeBody, SheetQuery, SheetsQuery
from app.web.console import asked, pages
from app.web.console.blueprint import ConsoleBlueprint, Entry
from app.web.console.forms import form
from models import SpotKind
from services.codes import ending, lists, making
from services.codes.places import SPOT_NAMES
from services.codes.printing import WHAT_NAMES
from services.permissions import Permission
from services.reading import places

LIST = "console_codes.listed"
blp = ConsoleBlueprint("codes", __name__, entries=(Entry("墙上的码", LIST, Permission.CODE_MANAGE),))


class MakeForm(BaseSchema):
    """Nothing is asked: every building that has no code gets one."""


class SpotForm(BaseSchema):
    """A common place or a checkpoint."""

    kind = fields.Enum(SpotKind, by_value=True, required=True)
    name = words(24)
    unit_id = row_id(required=False)


@blp.get("/codes")
@allow(Permission.CODE_MANAGE)
def listed() -> str:
    """Show the codes that count, and what can be printed."""
    neighborhood_id, actor = asked.neighborhood(), identity.actor()
    session = db.session()
    return pages.page(
        "codes.html",
        neighborhood_id=neighborhood_id,
        found=lists.listed(session, actor=actor, neighborhood_id=neighborhood_id, page=asked.further_page()),
        buildings=places.buildings(session, actor=actor, neighborhood_id=neighborhood_id),
        kinds=[(kind.value, name) for kind, name in SPOT_NAMES.items()],
        sheets=[(what.value, name) for what, name in WHAT_NAMES.items()],
        whys=[(why.value, name) for why, name in ending.WHY_NAMES.items()],
    )


@blp.post("/codes")
@allow(Permission.CODE_MANAGE)
@form(MakeForm, again=listed)
def make(_body: dict[str, Any]) -> Any:
    """Make the codes that are missing."""
    neighborhood_id = asked.neighborhood()
    made = making.for_units(
        db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, unit_ids=None, now=now()
    )
    said = f"新发了{len(made)}个码，可以打印了。" if made else "每栋楼都有码了，不用再发。"
    return pages.go(LIST, said, neighborhood=neighborhood_id)


@blp.post("/codes/spots")
@allow(Permission.CODE_MANAGE)
@form(SpotForm, again=listed)
def add_spot(body: dict[str, Any]) -> Any:
    """Write down a common place or a checkpoint, and make its code."""
    neighborhood_id = asked.neighborhood()
    given = {"unit_id": None, **body}
    making.add_spot(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now(), **given)
    return pages.go(LIST, f"记下了“{body['name']}”，码也发好了。", neighborhood=neighborhood_id)


@blp.get("/codes/sheet")
@allow(Permission.CODE_MANAGE, own_transactions=True)
def sheets() -> Response:
    """Give the sheets of all codes of a kind as a file."""
    return download(printing.many(identity.actor(), asked.neighborhood(), **asked.query(SheetsQuery, "neighborhood")))


@blp.get("/codes/<id:code_id>/sheet")
@allow(Permission.CODE_MANAGE, own_transactions=True)
def sheet(code_id: int) -> Response:
    """Give the sheet of one code as a file."""
    return download(printing.one(identity.actor(), code_id, **asked.query(SheetQuery)))


@blp.post("/codes/<id:code_id>/replace")
@allow(Permission.CODE_MANAGE)
@form(EndCodeBody, again=listed)
def replace(body: dict[str, Any], code_id: int) -> Any:
    """End a code and make another for the same place."""
    fresh = ending.replace(db.session(), actor=identity.actor(), code_id=code_id, why=body["why"], now=now())
    return pages.go(LIST, "旧码停用了，新码发好了，编号没变。请打印新的贴上。", neighborhood=fresh.neighborhood_id)


@blp.post("/codes/<id:code_id>/revoke")
@allow(Permission.CODE_MANAGE)
@form(EndCodeBody, again=listed)
def revoke(body: dict[str, Any], code_id: int) -> Any:
    """End a code."""
    code = ending.revoke(db.session(), actor=identity.actor(), code_id=code_id, why=body["why"], now=now())
    return pages.go(LIST, "停用了。请把旧的那张揭下来。", neighborhood=code.neighborhood_id)
