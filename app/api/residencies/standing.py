"""Who is what to a home and what they may there; leaving, rights by hand, the counter."""

from typing import Any

from app import identity
from app.api.answers import now, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.residencies import (
    EndResidencyBody,
    EndTenantBody,
    HomeRightBody,
    HomeRightsOut,
    HomeRightsQuery,
    MoveOutBody,
    MyHomesOut,
    RegisterResidentBody,
    ResidencyEventPage,
    ResidencyOut,
    ResidencyShareBody,
    ResidentsOut,
    VoterBody,
)
from app.settings import vault
from models import Residency
from services.org.persons import Who
from services.permissions import Permission
from services.reading.pages import Page
from services.residencies import changing, leaving, lists, registering
from services.residencies.registering import Entry

blp = ApiBlueprint("residencies", __name__, url_prefix="/api/v1", description="Residencies: who is what to a home")

PERSON = ("person_id", "name", "phone")


@blp.get("/me/homes")
@allow(Permission.HOME_OWN)
@blp.response(200, MyHomesOut)
def my_homes() -> dict[str, Any]:
    """My homes, what I am there, and what I may and must."""
    return {"items": lists.my_homes(db.session(), actor=identity.actor(), now=now())}


@blp.get("/me/homes/<id:home_id>/residents")
@allow(Permission.RESIDENCY_CONFIRM)
@blp.response(200, ResidentsOut)
def under_my_roof(home_id: int) -> dict[str, Any]:
    """Who is registered in a home that I own, masked."""
    return {"items": lists.residents_for_owner(db.session(), actor=identity.actor(), home_id=home_id, now=now())}


@blp.post("/me/homes/<id:home_id>/leave")
@allow(Permission.RESIDENCY_ASK)
@blp.arguments(MoveOutBody)
@blp.response(200, ResidencyOut)
def leave(body: dict[str, Any], home_id: int) -> Residency:
    """Leave a home: rights end at once, what was owed stays owed."""
    return leaving.leave(db.session(), actor=identity.actor(), home_id=home_id, now=now(), **body)


@blp.post("/me/homes/<id:home_id>/voter")
@allow(Permission.RESIDENCY_CONFIRM)
@blp.arguments(VoterBody)
@blp.response(200, ResidencyOut)
def hand_on_vote(body: dict[str, Any], home_id: int) -> Residency:
    """Let another owner of the home vote from now on."""
    return changing.hand_on_vote(db.session(), actor=identity.actor(), home_id=home_id, now=now(), **body)


@blp.post("/me/residents/<id:residency_id>/end")
@allow(Permission.RESIDENCY_CONFIRM)
@blp.arguments(EndTenantBody)
@blp.response(200, ResidencyOut)
def end_tenant(body: dict[str, Any], residency_id: int) -> Residency:
    """End the residency of a tenant, occupant or agent in my home."""
    return leaving.end_by_owner(db.session(), actor=identity.actor(), residency_id=residency_id, now=now(), **body)


@blp.post("/me/residents/<id:residency_id>/reconfirm")
@allow(Permission.RESIDENCY_CONFIRM)
@blp.response(200, ResidencyOut)
def reconfirm_mine(residency_id: int) -> Residency:
    """Say, as the new owner, that somebody is still there."""
    return leaving.reconfirm(db.session(), actor=identity.actor(), residency_id=residency_id, now=now())


@blp.get("/homes/<id:home_id>/residents")
@allow(Permission.HOME_LIST)
@blp.response(200, ResidentsOut)
def residents(home_id: int) -> dict[str, Any]:
    """Who is registered in a home, masked."""
    return {"items": lists.residents(db.session(), actor=identity.actor(), home_id=home_id, now=now())}


@blp.post("/homes/<id:home_id>/residents")
@allow(Permission.RESIDENCY_REVIEW)
@blp.arguments(RegisterResidentBody)
@blp.response(201, ResidencyOut)
def register(body: dict[str, Any], home_id: int) -> Residency:
    """Write somebody down at the counter, by id or by name and phone."""
    who = Who(**{name: body.pop(name) for name in PERSON if name in body})
    return registering.register(
        db.session(), actor=identity.actor(), home_id=home_id, entry=Entry(who=who, **body), vault=vault(), now=now()
    )


@blp.get("/homes/<id:home_id>/rights")
@allow(Permission.HOME_LIST)
@blp.arguments(HomeRightsQuery, location="query")
@blp.response(200, HomeRightsOut)
def rights(query: dict[str, Any], home_id: int) -> dict[str, Any]:
    """Who votes, pays and reports for a home, now or at a moment."""
    at = query["at"] or now()
    return {"items": lists.rights(db.session(), actor=identity.actor(), home_id=home_id, at=at)}


@blp.put("/homes/<id:home_id>/rights")
@allow(Permission.RESIDENCY_REVIEW)
@blp.arguments(HomeRightBody)
@blp.response(200, ResidencyOut)
def set_right(body: dict[str, Any], home_id: int) -> Residency:
    """Give or take a right, with the reason that the person will read."""
    return changing.set_right(db.session(), actor=identity.actor(), home_id=home_id, now=now(), **body)


@blp.get("/homes/<id:home_id>/residency-events")
@allow(Permission.RESIDENCY_REVIEW)
@blp.arguments(PageQuery, location="query")
@blp.response(200, ResidencyEventPage)
def events(query: dict[str, Any], home_id: int) -> Page:
    """What happened to the residencies of a home, newest first."""
    return lists.history(db.session(), actor=identity.actor(), home_id=home_id, page=page_request(query))


@blp.post("/residencies/<id:residency_id>/end")
@allow(Permission.RESIDENCY_REVIEW)
@blp.arguments(EndResidencyBody)
@blp.response(200, ResidencyOut)
def end(body: dict[str, Any], residency_id: int) -> Residency:
    """End a residency: rights and tokens end at once."""
    return leaving.end_by_station(db.session(), actor=identity.actor(), residency_id=residency_id, now=now(), **body)


@blp.post("/residencies/<id:residency_id>/reconfirm")
@allow(Permission.RESIDENCY_REVIEW)
@blp.response(200, ResidencyOut)
def reconfirm(residency_id: int) -> Residency:
    """Note that the new owner said somebody is still there."""
    return leaving.reconfirm(db.session(), actor=identity.actor(), residency_id=residency_id, now=now())


@blp.put("/residencies/<id:residency_id>/share")
@allow(Permission.RESIDENCY_REVIEW)
@blp.arguments(ResidencyShareBody)
@blp.response(200, ResidencyOut)
def set_share(body: dict[str, Any], residency_id: int) -> Residency:
    """Put an owner's share right."""
    return changing.set_share(
        db.session(),
        actor=identity.actor(),
        residency_id=residency_id,
        numerator=body["share_numerator"],
        denominator=body["share_denominator"],
        words=body["words"],
        now=now(),
    )
