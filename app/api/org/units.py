"""Units of the civil tree: as they are, as they were, and what is missing in them."""

import datetime as dt
from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.org.units import (
    ConflictsOut,
    CoverageOut,
    GapPage,
    GapsQuery,
    MoveBody,
    RenameBody,
    TreeOut,
    TreeQuery,
    UnitBody,
    UnitOut,
    UnitPage,
    UnitSearchQuery,
    WhenQuery,
    WhyBody,
)
from models import OrgUnit
from services.org import conflicts, coverage, lists, tree
from services.permissions import Permission

blp = ApiBlueprint("org_units", __name__, url_prefix="/api/v1", description="The organization: units")


@blp.get("/units")
@allow(Permission.ORG_READ)
@blp.arguments(UnitSearchQuery, location="query")
@blp.response(200, UnitPage)
def search(query: dict[str, Any]) -> Response:
    """Units by a part of their name, or of one they had before."""
    page = page_request(query)
    return page_json(lists.search(db.session(), actor=identity.actor(), text=query["text"], page=page))


@blp.get("/units/<id:unit_id>/tree")
@allow(Permission.ORG_READ)
@blp.arguments(TreeQuery, location="query")
@blp.response(200, TreeOut)
def placed(query: dict[str, Any], unit_id: int) -> dict[str, Any]:
    """A unit and what is below it, as it stood at a moment."""
    rows = lists.tree(db.session(), actor=identity.actor(), unit_id=unit_id, when=_when(query), levels=query["levels"])
    return {"items": rows}


@blp.post("/units")
@allow(Permission.ORG_WRITE)
@blp.arguments(UnitBody)
@blp.response(201, UnitOut)
def create(body: dict[str, Any]) -> OrgUnit:
    """Make a unit."""
    return tree.create(db.session(), actor=identity.actor(), now=now(), **body)


@blp.patch("/units/<id:unit_id>")
@allow(Permission.ORG_WRITE)
@blp.arguments(RenameBody)
@blp.response(200, UnitOut)
def rename(body: dict[str, Any], unit_id: int) -> OrgUnit:
    """Give a unit another name; the old one can still be searched for."""
    return tree.rename(db.session(), actor=identity.actor(), unit_id=unit_id, now=now(), **body)


@blp.post("/units/<id:unit_id>/move")
@allow(Permission.ORG_WRITE)
@blp.arguments(MoveBody)
@blp.response(200, UnitOut)
def move(body: dict[str, Any], unit_id: int) -> OrgUnit:
    """Hang a unit, with everything below it, under another; the past stays as it was."""
    return tree.move(db.session(), actor=identity.actor(), unit_id=unit_id, now=now(), **body)


@blp.post("/units/<id:unit_id>/close")
@allow(Permission.ORG_WRITE)
@blp.arguments(WhyBody)
@blp.response(200, UnitOut)
def close(body: dict[str, Any], unit_id: int) -> OrgUnit:
    """Close a unit on which nothing hangs any more."""
    return tree.close(db.session(), actor=identity.actor(), unit_id=unit_id, now=now(), **body)


@blp.get("/units/<id:unit_id>/coverage")
@allow(Permission.ORG_READ)
@blp.arguments(WhenQuery, location="query")
@blp.response(200, CoverageOut)
def covered(query: dict[str, Any], unit_id: int) -> dict[str, Any]:
    """What is missing: buildings without a leader or a party group, services without a person."""
    return coverage.report(db.session(), actor=identity.actor(), unit_id=unit_id, when=_when(query))


@blp.get("/units/<id:unit_id>/gaps")
@allow(Permission.ORG_READ)
@blp.arguments(GapsQuery, location="query")
@blp.response(200, GapPage)
def gaps(query: dict[str, Any], unit_id: int) -> Response:
    """The list behind a number of the coverage report."""
    page = coverage.gaps(
        db.session(),
        actor=identity.actor(),
        unit_id=unit_id,
        gap=query["gap"],
        when=_when(query),
        page=page_request(query),
    )
    return page_json(page)


@blp.get("/units/<id:unit_id>/conflicts")
@allow(Permission.MEMBER_APPOINT)
@blp.response(200, ConflictsOut)
def conflicting(unit_id: int) -> dict[str, Any]:
    """Who is two things at once that are better kept apart, and why that was accepted."""
    return {"items": conflicts.report(db.session(), actor=identity.actor(), unit_id=unit_id, now=now())}


def _when(query: dict[str, Any]) -> dt.datetime:
    when: dt.datetime = query["when"] or now()
    return when
