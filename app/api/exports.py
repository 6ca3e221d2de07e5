"""Exports of the register: masked ones, and readable ones for those who may."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.api.imports import BINARY, XLSX, workbook
from app.extensions import db
from app.guards import allow
from app.schemas.exports import ExportBody, ExportCopiesQuery, ExportCopyPage
from app.settings import vault
from app.transaction import transaction
from services import exports
from services.permissions import Permission

blp = ApiBlueprint("exports", __name__, url_prefix="/api/v1/neighborhoods", description="Exports of the register")
REFERENCE_HEADER = "X-Export-Reference"


@blp.post("/<id:neighborhood_id>/exports")
@allow(Permission.EXPORT_WRITE, own_transactions=True)
@blp.arguments(ExportBody)
@blp.response(200, BINARY, content_type=XLSX)
def masked(body: dict[str, Any], neighborhood_id: int) -> Response:
    """Homes with their people as a workbook, names and phones masked; on record with its reason."""
    return make(neighborhood_id, body, is_readable=False)


@blp.post("/<id:neighborhood_id>/exports/readable")
@allow(Permission.EXPORT_READABLE, own_transactions=True)
@blp.arguments(ExportBody)
@blp.response(200, BINARY, content_type=XLSX)
def readable(body: dict[str, Any], neighborhood_id: int) -> Response:
    """The same with names and phones in full."""
    return make(neighborhood_id, body, is_readable=True)


@blp.get("/<id:neighborhood_id>/exports")
@allow(Permission.EXPORT_WRITE)
@blp.arguments(ExportCopiesQuery, location="query")
@blp.response(200, ExportCopyPage)
def listed(query: dict[str, Any], neighborhood_id: int) -> Response:
    """Copies that went out, newest first; or the one with a reference."""
    page = exports.listed(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        reference=query["reference"],
        page=page_request(query),
    )
    return page_json(page)


def make(neighborhood_id: int, body: dict[str, Any], *, is_readable: bool) -> Response:
    """Make a copy, and hand it out only when it is on record.  Building it takes no writer's lock."""
    actor = identity.actor()
    with transaction(read_only=True) as session:
        copy = exports.prepare(
            session,
            actor=actor,
            neighborhood_id=neighborhood_id,
            unit_id=body.get("unit_id"),
            reason=body["reason"],
            is_readable=is_readable,
            now=now(),
        )
        content, rows = exports.build(session, copy, vault())
    with transaction() as session:
        exports.record(session, actor=actor, copy=copy, content=content, rows=rows)
    response = workbook(content, f"{copy.reference}.xlsx")
    response.headers[REFERENCE_HEADER] = copy.reference
    return response
