"""Merging two persons of one human being: by both phones, or by the station."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.people_merge import (
    MergeCodeOut,
    MergeConfirmBody,
    MergeDecideBody,
    MergeJoinBody,
    MergeOut,
    MergePage,
    MergeProposeBody,
    MergesQuery,
    MergeUndoBody,
)
from app.settings import vault
from services.people_merge import asking, deciding
from services.permissions import Permission

blp = ApiBlueprint("people_merge", __name__, url_prefix="/api/v1", description="Two persons who are one")


@blp.get("/me/merges")
@allow(Permission.ME_READ)
@blp.arguments(PageQuery, location="query")
@blp.response(200, MergePage)
def mine(query: dict[str, Any]) -> Response:
    """The merges that are about me."""
    return page_json(deciding.mine(db.session(), actor=identity.actor(), page=page_request(query)))


@blp.post("/me/merges")
@allow(Permission.ME_WRITE)
@blp.response(201, MergeCodeOut)
def ask() -> dict[str, Any]:
    """I have another phone: a code to be entered there."""
    asked = asking.ask(db.session(), actor=identity.actor(), now=now())
    return {"id": asked.merge.id, "code": asked.code, "code_until": asked.code_until}


@blp.post("/me/merges/join")
@allow(Permission.ME_WRITE)
@blp.arguments(MergeJoinBody)
@blp.response(200, MergeOut)
def join(body: dict[str, Any]) -> dict[str, Any]:
    """The code from my other phone."""
    session = db.session()
    return deciding.described(session, asking.join(session, actor=identity.actor(), now=now(), **body))


@blp.post("/me/merges/<id:merge_id>/confirm")
@allow(Permission.ME_WRITE)
@blp.arguments(MergeConfirmBody)
@blp.response(200, MergeOut)
def confirm(body: dict[str, Any], merge_id: int) -> dict[str, Any]:
    """On the phone that asked: yes, the other one is mine too.  Then refresh the tokens on both."""
    session = db.session()
    made = asking.confirm(session, actor=identity.actor(), merge_id=merge_id, vault=vault(), now=now(), **body)
    return deciding.described(session, made)


@blp.post("/me/merges/<id:merge_id>/undo")
@allow(Permission.ME_WRITE)
@blp.arguments(MergeUndoBody)
@blp.response(200, MergeOut)
def undo_mine(body: dict[str, Any], merge_id: int) -> dict[str, Any]:
    """It was a mistake: two again."""
    session = db.session()
    made = deciding.undo(session, actor=identity.actor(), merge_id=merge_id, own=True, vault=vault(), now=now(), **body)
    return deciding.described(session, made)


@blp.get("/person-merges")
@allow(Permission.PERSON_MERGE)
@blp.arguments(MergesQuery, location="query")
@blp.response(200, MergePage)
def below(query: dict[str, Any]) -> Response:
    """The merges of my neighborhoods: those that wait for a second person, or the others."""
    page = deciding.below(db.session(), actor=identity.actor(), waiting=query["waiting"], page=page_request(query))
    return page_json(page)


@blp.post("/person-merges")
@allow(Permission.PERSON_MERGE)
@blp.arguments(MergeProposeBody)
@blp.response(201, MergeOut)
def propose(body: dict[str, Any]) -> dict[str, Any]:
    """Two of our persons are one; somebody else decides."""
    session = db.session()
    return deciding.described(
        session, deciding.propose(session, actor=identity.actor(), vault=vault(), now=now(), **body)
    )


@blp.post("/person-merges/<id:merge_id>/decide")
@allow(Permission.PERSON_MERGE)
@blp.arguments(MergeDecideBody)
@blp.response(200, MergeOut)
def decide(body: dict[str, Any], merge_id: int) -> dict[str, Any]:
    """Yes, or no and why."""
    session = db.session()
    made = deciding.decide(
        session,
        actor=identity.actor(),
        merge_id=merge_id,
        approve=body["approve"],
        why=body.get("why"),
        vault=vault(),
        now=now(),
    )
    return deciding.described(session, made)


@blp.post("/person-merges/<id:merge_id>/undo")
@allow(Permission.PERSON_MERGE)
@blp.arguments(MergeUndoBody)
@blp.response(200, MergeOut)
def undo(body: dict[str, Any], merge_id: int) -> dict[str, Any]:
    """Make two of them again."""
    session = db.session()
    made = deciding.undo(session, actor=identity.actor(), merge_id=merge_id, vault=vault(), now=now(), **body)
    return deciding.described(session, made)
