"""The way in: a QR code to scan, or a one-time code to type."""

import datetime as dt
from typing import Any

import segno
from flask import Response, jsonify, make_response, redirect, request, url_for
from markupsafe import Markup

from app import attempts
from app.api.answers import now
from app.guards import public
from app.schemas.base import BaseSchema, words
from app.settings import settings
from app.transaction import transaction
from app.web.console import browsers, cookies, pages
from app.web.console.blueprint import ConsoleBlueprint, identify
from app.web.console.forms import form
from models import ConsoleRequestState
from services.attempts import Limit
from services.console import codes, requests
from services.console.requests import Standing
from services.console.sessions import Lifetimes, Started
from services.errors import InvalidInput, NotFound, NotSignedIn

blp = ConsoleBlueprint("sign_in", __name__)

ASKS = Limit("console.ask", 60, "这里要的二维码太多了，请过十分钟再来。着急的话，请管机器的人发一个登录码。")
CODES = Limit("console.code", 20, "登录码试的次数太多了，请过十分钟再试。试之前请先核对一遍。")


class CodeForm(BaseSchema):
    """The one-time code."""

    code = words(20)
    to = words(255, required=False)


class EnterForm(BaseSchema):
    """Where to go after signing in."""

    to = words(255, required=False)


@blp.get("/sign-in")
@public(own_transactions=True)
def page() -> Any:
    """Show a QR code; ask for one if this browser has none that is still good."""
    if _is_signed_in():
        return redirect(_onward(request.args.get("to", "")), 303)
    secret = cookies.given(cookies.ASKING)
    stands = _standing(secret)
    if stands is None and not (secret and "waiting" in request.args):
        attempts.take(ASKS)
        secret, stands = _ask()
    response = make_response(_page(secret, stands))
    cookies.put(response, cookies.ASKING, secret)
    if cookies.given(cookies.SIGN_IN):
        cookies.drop(response, cookies.SIGN_IN)  # what has ended must not stand in the way of the new one
    return response


@blp.get("/sign-in/state")
@public(own_transactions=True)
def state() -> Response:
    """Tell the page that waits how things stand."""
    stands = _standing(cookies.given(cookies.ASKING))
    return jsonify(state=stands.state if stands else "over")


@blp.post("/sign-in/new")
@public(own_transactions=True)
def another() -> Any:
    """Drop this QR code and show another."""
    response = make_response(redirect(url_for(pages.SIGN_IN, to=request.form.get("to") or None), 303))
    cookies.drop(response, cookies.ASKING)
    return response


@blp.post("/sign-in/enter")
@public(own_transactions=True)
@form(EnterForm, again=page)
def enter(body: dict[str, Any]) -> Any:
    """Fetch the sign-in that was confirmed on the phone."""
    try:
        with transaction() as session:
            started = requests.fetch(session, secret=cookies.given(cookies.ASKING), lifetimes=_lifetimes(), now=now())
    except NotFound as error:
        raise InvalidInput(error.detail, code=error.reason) from error
    return _signed_in(started, body.get("to", ""))


@blp.post("/sign-in/code")
@public(own_transactions=True)
@form(CodeForm, again=page)
def by_code(body: dict[str, Any]) -> Any:
    """Sign in by a one-time code."""
    attempts.take(CODES)
    try:
        with transaction() as session:
            started = codes.redeem(session, code=body["code"], label=_browser(), lifetimes=_lifetimes(), now=now())
    except NotFound as error:
        # Shown at the field, not as a page that is missing.
        raise InvalidInput(error.detail, code=error.reason, errors={"code": [error.detail]}) from error
    return _signed_in(started, body.get("to", ""))


@blp.get("/scan/<code>")
@public(own_transactions=True)
def scanned_outside(code: str) -> str:
    """Tell who scanned with something else than the mini-program what to do."""
    return pages.page("scanned.html", code=requests.code_in(code)[:20])


def _is_signed_in() -> bool:
    try:
        identify()
    except NotSignedIn:
        return False
    return True


def _standing(secret: str) -> Standing | None:
    if not secret:
        return None
    with transaction(read_only=True) as session:
        return requests.standing(session, secret=secret, now=now())


def _ask() -> tuple[str, Standing]:
    with transaction() as session:
        asked = requests.ask(session, browser=_browser(), address=attempts.address()[:64], now=now())
    return asked.secret, Standing(ConsoleRequestState.WAITING, asked.code)


def _page(secret: str, stands: Standing | None) -> str:
    code = stands.code if stands else ""
    return pages.page(
        "sign_in.html",
        state=stands.state if stands else "over",
        code=f"{code[:4]} {code[4:]}",
        picture=_picture(f"{settings().public_url}{url_for('console_sign_in.scanned_outside', code=code)}")
        if code
        else "",
        form_token=cookies.csrf_of(secret) if secret else "",
        to=pages.inside(request.values.get("to", "")) or "",
    )


def _picture(text: str) -> Markup:
    """Draw a QR code that a worn camera reads off a dim screen."""
    drawn = segno.make(text, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=6, border=4, dark="#000", light="#fff", omitsize=True))  # noqa: S704 - drawn here


def _browser() -> str:
    return browsers.label(request.headers.get("User-Agent", ""))


def _lifetimes() -> Lifetimes:
    given = settings()
    return Lifetimes(dt.timedelta(hours=given.console_hours), dt.timedelta(minutes=given.console_idle_minutes))


def _signed_in(started: Started, to: str) -> Any:
    response = make_response(redirect(_onward(to), 303))
    cookies.put(response, cookies.SIGN_IN, started.token)
    cookies.drop(response, cookies.ASKING)
    return response


def _onward(to: str) -> str:
    return pages.inside(to) or url_for(pages.HOME)
