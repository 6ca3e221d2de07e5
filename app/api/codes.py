"""Codes to scan: what a code is, and making, printing, ending codes."""

from typing import Any
from urllib.parse import quote

from flask import Response

from app import attempts, identity, printing
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.codes import (
    CodeOut,
    CodePage,
    CodesQuery,
    EndCodeBody,
    LinkOut,
    MadeCodesOut,
    MakeCodesBody,
    ScannedBody,
    ScannedOut,
    SheetQuery,
    SheetsQuery,
    SpotBody,
)
from app.transaction import transaction
from services.attempts import Limit
from services.codes import ending, lists, making, scanning
from services.codes.printing import Printed
from services.permissions import Permission

blp = ApiBlueprint("codes", __name__, url_prefix="/api/v1", description="Codes to scan")

SCANS = Limit("code.scan", 60, "扫得太频繁了，请过十分钟再扫。着急报修，请打服务站电话。")
BINARY = {"type": "string", "format": "binary"}


@blp.post("/codes/scan")
@allow(Permission.CODE_SCAN, own_transactions=True)
@blp.arguments(ScannedBody)
@blp.response(200, ScannedOut)
def scan(body: dict[str, Any]) -> dict[str, Any]:
    """What a code is and what you can do there.

    Takes the scene that the mini-program was opened with, a printed address, or the number that stands below the code.
    """
    actor = identity.actor()
    attempts.take(SCANS, person_id=actor.person_id)
    with transaction() as session:
        return scanning.scan(session, actor=actor, scanned=body["scanned"], now=now()).described()


@blp.get("/neighborhoods/<id:neighborhood_id>/codes")
@allow(Permission.CODE_MANAGE)
@blp.arguments(CodesQuery, location="query")
@blp.response(200, CodePage)
def listed(query: dict[str, Any], neighborhood_id: int) -> Response:
    """The codes that count, or those that count no more."""
    page = lists.listed(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        page=page_request(query),
        ended=query["ended"],
    )
    return page_json(page)


@blp.post("/neighborhoods/<id:neighborhood_id>/codes")
@allow(Permission.CODE_MANAGE)
@blp.arguments(MakeCodesBody)
@blp.response(201, MadeCodesOut)
def make(body: dict[str, Any], neighborhood_id: int) -> dict[str, Any]:
    """Make the codes that are missing, for all buildings or for those named.  Doing it again makes nothing."""
    made = making.for_units(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        unit_ids=body.get("unit_ids"),
        now=now(),
    )
    return {"items": lists.described(db.session(), [code.id for code in made])}


@blp.get("/neighborhoods/<id:neighborhood_id>/codes/sheet")
@allow(Permission.CODE_MANAGE, own_transactions=True)
@blp.arguments(SheetsQuery, location="query")
@blp.response(200, BINARY, content_type="application/pdf")
def sheets(query: dict[str, Any], neighborhood_id: int) -> Response:
    """All codes of a kind, ready for the printer: PDF, or one page as SVG."""
    return download(printing.many(identity.actor(), neighborhood_id, **query))


@blp.get("/codes/<id:code_id>/sheet")
@allow(Permission.CODE_MANAGE, own_transactions=True)
@blp.arguments(SheetQuery, location="query")
@blp.response(200, BINARY, content_type="application/pdf")
def sheet(query: dict[str, Any], code_id: int) -> Response:
    """One code, ready for the printer."""
    return download(printing.one(identity.actor(), code_id, **query))


@blp.post("/codes/<id:code_id>/replace")
@allow(Permission.CODE_MANAGE)
@blp.arguments(EndCodeBody)
@blp.response(201, CodeOut)
def replace(body: dict[str, Any], code_id: int) -> dict[str, Any]:
    """End a code and make another for the same place, with the same number."""
    fresh = ending.replace(db.session(), actor=identity.actor(), code_id=code_id, why=body["why"], now=now())
    return lists.described(db.session(), [fresh.id])[0]


@blp.post("/codes/<id:code_id>/revoke")
@allow(Permission.CODE_MANAGE)
@blp.arguments(EndCodeBody)
@blp.response(204)
def revoke(body: dict[str, Any], code_id: int) -> None:
    """End a code; the old sheet says what to do instead."""
    ending.revoke(db.session(), actor=identity.actor(), code_id=code_id, why=body["why"], now=now())


@blp.post("/neighborhoods/<id:neighborhood_id>/spots")
@allow(Permission.CODE_MANAGE)
@blp.arguments(SpotBody)
@blp.response(201, CodeOut)
def add_spot(body: dict[str, Any], neighborhood_id: int) -> dict[str, Any]:
    """Write down a common place or a checkpoint, and make its code."""
    code = making.add_spot(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        kind=body["kind"],
        name=body["name"],
        unit_id=body.get("unit_id"),
        now=now(),
    )
    return lists.described(db.session(), [code.id])[0]


@blp.post("/spots/<id:spot_id>/close")
@allow(Permission.CODE_MANAGE)
@blp.response(204)
def close_spot(spot_id: int) -> None:
    """Close a spot that is there no more; its code ends too."""
    ending.close_spot(db.session(), actor=identity.actor(), spot_id=spot_id, now=now())


@blp.post("/tickets/<id:ticket_id>/link")
@allow(Permission.TICKET_CONTACT)
@blp.response(201, LinkOut)
def ticket_link(ticket_id: int) -> dict[str, str]:
    """An address to send to who reported it; it opens the ticket only for somebody who may see it."""
    code = making.for_ticket(db.session(), actor=identity.actor(), ticket_id=ticket_id, now=now())
    return {"address": printing.address(code.token)}


def download(printed: Printed) -> Response:
    """Return a printed sheet as a file with its Chinese name."""
    response = Response(printed.content, mimetype=printed.content_type)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{printed.plain_name}\"; filename*=UTF-8''{quote(printed.name)}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
