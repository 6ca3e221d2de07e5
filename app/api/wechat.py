"""One's WeChat account, and the reviewer's list of what WeChat would not let pass."""

from typing import Any

from flask import Response

from app import identity
from app.api.answers import now, page_json, page_request
from app.api.blueprint import ApiBlueprint
from app.api.sign_in import as_me
from app.extensions import db
from app.guards import allow
from app.phone import from_wechat
from app.schemas.base import PageQuery
from app.schemas.sign_in import MeOut
from app.schemas.wechat import PhoneBody, RefusalBody, ReviewsPage
from app.settings import gateways, vault
from app.transaction import reading, transaction
from services import accounts
from services.content import reviewing
from services.permissions import Permission

blp = ApiBlueprint("wechat", __name__, url_prefix="/api/v1", description="WeChat account and content reviews")


@blp.post("/me/phone")
@allow(Permission.ME_WRITE, own_transactions=True)
@blp.arguments(PhoneBody)
@blp.response(200, MeOut)
def take_phone(body: dict[str, Any]) -> dict[str, Any]:
    """Take my phone number over from WeChat.  Typing it in (`PATCH /me`) always works too."""
    phone = from_wechat(body, actor=identity.actor(), now=now())
    with transaction() as session:
        return as_me(accounts.keep_phone(session, actor=identity.actor(), phone=phone, vault=vault()))


@blp.delete("/me/wechat")
@allow(Permission.ME_WRITE, own_transactions=True)
@blp.response(204)
def unbind() -> None:
    """Take this WeChat account off me: its sign-ins end, and it is a stranger from now on."""
    with transaction() as session:
        former = accounts.unbind(session, actor=identity.actor(), vault=vault(), now=now())
    accounts.forget_key(gateways().login, former)


@blp.get("/reviews")
@allow(Permission.CONTENT_REVIEW, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, ReviewsPage)
def reviews(query: dict[str, Any]) -> Response:
    """What WeChat would not let pass, newest first."""
    with reading() as connection:
        return page_json(reviewing.waiting(connection, actor=identity.actor(), page=page_request(query)))


@blp.post("/reviews/<id:check_id>/approve")
@allow(Permission.CONTENT_REVIEW)
@blp.response(204)
def approve(check_id: int) -> None:
    """Let neighbors see it."""
    reviewing.approve(db.session(), actor=identity.actor(), check_id=check_id, now=now())


@blp.post("/reviews/<id:check_id>/refuse")
@allow(Permission.CONTENT_REVIEW)
@blp.arguments(RefusalBody)
@blp.response(204)
def refuse(body: dict[str, Any], check_id: int) -> None:
    """Keep it from neighbors, and say why."""
    reviewing.refuse(db.session(), actor=identity.actor(), check_id=check_id, now=now(), **body)
