"""The party tree beside the civil one."""

from typing import Any

from app import identity
from app.api.answers import now
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.org.bodies import CreatedOut
from app.schemas.org.party import (
    PartyLevelsOut,
    PartyLinkBody,
    PartyMoveBody,
    PartyOrgBody,
    PartyTreeOut,
)
from app.schemas.org.units import WhenQuery
from models import PartyLink, PartyOrg
from services.org import party
from services.permissions import Permission

blp = ApiBlueprint("org_party", __name__, url_prefix="/api/v1", description="The organization: the party tree")


@blp.get("/party-levels")
@allow(Permission.ORG_READ)
@blp.response(200, PartyLevelsOut)
def levels() -> dict[str, Any]:
    """The levels of the party tree, top down."""
    return {"items": party.levels(db.session())}


@blp.get("/units/<id:unit_id>/party-orgs")
@allow(Permission.ORG_READ)
@blp.arguments(WhenQuery, location="query")
@blp.response(200, PartyTreeOut)
def tree(query: dict[str, Any], unit_id: int) -> dict[str, Any]:
    """The party organizations of a unit and below, as they stood at a moment."""
    when = query["when"] or now()
    return {"items": party.tree_at(db.session(), actor=identity.actor(), unit_id=unit_id, when=when)}


@blp.post("/party-orgs")
@allow(Permission.PARTY_WRITE)
@blp.arguments(PartyOrgBody)
@blp.response(201, CreatedOut)
def create(body: dict[str, Any]) -> PartyOrg:
    """Make a party organization where it works; with a home, a member household."""
    given = {"parent_id": None, **body}
    return party.create(db.session(), actor=identity.actor(), now=now(), **given)


@blp.post("/party-orgs/<id:party_org_id>/move")
@allow(Permission.PARTY_WRITE)
@blp.arguments(PartyMoveBody)
@blp.response(200, CreatedOut)
def move(body: dict[str, Any], party_org_id: int) -> PartyOrg:
    """Hang it under another; the past stays as it was."""
    return party.move(db.session(), actor=identity.actor(), party_org_id=party_org_id, now=now(), **body)


@blp.post("/party-orgs/<id:party_org_id>/close")
@allow(Permission.PARTY_WRITE)
@blp.response(200, CreatedOut)
def close(party_org_id: int) -> PartyOrg:
    """Close it, with its links."""
    return party.close(db.session(), actor=identity.actor(), party_org_id=party_org_id, now=now())


@blp.post("/party-orgs/<id:party_org_id>/links")
@allow(Permission.PARTY_WRITE)
@blp.arguments(PartyLinkBody)
@blp.response(201, CreatedOut)
def link(body: dict[str, Any], party_org_id: int) -> PartyLink:
    """Let it work in one more unit."""
    return party.link(db.session(), actor=identity.actor(), party_org_id=party_org_id, now=now(), **body)


@blp.delete("/party-orgs/<id:party_org_id>/links/<id:unit_id>")
@allow(Permission.PARTY_WRITE)
@blp.response(204)
def unlink(party_org_id: int, unit_id: int) -> None:
    """Let it no longer work in a unit."""
    party.unlink(db.session(), actor=identity.actor(), party_org_id=party_org_id, unit_id=unit_id, now=now())
