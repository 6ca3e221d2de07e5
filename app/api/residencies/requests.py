"""Requests to be written down as something to a home: asking, vouching, confirming, reviewing."""

from typing import Any

from app import identity, links
from app.api.answers import now, page_request, seen_version
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.residencies import (
    ApproveResidencyBody,
    AskResidencyBody,
    ClaimBody,
    ResidencyRequestDetailOut,
    ResidencyRequestIdOut,
    ResidencyRequestPage,
    ResidencyReviewQuery,
    ResidencyWordsBody,
)
from app.schemas.residency_choices import ResidencyChoicesOut
from app.settings import vault
from models import ResidencyRequest
from services.homes import pointing
from services.homes.pointing import Where
from services.permissions import Permission
from services.reading.pages import Page
from services.residencies import answering, asking, lists
from services.residencies.asking import Claim

blp = ApiBlueprint("residency_requests", __name__, url_prefix="/api/v1", description="Residencies: requests")

PLACE = ("home_id", "neighborhood_code", "address")


@blp.get("/me/residencies")
@allow(Permission.RESIDENCY_ASK)
@blp.arguments(PageQuery, location="query")
@blp.response(200, ResidencyRequestPage)
def mine(query: dict[str, Any]) -> Page:
    """My requests, newest first."""
    return lists.my_requests(db.session(), actor=identity.actor(), page=page_request(query))


@blp.post("/me/residencies")
@allow(Permission.RESIDENCY_ASK)
@blp.arguments(AskResidencyBody)
@blp.response(201, ResidencyRequestIdOut)
def ask(body: dict[str, Any]) -> ResidencyRequest:
    """Ask to be written down as owner, tenant, family … of a home."""
    session = db.session()
    home = pointing.find_home(session, Where(**{name: body.pop(name) for name in PLACE if name in body}))
    return asking.ask(session, actor=identity.actor(), home_id=home.id, claim=_claim(body), vault=vault(), now=now())


@blp.get("/me/residencies/choices")
@allow(Permission.RESIDENCY_ASK)
@blp.response(200, ResidencyChoicesOut)
def choices() -> dict[str, Any]:
    """What one can ask to be, and what each may rest on."""
    return {"items": asking.choices()}


@blp.get("/me/residencies/to-confirm")
@allow(Permission.RESIDENCY_CONFIRM)
@blp.arguments(PageQuery, location="query")
@blp.response(200, ResidencyRequestPage)
def to_confirm(query: dict[str, Any]) -> Page:
    """Requests that wait for my word as an owner."""
    return lists.to_confirm(db.session(), actor=identity.actor(), page=page_request(query))


@blp.get("/me/residencies/to-vouch")
@allow(Permission.RESIDENCY_VOUCH)
@blp.arguments(PageQuery, location="query")
@blp.response(200, ResidencyRequestPage)
def to_vouch(query: dict[str, Any]) -> Page:
    """Requests of my building for which a neighbor's word is wanted."""
    return lists.to_vouch(db.session(), actor=identity.actor(), now=now(), page=page_request(query))


@blp.get("/residency-requests/<id:request_id>")
@allow(Permission.HOME_OWN)
@blp.response(200, ResidencyRequestDetailOut)
def show(request_id: int) -> dict[str, Any]:
    """A request: one's own, or one to review, with its photos, vouches and history."""
    found = lists.detail(db.session(), actor=identity.actor(), request_id=request_id)
    for photo in found["photos"]:
        photo["url"] = links.photo(photo["id"], now=now())
    return found


@blp.post("/residency-requests/<id:request_id>/resubmit")
@allow(Permission.RESIDENCY_ASK)
@blp.arguments(ClaimBody)
@blp.response(200, ResidencyRequestIdOut)
def resubmit(body: dict[str, Any], request_id: int) -> ResidencyRequest:
    """Hand a returned request in again, mended."""
    return asking.resubmit(
        db.session(),
        actor=identity.actor(),
        request_id=request_id,
        claim=_claim(body),
        vault=vault(),
        now=now(),
        version=seen_version(),
    )


@blp.post("/residency-requests/<id:request_id>/withdraw")
@allow(Permission.RESIDENCY_ASK)
@blp.response(200, ResidencyRequestIdOut)
def withdraw(request_id: int) -> ResidencyRequest:
    """Take a request back."""
    return asking.withdraw(
        db.session(), actor=identity.actor(), request_id=request_id, now=now(), version=seen_version()
    )


@blp.post("/residency-requests/<id:request_id>/vouch")
@allow(Permission.RESIDENCY_VOUCH)
@blp.arguments(ResidencyWordsBody)
@blp.response(200, ResidencyRequestIdOut)
def vouch(body: dict[str, Any], request_id: int) -> ResidencyRequest:
    """Put in a word for a neighbor.  Never for one's own household."""
    return answering.vouch(db.session(), actor=identity.actor(), request_id=request_id, now=now(), **body)


@blp.post("/residency-requests/<id:request_id>/confirm")
@allow(Permission.RESIDENCY_CONFIRM)
@blp.response(200, ResidencyRequestIdOut)
def confirm(request_id: int) -> ResidencyRequest:
    """The owner says: yes, they live there."""
    return answering.confirm(
        db.session(), actor=identity.actor(), request_id=request_id, now=now(), version=seen_version()
    )


@blp.post("/residency-requests/<id:request_id>/decline")
@allow(Permission.RESIDENCY_CONFIRM)
@blp.arguments(ResidencyWordsBody)
@blp.response(200, ResidencyRequestIdOut)
def decline(body: dict[str, Any], request_id: int) -> ResidencyRequest:
    """The owner says no, and why."""
    return answering.decline(
        db.session(), actor=identity.actor(), request_id=request_id, now=now(), version=seen_version(), **body
    )


@blp.get("/neighborhoods/<id:neighborhood_id>/residency-requests")
@allow(Permission.RESIDENCY_REVIEW)
@blp.arguments(ResidencyReviewQuery, location="query")
@blp.response(200, ResidencyRequestPage)
def for_station(query: dict[str, Any], neighborhood_id: int) -> Page:
    """Requests that wait, or those of one state; newest first."""
    return lists.for_station(
        db.session(),
        actor=identity.actor(),
        neighborhood_id=neighborhood_id,
        state=query["state"],
        page=page_request(query),
    )


@blp.post("/residency-requests/<id:request_id>/approve")
@allow(Permission.RESIDENCY_REVIEW)
@blp.arguments(ApproveResidencyBody)
@blp.response(200, ResidencyRequestIdOut)
def approve(body: dict[str, Any], request_id: int) -> ResidencyRequest:
    """Approve: the residency and its rights begin."""
    return answering.approve(
        db.session(), actor=identity.actor(), request_id=request_id, now=now(), version=seen_version(), **body
    )


@blp.post("/residency-requests/<id:request_id>/return")
@allow(Permission.RESIDENCY_REVIEW)
@blp.arguments(ResidencyWordsBody)
@blp.response(200, ResidencyRequestIdOut)
def send_back(body: dict[str, Any], request_id: int) -> ResidencyRequest:
    """Return a request with the reason, so that it can be mended."""
    return answering.send_back(
        db.session(), actor=identity.actor(), request_id=request_id, now=now(), version=seen_version(), **body
    )


def _claim(body: dict[str, Any]) -> Claim:
    return Claim(**{**body, "photos": tuple(body["photos"])})
