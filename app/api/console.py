"""The phone's part of signing in at the console, and one's own sign-ins."""

from typing import Any

from flask import Response

from app import attempts, hats, identity
from app.api.answers import as_json, now, page_request
from app.api.blueprint import ApiBlueprint
from app.extensions import db
from app.guards import allow
from app.schemas.base import PageQuery
from app.schemas.console import ConfirmBody, OwnSignInsPage, QuestionOut, ScanBody
from app.transaction import reading, transaction
from services import devices
from services.attempts import Limit
from services.console import requests
from services.permissions import Permission

blp = ApiBlueprint("console", __name__, url_prefix="/api/v1", description="The console's sign-in; own sign-ins")

SCANS = Limit("console.scan", 30, "扫码的次数太多了，请过十分钟再试。着急的话，请管机器的人发一个登录码。")


@blp.post("/console-requests/look")
@allow(Permission.ME_WRITE, own_transactions=True)
@blp.arguments(ScanBody)
@blp.response(200, QuestionOut)
def look(body: dict[str, Any]) -> dict[str, Any]:
    """Scan the code that a browser shows; from now on only you can answer.  It is good for two minutes."""
    attempts.take(SCANS, person_id=identity.actor().person_id)
    with transaction() as session:
        question = requests.look(session, actor=identity.actor(), code=body["code"], now=now())
    return {
        **vars(question),
        "same_network": question.address == attempts.address(),
        "hats": [hats.described(hat) for hat in question.hats],
    }


@blp.post("/console-requests/confirm")
@allow(Permission.ME_WRITE)
@blp.arguments(ConfirmBody)
@blp.response(204)
def confirm(body: dict[str, Any]) -> None:
    """Let the browser in, in one of your hats."""
    requests.confirm(db.session(), actor=identity.actor(), now=now(), **body)


@blp.post("/console-requests/refuse")
@allow(Permission.ME_WRITE)
@blp.arguments(ScanBody)
@blp.response(204)
def refuse(body: dict[str, Any]) -> None:
    """Do not let the browser in."""
    requests.refuse(db.session(), actor=identity.actor(), code=body["code"], now=now())


@blp.get("/me/sign-ins")
@allow(Permission.ME_READ, own_transactions=True)
@blp.arguments(PageQuery, location="query")
@blp.response(200, OwnSignInsPage)
def own_sign_ins(query: dict[str, Any]) -> Response:
    """Where I am signed in."""
    with reading() as connection:
        page = devices.of_actor(connection, actor=identity.actor(), page=page_request(query), now=now())
    return as_json({"items": page.items, "next": page.next})


@blp.delete("/me/sign-ins/<id:sign_in_id>")
@allow(Permission.ME_WRITE)
@blp.response(204)
def end_one(sign_in_id: int) -> None:
    """End one of my sign-ins at once."""
    devices.end(db.session(), actor=identity.actor(), sign_in_id=sign_in_id, now=now())


@blp.delete("/me/sign-ins")
@allow(Permission.ME_WRITE)
@blp.response(204)
def end_everywhere() -> None:
    """Sign out everywhere, here too."""
    devices.end_all(db.session(), actor=identity.actor(), now=now())
