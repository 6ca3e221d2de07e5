"""Who holds what: memberships, positions, handovers, keys to cases."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.org.hats import (
    AppointBody,
    ChangesBody,
    ExtendBody,
    HandoverItemOut,
    HandoverOut,
    HandoverPage,
    HeldOut,
    KeyBody,
    KeyOut,
    KeysOut,
    MembershipPage,
    MembershipsQuery,
    PassOnBody,
    PositionBody,
    PositionIdOut,
    PositionsOut,
    SuccessorBody,
    TickBody,
    WithdrawBody,
)
from app.settings import vault
from models import CaseKey, HandoverItem, Membership, Position
from services.org import handovers, hats, keys, lists, positions
from services.org.offices import Post
from services.permissions import Permission

blp = ApiBlueprint("org_hats", __name__, url_prefix="/api/v1", description="The organization: who holds what")


@blp.get("/units/<id:unit_id>/memberships")
@allow(Permission.ORG_READ)
@blp.arguments(MembershipsQuery, location="query")
@blp.response(200, MembershipPage)
def memberships(query: dict[str, Any], unit_id: int) -> Response:
    """Who holds what at and below a unit."""
    page = lists.memberships(
        db.session(),
        actor=identity.actor(),
        unit_id=unit_id,
        ended=query["ended"],
        now=now(),
        page=page_request(query),
    )
    return page_json(page)


@blp.post("/memberships")
@allow(Permission.MEMBER_APPOINT)
@blp.arguments(AppointBody)
@blp.response(201, HeldOut)
def appoint(body: dict[str, Any]) -> Membership:
    """Give somebody a role or a position at a unit."""
    who, reason = body.pop("who"), body.pop("conflict_reason", None)
    return hats.appoint(
        db.session(),
        actor=identity.actor(),
        who=who,
        post=Post(**body),
        vault=vault(),
        now=now(),
        conflict_reason=reason,
    )


@blp.post("/memberships/<id:membership_id>/extend")
@allow(Permission.MEMBER_APPOINT)
@blp.arguments(ExtendBody)
@blp.response(200, HeldOut)
def extend(body: dict[str, Any], membership_id: int) -> Membership:
    """Let it last until another day."""
    return hats.extend(db.session(), actor=identity.actor(), membership_id=membership_id, now=now(), **body)


@blp.post("/memberships/<id:membership_id>/end")
@allow(Permission.MEMBER_APPOINT)
@blp.arguments(PassOnBody)
@blp.response(200, HeldOut)
def end(body: dict[str, Any], membership_id: int) -> Membership:
    """End it now; what is open is listed to be handed over, to the successor if there is one."""
    return hats.end(db.session(), actor=identity.actor(), membership_id=membership_id, vault=vault(), now=now(), **body)


@blp.get("/neighborhoods/<id:neighborhood_id>/positions")
@allow(Permission.ORG_READ)
@blp.response(200, PositionsOut)
def offered(neighborhood_id: int) -> dict[str, Any]:
    """The positions that can be given here, and what each may."""
    rows = positions.listed(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id)
    return {"items": rows}


@blp.post("/neighborhoods/<id:neighborhood_id>/positions")
@allow(Permission.ORG_WRITE)
@blp.arguments(PositionBody)
@blp.response(201, PositionIdOut)
def define(body: dict[str, Any], neighborhood_id: int) -> Position:
    """Make a position: a local title for a role, with some permissions more or fewer."""
    return positions.define(db.session(), actor=identity.actor(), neighborhood_id=neighborhood_id, now=now(), **body)


@blp.put("/positions/<id:position_id>")
@allow(Permission.ORG_WRITE)
@blp.arguments(ChangesBody)
@blp.response(200, PositionIdOut)
def reshape(body: dict[str, Any], position_id: int) -> Position:
    """Give a position other permissions, for everybody who holds it, from now on."""
    return positions.change(db.session(), actor=identity.actor(), position_id=position_id, now=now(), **body)


@blp.post("/positions/<id:position_id>/retire")
@allow(Permission.ORG_WRITE)
@blp.response(200, PositionIdOut)
def retire(position_id: int) -> Position:
    """Offer a position no more."""
    return positions.retire(db.session(), actor=identity.actor(), position_id=position_id, now=now())


@blp.get("/handovers")
@allow(Permission.ME_READ)
@blp.arguments(PageQuery, location="query")
@blp.response(200, HandoverPage)
def mine(query: dict[str, Any]) -> Response:
    """What I pass on or take over."""
    return page_json(lists.my_handovers(db.session(), actor=identity.actor(), page=page_request(query)))


@blp.get("/units/<id:unit_id>/handovers")
@allow(Permission.MEMBER_APPOINT)
@blp.arguments(PageQuery, location="query")
@blp.response(200, HandoverPage)
def unfinished(query: dict[str, Any], unit_id: int) -> Response:
    """Handovers below a unit that are not finished."""
    page = page_request(query)
    return page_json(lists.handovers_below(db.session(), actor=identity.actor(), unit_id=unit_id, page=page))


@blp.get("/handovers/<id:handover_id>")
@allow(Permission.ME_READ)
@blp.response(200, HandoverOut)
def handover(handover_id: int) -> dict[str, Any]:
    """A handover with its list."""
    return handovers.with_items(db.session(), actor=identity.actor(), handover_id=handover_id)


@blp.post("/handovers/<id:handover_id>/items/<id:handover_item_id>/tick")
@allow(Permission.ME_WRITE)
@blp.arguments(TickBody)
@blp.response(200, HandoverItemOut)
def tick(body: dict[str, Any], handover_id: int, handover_item_id: int) -> HandoverItem:
    """I have passed it on."""
    return handovers.tick(
        db.session(),
        actor=identity.actor(),
        handover_id=handover_id,
        item_id=handover_item_id,
        now=now(),
        note=body.get("note"),
    )


@blp.post("/handovers/<id:handover_id>/items/<id:handover_item_id>/confirm")
@allow(Permission.ME_WRITE)
@blp.response(200, HandoverItemOut)
def confirm(handover_id: int, handover_item_id: int) -> HandoverItem:
    """I have got it."""
    return handovers.confirm(
        db.session(), actor=identity.actor(), handover_id=handover_id, item_id=handover_item_id, now=now()
    )


@blp.post("/handovers/<id:handover_id>/successor")
@allow(Permission.MEMBER_APPOINT)
@blp.arguments(SuccessorBody)
@blp.response(200, HandoverOut)
def successor(body: dict[str, Any], handover_id: int) -> dict[str, Any]:
    """Say who takes over."""
    session, actor = db.session(), identity.actor()
    handovers.name_successor(session, actor=actor, handover_id=handover_id, who=body["who"], vault=vault(), now=now())
    return handovers.with_items(session, actor=actor, handover_id=handover_id)


@blp.get("/tickets/<id:ticket_id>/keys")
@allow(Permission.KEY_GIVE)
@blp.response(200, KeysOut)
def keys_of_ticket(ticket_id: int) -> dict[str, Any]:
    """Who from outside was let into this case, and whether the key opens still."""
    return {"items": keys.of_ticket(db.session(), actor=identity.actor(), ticket_id=ticket_id, now=now())}


@blp.post("/tickets/<id:ticket_id>/keys")
@allow(Permission.KEY_GIVE)
@blp.arguments(KeyBody)
@blp.response(201, KeyOut)
def give_key(body: dict[str, Any], ticket_id: int) -> CaseKey:
    """Let somebody from outside into this case, until a day or until it is over."""
    return keys.give(db.session(), actor=identity.actor(), ticket_id=ticket_id, vault=vault(), now=now(), **body)


@blp.post("/keys/<id:case_key_id>/withdraw")
@allow(Permission.KEY_GIVE)
@blp.arguments(WithdrawBody)
@blp.response(200, KeyOut)
def withdraw_key(body: dict[str, Any], case_key_id: int) -> CaseKey:
    """Take a key back at once."""
    return keys.withdraw(db.session(), actor=identity.actor(), key_id=case_key_id, now=now(), **body)
