"""Oneself at the console: hats, where one is signed in, signing out."""

from typing import Any

from flask import make_response, redirect, request, url_for
from marshmallow import fields

from app import hats, identity
from app.api.answers import now
from app.extensions import db
from app.guards import allow
from app.schemas.base import BaseSchema, words
from app.transaction import reading
from app.web.console import asked, cookies, pages
from app.web.console.blueprint import ConsoleBlueprint
from app.web.console.forms import form
from services import devices, sign_in
from services.hats import hats_of
from services.permissions import Permission

blp = ConsoleBlueprint("me", __name__)


class HatForm(BaseSchema):
    """The hat to put on, and where to go then."""

    membership_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    case_key_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    to = words(255, required=False)


@blp.get("/hats")
@allow(Permission.ME_READ)
def own_hats() -> str:
    """Show the hats to choose from."""
    found = hats_of(db.session(), identity.actor().person_id, now())
    to = pages.inside(request.args.get("to", "")) or ""
    return pages.page("hats.html", hats=[hats.described(hat) for hat in found], to=to)


@blp.post("/hats")
@allow(Permission.ME_WRITE)
@form(HatForm, again=own_hats)
def put_on(body: dict[str, Any]) -> Any:
    """Put on another hat, and go on to the page that wanted it."""
    to = pages.inside(body.pop("to", "")) or url_for(pages.HOME)
    sign_in.change_hat(db.session(), actor=identity.actor(), now=now(), **body)
    return redirect(to, 303)


@blp.get("/sign-ins")
@allow(Permission.ME_READ, own_transactions=True)
def sign_ins() -> str:
    """Show where I am signed in."""
    with reading() as connection:
        found = devices.of_actor(connection, actor=identity.actor(), page=asked.further_page(), now=now())
    return pages.page("sign_ins.html", found=found)


@blp.post("/sign-ins/<id:sign_in_id>/end")
@allow(Permission.ME_WRITE)
def end_one(sign_in_id: int) -> Any:
    """End one of my sign-ins."""
    devices.end(db.session(), actor=identity.actor(), sign_in_id=sign_in_id, now=now())
    return pages.go("console_me.sign_ins", "这个登录已经结束了。")


@blp.post("/sign-ins/end-all")
@allow(Permission.ME_WRITE)
def end_everywhere() -> Any:
    """Sign out everywhere."""
    devices.end_all(db.session(), actor=identity.actor(), now=now())
    return _left("所有设备上的登录都结束了，包括这一台。")


@blp.post("/sign-out")
@allow(Permission.ME_WRITE)
def sign_out() -> Any:
    """Sign out here."""
    sign_in.sign_out(db.session(), actor=identity.actor(), now=now())
    return _left("您已经退出了。")


@blp.get("/alive", is_use=False)
@allow(Permission.ME_READ, own_transactions=True)
def alive() -> tuple[str, int]:
    """Tell an open page that its sign-in is still in force.  Asking is not using."""
    return "", 204


def _left(said: str) -> Any:
    response = make_response(pages.go(pages.SIGN_IN, said))
    cookies.drop(response, cookies.SIGN_IN)
    return response
